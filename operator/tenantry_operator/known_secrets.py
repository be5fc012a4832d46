"""The secrets of a service that could be read where it wrote them: what must be hidden of its last lines."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
from lightkube import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret

from tenantry_operator.cluster import Cluster
from tenantry_operator.pod_template import CREDENTIALS
from tenantry_operator.redaction import Redaction
from tenantry_operator.tenant import Service, Tenant

Json = Mapping[str, Any]


async def redaction_of(cluster: Cluster, tenant: Tenant, service: Service, pods: Iterable[Json]) -> Redaction | None:
    """Hides the password of its database, and the values that the service or these pods take from Secrets, which are read for this and not
    kept.

    None where nobody can tell what to hide: a Secret is not there or can't be read, or it was changed since one of the containers started,
    which may have written down what it said before.
    """
    pods = list(pods)
    began = min((moment for pod in pods for moment in _starts(pod)), default=None)
    values = []
    for name, keys in _read_by(service, pods).items():
        try:
            secret = await cluster.find(Secret, name, tenant.namespace)
        except (ApiError, httpx2.HTTPError):
            return None
        if secret is None or (began is not None and began < _changed_at(secret)):
            return None
        data = secret.data or {}
        values += [base64.b64decode(data[key]).decode(errors="replace") for key in keys if key in data]
    return Redaction(values)


def _read_by(service: Service, pods: Iterable[Json]) -> Mapping[str, set[str]]:
    """Secrets, and the keys in them."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    found[CREDENTIALS].add("password")
    for one in service.secrets:
        found[one.secret].add(one.key)
    # Pods of an older template may read others.
    for pod in pods:
        spec = pod.get("spec", {})
        for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
            for variable in container.get("env") or ():
                reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
                if reference and (reference["name"], reference["key"]) != (CREDENTIALS, "username"):
                    found[reference["name"]].add(reference["key"])
    return found


def _starts(pod: Json) -> Iterable[datetime]:
    """When the containers started whose last words its status has: a Secret's value is read then, at each start."""
    status = pod.get("status", {})
    for seen in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
        for state in (seen.get("state") or {}, seen.get("lastState") or {}):
            ended = state.get("terminated") or {}
            if ended.get("message"):
                yield datetime.fromisoformat((ended.get("startedAt") or pod["metadata"]["creationTimestamp"]).replace("Z", "+00:00"))


def _changed_at(secret: Secret) -> datetime:
    """When it was last written to, as the API server has it: by whomever, each writer has a time."""
    metadata = secret.metadata or ObjectMeta()
    times = [one.time for one in metadata.managedFields or () if one.time]
    return max([*times, *filter(None, [metadata.creationTimestamp])], default=datetime.now(UTC))
