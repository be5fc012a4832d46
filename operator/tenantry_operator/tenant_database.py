"""The credentials and the database of a tenant, looked at now and then: what holds of a database is taken for granted for a while."""

from __future__ import annotations

import logging
import time
from typing import cast

from lightkube import ApiError

from tenantry_operator.cache import Cache
from tenantry_operator.certificates import ensure_certificates
from tenantry_operator.cluster import Cluster
from tenantry_operator.credentials import Credentials, Known, ensure_credentials
from tenantry_operator.database import Databases
from tenantry_operator.database_servers import DatabaseServers
from tenantry_operator.faults import problem_of
from tenantry_operator.parts import Access
from tenantry_operator.pod_template import CREDENTIALS
from tenantry_operator.problems import Problem
from tenantry_operator.records import DeploymentRecord, SecretRecord
from tenantry_operator.rotation import Rotation
from tenantry_operator.status import Report
from tenantry_operator.tenant import Tenant

logger = logging.getLogger(__name__)


class TenantDatabases:
    """Raises what keeps a tenant from its database."""

    def __init__(self, cache: Cache, cluster: Cluster, servers: DatabaseServers, rotation: Rotation, check_every: float) -> None:
        """What was found well is looked at again after `check_every` seconds."""
        self._cache = cache
        self._cluster = cluster
        self._servers = servers
        self._rotation = rotation
        self._check_every = check_every
        #: What was checked, until when that holds, and whether the role that the Secret does not name may log in.
        self._checked: dict[str, tuple[object, float, bool]] = {}

    def forget(self, name: str) -> None:
        """Looks again next time."""
        self._checked.pop(name, None)
        self._rotation.forget(name)

    async def ensure(self, tenant: Tenant, is_new: bool, report: Report) -> Access:
        """Makes credentials and database, or finds them, and tells how pods get there. `is_new`: its namespace was made just now.

        Has the credentials rotate where that is asked for, and reports what that waits for.
        """
        databases = self._servers.on(tenant.spec.database.server)
        server, known = databases.server, self._known(tenant, is_new)
        credentials, created = await ensure_credentials(self._cluster, databases, tenant, known)
        if created:
            logger.info("made the Secret for its database", extra={"tenant": tenant.name})
        is_other_open = await self._ensure_database(tenant, credentials, databases)
        # Not before the operator itself has verified the server by them: services would be locked out by a mistake.
        await ensure_certificates(self._cluster, tenant, known.seen, server.ca)
        try:
            credentials = await self._rotate(tenant, credentials, databases, is_other_open, report)
        except (ApiError, Problem) as error:
            # Those that it has are well.
            report.database = problem_of(error, tenant.name, f"Secret {CREDENTIALS}")
        return Access(server.address, credentials.version)

    def _known(self, tenant: Tenant, is_new: bool) -> Known:
        objects = self._cache.objects(tenant.name)
        secret = cast("SecretRecord | None", objects.get(("Secret", CREDENTIALS)))
        running = {one.credentials for one in objects.values() if isinstance(one, DeploymentRecord)}
        return Known(secret.secret if secret else None, frozenset(one for one in running if one is not None), is_new)

    async def _rotate(
        self, tenant: Tenant, credentials: Credentials, databases: Databases, is_other_open: bool, report: Report
    ) -> Credentials:
        if is_other_open:
            if await self._rotation.close(tenant, credentials, databases, report):
                self._checked.pop(tenant.name, None)
                is_other_open = False
            else:
                return credentials
        if not self._rotation.may_begin(tenant, credentials, report):
            return credentials
        # However far this gets, who may log in is looked at anew.
        self._checked.pop(tenant.name, None)
        return await self._rotation.begin(tenant, credentials, databases)

    async def _ensure_database(self, tenant: Tenant, credentials: Credentials, databases: Databases) -> bool:
        """Whether the role that the Secret does not name may log in."""
        server = databases.server
        about = (credentials.version, tenant.spec.database, server.address, server.ca)
        known, until, is_other_open = self._checked.get(tenant.name, (None, 0.0, False))
        if known == about and time.monotonic() < until:
            return is_other_open
        self._checked.pop(tenant.name, None)
        found = await databases.ensure(tenant, credentials.role, credentials.password)
        if found.is_new:
            logger.info("made the database %s", tenant.spec.database.name, extra={"tenant": tenant.name})
        self._checked[tenant.name] = (about, time.monotonic() + self._check_every, found.is_other_open)
        return found.is_other_open
