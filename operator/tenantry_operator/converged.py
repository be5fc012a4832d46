"""Whether a tenant has converged, as the rings after its own count it: told by its Tenant alone. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from tenantry_operator.tenant import Tenant


class Converged(NamedTuple):
    """Since when, in seconds of the epoch; or why not yet."""

    since: float | None
    why_not: str
    #: Whether it was looked at since it last changed.
    is_looked_at: bool = True


def converged(tenant: Tenant, rendering: str) -> Converged:
    """`rendering`: version of this operator's pod templates. Health at the host is not in it: that is asked while somebody waits.

    It counts from the last change of anything that it takes to be well, so that what has to bake begins anew: a condition that became
    true, and an image or a pod template that a service reached. Another number of replicas, or another path, is none of these.
    """
    status, generation = tenant.status, tenant.metadata.generation
    conditions: dict[str, dict[str, Any]] = {one["type"]: one for one in status.get("conditions", [])}
    if status.get("observedGeneration") != generation:
        return Converged(None, "NotObserved: the operator has not looked at its present specification yet", is_looked_at=False)
    ready = conditions.get("Ready", {})
    if ready.get("status") != "True":
        return Converged(None, _said(ready, "Ready"))
    if status.get("template") != rendering:
        return Converged(None, "TemplateOutdated: its pods do not all have the pod template of this operator yet")
    times = [ready["lastTransitionTime"], *(one["since"] for one in status.get("services", []) if "since" in one)]
    return Converged(max(datetime.fromisoformat(time).timestamp() for time in times), "")


def _said(condition: dict[str, Any], kind: str) -> str:
    if not condition:
        return f"NotChecked: its condition {kind} is not there yet"
    return f"{condition['reason']}: {condition['message']}"
