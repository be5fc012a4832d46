"""A cluster with an operator in it, small enough to visit every state that it can come to.

What the operator knows is a prefix of the Tenants' watch, and another one of the Deployments'. So here a spec is written when the operator
hears of it, and a Deployment is written before that. A look is two steps, the decision and the write, and anything may come in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from tenantry_operator.rings import Before, Decision, Fleet, Member, Service, _Answer, limit

NOW = 1000.0
#: Ticks of the clock until a ring has baked.
BAKE = 1


class Spec(NamedTuple):
    """A Tenant as it is asked for."""

    ring: str
    after: tuple[str, ...]
    #: By service, in the scenario's order; None for a service that the tenant does not have.
    images: tuple[str | None, ...]
    release: str = "r2"
    unproven: bool = False
    decommissioned: bool = False
    #: Whether it runs any pods when it is not decommissioned.
    replicas: bool = True


class Pods(NamedTuple):
    """A service in the cluster. What runs is an image and the rendering of its pod template."""

    template: tuple[str, int] | None
    #: The template that the operator knows of.
    seen: tuple[str, int] | None
    reached: tuple[str, int] | None


class Tenant(NamedTuple):
    """A Tenant as it is; None for its spec before it was written first."""

    spec: Spec | None
    pods: tuple[Pods, ...]
    #: Whether the operator has looked at this spec.
    observed: bool = True
    well: bool = True
    #: Ticks since it converged, no more than matter; None while it has not.
    age: int | None = None
    #: What a look was told to write, and has not written yet.
    flight: tuple[tuple[str, int] | None, ...] | None = None


class State(NamedTuple):
    """All that there is."""

    tenants: tuple[Tenant, ...]
    run: int
    written: int
    operator: int
    #: Services with an image, and renderings, that a tenant of a first ring was well on for long enough: history, which no decision knows.
    proved: frozenset[tuple[int, str] | int]


class Scenario(NamedTuple):
    """What happens of its own accord: runs that write specs, each in this order and whole unless it is cut."""

    before: tuple[Spec | None, ...]
    runs: tuple[tuple[Spec, ...], ...]
    #: Tenants on which an image never comes up.
    bad: frozenset[tuple[int, str]] = frozenset()
    bake: bool = False
    at_once: str = "1"
    upgrades: int = 0
    #: Who may get ill at any time, and well again.
    frail: tuple[int, ...] = (0,)


class Violation(AssertionError):
    """Something happened that must not."""


def explore(scenario: Scenario) -> int:
    """Visits every state; returns how many there are. Raises Violation with the way to the first that is wrong."""
    model = _Model(scenario)
    first = model.first()
    came: dict[State, tuple[State, str] | None] = {first: None}
    due = deque([first])
    try:
        while due:
            state = due.popleft()
            for action, after in model.steps(state):
                if after not in came:
                    came[after] = (state, action)
                    due.append(after)
            model.ends_well(state)
    except Violation as violation:
        way = []
        link = came[state]
        while link:
            way.append(link[1])
            link = came[link[0]]
        raise Violation(f"{violation}, after: {', '.join(reversed(way))}; {state}") from None
    return len(came)


class _Model:
    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.good: set[State] = set()
        self.members: dict[tuple[int, int, Tenant], Member | None] = {}

    def first(self) -> State:
        def tenant(spec: Spec | None, images: tuple[str | None, ...]) -> Tenant:
            runs = [None if image is None or spec is None else (image, 0) for image in images]
            return Tenant(spec, tuple(Pods(one, one, one) for one in runs), age=BAKE)

        tenants = [
            tenant(spec, (spec or written).images) for spec, written in zip(self.scenario.before, self.scenario.runs[0], strict=True)
        ]
        return self._settled(State(tuple(tenants), run=0, written=0, operator=0, proved=frozenset({0})))

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """All that can happen next."""
        yield from self._writes(state)
        if state.written < len(state.tenants) and state.run + 1 < len(self.scenario.runs):
            yield f"run {state.run} is cut", state._replace(run=state.run + 1, written=0)
        if state.operator < self.scenario.upgrades:
            yield "operator upgraded", self._restarted(state._replace(operator=state.operator + 1))
        yield "operator restarted", self._restarted(state)
        for index, tenant in enumerate(state.tenants):
            if tenant.spec is None:
                continue
            yield from self._moves(state, index, tenant)
            if index in self.scenario.frail:
                yield f"{index} turns", self._with(state, index, tenant._replace(well=not tenant.well))
        yield from self._ticks(state)

    def ends_well(self, state: State) -> None:
        """From here on all are well, and all get their turn: each must come to what is wanted, unless a person's word is missing."""
        way: list[State] = []
        now: State | None = state
        while now is not None and now not in self.good:
            way.append(now)
            # Each step brings nearer to the end, unless something goes round in circles.
            if len(way) > 500:
                raise Violation("it never comes to rest")
            now = self._fair(now)
        if now is None:
            self._check_end(way[-1])
        self.good.update(way)

    def _fair(self, state: State) -> State | None:
        for index, tenant in enumerate(state.tenants):
            if not tenant.well:
                return self._with(state, index, tenant._replace(well=True))
        for _, after in self._writes(state):
            return after
        for index, tenant in enumerate(state.tenants):
            if tenant.spec is not None:
                for _, after in self._moves(state, index, tenant):
                    if after != state:
                        return after
        return next((after for _, after in self._ticks(state)), None)

    def _check_end(self, state: State) -> None:
        held: set[str] = set()
        specs = [tenant.spec for tenant in state.tenants if tenant.spec]
        rings = {spec.ring: len(spec.after) for spec in specs}
        for ring in sorted(rings, key=lambda name: rings[name]):
            for index, tenant in enumerate(state.tenants):
                spec = tenant.spec
                if spec is None or spec.ring != ring or spec.decommissioned:
                    continue
                for service, pods in enumerate(tenant.pods):
                    wanted = _wanted(spec, service, state)
                    if pods.template == pods.reached == wanted:
                        continue
                    provers = [one for one in specs if one.ring in spec.after and not one.decommissioned and one.replicas]
                    missing = not spec.unproven and bool(spec.after) and all(one.images[service] != spec.images[service] for one in provers)
                    if missing or set(spec.after) & held:
                        held.add(ring)
                    else:
                        raise Violation(f"{index} never comes to {wanted}")

    def _writes(self, state: State) -> Iterator[tuple[str, State]]:
        runs = self.scenario.runs
        if state.written == len(state.tenants):
            if state.run + 1 < len(runs):
                yield f"run {state.run + 1}", state._replace(run=state.run + 1, written=0)
            return
        # Earlier rings first, as Terraform writes them.
        order = sorted(range(len(state.tenants)), key=lambda index: (len(runs[state.run][index].after), index))
        index = order[state.written]
        tenant, spec = state.tenants[index], runs[state.run][index]
        state = state._replace(written=state.written + 1)
        if tenant.spec != spec:
            state = self._with(state, index, tenant._replace(spec=spec, observed=False))
        yield f"{index} written", state

    def _moves(self, state: State, index: int, tenant: Tenant) -> Iterator[tuple[str, State]]:
        """What goes on about a tenant."""
        if any(one.seen != one.template for one in tenant.pods):
            pods = tuple(one._replace(seen=one.template) for one in tenant.pods)
            yield f"{index} seen", self._with(state, index, tenant._replace(pods=pods))
        if tenant.flight:
            # A write carries the version that it was decided on: where that is no more, it is refused.
            pods = tuple(
                one._replace(template=template if one.seen == one.template else one.template)
                for one, template in zip(tenant.pods, tenant.flight, strict=True)
            )
            yield f"{index} applied", self._with(state, index, tenant._replace(pods=pods, flight=None))
            return
        done = tuple(self._done(index, one) for one in tenant.pods)
        if done != tenant.pods:
            yield f"{index} rolled out", self._with(state, index, tenant._replace(pods=done))
        looked = self._look(state, index, tenant)
        if looked != state:
            yield f"{index} looked at", looked

    def _done(self, index: int, pods: Pods) -> Pods:
        if pods.seen != pods.template or pods.template is None or (index, pods.template[0]) in self.scenario.bad:
            return pods
        return pods._replace(reached=pods.template)

    def _ticks(self, state: State) -> Iterator[tuple[str, State]]:
        older = [one._replace(age=min(one.age + 1, BAKE)) if one.age is not None and self.scenario.bake else one for one in state.tenants]
        if tuple(older) != state.tenants:
            yield "tick", self._settled(state._replace(tenants=tuple(older)))

    def _look(self, state: State, index: int, tenant: Tenant) -> State:
        fleet = self._fleet(state)
        decision = fleet.decide(str(index), NOW)
        spec = tenant.spec
        if spec is None:
            return state
        writes: list[tuple[str, int] | None] = []
        for service, pods in enumerate(tenant.pods):
            image, known = spec.images[service], pods.seen or pods.reached
            if image is None:
                writes.append(None)
            elif _name(service) in decision.held:
                rendering = state.operator if pods.seen is None or not decision.template_held else pods.seen[1]
                writes.append(None if known is None else (known[0], rendering))
            elif known is not None and known[0] == image and decision.template_held:
                writes.append(known)
            else:
                writes.append((image, state.operator))
        self._check_look(state, index, decision, tuple(writes))
        changes = tuple(writes) != tuple(one.seen for one in tenant.pods)
        return self._with(state, index, tenant._replace(observed=True, flight=tuple(writes) if changes else None))

    def _check_look(self, state: State, index: int, decision: Decision, writes: tuple[tuple[str, int] | None, ...]) -> None:
        tenant = state.tenants[index]
        spec = tenant.spec
        if spec is None or spec.decommissioned:
            return
        holds = bool(decision.held or decision.template_held)
        if holds != (decision.wait is not None):
            raise Violation(f"{index} is told {decision}")
        if decision.wait and spec.ring not in decision.wait.message and not any(one in decision.wait.message for one in spec.after):
            raise Violation(f"{index} is not told which ring holds it: {decision.wait.message}")
        running = [one for one in tenant.pods if one.reached is not None]
        if decision.wait and decision.wait.reason == "RolloutQueued" and not running:
            raise Violation(f"{index} runs nothing and has to queue")
        takes = False
        for service, (pods, write) in enumerate(zip(tenant.pods, writes, strict=True)):
            image, known = spec.images[service], pods.seen
            if known and known[1] == state.operator and pods.reached and pods.reached[0] == image and _name(service) in decision.held:
                raise Violation(f"{index} may not go back")
            if write is None or write in {pods.seen, pods.reached}:
                continue
            takes = takes or pods.reached is not None
            if spec.after:
                self._check_proved(state, index, service, write)
        rolling_before = any(_rolls(one) for one in tenant.pods)
        if takes and not rolling_before:
            ring = [one for one in state.tenants if one.spec and one.spec.ring == spec.ring and not one.spec.decommissioned]
            busy = sum(1 for one in ring if one is not tenant and _is_busy(one))
            if busy + 1 > limit(self.scenario.at_once, len(ring)):
                raise Violation(f"{index} rolls beside {busy} others")

    def _check_proved(self, state: State, index: int, service: int, write: tuple[str, int]) -> None:
        """What is taken was proved once, and whoever is earlier is well on what it should run, for long enough."""
        spec, pods = state.tenants[index].spec, state.tenants[index].pods[service]
        if spec is None:
            return
        if not spec.unproven and (service, write[0]) not in state.proved and (pods.reached or ("", 0))[0] != write[0]:
            raise Violation(f"{index} takes {write[0]}, which nobody was ever well on")
        if not spec.unproven and write[1] not in state.proved:
            raise Violation(f"{index} takes the rendering {write[1]}, which nobody was ever well on")
        if pods.seen and pods.seen[1] == write[1] and pods.reached and pods.reached[0] == write[0]:
            return
        if pods.seen is None and pods.reached and pods.reached[0] == write[0]:
            return
        for other in state.tenants:
            before = other.spec
            if before is None or before.ring not in spec.after or before.decommissioned:
                continue
            if not _is_well(other, state) or (self.scenario.bake and other.age != BAKE):
                raise Violation(f"{index} takes {write} while an earlier tenant is not well")

    def _fleet(self, state: State) -> Fleet:
        fleet = Fleet()
        members = [self._member(state.operator, index, tenant) for index, tenant in enumerate(state.tenants)]
        for member in members:
            if member:
                fleet.put(member)
        for member, tenant in zip(members, state.tenants, strict=True):
            pending = tenant.flight or tuple(one.template for one in tenant.pods)
            late = any(one.seen != write for one, write in zip(tenant.pods, pending, strict=True))
            if member and not member.stopped and late:
                images = tuple((one.name, (write or ("", 0))[0]) for one, write in zip(member.services, pending, strict=False))
                services = tuple(Service(name, "", image) for name, image in images)
                fleet._grant(
                    Member(member.name, member.ring, services, runs_nothing=member.runs_nothing),
                    _Answer(frozenset(name for name, _ in images), True, None),
                    NOW,
                )
        return fleet

    def _member(self, operator: int, index: int, tenant: Tenant) -> Member | None:
        key = (operator, index, tenant)
        if key not in self.members:
            self.members[key] = self._new_member(*key)
        return self.members[key]

    def _new_member(self, operator: int, index: int, tenant: Tenant) -> Member | None:
        spec = tenant.spec
        if spec is None:
            return None
        runs = spec.replicas and not spec.decommissioned
        services = tuple(
            Service(
                _name(service),
                spec.release,
                image,
                template=pods.seen and pods.seen[0],
                reached=pods.reached and pods.reached[0],
                ready=1 if runs and pods.reached else 0,
            )
            for service, (pods, image) in enumerate(zip(tenant.pods, spec.images, strict=True))
            if image is not None
        )
        seen = [one.seen for one in tenant.pods if one.seen is not None]
        return Member(
            str(index),
            spec.ring,
            services,
            after=tuple(Before(ring, BAKE if self.scenario.bake else 0) for ring in spec.after),
            at_once=self.scenario.at_once,
            unproven=spec.unproven,
            stopped=spec.decommissioned,
            converged_since=None if tenant.age is None else NOW - tenant.age,
            why_not="" if tenant.age is not None else "it is ill",
            template_is_current=all(one[1] == operator for one in seen),
            rolling=any(one.seen and one.reached and one.seen[1] != one.reached[1] for one in tenant.pods),
            runs_nothing=not any(one.reached for one in tenant.pods),
        )

    def _with(self, state: State, index: int, tenant: Tenant) -> State:
        return self._settled(state._replace(tenants=(*state.tenants[:index], tenant, *state.tenants[index + 1 :])))

    def _restarted(self, state: State) -> State:
        tenants = (one._replace(flight=None, pods=tuple(pods._replace(seen=pods.template) for pods in one.pods)) for one in state.tenants)
        return self._settled(state._replace(tenants=tuple(tenants)))

    def _settled(self, state: State) -> State:
        """Works out who has converged, and what that proves."""
        tenants, proved = [], set(state.proved)
        for tenant in state.tenants:
            if _is_well(tenant, state) and all(one.seen == one.template for one in tenant.pods):
                tenant = tenant._replace(age=tenant.age or 0)  # noqa: PLW2901
                spec = tenant.spec
                if spec and not spec.after and spec.replicas and not spec.decommissioned and (tenant.age == BAKE or not self.scenario.bake):
                    proved |= {(service, image) for service, image in enumerate(spec.images) if image is not None} | {state.operator}
            else:
                tenant = tenant._replace(age=None)  # noqa: PLW2901
            tenants.append(tenant)
        return state._replace(tenants=tuple(tenants), proved=frozenset(proved))


def _name(service: int) -> str:
    return f"s{service}"


def _wanted(spec: Spec, service: int, state: State) -> tuple[str, int] | None:
    image = spec.images[service]
    return None if image is None else (image, state.operator)


def _is_well(tenant: Tenant, state: State) -> bool:
    spec = tenant.spec
    if spec is None or not tenant.observed or not tenant.well or tenant.flight:
        return False
    return all(one.template == one.reached == _wanted(spec, service, state) for service, one in enumerate(tenant.pods))


def _rolls(pods: Pods) -> bool:
    return pods.reached is not None and pods.template != pods.reached


def _is_busy(tenant: Tenant) -> bool:
    pending = tenant.flight or tuple(one.template for one in tenant.pods)
    return any(one.reached is not None and write != one.reached for one, write in zip(tenant.pods, pending, strict=True))
