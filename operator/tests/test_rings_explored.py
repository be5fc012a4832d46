"""Every state that a small fleet can come to.

Whatever is cut, restarted, ill or late: no image goes past a ring that did not prove it, no more roll than may, and all get there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from ring_model import Scenario, Spec, Violation, explore

from tenantry_operator import rings

OLD, NEW, FIX = "old", "new", "fix"
CANARY, EARLY = ("canary",), ("canary", "early")


def canary(image: str | None = OLD, *more: str | None, **changes: Any) -> Spec:
    return Spec("canary", (), (image, *more), **changes)


def early(image: str | None = OLD, *more: str | None, **changes: Any) -> Spec:
    return Spec("early", CANARY, (image, *more), **changes)


def general(image: str | None = OLD, *more: str | None, after: tuple[str, ...] = CANARY, **changes: Any) -> Spec:
    return Spec("general", after, (image, *more), **changes)


SCENARIOS = {
    "a push": Scenario(before=(canary(), general(), general()), runs=((canary(NEW), general(NEW), general(NEW)),), bake=True),
    "a push to three": Scenario(
        before=(canary(), general(), general(), general()), runs=((canary(NEW), general(NEW), general(NEW), general(NEW)),), frail=()
    ),
    "a push past two canaries": Scenario(
        before=(canary(), canary(), general()), runs=((canary(NEW), canary(NEW), general(NEW)),), bake=True, frail=(0, 1)
    ),
    "a bad image, and the fix": Scenario(
        before=(canary(), general()),
        runs=((canary(NEW), general(NEW)), (canary(FIX), general(FIX))),
        bad=frozenset({(0, NEW), (1, NEW)}),
    ),
    "an image that is bad in the later ring alone, and the fix": Scenario(
        before=(canary(), general(), general()),
        runs=((canary(NEW), general(NEW), general(NEW)), (canary(FIX), general(FIX), general(FIX))),
        bad=frozenset({(1, NEW), (2, NEW)}),
        frail=(),
    ),
    "a roll back": Scenario(
        before=(canary(), general(), general()),
        runs=((canary(NEW), general(NEW), general(NEW)), (canary(), general(), general())),
    ),
    "three rings": Scenario(
        before=(canary(), early(), general(after=EARLY)), runs=((canary(NEW), early(NEW), general(NEW, after=EARLY)),), frail=(0, 1)
    ),
    "rings swapped with a push": Scenario(
        before=(canary(), general(), general()),
        runs=(
            (canary(NEW), general(NEW), general(NEW)),
            (Spec("canary", ("general",), (FIX,)), Spec("general", (), (FIX,)), Spec("general", (), (FIX,))),
        ),
    ),
    "another release, and one that is pinned": Scenario(
        before=(canary(), general(), general()),
        runs=((canary(NEW), general("other", release="r1"), general("older", unproven=True)),),
    ),
    "a release that no canary follows, and a service that none has": Scenario(
        before=(canary(OLD, None), general(OLD, OLD), general(OLD, None)),
        runs=((canary(NEW, None), general(NEW, NEW), general("other", None, release="r1")),),
    ),
    "a canary decommissioned and back": Scenario(
        before=(canary(), canary(), general()),
        runs=((canary(NEW, decommissioned=True), canary(NEW), general(NEW)), (canary(FIX), canary(FIX), general(FIX))),
    ),
    "the only canary decommissioned": Scenario(
        before=(canary(), general(), general()),
        runs=((canary(NEW, decommissioned=True), general(NEW), general(NEW, unproven=True)),),
        bad=frozenset({(0, NEW)}),
    ),
    "the only canary on no replicas": Scenario(
        before=(canary(), general()), runs=((canary(NEW, replicas=False), general(NEW)), (canary(NEW), general(NEW)))
    ),
    "an operator's upgrade with a push": Scenario(
        before=(canary(), general(), general()), runs=((canary(NEW), general(NEW), general(NEW)),), upgrades=1, frail=()
    ),
    "an operator's upgrade with an ill canary": Scenario(before=(canary(), general()), runs=((canary(NEW), general(NEW)),), upgrades=2),
    "an operator's upgrade with no canary": Scenario(
        before=(canary(decommissioned=True), general()), runs=((canary(decommissioned=True), general()),), upgrades=1
    ),
    "new tenants": Scenario(
        before=(canary(), None, general(), None), runs=((canary(NEW), canary(NEW), general(NEW), general(NEW)),), frail=(0,)
    ),
    "tenants that move with a push": Scenario(
        before=(canary(), canary(), general(), general()), runs=((canary(NEW), general(NEW), canary(NEW), general(NEW)),)
    ),
}

LARGE = {
    "three rings and two in each": Scenario(
        before=(canary(), early(), early(), general(after=EARLY)),
        runs=(
            (canary(NEW), early(NEW), early(NEW), general(NEW, after=EARLY)),
            (canary(FIX), early(FIX), early(FIX), general(FIX, after=EARLY)),
        ),
        frail=(0, 1),
    ),
    "four tenants, two pushes, a bake": Scenario(
        before=(canary(), canary(), general(), general()),
        runs=((canary(NEW), canary(NEW), general(NEW), general(NEW)), (canary(FIX), canary(FIX), general(FIX), general(FIX))),
        bake=True,
        bad=frozenset({(1, NEW), (2, NEW)}),
        frail=(0,),
    ),
}


#: The large ones take minutes.
ALL = SCENARIOS | (LARGE if os.environ.get("TENANTRY_TESTS") == "all" else {})


@pytest.mark.parametrize("name", ALL)
def test_in_every_state_only_what_is_proved_is_taken_and_all_get_there(name: str) -> None:
    states = explore(ALL[name])

    print(f"{name}: {states} states")
    assert states > 10


def _always(answer: Any) -> Callable[..., Any]:
    return lambda *_: answer


def _by_release(self: rings.Fleet, question: rings._Question, need: rings._Need) -> bool:
    return question.unproven or self._runs(question.after, "release", need.service, need.release)


def _by_service(self: rings.Fleet, question: rings._Question, need: rings._Need) -> bool:
    return question.unproven or self._runs(question.after, "service", need.service)


def _whoever_says(self: rings.Fleet, question: rings._Question, need: rings._Need) -> bool:
    return self._runs(question.after, "image", need.service, need.image)


def _one_is_enough(self: rings.Fleet, after: tuple[rings.Before, ...], now: float) -> rings.Wait | None:
    """Takes one tenant that has converged for its whole ring."""
    waits = [rings.Wait("RingHeld", f"waits for ring {one.ring}") for one in after if self._rings.get(one.ring)]
    passed = [one for one in after if one.ring in self._rings and len(self._rings[one.ring].behind) < len(self._rings[one.ring].members)]
    return waits[0] if waits and not passed else None


def _last_ring_only(self: rings.Fleet, after: tuple[rings.Before, ...], now: float, asked: Any = rings.Fleet._closed) -> Any:
    return asked(self, after[-1:], now)


def _second_place(self: rings.Fleet, member: rings.Member) -> bool:
    return len(self._rings[member.ring].busy) < self._limit(member.ring, member.at_once)


def _without_template(member: rings.Member, asked: Any = rings._question) -> Any:
    return asked(member)._replace(template=False)


def _never_back(member: rings.Member, asked: Any = rings._question) -> Any:
    question = asked(member)
    return question._replace(needs=frozenset(need._replace(back=False) for need in question.needs))


def _in_silence(self: rings.Fleet, name: str, now: float, asked: Any = rings.Fleet.decide) -> Any:
    return asked(self, name, now)._replace(wait=None)


#: A rule that is broken, where, with what, and who notices.
BROKEN = {
    "an image is proved by its release": (rings.Fleet, "_proves", _by_release, "a bad image, and the fix"),
    "an image is proved by its service": (
        rings.Fleet,
        "_proves",
        _by_service,
        "a release that no canary follows, and a service that none has",
    ),
    "an image is proved by nobody": (rings.Fleet, "_proves", _always(True), "the only canary decommissioned"),
    "a person's word is not heard": (rings.Fleet, "_proves", _whoever_says, "another release, and one that is pinned"),
    "what is decommissioned blocks and proves": (rings, "_is_active", _always(True), "the only canary decommissioned"),
    "nobody has to have converged": (rings.Fleet, "_closed", _always(None), "a push"),
    "one of a ring is enough": (rings.Fleet, "_closed", _one_is_enough, "a push past two canaries"),
    "the last of several rings is enough": (rings.Fleet, "_closed", _last_ring_only, "three rings"),
    "no ring bakes": (rings._Ring, "latest", _always(float("-inf")), "a push"),
    "no place is taken before it is seen": (rings.Fleet, "_grant", _always(None), "a roll back"),
    "what is stuck gives its place up": (rings, "_is_rolling", _always(False), "an image that is bad in the later ring alone, and the fix"),
    "what is stuck needs a second place": (
        rings.Fleet,
        "_may_roll",
        _second_place,
        "an image that is bad in the later ring alone, and the fix",
    ),
    "all may roll at once": (rings, "limit", _always(1000), "a push to three"),
    "new tenants have to queue": (rings, "_needs_place", _always(True), "new tenants"),
    "a pod template is no question": (rings, "_question", _without_template, "an operator's upgrade with a push"),
    "a pod template is proved by nobody": (rings.Fleet, "_proves_templates", _always(True), "an operator's upgrade with no canary"),
    "there is no way back": (rings, "_question", _never_back, "a roll back"),
    "nothing is said": (rings.Fleet, "decide", _in_silence, "a push"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_the_exploration_notices_when(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, broken, scenario = BROKEN[rule]
    monkeypatch.setattr(where, name, broken)

    with pytest.raises(Violation):
        explore(SCENARIOS[scenario])
