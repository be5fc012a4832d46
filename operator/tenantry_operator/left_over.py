"""What tenants that are gone have left on the database servers. It is looked at now and then, and published for people: nothing is dropped.

It stands in one ConfigMap, with the time of the look at each server, so that whoever reads it needs no right to a server, and this operator
none to more than one object.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.database_servers import DatabaseServers
from tenantry_operator.drift import Json
from tenantry_operator.faults import problem_of
from tenantry_operator.labels import MANAGED_BY, MANAGER
from tenantry_operator.marked_roles import Marked
from tenantry_operator.sql_text import sql_text
from tenantry_operator.tenant_namespace import SYSTEM_NAMESPACE

NAME = "tenantry-left-over"
KEY = "left-over.json"
#: Seconds between two looks where nothing happens.
EVERY = 3600.0

logger = logging.getLogger(__name__)


class LeftOver:
    """Looks at each server once an hour, and soon after a tenant came or went."""

    def __init__(self, cache: Cache, cluster: Cluster, servers: DatabaseServers, soon: float) -> None:
        """`soon`: seconds between two looks at least."""
        self._cache = cache
        self._cluster = cluster
        self._servers = servers
        self._soon = soon
        self._called = asyncio.Event()

    def call(self) -> None:
        """A tenant came or went."""
        self._called.set()

    async def run(self) -> None:
        """Goes on without end. What can't be seen or said now is at the next look."""
        while True:
            self._called.clear()
            try:
                await self._look()
            except Exception as error:
                logger.warning("what tenants left could not be published: %s", problem_of(error, NAME, f"ConfigMap {NAME}"))
                self.call()
            await asyncio.sleep(self._soon)
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._called.wait()

    async def _look(self) -> None:
        names = self._servers.told_of()
        if not names:
            return
        before = {one["server"]: one for one in await self._published()}
        now = datetime.now(UTC).replace(microsecond=0)
        seen = [await self._look_at(name, before.get(name), now) for name in names]
        after = [one for one in seen if one is not None]
        if after and (after != list(before.values())):
            await self._publish(after)

    async def _look_at(self, server: str, before: Json | None, now: datetime) -> Json | None:
        """What is left on a server, with the time of the look; as before where it can't be seen, or there is no news of this hour."""
        try:
            found = await self._servers.on(server).marked_roles(self._known())
        except Exception as error:
            logger.debug("what tenants left on the server %s could not be seen: %s", server or "(default)", problem_of(error, NAME))
            self.call()
            return before
        # Whoever came meanwhile made its role meanwhile.
        known = self._known()
        tenants = left_over([one for one in found if one.tenant not in known], before, now)
        if (
            before is not None
            and before["tenants"] == tenants
            and now - datetime.fromisoformat(before["lookedAt"]) < timedelta(seconds=EVERY)
        ):
            return before
        return {"server": server, "lookedAt": _text(now), "tenants": tenants}

    def _known(self) -> AbstractSet[str]:
        """Tenants that are there, or of which something still is: what they have is theirs."""
        return self._cache.names()

    async def _published(self) -> list[Json]:
        body = await self._cluster.body("ConfigMap", NAME, SYSTEM_NAMESPACE)
        try:
            servers: list[Json] = json.loads((body or {}).get("data", {}).get(KEY, "[]"))
            for one in servers:
                datetime.fromisoformat(one["lookedAt"]), [tenant["since"] for tenant in one["tenants"]], one["server"]
        except (ValueError, TypeError, KeyError, AttributeError):
            # Somebody edited it.
            return []
        return servers

    async def _publish(self, servers: list[Json]) -> None:
        await self._cluster.apply(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": NAME, "namespace": SYSTEM_NAMESPACE, "labels": {MANAGED_BY: MANAGER}},
                "data": {KEY: json.dumps(servers, indent=1)},
            }
        )


def left_over(found: list[Marked], before: Json | None, now: datetime) -> list[Json]:
    """By tenant: its roles, its databases with their size in bytes (None where that can't be seen), since when it is known, and the
    statements that drop it. They refuse a database that is in use, and a role that has anything else."""
    since: dict[str, Any] = {one["tenant"]: one["since"] for one in (before or {"tenants": []})["tenants"]}
    tenants = []
    for name in dict.fromkeys(one.tenant for one in found):
        own = [one for one in found if one.tenant == name]
        roles = list(dict.fromkeys(one.role for one in own))
        databases = [{"name": one.database, "bytes": one.size} for one in own if one.database is not None]
        drop = [sql_text("DROP DATABASE {}", one.database) for one in own if one.database is not None]
        drop += [sql_text("DROP ROLE {}", role) for role in roles]
        tenants.append({"tenant": name, "roles": roles, "databases": databases, "since": since.get(name, _text(now)), "drop": drop})
    return tenants


def _text(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")
