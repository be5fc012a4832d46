"""What a tenant has in its namespace besides its credentials: brought from what is there to what should be."""

from __future__ import annotations

import asyncio
from typing import Any

from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Service, ServiceAccount
from lightkube.resources.networking_v1 import Ingress, NetworkPolicy

from tenantry_operator import routing, workload
from tenantry_operator.cluster import Cluster
from tenantry_operator.events import Events
from tenantry_operator.tenant import Tenant

#: In the order in which they are made. What is there and not asked for is removed.
KINDS: tuple[type, ...] = (NetworkPolicy, ServiceAccount, Service, Deployment, Ingress)

#: By kind, then by name.
Parts = dict[type, dict[str, Any]]


async def live_parts(cluster: Cluster, tenant: Tenant) -> Parts:
    """What is there, and made by this operator."""
    found: list[dict[str, Any]] = await asyncio.gather(*[cluster.managed(kind, tenant.namespace) for kind in KINDS])
    return dict(zip(KINDS, found, strict=True))


def desired_parts(tenant: Tenant, address: workload.DatabaseAddress, credentials_version: str, answers: bool) -> Parts:
    """What should be there. `answers`: whether its host is its own."""
    services = tenant.spec.services
    ingress = routing.ingress(tenant) if answers else None
    return {
        NetworkPolicy: _named(routing.network_policy(tenant)),
        ServiceAccount: _named(*[workload.service_account(tenant, service) for service in services]),
        Service: _named(*[workload.kubernetes_service(tenant, service) for service in services]),
        Deployment: _named(*[workload.deployment(tenant, service, address, credentials_version) for service in services]),
        Ingress: {} if ingress is None else _named(ingress),
    }


async def ensure_parts(cluster: Cluster, events: Events, tenant: Tenant, desired: Parts, live: Parts) -> list[Deployment]:
    """Makes and removes what differs; returns the Deployments as they are then, in the order in which they are desired."""
    applied = {kind: [await cluster.apply(one, live[kind].get(name)) for name, one in desired[kind].items()] for kind in KINDS}
    # Last, and from the outside in: until here the host may still have led to what goes now.
    for kind in reversed(KINDS):
        for name in sorted(live[kind].keys() - desired[kind].keys()):
            await cluster.delete(live[kind][name])
            await events.record(tenant, "Normal", "Removed", f"removed the {kind.__name__} {name}: it is no longer asked for")
    return applied[Deployment]


def _named(*objects: Any) -> dict[str, Any]:
    return {one.metadata.name: one for one in objects}
