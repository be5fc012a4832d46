"""Which tenant may take a new image, or a new pod template, now: the decision of the rings. Pure: no clock, no cluster, no IO.

It is made anew at each look, from nothing but Tenants and their Deployments, so that an interruption at any point is just another look.

**Proved.** A tenant may take an image of a service when, for every ring that its own spec names before it,

1. every tenant of that ring has converged: at its current generation it is ready, is healthy from outside where it can be asked, and
   runs the pod templates of this very operator, and
2. all of them have been so for as long as that ring has to bake, and
3. at least one tenant of those rings really runs ready pods of that service on *exactly that image*, unless the tenant says that it may
   take what nobody proved (`unproven`). Of a service with a schedule it is enough that a CronJob has the image: to wait for its run would
   hold up a fix until the next night, and what fails then may be the data of that one tenant.

What is decommissioned or suspended neither blocks nor proves. Why not less:

- *The service alone* (somebody earlier runs it) lets the image of a release pass that no earlier tenant follows.
- *Service and release* is not enough either. A run writes a bad image to the canary and to the others, which wait. The next run writes
  the mended one to the canary, and is cut, or just has a thousand tenants to write. The canary is well again, on the mended image; the
  others still ask for the bad one, of the same release, and would take it: an image that no tenant was ever well on. Nothing but the
  image itself tells the two apart. That hold ends with the next run, which gives all of them the same image.
- *The image alone, always* would hold up for ever who is pinned to another image than the earlier rings, by a freeze of that one
  tenant. That is a person's word, given in a review, and has to be written where it is read: `unproven: Allow` in that Tenant. It
  spares the third condition alone. Whoever is pinned still waits while an earlier ring is ill.

Why not more: to ask that every earlier tenant runs the image would hold whoever is the only one on a release of two.

Two things need no proof. To go **back** to the image that the tenant itself last ran whole: a rollout that is stuck is undone at once,
whatever is ill elsewhere, and a Deployment that somebody removed is made anew. And whatever is neither an image nor a pod template: it
is not asked about here.

**Services are proved apart.** A service that no earlier ring has must not hold up the fix of its sibling. Nothing else ties them
together: every application pushes when it likes.

**A new pod template**, of an upgraded operator, goes from ring to ring by the same conditions; for the third it is enough that an
earlier tenant runs any pods, for one renderer makes them all. Whoever takes an image is rendered anew with it, so an image is never
allowed where the template is not.

**New credentials** of the database, which somebody asks for by another word, start all pods again as well. They go from ring to ring by the
first two conditions, and take a place. Nobody has to prove them.

**At once.** Of one ring no more than `at_once` tenants roll, which a migration begins. One that is stuck keeps its place, so that an image
that only fails in this ring stops there; it may take another image without a second place, so that the fix gets in. Tenants that run
nothing restart nothing: they take no place. A place is taken when a look is told that it may go, and not when the Deployment is seen to
roll, or two looks would take the last one.

**Order.** Members must be put in the order of the Tenants' watch, and after a re-list all before anything is decided. Whoever writes
them writes earlier rings first, so a tenant's new spec is never known before that of the canary which was written before it, and a
canary whose new spec is known has not converged until it is looked at. An image is safe without that order, for a canary that asks for
another one than it runs proves the one that it runs; what has a person's word instead of a proof, and a pod template, is not. And a
Deployment must be written with the version that it was read at: a look that knows an older one would put back what is held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from heapq import nsmallest
from typing import Literal, NamedTuple

import msgspec

#: Seconds for which a place is kept for a look that was told to go and whose writes are not seen yet. A look takes 60 at most, and
#: a watch that has gone deaf is left after 70.
GRANTED_FOR = 150.0
#: Seconds that a tenant which was woken has to ask, before its place is offered to another.
WOKEN_FOR = 30.0


class Before(msgspec.Struct, frozen=True, gc=False):
    """A ring that comes before a tenant's own."""

    ring: str
    #: For how long all of it must have been well.
    bake_seconds: float = 0


class Service(msgspec.Struct, frozen=True, gc=False):
    """One service of a tenant: asked for, and run."""

    name: str
    release: str
    #: The image that the Tenant asks for.
    wanted: str
    #: The image in the pod template of its Deployment or CronJob; None where there is none.
    template: str | None = None
    #: The image of its last rollout that was done, from the Tenant's status; None before the first.
    reached: str | None = None
    #: Pods that are ready; 1 for a CronJob, whatever becomes of its runs.
    ready: int = 0
    #: Whether it is a CronJob.
    is_scheduled: bool = False


class Member(msgspec.Struct, frozen=True):
    """What the rings need to know of a tenant."""

    name: str
    ring: str
    services: tuple[Service, ...]
    #: The earlier rings, in their order; none for the first ring.
    after: tuple[Before, ...] = ()
    #: How many of its ring may roll at once: a number, or a share such as "10%".
    at_once: str = "10%"
    #: Whether it may take what no earlier tenant runs.
    unproven: bool = False
    #: Decommissioned or suspended: it runs nothing, on purpose.
    stopped: bool = False
    #: Since when (in seconds, as `now`) it has been all that was asked for, on the pod templates of this operator; None while it is not.
    converged_since: float | None = None
    #: Why it has not converged, to be said to others: "RolloutStuck: apiserver: 0 of 2 pods have the new image".
    why_not: str = ""
    #: Whether all its Deployments have pod templates as this operator renders them.
    template_is_current: bool = True
    #: Whether it is on its way from one rendering of its pod templates to another: its Deployments have one that is not that of its status.
    #: Or its database is on its way to another image. That its pods are, its services tell.
    rolling: bool = False
    #: Whether it has no pods at all.
    runs_nothing: bool = False
    #: It asks for an image that changes its database first: many at once are a load, also where no pod is started again.
    migrates: bool = False
    #: It asks for new credentials, for which all its pods start again.
    wants_credentials: bool = False


class Wait(NamedTuple):
    """Why a tenant may not go on yet."""

    reason: Literal["RingHeld", "RolloutQueued"]
    message: str
    #: When it will be over if all stays as it is; None where that is not known.
    until: float | None = None
    #: Whether it will not end by itself.
    needs_person: bool = False


class Decision(NamedTuple):
    """What a tenant may take now."""

    #: Services that keep the image of their pod template. One without a Deployment is made with the image that it last reached, for
    #: somebody took it away; one that never ran is not made yet. All others take what is wanted.
    held: frozenset[str] = frozenset()
    #: Whether the pod templates of the services that are held stay as they are; else they are rendered anew, with the image that they have.
    template_held: bool = False
    #: Whether it has to wait with new credentials.
    credentials_held: bool = False
    #: What to say; None where nothing is held, and for a tenant that is stopped.
    wait: Wait | None = None


class Wake(NamedTuple):
    """Who is to be looked at again."""

    names: list[str]
    #: When to ask again, even if nothing changes; None if never.
    at: float | None


class _Need(NamedTuple):
    service: str
    release: str
    image: str
    #: Back to the image that it last ran whole.
    back: bool


class _Question(NamedTuple):
    """All that the answer depends on, besides the rings: many tenants ask the same."""

    after: tuple[Before, ...]
    unproven: bool
    needs: frozenset[_Need]
    #: Whether it needs a new pod template.
    template: bool
    #: Whether it needs new credentials.
    credentials: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.needs or self.template or self.credentials)


class _Answer(NamedTuple):
    may: frozenset[str]
    may_template: bool
    wait: Wait | None
    may_credentials: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.may or self.may_template or self.may_credentials)


class _Queue(NamedTuple):
    """Where a tenant waits: all in it are told the same, and may go one for the other."""

    ring: str
    at_once: str
    needs_place: bool
    question: _Question


class _Grant(NamedTuple):
    """What a look was told that it may do, until that is seen."""

    images: tuple[tuple[str, str], ...]
    template: bool
    until: float
    credentials: bool = False


class _Ring:
    """The active tenants of a ring, counted as they come and go."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.behind: set[str] = set()
        #: Converged tenants with ready pods, by service and image, by service and release, by service, and at all.
        self.running: Counter[tuple[str, ...]] = Counter()
        #: Those that take a place.
        self.busy: set[str] = set()
        self._latest: float | None = None
        self._first_behind: str | None = None

    def count(self, member: Member, by: Literal[1, -1]) -> None:
        """Adds a tenant, or takes it away."""
        self._latest = self._first_behind = None
        if by > 0:
            self.members[member.name] = member
        else:
            del self.members[member.name]
        if member.converged_since is None:
            (self.behind.add if by > 0 else self.behind.discard)(member.name)
            return
        for key in _running(member):
            self.running[key] += by
            if not self.running[key]:
                del self.running[key]

    def latest(self) -> float:
        """When the last of its tenants converged."""
        if self._latest is None:
            self._latest = max((one.converged_since or 0 for one in self.members.values()), default=float("-inf"))
        return self._latest

    def first_behind(self) -> Member:
        """The tenant to be named of those that have not converged."""
        if self._first_behind is None:
            self._first_behind = min(self.behind)
        return self.members[self._first_behind]


class Fleet:
    """All tenants, as the rings see them. Every question costs the same, however many there are."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._rings: dict[str, _Ring] = {}
        self._grants: dict[str, _Grant] = {}
        self._waiting: dict[str, _Queue] = {}
        #: In the order in which they began to wait; the number is that order.
        self._queues: dict[_Queue, dict[str, int]] = {}
        self._turn = 0
        #: Who was woken and has not asked yet, until when.
        self._woken: dict[str, float] = {}
        #: No place and no offer ends before then.
        self._nothing_ends_until = float("inf")
        #: Before then nobody can be woken, as far as is known; None after any change.
        self._quiet_until: float | None = None

    def put(self, member: Member) -> None:
        """Tells of a tenant as it is now. In the order of the Tenants' watch."""
        before = self._members.get(member.name)
        if before == member:
            return
        self._quiet_until = None
        self._leave(member.name)
        self._members[member.name] = member
        grant = self._grants.get(member.name)
        if grant and _is_seen(grant, member):
            del self._grants[member.name]
        if _is_active(member):
            ring = self._rings.setdefault(member.ring, _Ring())
            ring.count(member, 1)
            self._place(member)
        if member.name in self._waiting:
            self._wait(member, _question(member))

    def remove(self, name: str) -> None:
        """Tells that there is no such tenant any more."""
        self._quiet_until = None
        self._leave(name)
        self._members.pop(name, None)
        self._grants.pop(name, None)
        self._stop_waiting(name)

    def decide(self, name: str, now: float) -> Decision:
        """What this tenant may take.

        Where it may go, its place is taken from then on, until its Deployments are seen (`put`) to have what it took.
        """
        member = self._members[name]
        if self._woken.pop(name, None):
            # It may not want the place that it was offered.
            self._quiet_until = None
        self._expire(now)
        question = _question(member)
        if question.is_empty:
            self._stop_waiting(name)
            return Decision()
        needed = frozenset(need.service for need in question.needs)
        if not _is_active(member):
            self._stop_waiting(name)
            return Decision(needed, question.template, question.credentials)

        answer = self._answer(question, now)
        if not answer.is_empty and not self._may_roll(member):
            answer = _Answer(frozenset(), False, self._queued(member))
        if not answer.is_empty:
            self._grant(member, answer, now)
        rest = frozenset(need for need in question.needs if need.service not in answer.may)
        template_held, credentials_held = question.template and not answer.may_template, question.credentials and not answer.may_credentials
        # It is woken for what it was not given, and not again for what it was.
        self._wait(member, question._replace(needs=rest, template=template_held, credentials=credentials_held))
        return Decision(needed - answer.may, template_held, credentials_held, answer.wait)

    def give_back(self, name: str) -> None:
        """A look does not do what it was told that it may: others may have its place."""
        if self._grants.pop(name, None) is None:
            return
        self._quiet_until = None
        member = self._members[name]
        if _is_active(member):
            self._place(member)

    def wake(self, now: float) -> Wake:
        """Who waits and may go now, the one that has waited longest first, and not more than there are places for.

        To be asked after what was put and removed, and when the time has come that it told of. Each is named once, and has a while to ask.
        """
        if self._quiet_until is not None and now < self._quiet_until:
            return Wake([], _finite(self._quiet_until))
        self._expire(now)
        names: list[str] = []
        times: list[float] = []
        limited: dict[tuple[str, str], list[dict[str, int]]] = {}
        for queue, waiting in self._queues.items():
            answer = self._answer(queue.question, now)
            if answer.is_empty:
                if answer.wait and answer.wait.until is not None:
                    times.append(answer.wait.until)
            elif queue.needs_place:
                limited.setdefault((queue.ring, queue.at_once), []).append(waiting)
            else:
                names += [name for name in waiting if name not in self._woken]
        for (ring, at_once), queues in limited.items():
            promised = sum(1 for name in self._woken if self._members[name].ring == ring)
            free = self._limit(ring, at_once) - len(self._rings[ring].busy) - promised
            if free > 0:
                turns = ((turn, name) for waiting in queues for name, turn in waiting.items() if name not in self._woken)
                names += [name for _, name in nsmallest(free, turns)]
        self._woken |= dict.fromkeys(names, now + WOKEN_FOR)
        if names:
            self._nothing_ends_until = min(self._nothing_ends_until, now + WOKEN_FOR)
        if self._queues:
            times.append(self._nothing_ends_until)
        self._quiet_until = min(times, default=float("inf"))
        return Wake(names, _finite(self._quiet_until))

    def _answer(self, question: _Question, now: float) -> _Answer:
        """What may be taken of what is needed, as far as the earlier rings go."""
        needs, template, credentials = question.needs, question.template, question.credentials
        if not question.after:
            return _Answer(frozenset(need.service for need in needs), template, None, credentials)
        closed = self._closed(question.after, now)
        if closed:
            may = frozenset(need.service for need in needs if need.back and not template)
            return _Answer(may, False, closed if template or credentials or len(may) < len(needs) else None)
        if template and not self._proves_templates(question):
            return _Answer(frozenset(), False, self._unproved(question.after, None), credentials)
        proved = frozenset(need for need in needs if need.back or self._proves(question, need))
        lacking = min(needs - proved, default=None)
        wait = self._unproved(question.after, lacking) if lacking else None
        return _Answer(frozenset(need.service for need in proved), template, wait, credentials)

    def _closed(self, after: tuple[Before, ...], now: float) -> Wait | None:
        """What of the earlier rings has not converged, or not for long enough."""
        baked, last = now, ""
        for before in after:
            ring = self._rings.get(before.ring)
            if ring is None:
                continue
            if ring.behind:
                first = ring.first_behind()
                return Wait("RingHeld", f"waits for ring {before.ring}: {_not_ready(first)}{_others(len(ring.behind) - 1)}")
            end = ring.latest() + before.bake_seconds
            if end > baked:
                baked, last = end, before.ring
        if not last:
            return None
        return Wait("RingHeld", f"waits for ring {last}: all is well there, and has to be so until {_clock(baked)}", until=baked)

    def _proves(self, question: _Question, need: _Need) -> bool:
        """Whether an earlier tenant runs this image, or nobody has to."""
        return question.unproven or self._runs(question.after, "image", need.service, need.image)

    def _proves_templates(self, question: _Question) -> bool:
        return question.unproven or self._runs(question.after, "any")

    def _runs(self, after: tuple[Before, ...], *key: str) -> bool:
        return any(before.ring in self._rings and self._rings[before.ring].running[key] > 0 for before in after)

    def _unproved(self, after: tuple[Before, ...], need: _Need | None) -> Wait:
        """Says that nobody proves an image, or a pod template, and what to do."""
        rings = _listed([before.ring for before in after])
        remedy = "To let it go on unproved, say `unproven: allow` in its file or for its ring"
        if need is None or not self._runs(after, "any"):
            message = f"no tenant of {rings} runs any pods, so nothing is proved there. {remedy}"
        elif not self._runs(after, "service", need.service):
            message = f"no tenant of {rings} runs the service {need.service}, so its image is proved nowhere. {remedy}"
        elif not self._runs(after, "release", need.service, need.release):
            message = f"no tenant of {rings} runs {need.service} of {need.release}, so its image is proved nowhere. {remedy}"
        else:
            next_run = "The next run asks for the same one everywhere, if none is pinned"
            message = f"{need.service} runs on another image in {rings}. {next_run}. {remedy}"
            return Wait("RingHeld", message)
        return Wait("RingHeld", message, needs_person=True)

    def _may_roll(self, member: Member) -> bool:
        """Whether it has a place in its ring, needs none, or finds one free."""
        busy = self._rings[member.ring].busy
        return not _needs_place(member) or member.name in busy or len(busy) < self._limit(member.ring, member.at_once)

    def _limit(self, ring: str, at_once: str) -> int:
        return limit(at_once, len(self._rings[ring].members))

    def _queued(self, member: Member) -> Wait:
        ring = self._rings[member.ring]
        first = self._members[min(ring.busy)]
        why = f" ({_short(first.why_not)})" if first.why_not else ""
        most = self._limit(member.ring, member.at_once)
        others = _others(len(ring.busy) - 1)
        message = f"waits for its turn in ring {member.ring}, where at most {most} may roll at once. Now: {first.name}{why}{others}"
        return Wait("RolloutQueued", message)

    def _grant(self, member: Member, answer: _Answer, now: float) -> None:
        if not _needs_place(member):
            return
        images = tuple((one.name, one.wanted) for one in member.services if one.name in answer.may)
        self._grants[member.name] = _Grant(images, answer.may_template, now + GRANTED_FOR, answer.may_credentials)
        self._nothing_ends_until = min(self._nothing_ends_until, now + GRANTED_FOR)
        self._place(member)

    def _place(self, member: Member) -> None:
        """Marks whether it takes a place in its ring."""
        takes = _needs_place(member) and (_is_rolling(member) or member.name in self._grants)
        busy = self._rings[member.ring].busy
        (busy.add if takes else busy.discard)(member.name)

    def _expire(self, now: float) -> None:
        """Gives back the places of looks that never came to write, and of those who were woken and did not ask."""
        if now < self._nothing_ends_until:
            return
        for name in [name for name, grant in self._grants.items() if grant.until <= now]:
            del self._grants[name]
            member = self._members[name]
            if _is_active(member):
                self._place(member)
            if name in self._waiting:
                self._wait(member, _question(member))
        for name in [name for name, until in self._woken.items() if until <= now]:
            del self._woken[name]
            if name in self._waiting:
                # The others go first now.
                self._unqueue(name)
                self._wait(self._members[name], _question(self._members[name]))
        ends = [grant.until for grant in self._grants.values()]
        self._nothing_ends_until = min([*ends, *self._woken.values()], default=float("inf"))

    def _leave(self, name: str) -> None:
        member = self._members.get(name)
        if member is None or not _is_active(member):
            return
        ring = self._rings[member.ring]
        ring.count(member, -1)
        ring.busy.discard(name)
        if not ring.members:
            del self._rings[member.ring]

    def _wait(self, member: Member, question: _Question) -> None:
        """Has it wait where others wait for the same, without losing its turn; not at all where it needs nothing."""
        name = member.name
        turn = None
        if name in self._waiting:
            turn = self._queues[self._waiting[name]][name]
            self._unqueue(name)
        if not _is_active(member) or question.is_empty:
            self._woken.pop(name, None)
            return
        if turn is None:
            turn = self._turn = self._turn + 1
        needs_place = _needs_place(member) and name not in self._rings[member.ring].busy
        queue = _Queue(member.ring, member.at_once, needs_place, question)
        self._waiting[name] = queue
        self._queues.setdefault(queue, {})[name] = turn
        self._quiet_until = None

    def _stop_waiting(self, name: str) -> None:
        self._woken.pop(name, None)
        self._unqueue(name)

    def _unqueue(self, name: str) -> None:
        queue = self._waiting.pop(name, None)
        if queue is not None:
            del self._queues[queue][name]
            if not self._queues[queue]:
                del self._queues[queue]


def _is_active(member: Member) -> bool:
    """One that is stopped blocks nobody and proves nothing; it keeps what it has, and asks like any other when it comes back."""
    return not member.stopped


def _needs_place(member: Member) -> bool:
    return member.migrates or not member.runs_nothing


def _is_rolling(member: Member) -> bool:
    """What never ran is not rolling: nothing is restarted."""
    return member.rolling or any(one.reached is not None and one.template != one.reached for one in member.services)


@lru_cache(maxsize=256)
def limit(at_once: str, active: int) -> int:
    """How many of so many tenants may roll at once: at least one."""
    share = at_once.removesuffix("%")
    most = int(share) if share.isdecimal() else 1
    return max(1, active * most // 100 if share != at_once else most)


def _question(member: Member) -> _Question:
    needs = frozenset(
        _Need(one.name, one.release, one.wanted, back=one.wanted == one.reached) for one in member.services if one.template != one.wanted
    )
    return _Question(member.after, member.unproven, needs, not member.template_is_current, member.wants_credentials)


def _running(member: Member) -> Iterator[tuple[str, ...]]:
    """What it shows to be well, by having converged."""
    running = [one for one in member.services if one.ready > 0 and one.template is not None]
    # A run of a CronJob may be far off: that its template works, nobody knows before.
    if any(not one.is_scheduled for one in running):
        yield ("any",)
    for one in running:
        yield ("service", one.name)
        yield ("release", one.name, one.release)
        yield ("image", one.name, one.template or "")


def _is_seen(grant: _Grant, member: Member) -> bool:
    """Whether its Deployments have what was granted: from then on they tell themselves whether it rolls."""
    templates = {one.name: one.template for one in member.services}
    if (grant.template and not member.template_is_current) or (grant.credentials and member.wants_credentials):
        return False
    return all(service not in templates or templates[service] == image for service, image in grant.images)


def _not_ready(member: Member) -> str:
    return f"{member.name} is not ready" + (f" ({_short(member.why_not)})" if member.why_not else "")


def _short(text: str) -> str:
    """What is wrong, without what to do about it, which stands at the tenant itself."""
    cause = text.partition(". ")[0]
    return cause if len(cause) <= 300 else cause[:298] + " …"


def _others(count: int) -> str:
    return "" if count <= 0 else ", and 1 other" if count == 1 else f", and {count} others"


def _listed(rings: list[str]) -> str:
    return f"ring {rings[0]}" if len(rings) == 1 else f"the rings {', '.join(rings)}"


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _finite(time: float) -> float | None:
    return None if time == float("inf") else time
