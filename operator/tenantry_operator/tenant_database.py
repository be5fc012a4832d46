"""The credentials and the database of a tenant, looked at now and then: what holds of a database is taken for granted for a while."""

from __future__ import annotations

import logging
import time
from typing import cast

from tenantry_operator.cache import Cache
from tenantry_operator.certificates import ensure_certificates
from tenantry_operator.cluster import Cluster
from tenantry_operator.credentials import Credentials, Known, ensure_credentials
from tenantry_operator.database import Databases
from tenantry_operator.database_servers import DatabaseServers
from tenantry_operator.parts import Access
from tenantry_operator.pod_template import CREDENTIALS
from tenantry_operator.records import DeploymentRecord, SecretRecord
from tenantry_operator.tenant import Tenant

logger = logging.getLogger(__name__)


class TenantDatabases:
    """Raises what keeps a tenant from its database."""

    def __init__(self, cache: Cache, cluster: Cluster, servers: DatabaseServers, check_every: float) -> None:
        """What was found well is looked at again after `check_every` seconds."""
        self._cache = cache
        self._cluster = cluster
        self._servers = servers
        self._check_every = check_every
        self._checked: dict[str, tuple[object, float]] = {}

    def forget(self, name: str) -> None:
        """Looks again next time."""
        self._checked.pop(name, None)

    async def ensure(self, tenant: Tenant, is_new: bool) -> Access:
        """Makes credentials and database, or finds them, and tells how pods get there. `is_new`: its namespace was made just now."""
        databases = self._servers.on(tenant.spec.database.server)
        server, known = databases.server, self._known(tenant, is_new)
        credentials, created = await ensure_credentials(self._cluster, databases, tenant, known)
        if created:
            logger.info("made the Secret for its database", extra={"tenant": tenant.name})
        await self._ensure_database(tenant, credentials, databases)
        # Not before the operator itself has verified the server by them: services would be locked out by a mistake.
        await ensure_certificates(self._cluster, tenant, known.seen, server.ca)
        return Access(server.address, credentials.version)

    def _known(self, tenant: Tenant, is_new: bool) -> Known:
        objects = self._cache.objects(tenant.name)
        secret = cast("SecretRecord | None", objects.get(("Secret", CREDENTIALS)))
        running = {one.credentials for one in objects.values() if isinstance(one, DeploymentRecord)}
        return Known(secret.secret if secret else None, frozenset(one for one in running if one is not None), is_new)

    async def _ensure_database(self, tenant: Tenant, credentials: Credentials, databases: Databases) -> None:
        server = databases.server
        about = (credentials.version, tenant.spec.database, server.address, server.ca)
        known, until = self._checked.get(tenant.name, (None, 0.0))
        if known == about and time.monotonic() < until:
            return
        self._checked.pop(tenant.name, None)
        if await databases.ensure(tenant, credentials.password):
            logger.info("made the database %s", tenant.spec.database.name, extra={"tenant": tenant.name})
        self._checked[tenant.name] = (about, time.monotonic() + self._check_every)
