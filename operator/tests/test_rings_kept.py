"""What a fleet keeps of itself from change to change: it must never tell it from one that was told everything just now."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.rings import Before, Fleet, Member, Service

IMAGES = ["old", "new"]
NAMES = ["a", "b", "c", "d"]


@st.composite
def _services(draw: st.DrawFn) -> Service:
    image = st.sampled_from(IMAGES)
    return Service(
        "api",
        draw(st.sampled_from(["r1", "r2"])),
        wanted=draw(image),
        template=draw(st.none() | image),
        reached=draw(st.none() | image),
        ready=draw(st.integers(0, 1)),
    )


@st.composite
def _members(draw: st.DrawFn) -> Member:
    ring = draw(st.sampled_from(["canary", "general", "general"]))
    return Member(
        draw(st.sampled_from(NAMES)),
        ring,
        (draw(_services()),),
        after=() if ring == "canary" else (Before("canary", draw(st.sampled_from([0, 10]))),),
        at_once=draw(st.sampled_from(["1", "2", "50%"])),
        unproven=draw(st.booleans()),
        stopped=draw(st.sampled_from([False, False, False, True])),
        converged_since=draw(st.none() | st.sampled_from([0.0, 5.0])),
        template_is_current=draw(st.sampled_from([True, True, False])),
        runs_nothing=draw(st.sampled_from([False, False, True])),
    )


_CHANGES = st.lists(_members() | st.sampled_from(NAMES), max_size=25)


def _told(fleet: Fleet, change: Member | str) -> None:
    if isinstance(change, Member):
        fleet.put(change)
    else:
        fleet.remove(change)


def _anew(members: dict[str, Member]) -> Fleet:
    fleet = Fleet()
    for member in members.values():
        fleet.put(member)
    return fleet


@given(_CHANGES, st.sampled_from([0.0, 7.0, 20.0]))
def test_it_decides_as_one_that_was_told_all_just_now(changes: list[Member | str], now: float) -> None:
    fleet, members = Fleet(), dict[str, Member]()
    for change in changes:
        _told(fleet, change)
        members.pop(change if isinstance(change, str) else change.name, None)
        if isinstance(change, Member):
            members[change.name] = change

    for name in sorted(members):
        # Each is asked of a fleet of its own: an answer may take a place.
        assert _anew(members).decide(name, now) == _replayed(changes).decide(name, now)


def _replayed(changes: list[Member | str]) -> Fleet:
    fleet = Fleet()
    for change in changes:
        _told(fleet, change)
        fleet.wake(0.0)
    return fleet


@given(_CHANGES, _CHANGES, st.sampled_from([0.0, 7.0, 20.0]))
def test_whoever_waits_and_could_go_is_woken(before: list[Member | str], after: list[Member | str], now: float) -> None:
    """Tenants are only looked at when they themselves changed, or are woken; then none of them that may go is still waiting in the end."""
    fleet, members = Fleet(), dict[str, Member]()
    for change in [*before, *after]:
        _told(fleet, change)
        members.pop(change if isinstance(change, str) else change.name, None)
        if isinstance(change, Member):
            members[change.name] = change
            _look(fleet, members, change.name, 0.0)
        _all_woken(fleet, members, 0.0)
    _all_woken(fleet, members, now)
    at = fleet.wake(now).at
    assert at is None or at > now

    for name in sorted(members):
        decision = _anew(members).decide(name, now)
        gets = _gets(members[name], decision.held, decision.template_held)
        assert not gets, f"{name} may go, and sleeps"


def _look(fleet: Fleet, members: dict[str, Member], name: str, now: float) -> None:
    """Looks at one, which takes what it may, and is done with it at once."""
    decision = fleet.decide(name, now)
    member = members[name]
    if _gets(member, decision.held, decision.template_held):
        services = tuple(
            one if one.name in decision.held else Service(one.name, one.release, one.wanted, one.wanted, one.wanted, one.ready)
            for one in member.services
        )
        member = Member(
            **{field: getattr(member, field) for field in member.__struct_fields__}
            | {"services": services, "template_is_current": member.template_is_current or not decision.template_held}
        )
        members[name] = member
        fleet.put(member)


def _gets(member: Member, held: frozenset[str], template_held: bool) -> bool:
    wants = any(one.template != one.wanted and one.name not in held for one in member.services)
    return wants or (not member.template_is_current and not template_held)


def _all_woken(fleet: Fleet, members: dict[str, Member], now: float) -> None:
    for _ in range(50):
        names = fleet.wake(now).names
        if not names:
            return
        for name in names:
            _look(fleet, members, name, now)
    raise AssertionError("it wakes without end")
