"""The credentials and the database of a tenant, looked at now and then: what holds of a database is taken for granted for a while."""

from __future__ import annotations

import time
from typing import cast

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.credentials import SECRET, ensure_credentials
from tenantry_operator.database import Databases
from tenantry_operator.events import Events
from tenantry_operator.parts import Access
from tenantry_operator.records import SecretRecord, secret_record
from tenantry_operator.tenant import Tenant


class TenantDatabases:
    """Raises what keeps a tenant from its database."""

    def __init__(self, cache: Cache, cluster: Cluster, databases: Databases, events: Events, check_every: float) -> None:
        """What was found well is looked at again after `check_every` seconds."""
        self._cache = cache
        self._cluster = cluster
        self._databases = databases
        self._events = events
        self._check_every = check_every
        self._checked: dict[str, tuple[object, float]] = {}

    def forget(self, name: str) -> None:
        """Looks again next time."""
        self._checked.pop(name, None)
