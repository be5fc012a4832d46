"""Puts the operator together: what its watches hear goes into the cache, and whoever that is news for is looked at."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from httpx2 import Timeout
from lightkube import AsyncClient
from lightkube.config.client_adapter import AsyncClient as http_client
from lightkube.config.client_adapter import ConnectionParams
from lightkube.config.kubeconfig import KubeConfig, SingleConfig

from tenantry_operator.cache import Cache, Key, ObjectSink, TenantSink
from tenantry_operator.cluster import Cluster
from tenantry_operator.database_servers import DatabaseServers
from tenantry_operator.drift import Seen
from tenantry_operator.events import Events
from tenantry_operator.evidence import Evidence
from tenantry_operator.external_secret import KIND as EXTERNAL_SECRET
from tenantry_operator.health import Health
from tenantry_operator.hosts import Hosts
from tenantry_operator.labels import MANAGER, MIGRATION, SELECTOR
from tenantry_operator.leaving import Leaving
from tenantry_operator.left_over import LeftOver
from tenantry_operator.looks import Looks
from tenantry_operator.metrics import count_tenants
from tenantry_operator.migrations import Migrations
from tenantry_operator.named_secrets import NamedSecrets
from tenantry_operator.namespaces import Namespaces
from tenantry_operator.pod_template import CREDENTIALS
from tenantry_operator.reconcile import PATIENCE, Reconciler
from tenantry_operator.records import IngressRecord
from tenantry_operator.rotation import Rotation
from tenantry_operator.services import Services
from tenantry_operator.settings import Settings
from tenantry_operator.tenant import Tenant
from tenantry_operator.tenant_database import TenantDatabases
from tenantry_operator.turns import Turns
from tenantry_operator.watch import Sink, Watch
from tenantry_operator.workers import Pace, Workers

OURS = {"labelSelector": ",".join(f"{label}={value}" for label, value in SELECTOR.items())}
#: What is watched besides the Tenants, each kind by itself, in all namespaces.
WATCHED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Namespace": ("api/v1/namespaces", OURS),
    # By name, and nothing else: a right to these Secrets is a right to no other.
    "Secret": ("api/v1/secrets", {"fieldSelector": f"metadata.name={CREDENTIALS}"}),
    "LimitRange": ("api/v1/limitranges", OURS),
    "ResourceQuota": ("api/v1/resourcequotas", OURS),
    "ExternalSecret": ("apis/external-secrets.io/v1/externalsecrets", OURS),
    "ServiceAccount": ("api/v1/serviceaccounts", OURS),
    "Service": ("api/v1/services", OURS),
    "Deployment": ("apis/apps/v1/deployments", OURS),
    # Those of a schedule are none of its business.
    "Job": ("apis/batch/v1/jobs", {"labelSelector": f"{OURS['labelSelector']},{MIGRATION}"}),
    "CronJob": ("apis/batch/v1/cronjobs", OURS),
    "PodDisruptionBudget": ("apis/policy/v1/poddisruptionbudgets", OURS),
    "HorizontalPodAutoscaler": ("apis/autoscaling/v2/horizontalpodautoscalers", OURS),
    "Ingress": ("apis/networking.k8s.io/v1/ingresses", OURS),
    "NetworkPolicy": ("apis/networking.k8s.io/v1/networkpolicies", OURS),
    "RoleBinding": ("apis/rbac.authorization.k8s.io/v1/rolebindings", OURS),
}
#: Names that are looked up at once: twice as many as are asked for their health, and those of databases.
LOOKUPS = 96

#: Tenants of which the rings are told at a start before others have their turn.
AT_A_TIME = 250

TENANTS_PATH = "apis/tenantry.dev/v1/tenants"

logger = logging.getLogger(__name__)


class Controller:
    """The operator, from its start to its end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cache = Cache(self._tenant_changed, self._object_changed, self._kind_changed)
        self._looks = Looks(self._cache)
        self._hosts = Hosts()
        config = cast(SingleConfig, KubeConfig.from_env().get())
        self._client = AsyncClient(config, timeout=Timeout(30), field_manager=MANAGER)
        self._http = http_client(config, ConnectionParams(timeout=Timeout(30)))
        cluster, events = Cluster(self._client, self._http), Events(self._client)
        databases = DatabaseServers(settings.database_folder)
        namespaces = Namespaces(self._cache, cluster)
        self._turns = Turns(self._cache, Health(settings.ingress), self._call)
        self._secrets = NamedSecrets(self._cache, cluster, self._secret_changed)
        migrations = Migrations(self._cache, cluster)
        evidence = Evidence(self._cache, cluster)
        services = Services(
            self._cache, self._looks, cluster, self._secrets, migrations, self._turns, self._hosts, events, evidence, self._call
        )
        self._rotation = Rotation(self._cache, cluster, self._turns, self._call)
        self._reconciler = Reconciler(
            self._cache,
            self._looks,
            cluster,
            namespaces,
            TenantDatabases(self._cache, cluster, databases, self._rotation, check_every=settings.resync_seconds * 0.8),
            services,
            Leaving(self._cache, cluster, namespaces, databases),
            self._turns,
            events,
        )
        pace = Pace(settled=settings.resync_seconds, brief=PATIENCE)
        self._left_over = LeftOver(self._cache, cluster, databases, soon=max(1.0, settings.resync_seconds / 15))
        self._workers = Workers(self._reconciler.reconcile, settings.concurrency, pace, self._looks.is_news)
        self._watches: list[Watch] = []
        self._tasks: list[asyncio.Task[None]] = []
        #: Every kind was listed once. Before, nobody but the cache is told of anything.
        self._has_listed = False
        #: Nothing is decided before everything was seen once, and the rings were told.
        self._has_seen_all = False

    def start(self) -> None:
        """Begins to watch, and to look once everything was seen. Returns at once."""
        count_tenants(self._reconciler.count)
        # Looking up a name takes a thread, for as long as a sick name server likes, whoever stopped waiting for it.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup"))
        watches = self._watches
        watches += [self._watch(TENANTS_PATH, {}, TenantSink(self._cache))]
        watches += [self._watch(path, query, ObjectSink(self._cache, kind)) for kind, (path, query) in WATCHED.items()]
        for watch in watches:
            self._begin(watch.run())
        self._begin(self._look_at_all(watches))
        self._begin(self._turns.run())
        self._begin(self._secrets.run())
        self._begin(self._rotation.run())

    async def stop(self) -> None:
        """Ends all tasks. Whatever they were at is found by the next operator."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._workers.stop()
        await self._http.aclose()

    @property
    def has_failed(self) -> bool:
        """Whether one of its parts has ended, which none should: from then on it misses what happens."""
        return any(task.done() for task in self._tasks)

    @property
    def longest_look(self) -> float:
        """Seconds for which the slowest look has been going on."""
        return self._workers.longest

    @property
    def cannot_see(self) -> list[str]:
        """What is not seen of the cluster now, and why."""
        return [one.trouble for one in self._watches if one.trouble]

    def _watch(self, path: str, query: Mapping[str, str], sink: Sink) -> Watch:
        return Watch(self._http, path, query, sink, relist_every=self._settings.resync_seconds)

    def _begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(_endless(coroutine)))

    async def _look_at_all(self, watches: Iterable[Watch]) -> None:
        for watch in watches:
            await watch.synced.wait()
        self._has_listed = True
        for number, name in enumerate(list(self._cache.tenants)):
            self._turns.tenant_changed(name)
            if number % AT_A_TIME == 0:
                await asyncio.sleep(0)
        self._has_seen_all = True
        logger.info("watches %d tenants", len(self._cache.tenants))
        self._call(sorted(self._cache.names()))
        # Not before: whom it does not know would be taken for gone.
        await self._left_over.run()

    def _call(self, names: Iterable[str]) -> None:
        if self._has_seen_all:
            for name in names:
                self._workers.call(name, changed=False)

    def _tenant_changed(self, name: str, before: Tenant | None, now: Tenant | None) -> None:
        asks = now is not None and not now.spec.decommission
        self._call(self._hosts.ask(name, now.spec.every_host if now and asks else (), now.metadata.creation_timestamp if now else ""))
        if self._has_listed:
            self._turns.tenant_changed(name)
        if before is None or now is None:
            self._left_over.call()
        # What the operator itself writes, status and finalizer, is no news.
        if self._has_seen_all and (before is None or now is None or before.asked_for != now.asked_for):
            self._workers.call(name, changed=True)

    def _secret_changed(self, name: str) -> None:
        # A person's doing, as a change of the Tenant is: worth a try even where the last ones failed.
        self._workers.call(name, changed=True)

    def _kind_changed(self, kind: str) -> None:
        users = {name for name, tenant in self._cache.tenants.items() if tenant.spec.secret_store.name}
        self._call(sorted(users if kind == EXTERNAL_SECRET else self._cache.names()))

    def _object_changed(self, name: str, key: Key, before: Seen | None, now: Seen | None) -> None:
        if key[0] == "Namespace" and now is None:
            self._left_over.call()
        if key[0] == "Ingress":
            # By all that it has: one that somebody made besides, or removed, says nothing of the others.
            live = self._cache.objects(name).values()
            self._call(self._hosts.answer(name, [host for one in live if isinstance(one, IngressRecord) for host in one.hosts]))
        if self._has_listed and key[0] in ("Secret", "Deployment", "CronJob", "Job"):
            self._turns.tenant_changed(name)
        if self._has_seen_all:
            self._looks.heard(name, key, before, now)
            self._workers.notice(name)


async def _endless(coroutine: Coroutine[Any, Any, None]) -> None:
    try:
        await coroutine
    except Exception:
        logger.exception("a part of the operator has ended, which none should")
        raise
