"""Who may take a new image, and what everybody else is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import pytest

from tenantry_operator.rings import GRANTED_FOR, Before, Decision, Fleet, Member, Service, Wait, limit

OLD, NEW, FIX = "old", "new", "fix"
NOW = 1_000_000.0
CANARY = (Before("canary"),)


def service(name: str = "api", wanted: str = OLD, runs: str | None = OLD, release: str = "r2", **changes: Any) -> Service:
    """A service that runs an image, and asks for this or another."""
    return Service(name=name, release=release, wanted=wanted, template=runs, reached=runs, ready=0 if runs is None else 2, **changes)


def member(name: str, ring: str, *services: Service, **changes: Any) -> Member:
    """A tenant, converged if it runs what it asks for and nothing else is said."""
    services = services or (service(),)
    settled = all(one.template == one.wanted == one.reached for one in services)
    given: dict[str, Any] = {
        "after": () if ring == "canary" else CANARY,
        "converged_since": NOW - 100 if settled else None,
        "why_not": "" if settled else "RolloutInProgress: api: 0 of 2 pods have the new image",
    }
    return Member(name=name, ring=ring, services=services, **given | changes)


def ill(name: str, ring: str = "canary", **changes: Any) -> Member:
    """A tenant whose pods on the new image do not come up."""
    why = {"converged_since": None, "why_not": "RolloutStuck: api: 0 of 2 pods are available"}
    return member(name, ring, Service("api", "r2", wanted=NEW, template=NEW, reached=OLD), **why | changes)


def fleet(*members: Member) -> Fleet:
    made = Fleet()
    for one in members:
        made.put(one)
    return made


def held(decision: Decision) -> Wait:
    """Why something is held, which must be said wherever something is."""
    assert decision.held or decision.template_held or decision.credentials_held
    assert decision.wait is not None
    return decision.wait


def well(image: str = NEW) -> Member:
    return member("northwind", "canary", service(wanted=image, runs=image))


def waiting(name: str = "acme", ring: str = "general", image: str = NEW, **changes: Any) -> Member:
    return member(name, ring, service(wanted=image), **changes)


GO = Decision()


def test_the_first_ring_takes_what_is_wanted() -> None:
    assert fleet(waiting("northwind", "canary")).decide("northwind", NOW) == GO


def test_a_later_ring_waits_for_the_canary_and_says_why() -> None:
    all_of_them = fleet(ill("northwind"), ill("contoso"), ill("fabrikam"), waiting())

    wait = held(all_of_them.decide("acme", NOW))

    assert wait.reason == "RingHeld"
    assert wait.message == ("waits for ring canary: contoso is not ready (RolloutStuck: api: 0 of 2 pods are available), and 2 others")
    assert (wait.until, wait.needs_person) == (None, False)


def test_it_goes_when_the_canary_is_well_on_the_image() -> None:
    assert fleet(well(), waiting()).decide("acme", NOW) == GO


def test_it_waits_while_one_of_two_canaries_is_ill_even_if_the_other_is_well() -> None:
    assert "contoso" in held(fleet(well(), ill("contoso"), waiting()).decide("acme", NOW)).message


def test_a_canary_whose_new_spec_was_not_looked_at_yet_holds() -> None:
    canary = member("northwind", "canary", service(wanted=NEW), why_not="its new specification was not looked at yet")

    assert "was not looked at yet" in held(fleet(canary, waiting()).decide("acme", NOW)).message


def test_an_image_is_not_proved_by_another_of_the_same_release() -> None:
    """A run wrote the bad image to all; the next one wrote the fix to the canary, and has not come to the others yet."""
    wait = held(fleet(well(FIX), waiting(image=NEW)).decide("acme", NOW))

    assert "api runs on another image in ring canary" in wait.message
    assert not wait.needs_person


def test_an_image_is_not_proved_by_who_follows_another_release() -> None:
    pinned = member("acme", "general", service(wanted=NEW, release="r1"))

    wait = held(fleet(member("northwind", "canary", service(release="r2")), pinned).decide("acme", NOW))

    assert "no tenant of ring canary runs api of r1, so its image is proved nowhere" in wait.message
    assert "unproven: allow" in wait.message
    assert wait.needs_person


def test_the_same_image_is_proved_under_another_release() -> None:
    promoted = member("acme", "general", service(wanted=NEW, release="r1"))

    assert fleet(well(), promoted).decide("acme", NOW) == GO


class TestRollBack:
    """Pins, freezes and undoing."""

    def test_a_roll_back_of_everybody_goes_to_the_canary_first(self) -> None:
        everybody = fleet(
            member("northwind", "canary", service(wanted=OLD, runs=NEW)), member("acme", "general", service(wanted=OLD, runs=NEW))
        )

        assert everybody.decide("northwind", NOW) == GO
        assert held(everybody.decide("acme", NOW)).reason == "RingHeld"

        everybody.put(well(OLD))
        assert everybody.decide("acme", NOW) == GO

    def test_a_tenant_that_is_pinned_alone_goes_by_its_word(self) -> None:
        pinned = member("acme", "general", service(wanted="older", runs=OLD), unproven=True)

        assert fleet(well(OLD), pinned).decide("acme", NOW) == GO

    def test_its_word_spares_it_the_proof_and_not_the_patience(self) -> None:
        pinned = member("acme", "general", service(wanted="older", runs=OLD), unproven=True)

        assert "northwind is not ready" in held(fleet(ill("northwind"), pinned).decide("acme", NOW)).message

    def test_what_is_stuck_goes_back_at_once_whoever_is_ill(self) -> None:
        stuck = member("acme", "general", Service("api", "r2", wanted=OLD, template=NEW, reached=OLD))

        assert fleet(ill("northwind"), stuck).decide("acme", NOW) == GO

    def test_a_deployment_that_somebody_removed_is_made_anew_whoever_is_ill_and_however_many_roll(self) -> None:
        bare = member("acme", "general", Service("api", "r2", wanted=OLD, template=None, reached=OLD), service("web"), at_once="1")

        assert fleet(ill("northwind"), ill("contoso", "general"), bare).decide("acme", NOW) == GO

    def test_a_freeze_that_changes_no_image_is_no_question(self) -> None:
        assert fleet(ill("northwind"), member("acme", "general")).decide("acme", NOW) == GO


class TestNewTenant:
    """It runs nothing yet."""

    NOTHING = member("initech", "general", service(wanted=NEW, runs=None), runs_nothing=True)

    def test_it_waits_while_the_canary_is_ill_and_says_so(self) -> None:
        decision = fleet(ill("northwind"), self.NOTHING).decide("initech", NOW)

        assert decision.held == {"api"}
        assert "northwind is not ready" in held(decision).message

    def test_it_starts_at_once_where_the_canary_is_well(self) -> None:
        assert fleet(well(), self.NOTHING).decide("initech", NOW) == GO

    def test_it_takes_no_place_and_needs_none(self) -> None:
        others = [ill("contoso", "general", at_once="1"), well(), waiting(at_once="1")]
        everybody = fleet(*others, self.NOTHING)

        assert held(everybody.decide("acme", NOW)).reason == "RolloutQueued"
        assert everybody.decide("initech", NOW) == GO
        everybody.remove("contoso")
        assert everybody.decide("acme", NOW) == GO

    def test_it_takes_no_place_while_its_first_pods_come_up(self) -> None:
        coming = member("initech", "general", Service("api", "r2", wanted=NEW, template=NEW, reached=None, ready=1))

        assert fleet(well(), coming, waiting(at_once="1")).decide("acme", NOW) == GO

    def test_a_new_canary_holds_until_it_is_ready(self) -> None:
        canary = member("contoso", "canary", service(wanted=NEW, runs=None), runs_nothing=True, why_not="DatabasePending: it is made")

        assert "contoso is not ready (DatabasePending: it is made)" in held(fleet(well(), canary, waiting()).decide("acme", NOW)).message


class TestRingsChange:
    """Rings are what the Tenants say."""

    def test_swapped_rings_turn_the_order_round(self) -> None:
        swapped = fleet(
            member("northwind", "canary", service(wanted=NEW), after=(Before("general"),)),
            member("acme", "general", service(wanted=NEW), after=()),
        )

        assert "waits for ring general: acme" in held(swapped.decide("northwind", NOW)).message
        assert swapped.decide("acme", NOW) == GO

    def test_half_written_they_wait_and_nobody_goes(self) -> None:
        half = fleet(member("northwind", "canary", service(wanted=NEW), after=(Before("general"),)), waiting())

        assert "waits for ring general" in held(half.decide("northwind", NOW)).message
        assert "waits for ring canary" in held(half.decide("acme", NOW)).message
        half.put(member("acme", "general", service(wanted=NEW), after=()))
        assert half.decide("acme", NOW) == GO

    def test_a_renamed_ring_proves_nothing_under_its_old_name(self) -> None:
        renamed = fleet(member("northwind", "first", service(wanted=NEW, runs=NEW), after=()), waiting())

        assert "no tenant of ring canary runs any pods" in held(renamed.decide("acme", NOW)).message
        renamed.put(waiting(after=(Before("first"),)))
        assert renamed.decide("acme", NOW) == GO

    def test_a_removed_ring_holds_nobody(self) -> None:
        assert fleet(waiting(after=())).decide("acme", NOW) == GO

    def test_an_emptied_ring_proves_nothing_and_its_other_rings_do(self) -> None:
        both = (Before("canary"), Before("early"))
        empty = fleet(waiting(after=both))
        wait = held(empty.decide("acme", NOW))
        assert "no tenant of the rings canary, early runs any pods" in wait.message
        assert wait.needs_person

        empty.put(member("contoso", "early", service(wanted=NEW, runs=NEW)))
        assert empty.decide("acme", NOW) == GO

    def test_every_one_of_several_earlier_rings_must_be_well(self) -> None:
        both = (Before("canary"), Before("early"))

        assert "ring early: contoso" in held(fleet(well(), ill("contoso", "early"), waiting(after=both)).decide("acme", NOW)).message
        assert (
            "ring canary: northwind"
            in held(
                fleet(ill("northwind"), member("contoso", "early", service(wanted=NEW, runs=NEW)), waiting(after=both)).decide("acme", NOW)
            ).message
        )

    def test_a_tenant_that_moves_to_a_later_ring_with_a_new_image_waits_there(self) -> None:
        moved = waiting("contoso", "general")

        assert "northwind" in held(fleet(ill("northwind"), moved).decide("contoso", NOW)).message
        assert fleet(well(), moved).decide("contoso", NOW) == GO

    def test_a_tenant_that_moves_to_the_first_ring_with_a_new_image_takes_it(self) -> None:
        everybody = fleet(waiting("northwind", "canary"), waiting())
        everybody.put(waiting("acme", "canary"))

        assert everybody.decide("acme", NOW) == GO


@pytest.mark.parametrize(
    "canary",
    [
        pytest.param([], id="moved away"),
        pytest.param([member("northwind", "canary", service(runs=NEW, wanted=NEW), stopped=True)], id="decommissioned"),
        pytest.param([member("northwind", "canary", Service("api", "r2", NEW, NEW, NEW, ready=0), runs_nothing=True)], id="on no replicas"),
    ],
)
def test_the_only_canary_that_proves_nothing_holds_loudly_unless_somebody_gave_a_word(canary: Iterable[Member]) -> None:
    wait = held(fleet(*canary, waiting()).decide("acme", NOW))

    assert wait.message == (
        "no tenant of ring canary runs any pods, so nothing is proved there. "
        "To let it go on unproved, say `unproven: allow` in its file or for its ring"
    )
    assert wait.needs_person
    assert fleet(*canary, waiting(unproven=True)).decide("acme", NOW) == GO


def test_a_decommissioned_tenant_blocks_nobody_and_waits_for_nobody() -> None:
    gone = waiting("contoso", "canary", stopped=True)
    everybody = fleet(well(), gone, waiting())

    assert everybody.decide("acme", NOW) == GO
    # It keeps what it has, so that it comes back with that.
    assert everybody.decide("contoso", NOW) == Decision(held=frozenset({"api"}))


def test_a_canary_that_was_deleted_while_in_use_holds() -> None:
    deleted = member("northwind", "canary", converged_since=None, why_not="NotDecommissioned: it was deleted while in use")

    assert "NotDecommissioned" in held(fleet(deleted, waiting()).decide("acme", NOW)).message


class TestServices:
    """Each is proved apart."""

    def test_one_that_no_earlier_ring_has_does_not_hold_up_its_sibling(self) -> None:
        decision = fleet(well(), member("acme", "general", service(wanted=NEW), service("reports", wanted=NEW))).decide("acme", NOW)

        assert decision.held == {"reports"}
        assert held(decision).message.startswith("no tenant of ring canary runs the service reports, so its image is proved nowhere.")

    def test_one_on_replicas_0_in_the_only_canary_is_not_proved(self) -> None:
        canary = member("northwind", "canary", service(), Service("web", "r2", NEW, NEW, NEW, ready=0))

        decision = fleet(canary, member("acme", "general", service("web", wanted=NEW))).decide("acme", NOW)

        assert "no tenant of ring canary runs the service web" in held(decision).message


class TestTemplate:
    """An operator's upgrade."""

    OUTDATED: ClassVar[dict[str, Any]] = {
        "template_is_current": False,
        "converged_since": None,
        "why_not": "Upgrading: its pods have an older template",
    }

    def test_it_goes_to_the_first_ring_first(self) -> None:
        everybody = fleet(member("northwind", "canary", **self.OUTDATED), member("acme", "general", **self.OUTDATED))

        assert everybody.decide("northwind", NOW) == GO
        decision = everybody.decide("acme", NOW)
        assert (decision.held, decision.template_held) == (frozenset(), True)
        assert "northwind is not ready (Upgrading" in held(decision).message

        everybody.put(member("northwind", "canary"))
        assert everybody.decide("acme", NOW) == GO

    def test_within_a_ring_so_many_at_once(self) -> None:
        everybody = fleet(*[member(name, "canary", at_once="2", **self.OUTDATED) for name in "abc"])

        assert [everybody.decide(name, NOW).template_held for name in "abc"] == [False, False, True]

    def test_it_holds_an_image_too_and_is_not_held_by_one(self) -> None:
        """Whoever takes an image is rendered anew with it."""
        behind = waiting(**self.OUTDATED)

        assert fleet(member("northwind", "canary", **self.OUTDATED), behind).decide("acme", NOW)[:2] == (frozenset({"api"}), True)
        assert fleet(well(FIX), behind).decide("acme", NOW)[:2] == (frozenset({"api"}), False)

    def test_going_back_waits_for_a_new_template(self) -> None:
        stuck = member("acme", "general", Service("api", "r2", wanted=OLD, template=NEW, reached=OLD), **self.OUTDATED)

        assert fleet(member("northwind", "canary", **self.OUTDATED), stuck).decide("acme", NOW).template_held


class TestBake:
    """A ring has to have been well for some time."""

    BAKED = (Before("canary", 600),)

    def test_it_waits_until_the_last_of_the_ring_has_been_well_for_so_long(self) -> None:
        everybody = fleet(well(), member("contoso", "canary", converged_since=NOW - 10), waiting(after=self.BAKED))

        wait = held(everybody.decide("acme", NOW))
        assert (wait.message, wait.until) == (
            "waits for ring canary: all is well there, and has to be so until 1970-01-12 13:56:30 UTC",
            NOW + 590,
        )
        assert held(everybody.decide("acme", NOW + 589.9)).until == NOW + 590
        assert everybody.decide("acme", NOW + 590) == GO

    def test_it_begins_again_when_a_canary_was_ill(self) -> None:
        everybody = fleet(well(), waiting(after=self.BAKED))
        everybody.put(ill("northwind"))
        assert held(everybody.decide("acme", NOW + 590)).until is None

        everybody.put(member("northwind", "canary", service(wanted=NEW, runs=NEW), converged_since=NOW + 591))
        assert held(everybody.decide("acme", NOW + 600)).until == NOW + 1191

    def test_each_ring_bakes_for_itself(self) -> None:
        after = (Before("canary", 600), Before("early", 50))
        early = member("contoso", "early", service(wanted=NEW, runs=NEW), converged_since=NOW - 10)

        assert held(fleet(well(), early, waiting(after=after)).decide("acme", NOW)).until == NOW + 500

    def test_who_waits_is_woken_when_it_is_over(self) -> None:
        everybody = fleet(well(), waiting(after=self.BAKED))
        everybody.decide("acme", NOW)

        assert everybody.wake(NOW) == ([], NOW + 500)
        assert everybody.wake(NOW + 499) == ([], NOW + 500)
        assert everybody.wake(NOW + 500).names == ["acme"]


class TestAtOnce:
    """Places in a ring."""

    @pytest.mark.parametrize(
        ("at_once", "active", "most"),
        [("10%", 1000, 100), ("10%", 19, 1), ("10%", 3, 1), ("100%", 7, 7), ("5", 1000, 5), ("5", 2, 5), ("34%", 3, 1), ("67%", 3, 2)],
    )
    def test_a_share_rounds_down_and_is_at_least_one(self, at_once: str, active: int, most: int) -> None:
        assert limit(at_once, active) == most

    def test_two_looks_do_not_take_the_last_place(self) -> None:
        everybody = fleet(well(), waiting("a", at_once="1", why_not=""), waiting("b", at_once="1"))

        assert everybody.decide("a", NOW) == GO
        wait = held(everybody.decide("b", NOW))
        assert (wait.reason, wait.message) == (
            "RolloutQueued",
            "waits for its turn in ring general, where at most 1 may roll at once. Now: a",
        )

    def test_a_place_is_kept_until_the_rollout_is_done(self) -> None:
        everybody = fleet(well(), waiting("a", at_once="1"), waiting("b", at_once="1"))
        everybody.decide("a", NOW)
        everybody.put(member("a", "general", Service("api", "r2", wanted=NEW, template=NEW, reached=OLD, ready=1)))
        assert everybody.decide("b", NOW).wait is not None
        assert everybody.wake(NOW).names == []

        everybody.put(member("a", "general", service(wanted=NEW, runs=NEW)))
        assert everybody.wake(NOW).names == ["b"]
        assert everybody.decide("b", NOW) == GO

    def test_a_place_that_was_never_used_is_given_back_after_a_while(self) -> None:
        everybody = fleet(well(), waiting("a", at_once="1"), waiting("b", at_once="1"))
        everybody.decide("a", NOW)
        everybody.decide("b", NOW)

        again = everybody.wake(NOW).at
        assert again is not None
        assert everybody.wake(again).names == ["b"]

    def test_one_that_is_stuck_keeps_its_place_and_may_take_the_fix(self) -> None:
        stuck = member("a", "general", Service("api", "r2", wanted=FIX, template=NEW, reached=OLD), at_once="1", why_not="RolloutStuck: no")
        everybody = fleet(well(FIX), stuck, waiting("b", image=FIX, at_once="1"))

        assert held(everybody.decide("b", NOW)).message == (
            "waits for its turn in ring general, where at most 1 may roll at once. Now: a (RolloutStuck: no)"
        )
        assert everybody.decide("a", NOW) == GO

    def test_who_is_decommissioned_gives_its_place_back(self) -> None:
        everybody = fleet(well(), ill("a", "general", at_once="1"), waiting("b", at_once="1"))
        everybody.decide("b", NOW)
        everybody.put(ill("a", "general", stopped=True))

        assert everybody.wake(NOW).names == ["b"]

    def test_as_many_are_woken_as_there_are_places_in_the_order_in_which_they_came(self) -> None:
        names = [f"t{number:02}" for number in range(20)]
        everybody = fleet(ill("northwind"), *[waiting(name, at_once="3") for name in names])
        for name in reversed(names):
            everybody.decide(name, NOW)
        assert everybody.wake(NOW).names == []

        everybody.put(well())
        assert everybody.wake(NOW).names == ["t19", "t18", "t17"]
        assert everybody.wake(NOW).names == []
        everybody.decide("t18", NOW)
        assert everybody.wake(NOW).names == []

    def test_who_was_woken_and_does_not_come_lets_the_others_go(self) -> None:
        everybody = fleet(ill("northwind"), waiting("a", at_once="1"), waiting("b", at_once="1"))
        everybody.decide("a", NOW)
        everybody.decide("b", NOW)
        everybody.put(well())
        assert everybody.wake(NOW).names == ["a"]

        again = everybody.wake(NOW).at
        assert again is not None
        assert everybody.wake(again).names == ["b"]


def test_nobody_is_woken_again_for_what_it_was_given() -> None:
    both = member("acme", "general", service(wanted=NEW), service("reports", wanted=NEW))
    everybody = fleet(well(), both)

    assert everybody.decide("acme", NOW).held == {"reports"}
    assert everybody.wake(NOW).names == []
    everybody.put(member("northwind", "canary", service(wanted=NEW, runs=NEW), service("reports", wanted=NEW, runs=NEW)))
    assert everybody.wake(NOW).names == ["acme"]
    assert everybody.decide("acme", NOW) == GO


def test_what_runs_all_that_is_wanted_never_waits() -> None:
    everybody = fleet(ill("northwind"), ill("contoso", "general", at_once="1"), member("acme", "general", at_once="1"))

    assert everybody.decide("acme", NOW) == GO


def test_an_ill_tenant_that_takes_nothing_takes_no_place() -> None:
    lame = member("contoso", "general", converged_since=None, why_not="RolloutInProgress: 1 of 2 pods are available", at_once="1")

    assert fleet(well(), lame, waiting(at_once="1")).decide("acme", NOW) == GO


def test_a_ring_of_thousands_is_told_at_once() -> None:
    """A thousand times a thousand looks at a member would take a minute."""
    count = 3000
    everybody = fleet(ill("northwind"), *[waiting(f"t{number}", at_once="100%") for number in range(count)])
    for number in range(count):
        assert everybody.decide(f"t{number}", NOW).wait
        everybody.wake(NOW)
    everybody.put(well())
    woken = everybody.wake(NOW).names
    assert len(woken) == count
    for name in woken:
        assert everybody.decide(name, NOW) == GO
        everybody.put(member(name, "general", service(wanted=NEW, runs=NEW)))
        everybody.wake(NOW)


def test_a_ring_of_jobs_alone_proves_no_new_way_of_rendering_pods() -> None:
    fleet = Fleet()
    job = Service("nightly", "r", "i", "i", "i", ready=1, is_scheduled=True)
    fleet.put(Member("canary", "canary", (job,), converged_since=0.0, runs_nothing=True))
    web = Service("web", "r", "x", "x", "x", ready=2)
    fleet.put(Member("other", "general", (web,), after=(Before("canary"),), converged_since=0.0, template_is_current=False))
    assert fleet.decide("other", 100.0).template_held


class TestCredentials:
    """New credentials of the database, for which all pods start again."""

    def test_a_tenant_that_asks_for_them_waits_for_the_ring_before_it_and_for_its_place(self) -> None:
        ring = [member(name, "general", wants_credentials=True, at_once="1") for name in ("acme", "globex")]
        everybody = fleet(ill("northwind"), *ring)

        assert held(everybody.decide("acme", NOW)).reason == "RingHeld"

        everybody.put(member("northwind", "canary"))
        assert everybody.wake(NOW).names == ["acme"]
        assert everybody.decide("acme", NOW) == GO
        assert held(everybody.decide("globex", NOW)).reason == "RolloutQueued"

    def test_its_place_is_kept_until_its_pods_have_them(self) -> None:
        ring = fleet(*[member(name, "canary", wants_credentials=True, at_once="1") for name in ("acme", "globex")])
        assert ring.decide("acme", NOW) == GO
        assert held(ring.decide("globex", NOW)).reason == "RolloutQueued"

        ring.put(member("acme", "canary", rolling=True, at_once="1"))
        assert ring.wake(NOW).names == []
        assert held(ring.decide("globex", NOW)).reason == "RolloutQueued"

        ring.put(member("acme", "canary", at_once="1"))
        assert ring.wake(NOW).names == ["globex"]
        assert ring.decide("globex", NOW) == GO

    def test_a_place_that_nobody_used_is_free_again(self) -> None:
        ring = fleet(*[member(name, "canary", wants_credentials=True, at_once="1") for name in ("acme", "globex")])
        ring.decide("acme", NOW)
        ring.decide("globex", NOW)

        assert ring.wake(NOW + GRANTED_FOR).names == ["globex"]

    def test_they_hold_neither_an_image_that_goes_back_nor_one_that_is_proved(self) -> None:
        back = member("acme", "general", Service("api", "r2", wanted=OLD, template=NEW, reached=OLD), wants_credentials=True)

        decision = fleet(ill("northwind"), back).decide("acme", NOW)

        assert (decision.held, decision.credentials_held) == (frozenset(), True)

    def test_nobody_has_to_prove_them(self) -> None:
        bare = member("northwind", "canary", service(runs=None), runs_nothing=True, converged_since=NOW - 100)

        assert fleet(bare, member("acme", "general", wants_credentials=True)).decide("acme", NOW) == GO

    def test_one_that_has_no_pods_needs_no_place(self) -> None:
        nothing = member("globex", "canary", wants_credentials=True, runs_nothing=True, at_once="1")
        ring = fleet(member("acme", "canary", wants_credentials=True, at_once="1"), nothing)

        assert (ring.decide("acme", NOW), ring.decide("globex", NOW)) == (GO, GO)
