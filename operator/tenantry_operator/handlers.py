"""What Kopf is asked to watch. Handlers only say that something happened; what there is to do, `reconcile` finds out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import kopf
import prometheus_client
from httpx2 import Timeout
from lightkube import AsyncClient

from tenantry_operator.cluster import Cluster
from tenantry_operator.database import Databases
from tenantry_operator.events import Events
from tenantry_operator.hosts import Claim
from tenantry_operator.labels import MANAGED_BY, MANAGER, TENANT
from tenantry_operator.metrics import count_tenants
from tenantry_operator.reconcile import WITHIN, Reconciler
from tenantry_operator.settings import Settings
from tenantry_operator.tenant import TENANTS
from tenantry_operator.workers import Pace, Workers

#: What tells by itself when somebody edits or removes it, or when it gets ready.
WATCHED = (
    ("", "v1", "namespaces"),
    ("", "v1", "services"),
    ("apps", "v1", "deployments"),
    ("networking.k8s.io", "v1", "ingresses"),
    ("networking.k8s.io", "v1", "networkpolicies"),
)


def register(given: Settings, registry: kopf.OperatorRegistry) -> None:
    """Registers all handlers. None of them has Kopf write anything to a Tenant."""
    versions: dict[str, tuple[object, ...]] = {}

    @kopf.on.login(registry=registry)
    async def log_in(**given: Any) -> kopf.ConnectionInfo | None:
        return kopf.login_with_service_account(**given) or kopf.login_with_kubeconfig(**given)

    @kopf.on.startup(registry=registry)
    async def start(settings: kopf.OperatorSettings, memo: kopf.Memo, **indices: Any) -> None:
        _configure(settings)
        hosts: kopf.Index[str, Claim] = indices["hosts"]
        client = AsyncClient(timeout=Timeout(10), field_manager=MANAGER)
        reconciler = Reconciler(
            Cluster(client),
            Databases(given.database_url),
            Events(client),
            claims=lambda host: list(hosts.get(host, [])),
            check_database_every=given.resync_seconds * 0.8,
        )
        memo.workers = Workers(reconciler.reconcile, given.concurrency, Pace(settled=given.resync_seconds))
        count_tenants(reconciler.count)
        memo.metrics, _ = prometheus_client.start_http_server(given.metrics_port, given.listen_host)

    @kopf.on.cleanup(registry=registry)
    async def stop(memo: kopf.Memo, **_: Any) -> None:
        await memo.workers.stop()
        memo.metrics.shutdown()

    @kopf.on.probe(registry=registry, id="slowest_look_seconds")
    async def slowest(memo: kopf.Memo, **_: Any) -> float:
        longest: float = memo.workers.longest
        # Every look has a deadline. One that goes on past it will never end: the probe fails, and the kubelet starts anew.
        if longest > 2 * WITHIN:
            raise kopf.PermanentError(f"a look at a Tenant has been going on for {longest:.0f} s")
        return round(longest, 1)

    @kopf.index(*TENANTS, registry=registry, id="hosts")
    async def hosts(name: str, meta: kopf.Meta, spec: kopf.Spec, status: kopf.Status, **_: Any) -> Mapping[str, Claim]:
        # One that was deleted while in use runs on, and answers. To return None would leave in the index what was there before.
        if spec.get("decommission"):
            return {}
        holds = status.get("host") == spec["host"]
        return {spec["host"]: Claim(holds=holds, created=str(meta.get("creationTimestamp")), tenant=name)}

    @kopf.on.event(*TENANTS, registry=registry)
    async def tenant_changed(name: str, type: str | None, meta: kopf.Meta, memo: kopf.Memo, **_: Any) -> None:
        version = (meta.get("uid"), meta.get("generation"), meta.get("deletionTimestamp"))
        # What the operator itself writes, status and finalizer, is no news.
        if type == "DELETED":
            versions.pop(name, None)
        elif versions.get(name) == version:
            return
        else:
            versions[name] = version
        memo.workers.call(name, changed=True)

    async def part_changed(labels: kopf.Labels, memo: kopf.Memo, **_: Any) -> None:
        tenant = labels.get(TENANT)
        if tenant:
            memo.workers.call(tenant, changed=False)

    for resource in WATCHED:
        kopf.on.event(*resource, registry=registry, labels={MANAGED_BY: MANAGER})(part_changed)


def _configure(settings: kopf.OperatorSettings) -> None:
    # Events are the reconciler's own, about what happened to a tenant; Kopf's would tell of its handlers.
    settings.posting.enabled = False
    for resource in WATCHED:
        settings.watching.label_selectors[resource] = f"{MANAGED_BY}={MANAGER}"
    # A watch that has gone deaf is left after so many seconds; one that hears is made anew now and then all the same.
    settings.watching.connect_timeout = 10
    settings.watching.server_timeout = 300
    settings.watching.client_timeout = 330
    settings.watching.inactivity_timeout = 70
    settings.networking.request_timeout = 30
