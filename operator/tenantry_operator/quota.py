"""What all pods of a tenant may take of the cluster together. Desired objects, from the Tenant alone."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tenantry_operator.drift import Json
from tenantry_operator.labels import labels_of
from tenantry_operator.quantity import canonical_quantity
from tenantry_operator.tenant import Resources, Service, Tenant

NAME = "tenant"
#: Of a container that says nothing of it, as one that somebody else puts beside a service.
BY_DEFAULT = Resources(cpu="50m", memory="128Mi", memory_limit="512Mi")

#: What to do where the API server refuses pods for the tenant's ResourceQuota.
QUOTA_USED_UP = 'The quota of the tenant is used up: say more in "quota" of its file, its plan or the platform file, or ask for less'


def quota_objects(tenant: Tenant) -> list[Json]:
    """None where there is no limit. The LimitRange comes first: under a quota the API server refuses pods that do not say what they take
    (https://kubernetes.io/docs/concepts/policy/resource-quotas/#requests-compared-to-limits), and it has them say something.

    Of CPU what pods ask for counts, for they have no limit there; of memory what they may take, which is never less than what they ask for.
    """
    quota = tenant.spec.quota
    hard = {
        **({"requests.cpu": quota.cpu} if quota.cpu else {}),
        **({"limits.memory": quota.memory} if quota.memory else {}),
        **({"pods": str(quota.pods)} if quota.pods else {}),
    }
    if not hard:
        return []
    metadata = {"name": NAME, "namespace": tenant.namespace, "labels": labels_of(tenant.name)}
    container = {
        "type": "Container",
        "defaultRequest": {"cpu": BY_DEFAULT.cpu, "memory": BY_DEFAULT.memory},
        "default": {"memory": BY_DEFAULT.memory_limit},
    }
    return [
        {"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": {"limits": [container]}},
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": hard}},
    ]


def no_room(service: Service, quota: Mapping[str, Any]) -> str:
    """What one pod more of a service has no room for in a live ResourceQuota, with its numbers; empty where it has. Only the events of a
    Job tell that its pod was refused, and the operator has no right to them."""
    hard: Mapping[str, Any] = quota.get("status", {}).get("hard") or {}
    used: Mapping[str, Any] = quota.get("status", {}).get("used") or {}
    needs = {"requests.cpu": service.resources.cpu, "limits.memory": service.resources.memory_limit, "pods": "1"}
    short = [key for key in needs if key in hard and key in used and _amount(used[key]) + _amount(needs[key]) > _amount(hard[key])]
    return ", ".join(f"{key}: {used[key]} of {hard[key]} used, {needs[key]} needed" for key in short)


def _amount(written: Any) -> Fraction:
    return Fraction(str(canonical_quantity(written)))
