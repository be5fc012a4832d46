"""Which tenants may take new images and pod templates now: keeps the rings told of what is seen, and calls those whose turn has come.

The health of a tenant is asked while others wait for its ring, and only then.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

from tenantry_operator.cache import Cache
from tenantry_operator.health import Health, HealthChecks
from tenantry_operator.records import DeploymentRecord
from tenantry_operator.rings import Before, Decision, Fleet, Member
from tenantry_operator.rings import Service as RingService
from tenantry_operator.rollout import rollout
from tenantry_operator.tenant import Service, Tenant
from tenantry_operator.workload import TEMPLATE_VERSION, asked, settled

#: Seconds after which the health of a tenant that others wait for is asked again, and for which an answer counts.
ASK_EVERY, COUNTS_FOR = 15.0, 60.0
#: Seconds for which a ring is asked about after somebody last waited for it.
AWAITED_FOR = 180.0
#: Tenants that are asked at the same time.
CONCURRENCY = 8


class Verdict:
    """What a tenant's host answered, and since when it has answered well."""

    def __init__(self, health: Health, asked: float, well_since: float | None) -> None:
        self.health = health
        self.asked = asked
        self.well_since = well_since


class Turns:
    """What the rings decide, as seen from the cache."""

    def __init__(self, cache: Cache, checks: HealthChecks, call: Callable[[Iterable[str]], None]) -> None:
        self._cache = cache
        self._checks = checks
        self._call = call
        self._fleet = Fleet()
        self._rings: defaultdict[str, set[str]] = defaultdict(set)
        self._ring_of: dict[str, str] = {}
        self._verdicts: dict[str, Verdict] = {}
        #: Rings that somebody waits for, until when they count as such.
        self._awaited: dict[str, float] = {}
        self._changed = asyncio.Event()

    def tenant_changed(self, name: str) -> None:
        """A Tenant or one of its Deployments is other than before. To be called in the order of the Tenants' watch."""
        tenant = self._cache.tenants.get(name)
        before = self._ring_of.pop(name, None)
        if before is not None:
            self._rings[before].discard(name)
        if tenant is None:
            self._verdicts.pop(name, None)
            self._fleet.remove(name)
        else:
            self._ring_of[name] = tenant.spec.ring
            self._rings[tenant.spec.ring].add(name)
            self._fleet.put(self._member(tenant, time.time()))
        self._changed.set()

    def decide(self, name: str) -> Decision:
        """What a tenant may take now."""
        now = time.time()
        for before in self._cache.tenants[name].spec.rollout.after:
            self._await(before.ring, now)
        self._changed.set()
        return self._fleet.decide(name, now)

    def health(self, name: str) -> Health | None:
        """What a tenant's host answered when it was last asked; None if nobody waits for it."""
        verdict = self._verdicts.get(name)
        return verdict.health if verdict is not None and time.time() - verdict.asked < COUNTS_FOR else None

    async def run(self) -> None:
        """Calls whoever may go on, and asks for the health of those that others wait for, until it is cancelled."""
        next_wake: float | None = None
        while True:
            now = time.time()
            times = [now + ASK_EVERY / 3] if self._awaited else []
            if next_wake is not None:
                times.append(next_wake)
            try:
                async with asyncio.timeout(max(0.05, min(times) - now) if times else None):
                    await self._changed.wait()
            except TimeoutError:
                pass
            # What comes in a row is answered once.
            await asyncio.sleep(0.05)
            self._changed.clear()
            await self._ask_awaited()
            wake = self._fleet.wake(time.time())
            next_wake = wake.at
            self._call(wake.names)

    def _await(self, ring: str, now: float) -> None:
        is_new = self._awaited.get(ring, 0.0) < now
        self._awaited[ring] = now + AWAITED_FOR
        if is_new:
            # What was known of its health is old.
            for name in self._rings.get(ring, ()):
                self._fleet.put(self._member(self._cache.tenants[name], now))

    async def _ask_awaited(self) -> None:
        now = time.time()
        for ring in [ring for ring, until in self._awaited.items() if until < now]:
            del self._awaited[ring]
        names = [name for ring in self._awaited for name in self._rings.get(ring, ()) if self._is_due(name, now)]
        limit = asyncio.Semaphore(CONCURRENCY)

        async def ask(name: str) -> None:
            async with limit:
                await self._ask(name)

        await asyncio.gather(*[ask(name) for name in names])

    def _is_due(self, name: str, now: float) -> bool:
        verdict = self._verdicts.get(name)
        tenant = self._cache.tenants[name]
        return _has_health(tenant) and _ready(tenant) and (verdict is None or now - verdict.asked >= ASK_EVERY)

    async def _ask(self, name: str) -> None:
        tenant = self._cache.tenants.get(name)
        if tenant is None:
            return
        health = await self._checks.ask(tenant)
        if name not in self._cache.tenants:
            return
        now = time.time()
        before = self._verdicts.get(name)
        since = None
        if health.is_healthy:
            since = (before.well_since if before else _well_since(tenant)) or now
        self._verdicts[name] = Verdict(health, now, since)
        self._fleet.put(self._member(self._cache.tenants[name], now))
        if before is None or before.health != health:
            self._call([name])

    def _member(self, tenant: Tenant, now: float) -> Member:
        spec = tenant.spec
        live = {service.name: self._deployment(tenant, service.name) for service in spec.services}
        status = {one["name"]: one for one in tenant.status.get("services", [])}
        services = tuple(_service(service, live[service.name], status.get(service.name, {})) for service in spec.services)
        template = tenant.status.get("template") or ""
        found = [one for one in live.values() if one is not None]
        since, why_not = self._converged(tenant, live, now)
        return Member(
            name=tenant.name,
            ring=spec.ring,
            services=services,
            after=tuple(Before(one.ring, one.bake_seconds) for one in spec.rollout.after),
            at_once=spec.rollout.at_once,
            unproven=spec.rollout.unproven == "Allow",
            decommissioned=spec.decommission,
            converged_since=since,
            why_not=why_not,
            template_is_current=all(one.template == TEMPLATE_VERSION for one in found),
            rolling=any(one.reached is not None and one.template not in (None, one.reached) for one in services)
            or ("services" in tenant.status and any(one.template != template for one in found)),
            runs_nothing=all(one.replicas == 0 for one in found),
        )

    def _converged(self, tenant: Tenant, live: dict[str, DeploymentRecord | None], now: float) -> tuple[float | None, str]:
        """Since when a tenant has been all that it should be; or why it is not."""
        status = tenant.status
        conditions = {one["type"]: one for one in status.get("conditions", [])}
        ready = conditions.get("Ready")
        if ready is None or status.get("observedGeneration") != tenant.metadata.generation:
            return None, "it has changed, and was not looked at since"
        if ready["status"] != "True":
            return None, f"{ready['reason']}: {ready['message']}"
        if status.get("template") != TEMPLATE_VERSION:
            return None, "its pods are not yet as this operator makes them"
        for service in tenant.spec.services:
            seen = live[service.name]
            lacks = "its Deployment is gone" if seen is None else rollout(service, seen).lacks
            if lacks:
                return None, lacks
        since = [_seconds(ready["lastTransitionTime"])]
        since += [_seconds(one["since"]) for one in status.get("services", []) if "since" in one]
        if _has_health(tenant) and not tenant.spec.decommission:
            verdict = self._verdicts.get(tenant.name)
            if verdict is None or now - verdict.asked > COUNTS_FOR:
                return None, "its host is asked how it is"
            if verdict.well_since is None:
                return None, f"{verdict.health.reason}: {verdict.health.message}"
            since.append(verdict.well_since)
        return max(since), ""

    def _deployment(self, tenant: Tenant, service: str) -> DeploymentRecord | None:
        return cast("DeploymentRecord | None", self._cache.objects(tenant.name).get(("Deployment", service)))


def _service(service: Service, live: DeploymentRecord | None, status: dict[str, Any]) -> RingService:
    pinned = None if live is None else live.pinned
    image = asked(service).image if pinned is None else settled(asked(service), pinned).image
    return RingService(
        name=service.name,
        release=service.release,
        wanted=image,
        template=None if pinned is None else pinned.image,
        reached=status.get("image"),
        ready=live.ready if live else 0,
    )


def _has_health(tenant: Tenant) -> bool:
    return any(one.path is not None and one.health_path is not None and one.replicas > 0 for one in tenant.spec.services)


def _ready(tenant: Tenant) -> bool:
    return tenant.was_ready and not tenant.spec.decommission and tenant.status.get("observedGeneration") == tenant.metadata.generation


def _well_since(tenant: Tenant) -> float | None:
    """What an operator before this one found."""
    condition = next((one for one in tenant.status.get("conditions", []) if one["type"] == "Healthy"), None)
    return _seconds(condition["lastTransitionTime"]) if condition is not None and condition["status"] == "True" else None


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()
