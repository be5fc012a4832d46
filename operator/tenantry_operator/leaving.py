"""How a tenant leaves: first its Tenant, which is gone as soon as it is deleted, then what it leaves behind.

What is to become of that stands at its namespace, as a mark that is written when the Tenant is decommissioned. So to delete a Tenant waits
for nothing, and an operator that is started anew finds all that it has to know.
"""

from __future__ import annotations

import logging
from typing import cast

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.database_servers import DatabaseServers
from tenantry_operator.faults import problem_of
from tenantry_operator.metrics import ERRORS, ORPHANS
from tenantry_operator.namespaces import Namespaces
from tenantry_operator.outcome import Outcome
from tenantry_operator.problems import Stalled
from tenantry_operator.records import NamespaceRecord
from tenantry_operator.tenant import Tenant, namespace_of
from tenantry_operator.tenant_namespace import Mark

logger = logging.getLogger(__name__)


class Leaving:
    """Lets Tenants go, and clears away what they leave."""

    def __init__(self, cache: Cache, cluster: Cluster, namespaces: Namespaces, servers: DatabaseServers) -> None:
        self._cache = cache
        self._cluster = cluster
        self._namespaces = namespaces
        self._servers = servers
        self._orphans: set[str] = set()
        ORPHANS.set_function(lambda: len(self._orphans))

    def found(self, name: str) -> None:
        """There is a Tenant of this name: what runs in its namespace is no orphan, or no longer."""
        self._orphans.discard(name)

    async def let_go(self, tenant: Tenant) -> None:
        """Lets a deleted Tenant disappear. Raises Stalled for one that is in use: its services run on."""
        if not tenant.spec.decommission:
            message = (
                "it was deleted while in use, past the policy that refuses that. Nothing is removed: its services run on. To let it "
                "go, set spec.decommission to true"
            )
            raise Stalled("NotDecommissioned", message)
        live = self._namespace(tenant.name)
        if live is not None and live.tenant == tenant.name and not live.terminating:
            await self._namespaces.mark(tenant)
        elif live is None and tenant.spec.database.deletion_policy == "Delete":
            # No namespace is left that could say so later.
            await self._servers.on(tenant.spec.database.server).drop(tenant.name, tenant.spec.database.name)
        await self._cluster.let_go(tenant)

    async def clear_away(self, name: str) -> Outcome:
        """Removes what is left of a tenant whose Tenant is gone, if that was said to go."""
        live = self._namespace(name)
        if live is None or live.tenant != name:
            self._orphans.discard(name)
            return Outcome.GONE
        if live.terminating:
            return Outcome.PROGRESSING
        if live.mark is None:
            return self._orphaned(name)
        self._orphans.discard(name)
        try:
            # The cache may be behind. What can't be undone is decided by what is there now.
            if await self._cluster.tenant(name) is not None:
                return Outcome.PROGRESSING
            await self._drop(name, live.mark)
            await self._cluster.delete("Namespace", namespace_of(name), None, live.uid)
        except Exception as error:
            problem = problem_of(error, name)
            ERRORS.labels(reason=problem.reason).inc()
            logger.warning("it cannot be cleared away: %s", problem, extra={"tenant": name, "reason": problem.reason})
            return Outcome.STALLED if isinstance(problem, Stalled) else Outcome.FAILING
        return Outcome.PROGRESSING

    async def _drop(self, name: str, mark: Mark) -> None:
        if mark.deletion_policy != "Delete":
            logger.info("the tenant is gone; its database %s is kept", mark.database, extra={"tenant": name})
        elif await self._servers.on(mark.server).drop(name, mark.database):
            logger.info("the tenant is gone, with its database %s", mark.database, extra={"tenant": name})
        else:
            logger.warning("the tenant is gone; the database %s is not its own, and is kept", mark.database, extra={"tenant": name})

    def _orphaned(self, name: str) -> Outcome:
        if name not in self._orphans:
            self._orphans.add(name)
            logger.error(
                "the namespace %s runs on without a Tenant, and nobody decommissioned it. Bring back %s.yaml and deploy",
                namespace_of(name),
                name,
                extra={"tenant": name, "reason": "Orphaned"},
            )
        return Outcome.STALLED

    def _namespace(self, name: str) -> NamespaceRecord | None:
        return cast("NamespaceRecord | None", self._cache.objects(name).get(("Namespace", namespace_of(name))))
