"""What a tenant has in its namespace besides its credentials: brought from what is there to what should be."""

from __future__ import annotations

import asyncio

from lightkube import ApiError

from tenantry_operator import routing, workload
from tenantry_operator.cluster import Cluster
from tenantry_operator.drift import Json, seen
from tenantry_operator.events import Events
from tenantry_operator.problems import Problem
from tenantry_operator.tenant import Tenant

#: In the order in which they are made. What is there and not asked for is removed.
PARTS = ("NetworkPolicy", "ServiceAccount", "Service", "Deployment", "Ingress")

#: By kind, then by name.
Parts = dict[str, dict[str, Json]]


async def live_parts(cluster: Cluster, tenant: Tenant) -> Parts:
    """What is there, and made by this operator."""
    found = await asyncio.gather(*[cluster.managed(kind, tenant.namespace) for kind in PARTS])
    return dict(zip(PARTS, found, strict=True))


def desired_parts(tenant: Tenant, live: Parts, address: workload.DatabaseAddress, credentials_version: str, answers: bool) -> Parts:
    """What should be there. `answers`: whether its host is its own."""
    services = tenant.spec.services
    ingress = routing.ingress(tenant) if answers else None
    deployments = []
    for service in services:
        before = live["Deployment"].get(service.name)
        pinned = workload.settled(workload.asked(service), workload.running(before) if before else None)
        deployments.append(workload.deployment(tenant, service, pinned, address, credentials_version))
    return {
        "NetworkPolicy": _named(routing.network_policy(tenant)),
        "ServiceAccount": _named(*[workload.service_account(tenant, service) for service in services]),
        "Service": _named(*[workload.kubernetes_service(tenant, service) for service in services]),
        "Deployment": _named(*deployments),
        "Ingress": {} if ingress is None else _named(ingress),
    }


async def ensure_parts(cluster: Cluster, events: Events, tenant: Tenant, desired: Parts, live: Parts) -> list[Json]:
    """Makes and removes what differs; returns the Deployments as they are then, in the order in which they are desired.

    What can't be made stops nothing else: the first problem is raised at the end.
    """
    applied: Parts = {kind: {} for kind in PARTS}
    problems: list[Exception] = []
    for kind in PARTS:
        for name, one in desired[kind].items():
            before = live[kind].get(name)
            try:
                written = await cluster.ensure(one, seen(before, kind) if before else None)
            except (ApiError, Problem) as problem:
                problems.append(problem)
                continue
            applied[kind][name] = written or before or one
    if problems:
        raise problems[0]
    # Last, and from the outside in: until here the host may still have led to what goes now.
    for kind in reversed(PARTS):
        for name in sorted(live[kind].keys() - desired[kind].keys()):
            await cluster.delete(kind, name, tenant.namespace)
            await events.record(tenant, "Normal", "Removed", f"removed the {kind} {name}: it is no longer asked for")
    return list(applied["Deployment"].values())


def _named(*objects: Json) -> dict[str, Json]:
    return {one["metadata"]["name"]: one for one in objects}
