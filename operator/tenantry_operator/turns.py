"""Which tenants may take new images and pod templates now: keeps the rings told of what is seen, and calls those whose turn has come.

The health of a tenant is asked while others wait for its ring, and only then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from tenantry_operator.cache import Cache, Key
from tenantry_operator.converged import Converged, converged
from tenantry_operator.drift import Seen
from tenantry_operator.health import Health, questions
from tenantry_operator.health_verdict import Question, Verdict
from tenantry_operator.migration import is_under_way, needed
from tenantry_operator.parts import Live
from tenantry_operator.pod_template import CREDENTIALS, TEMPLATE_VERSION
from tenantry_operator.problems import Problem, Stalled, Waiting
from tenantry_operator.records import CronJobRecord, DeploymentRecord, SecretRecord
from tenantry_operator.rings import Before, Decision, Fleet, Member, Wait
from tenantry_operator.rings import Service as RingService
from tenantry_operator.rollout import rollout, run_with
from tenantry_operator.tenant import Service, Tenant
from tenantry_operator.workload import asked, kind_of, settled

#: Seconds after which the health of a tenant that others wait for is asked again, and for which an answer counts.
ASK_EVERY, COUNTS_FOR = 15.0, 60.0
#: Seconds for which a ring is asked about after somebody last waited for it.
AWAITED_FOR = 180.0
#: Tenants of one ring that are asked at the same time.
CONCURRENCY = 8


logger = logging.getLogger(__name__)


class Asked(NamedTuple):
    """What a tenant's host answered, when, and since when it has answered well."""

    verdict: Verdict
    at: float
    well_since: float | None


class Turns:
    """What the rings decide, as seen from the cache."""

    def __init__(self, cache: Cache, health: Health, call: Callable[[Iterable[str]], None]) -> None:
        self._cache = cache
        self._health = health
        self._call = call
        self._fleet = Fleet()
        self._rings: defaultdict[str, set[str]] = defaultdict(set)
        self._ring_of: dict[str, str] = {}
        self._asked: dict[str, Asked] = {}
        #: Rings that somebody waits for, until when they count as such.
        self._awaited: dict[str, float] = {}
        self._changed = asyncio.Event()
        self._to_ask = asyncio.Event()
        #: Questions that are open, by tenant. One that hangs holds up its ring alone, and nobody else's next question.
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._limits: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(CONCURRENCY))

    def tenant_changed(self, name: str) -> None:
        """A Tenant, what runs one of its services, or a migration is other than before. To be called in the order of the Tenants' watch."""
        tenant = self._cache.tenants.get(name)
        before = self._ring_of.pop(name, None)
        if before is not None:
            self._rings[before].discard(name)
        if tenant is None:
            self._asked.pop(name, None)
            self._fleet.remove(name)
        else:
            self._ring_of[name] = tenant.spec.ring
            self._rings[tenant.spec.ring].add(name)
            self._put(tenant, time.time())
            if tenant.spec.ring in self._awaited:
                self._to_ask.set()
        self._changed.set()

    def decide(self, name: str) -> Decision:
        """What a tenant may take now."""
        now = time.time()
        for before in self._cache.tenants[name].spec.rollout.after:
            self._await(before.ring, now)
        self._changed.set()
        return self._fleet.decide(name, now)

    def give_back(self, name: str) -> None:
        """A tenant does not do what it was told that it may."""
        self._fleet.give_back(name)
        self._changed.set()

    def health(self, name: str) -> Verdict | None:
        """What a tenant's host answered when it was last asked; None if nobody waits for it."""
        asked = self._asked.get(name)
        return asked.verdict if asked is not None and time.time() - asked.at < COUNTS_FOR else None

    async def run(self) -> None:
        """Calls whoever may go on, and asks for the health of those that others wait for, until it is cancelled."""
        try:
            await asyncio.gather(self._wake_for_ever(), self._ask_for_ever())
        finally:
            for asking in self._asking.values():
                asking.cancel()

    async def _wake_for_ever(self) -> None:
        next_wake: float | None = None
        while True:
            now = time.time()
            await _within(self._changed, None if next_wake is None else max(next_wake - now, 0))
            # What comes in a row is answered once.
            await asyncio.sleep(0.05)
            self._changed.clear()
            wake = self._fleet.wake(time.time())
            next_wake = wake.at
            self._call(wake.names)

    async def _ask_for_ever(self) -> None:
        while True:
            await _within(self._to_ask, ASK_EVERY / 3 if self._awaited else None)
            self._to_ask.clear()
            self._ask_awaited()

    def _await(self, ring: str, now: float) -> None:
        is_new = self._awaited.get(ring, 0.0) < now
        self._awaited[ring] = now + AWAITED_FOR
        if is_new:
            self._to_ask.set()
            # What was known of its health is old.
            for name in self._rings.get(ring, ()):
                self._put(self._cache.tenants[name], now)

    def _ask_awaited(self) -> None:
        now = time.time()
        for ring in [ring for ring, until in self._awaited.items() if until < now]:
            del self._awaited[ring]
            self._limits.pop(ring, None)
        for ring in self._awaited:
            for name in self._rings.get(ring, ()):
                asked = self._asked.get(name)
                if asked is not None and now - asked.at > COUNTS_FOR:
                    # Its answer counts no longer.
                    self._put(self._cache.tenants[name], now)
                if name not in self._asking and self._is_due(name, now):
                    self._asking[name] = asyncio.create_task(self._ask_in_turn(name, ring), name=f"health of {name}")

    async def _ask_in_turn(self, name: str, ring: str) -> None:
        try:
            async with self._limits[ring]:
                await self._ask(name)
        except Exception:
            logger.exception("its health cannot be asked", extra={"tenant": name})
        finally:
            del self._asking[name]

    def _is_due(self, name: str, now: float) -> bool:
        asked = self._asked.get(name)
        tenant = self._cache.tenants[name]
        if not self._questions(tenant) or not _ready(tenant):
            return False
        return asked is None or now - asked.at >= ASK_EVERY or asked.at < (converged(tenant, TEMPLATE_VERSION).since or 0) + 1

    async def _ask(self, name: str) -> None:
        tenant = self._cache.tenants.get(name)
        if tenant is None:
            return
        verdict = await self._health.ask(self._questions(tenant))
        if name not in self._cache.tenants:
            return
        now = time.time()
        before = self._asked.get(name)
        since = None
        if verdict.healthy:
            since = (before.well_since if before else _well_since(tenant)) or now
        self._asked[name] = Asked(verdict, now, since)
        self._put(self._cache.tenants[name], now)
        if before is None or before.verdict != verdict:
            self._call([name])

    def _put(self, tenant: Tenant, now: float) -> None:
        """Tells the rings, and has whoever may go on by that be called."""
        self._fleet.put(self._member(tenant, now))
        self._changed.set()

    def _member(self, tenant: Tenant, now: float) -> Member:
        spec = tenant.spec
        live = {service.name: self._live(tenant, service) for service in spec.services}
        status = {one["name"]: one for one in tenant.status.get("services", [])}
        services = tuple(_service(service, live[service.name], status.get(service.name, {})) for service in spec.services)
        template = tenant.status.get("template") or ""
        wants_credentials, takes_credentials = _credentials(tenant, self._cache.objects(tenant.name))
        found = [one for one in live.values() if one is not None]
        state = self._converged(tenant, live, now)
        return Member(
            name=tenant.name,
            ring=spec.ring,
            services=services,
            after=tuple(Before(one.ring, one.bake_seconds) for one in spec.rollout.after),
            at_once=spec.rollout.at_once,
            unproven=spec.rollout.unproven == "Allow",
            stopped=spec.runs_nothing,
            converged_since=state.since,
            why_not=state.why_not,
            template_is_current=all(one.template == TEMPLATE_VERSION for one in found),
            rolling=takes_credentials
            or is_under_way(tenant, self._cache.objects(tenant.name))
            or any(one.reached is not None and one.template not in (None, one.reached) for one in services)
            or any(one.template != template for one in found if "services" in tenant.status),
            runs_nothing=all(isinstance(one, CronJobRecord) or one.replicas == 0 for one in found),
            migrates=_migrates(tenant, self._cache.objects(tenant.name)),
            wants_credentials=wants_credentials,
        )

    def _converged(self, tenant: Tenant, live: Mapping[str, Live | None], now: float) -> Converged:
        """By what the Tenant says, by what is seen of its pods at this moment, and by what its host answered a moment ago."""
        told = converged(tenant, TEMPLATE_VERSION)
        lacks = next(filter(None, [_lacks(service, live[service.name]) for service in tenant.spec.services]), None)
        if told.since is None:
            # What is seen of its pods tells more than that it was not looked at, or not for long.
            return Converged(None, lacks) if lacks and not told.is_looked_at else told
        if lacks:
            return Converged(None, lacks)
        if not self._questions(tenant):
            return told
        asked = self._asked.get(tenant.name)
        # A status has whole seconds. An answer from before the last image was reached tells nothing of it.
        if asked is None or now - asked.at > COUNTS_FOR or asked.at < told.since + 1:
            return Converged(None, "HealthUnknown: its host is asked how it is")
        if asked.well_since is None:
            return Converged(None, f"{asked.verdict.reason}: {asked.verdict.message}")
        return Converged(max(told.since, asked.well_since), "")

    def _questions(self, tenant: Tenant) -> list[Question]:
        """What to ask at its host. Its pods may have been told another commit than is asked for: of one image, there may be two."""
        live = {one.name: self._live(tenant, one) for one in tenant.spec.services}
        return questions(tenant, {name: (one.pinned.commit,) for name, one in live.items() if one is not None and one.pinned is not None})

    def _live(self, tenant: Tenant, service: Service) -> Live | None:
        return cast("Live | None", self._cache.objects(tenant.name).get((kind_of(service), service.name)))


def _migrates(tenant: Tenant, objects: Mapping[Key, Seen]) -> bool:
    """Whether it is about to change its database. One that has none begins nothing, and keeps no other from its turn."""
    lacks_database = any(one["type"] == "DatabaseReady" and one["status"] == "False" for one in tenant.status.get("conditions", ()))
    return not tenant.spec.runs_nothing and not lacks_database and bool(needed(tenant, objects))


def _credentials(tenant: Tenant, objects: Mapping[Key, Seen]) -> tuple[bool, bool]:
    """Whether it waits for the credentials that it asks for; and whether it has them, and its pods are on their way to them."""
    asked, secret = tenant.spec.database.rotation, objects.get(("Secret", CREDENTIALS))
    if not asked or not isinstance(secret, SecretRecord) or not secret.secret.serves(tenant):
        return False, False
    if secret.secret.rotation != asked:
        return True, False
    return False, not all(run_with(one, secret.secret.version) for one in objects.values() if isinstance(one, DeploymentRecord))


def held(wait: Wait) -> Problem:
    """What a tenant says that has to wait for a ring, or for its turn."""
    kind = Stalled if wait.needs_person else Waiting
    return kind(wait.reason, wait.message)


def _service(service: Service, live: Live | None, status: dict[str, Any]) -> RingService:
    pinned = None if live is None else live.pinned
    image = asked(service).image if pinned is None else settled(asked(service), pinned).image
    return RingService(
        name=service.name,
        release=service.release,
        wanted=image,
        template=None if pinned is None else pinned.image,
        reached=status.get("image"),
        # Its runs come at their time, and nothing waits for them.
        ready=1 if isinstance(live, CronJobRecord) else live.ready if live else 0,
        is_scheduled=isinstance(live, CronJobRecord),
    )


def _lacks(service: Service, live: Live | None) -> str:
    return f"{service.name}: its {kind_of(service)} is not there" if live is None else rollout(service, live).lacks


def _ready(tenant: Tenant) -> bool:
    return tenant.was_ready and not tenant.spec.runs_nothing and tenant.status.get("observedGeneration") == tenant.metadata.generation


def _well_since(tenant: Tenant) -> float | None:
    """What an operator before this one found."""
    condition = next((one for one in tenant.status.get("conditions", []) if one["type"] == "Healthy"), None)
    return _seconds(condition["lastTransitionTime"]) if condition is not None and condition["status"] == "True" else None


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


async def _within(event: asyncio.Event, seconds: float | None) -> None:
    """Waits for an event, and for no longer than so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
