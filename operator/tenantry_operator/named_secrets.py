"""Looks after the Secrets that services name: asks for each of them, and again and again, and has a tenant looked at when one is other.

They are asked for one by one instead of being watched. A watch of all Secrets everywhere would be a right to every password of the cluster;
one in each tenant's namespace a thousand connections, on which the values of all that nobody named arrive too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from lightkube.resources.core_v1 import Secret

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.external_secret import KIND, stored_secrets
from tenantry_operator.faults import problem_of
from tenantry_operator.problems import Problem
from tenantry_operator.scaling import runs_pods
from tenantry_operator.secret_variables import Keys, keys_of, named_by, version_of
from tenantry_operator.tenant import Tenant, namespace_of

#: Seconds after which a Secret is asked for again. Later where there are so many that more would be asked for in a second than this.
EVERY, MOST_A_SECOND = 5.0, 100
#: Secrets that are asked for at the same time.
CONCURRENCY = 8

logger = logging.getLogger(__name__)


class NamedSecrets:
    """What is known of them. A look asks for what is not known yet, so it never decides on what was not seen."""

    def __init__(self, cache: Cache, cluster: Cluster, call: Callable[[str], None]) -> None:
        """`call` has a tenant looked at."""
        self._cache = cache
        self._cluster = cluster
        self._call = call
        #: By tenant and name; None for one that is not there.
        self._found: dict[tuple[str, str], Keys | None] = {}
        self._limit = asyncio.Semaphore(CONCURRENCY)
        #: Those that could not be asked for when that was last tried.
        self._refused: set[tuple[str, str]] = set()

    async def versions(self, tenant: Tenant) -> Mapping[str, str | Problem]:
        """By service that runs pods: the version of its secrets, or what keeps it from having them."""
        found: dict[str, Keys | None] = {}
        refused: dict[str, Problem] = {}
        for name in dict.fromkeys(one.secret for one in named_by(tenant)):
            key = (tenant.name, name)
            try:
                if key not in self._found:
                    self._found[key] = await self._ask(*key)
                found[name] = self._found[key]
            except Exception as error:
                refused[name] = problem_of(error, tenant.name, f"Secret {name}")
        stored = stored_secrets(tenant, self._cache.objects(tenant.name), can_be=KIND not in self._cache.unknown_kinds)
        versions: dict[str, str | Problem] = {}
        for service in tenant.spec.services:
            if not runs_pods(tenant, service):
                continue
            try:
                unknown = next((refused[one.secret] for one in service.secrets if one.secret in refused), None)
                versions[service.name] = unknown or version_of(tenant, service, found, stored)
            except Problem as problem:
                versions[service.name] = problem
        return versions

    async def run(self) -> None:
        """Asks for all that a look has asked for and that is still named, until it is cancelled."""
        while True:
            named = {(tenant.name, one.secret) for tenant in self._cache.tenants.values() for one in named_by(tenant)}
            # What nobody names any more is forgotten: should it be named again, what is known of it would be old.
            self._found = {key: keys for key, keys in self._found.items() if key in named}
            self._refused &= named
            lasts = max(EVERY, len(self._found) / MOST_A_SECOND)
            gap = lasts / max(len(self._found), 1)
            rest = asyncio.sleep(lasts)
            await asyncio.gather(rest, *[self._ask_again(*key, after=gap * index) for index, key in enumerate(self._found)])

    async def _ask_again(self, tenant: str, name: str, after: float) -> None:
        await asyncio.sleep(after)
        try:
            now = await self._ask(tenant, name)
        except Exception as error:
            # What was known of it holds until it can be asked for.
            problem = problem_of(error, tenant, f"Secret {name}")
            if (tenant, name) not in self._refused:
                logger.warning("cannot look at the Secret %s, and tries again: %s", name, problem, extra={"tenant": tenant})
            self._refused.add((tenant, name))
            return
        self._refused.discard((tenant, name))
        if (tenant, name) not in self._found:
            return
        before, self._found[tenant, name] = self._found[tenant, name], now
        if self._is_news(tenant, name, before, now):
            self._call(tenant)

    def _is_news(self, tenant: str, name: str, before: Keys | None, now: Keys | None) -> bool:
        """Keys that no service takes are nobody's business."""
        known = self._cache.tenants.get(tenant)
        taken = [one.key for one in named_by(known) if one.secret == name] if known else []
        return bool(taken) and ((before is None) != (now is None) or any((before or {}).get(key) != (now or {}).get(key) for key in taken))

    async def _ask(self, tenant: str, name: str) -> Keys | None:
        async with self._limit:
            secret = await self._cluster.find(Secret, name, namespace_of(tenant))
        return None if secret is None else keys_of(secret)
