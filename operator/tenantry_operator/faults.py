"""What errors mean to a Tenant."""

from __future__ import annotations

import logging

import httpx2
from lightkube import ApiError

from tenantry_operator.problems import Pending, Problem, Stalled

logger = logging.getLogger(__name__)


def problem_of(error: Exception, tenant: str, what: str = "") -> Problem:
    """What an error of a look at a tenant means, `what` it was about. One that nobody foresaw is a fault of this program: logged whole, and
    tried again."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, TimeoutError):
        return Pending("TimedOut", "it took too long")
    if isinstance(error, ApiError):
        said = f"Kubernetes refuses{' the ' if what else ''}{what}: {error.status.message}"
        # It will say the same again, however often it is asked.
        is_final = error.status.code in (400, 422)
        return (
            Stalled("Invalid", f"{said}. Change what it names in the Tenant, or in the cluster")
            if is_final
            else Pending(error.status.reason or "KubernetesRefuses", said)
        )
    if isinstance(error, httpx2.HTTPError):
        return Pending("KubernetesUnavailable", f"the Kubernetes API does not answer as expected: {error!r}")
    logger.exception("a fault of the operator", extra={"tenant": tenant})
    return Pending("InternalError", f"the operator failed ({type(error).__name__}); its log says where")
