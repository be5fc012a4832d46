"""The whole operator, where tenants wait for others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from world import World, after, image, in_world, run_in_world, service

from tenantry_operator.health_verdict import Question, Verdict

CANARY, LATER = "northwind", "acme"


async def _both(world: World, **rollout: Any) -> None:
    """A tenant of the first ring and one of the next, on the same image."""
    world.deploy(CANARY)
    world.deploy(LATER, ring="general", rollout=after(**rollout))
    await world.until_ready(CANARY, LATER)
    await world.pass_by(1.5)


def _deploy(world: World, letter: str, **rollout: Any) -> None:
    """A run: the same image for both, earlier rings first."""
    world.deploy(CANARY, service(letter=letter))
    world.deploy(LATER, service(letter=letter), ring="general", rollout=after(**rollout))


@in_world
async def test_an_image_goes_from_ring_to_ring(world: World) -> None:
    await _both(world)
    world.server.deployments.unready.add(image("b"))
    world.begin_to_count()

    _deploy(world, "b")
    await world.until(lambda: world.ready(LATER) == ("False", "RingHeld"))
    assert (world.image(CANARY), world.image(LATER)) == ("b", "a")
    world.server.deployments.heal(image("b"))
    await world.until_ready(CANARY, LATER, within=30)
    assert (world.image(CANARY), world.image(LATER)) == ("b", "b")
    # Each of the two its Deployment and its status: that it rolls, or waits, and that it is ready.
    assert len([one for one in world.server.writes() if "Event" not in one]) <= 7
    assert world.server.reads() == []


@in_world
async def test_an_image_that_gets_stuck_in_the_first_ring_gets_no_further_and_its_undoing_needs_nobody(world: World) -> None:
    await _both(world)
    world.server.deployments.unready.add(image("b"))
    _deploy(world, "b")
    await world.until(lambda: world.ready(CANARY) == ("False", "RolloutStuck"))
    await world.until(lambda: "northwind is not ready (RolloutStuck" in world.said(LATER))
    assert world.image(LATER) == "a"

    _deploy(world, "a")
    await world.until_ready(CANARY, LATER, within=30)
    assert world.server.deployments.restarts.get(("tenant-acme", "apiserver")) is None


@in_world
async def test_it_has_to_be_well_there_for_as_long_as_the_ring_bakes(world: World) -> None:
    await _both(world, bake=600)
    _deploy(world, "b", bake=600)
    await world.until_ready(CANARY, within=30)
    await world.pass_by(500)
    assert world.image(LATER) == "a"

    await world.until(lambda: world.image(LATER) == "b", within=110)
    await world.until_ready(LATER)


@in_world
async def test_a_restart_of_the_operator_lets_nobody_through_early(world: World) -> None:
    await _both(world, bake=600)
    _deploy(world, "b", bake=600)
    await world.until_ready(CANARY, within=30)
    for _ in range(4):
        async with world.restarted():
            await world.pass_by(50)
        await world.pass_by(80)
    assert world.image(LATER) == "a"

    await world.until(lambda: world.image(LATER) == "b", within=110)


@in_world
async def test_a_host_that_answers_badly_holds_the_next_ring(world: World) -> None:
    healthy = service(healthPath="/health")
    world.deploy(CANARY, healthy)
    world.deploy(LATER, healthy, ring="general")
    await world.until_ready(CANARY, LATER)
    await world.pass_by(300)
    world.begin_to_count()
    await world.pass_by(300)
    assert world.health.asked == [], "nobody waits, so nobody is asked"

    world.health.ill.add(CANARY)
    newer = service(letter="b", healthPath="/health")
    world.deploy(CANARY, newer)
    world.deploy(LATER, newer, ring="general")
    await world.until_ready(CANARY, within=30)
    await world.until(lambda: "BadStatus: answers 503" in world.said(LATER))
    assert world.image(LATER) == "a"
    conditions = {one["type"]: one["status"] for one in world.tenant(CANARY)["status"]["conditions"]}
    assert (conditions["Ready"], conditions["Healthy"]) == ("True", "False")

    world.health.ill.clear()
    await world.until_ready(LATER, within=60)
    assert world.image(LATER) == "b"


async def _held(world: World) -> None:
    """The canary is stuck on a new image, and the later tenant waits with the old one."""
    await _both(world)
    world.server.deployments.unready.add(image("b"))
    _deploy(world, "b")
    await world.until(lambda: world.ready(LATER) == ("False", "RingHeld"))


def _paused(body: Any) -> None:
    body["spec"]["paused"] = True


def _by_hand(body: Any) -> None:
    body["spec"]["template"]["spec"]["containers"][0]["image"] = "example.com/miner:latest"


@in_world
async def test_a_tenant_that_waits_keeps_its_image_and_gets_all_else(world: World) -> None:
    await _held(world)
    namespace = f"tenant-{LATER}"

    world.deploy(LATER, service(letter="b", replicas=5), ring="general", host="new.example.com")
    await world.until(lambda: world.server.get("Deployment", "apiserver", namespace)["spec"]["replicas"] == 5, within=5)
    await world.until(lambda: world.server.get("Ingress", "tenant", namespace)["spec"]["rules"][0]["host"] == "new.example.com", within=5)
    for edit in (_paused, _by_hand):
        world.server.edit("Deployment", "apiserver", edit, namespace)
        await world.pass_by(2)
        body = world.server.get("Deployment", "apiserver", namespace)
        assert "paused" not in body["spec"]
        assert world.image(LATER) == "a"
    world.server.delete("Service", "apiserver", namespace)
    world.server.delete("Deployment", "apiserver", namespace)
    await world.until(lambda: world.image(LATER) == "a", within=5)
    assert world.server.has("Service", "apiserver", namespace)
    await world.pass_by(30)
    assert world.ready(LATER) == ("False", "RingHeld")
    reached = world.tenant(LATER)["status"]["services"][0]
    assert (reached["image"], reached["readyReplicas"]) == (image("a"), 5)


@in_world
async def test_what_waits_is_not_written_again_and_again(world: World) -> None:
    await _held(world)
    await world.until(lambda: world.ready(CANARY) == ("False", "RolloutStuck"))
    # Until then, what it is told is what was the matter with the other then.
    await world.pass_by(140)
    world.begin_to_count()

    await world.pass_by(600)
    assert (world.server.writes(), world.server.reads()) == ([], [])
    assert len(world.looks) <= 25


@in_world
async def test_a_service_that_is_new_waits_too_and_its_siblings_go_on(world: World) -> None:
    await _both(world)
    world.deploy(LATER, service(), service("web", path="/"), ring="general")
    await world.until(lambda: world.ready(LATER) == ("False", "RingHeld"))
    assert "runs the service web" in world.said(LATER)
    assert world.image(LATER, "web") is None
    assert world.image(LATER) == "a"

    world.deploy(CANARY, service(), service("web", path="/"))
    await world.until_ready(CANARY, LATER, within=30)
    assert world.image(LATER, "web") == "a"


@in_world
async def test_only_so_many_of_a_ring_roll_at_once_and_all_get_there(world: World) -> None:
    names = [f"t{number}" for number in range(6)]
    world.deploy(CANARY)
    for name in names:
        world.deploy(name, ring="general", rollout=after(at_once="2"))
    await world.until_ready(CANARY, *names)
    await world.pass_by()

    world.deploy(CANARY, service(letter="b"))
    for name in names:
        world.deploy(name, service(letter="b"), ring="general", rollout=after(at_once="2"))
    most = 0
    while any(world.ready(name)[0] != "True" for name in names):
        rolling = [name for name in names if world.image(name) == "b" and not _is_whole(world, name)]
        most = max(most, len(rolling))
        await world.pass_by(0.05)
    assert most == 2
    assert world.taken()[-7][0] == CANARY


def _is_whole(world: World, name: str) -> bool:
    body: dict[str, Any] = world.server.get("Deployment", "apiserver", f"tenant-{name}")
    status = body.get("status", {})
    return (
        bool(status)
        and status["observedGeneration"] == body["metadata"]["generation"]
        and status["updatedReplicas"] == status["replicas"] == 2
    )


@in_world
async def test_an_operator_that_renders_pods_another_way_starts_them_anew_ring_by_ring(world: World) -> None:
    await _both(world, bake=60)
    await world.pass_by(61)

    world.server.deployments.unready.add(image("a"))
    await world.upgrade()
    await world.until(lambda: world.server.deployments.restarts == {("tenant-northwind", "apiserver"): 1}, within=20)
    await world.pass_by(200)
    assert len(world.server.deployments.restarts) == 1
    assert world.ready(LATER)[1] == "RingHeld"

    # What waits is looked after all the same, with the pods that it has.
    world.deploy(LATER, service(replicas=4), ring="general", rollout=after(bake=60))
    await world.until(lambda: world.server.get("Deployment", "apiserver", "tenant-acme")["spec"]["replicas"] == 4, within=5)
    assert len(world.server.deployments.restarts) == 1
    world.server.deployments.heal(image("a"))
    await world.until_ready(CANARY, within=10)
    await world.pass_by(50)
    assert len(world.server.deployments.restarts) == 1
    await world.until_ready(LATER, within=30)
    assert world.server.deployments.restarts[("tenant-acme", "apiserver")] == 1
    assert {world.tenant(name)["status"]["template"] for name in (CANARY, LATER)} == {"f" * 16}


@pytest.mark.parametrize("healed_by", ["edit", "delete"])
def test_pods_of_a_former_rendering_that_somebody_touches_while_they_wait_come_back(
    healed_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        await _both(world)
        world.server.deployments.unready.add(image("a"))
        await world.upgrade()
        await world.until(lambda: world.ready(LATER) == ("False", "RingHeld"), within=60)
        if healed_by == "edit":
            world.server.edit("Deployment", "apiserver", lambda body: body["spec"].update(replicas=9), "tenant-acme")
        else:
            world.server.delete("Deployment", "apiserver", "tenant-acme")
        await world.pass_by(30)
        body = world.server.get("Deployment", "apiserver", "tenant-acme")
        assert (body["spec"]["replicas"], world.image(LATER)) == (2, "a")

    run_in_world(story, monkeypatch)


@in_world
async def test_a_spec_that_comes_as_the_answer_to_a_write_is_not_known_before_those_that_were_written_before_it(world: World) -> None:
    # Whoever has a person's word instead of a proof passes as soon as the earlier ring is well. The canary is, as long as its own new spec
    # is not known.
    await _both(world, unproven="Allow")
    world.server.silent.add("Tenant")
    world.server.deployments.unready.add(image("b"))
    world.begin_to_count()
    _deploy(world, "b", unproven="Allow")

    # Something that is told in the later tenant's status, whose answer has its new spec.
    def gone(body: Any) -> None:
        body["status"] |= {"availableReplicas": 0}

    world.server.edit("Deployment", "apiserver", gone, "tenant-acme")
    await world.until(lambda: "apply Tenant/status acme" in world.server.writes(), within=30)
    await world.pass_by(30)
    assert world.taken() == [(CANARY, "a"), (LATER, "a")]

    world.server.speak("Tenant")
    await world.until(lambda: world.image(CANARY) == "b", within=5)
    await world.pass_by(60)
    assert world.image(LATER) == "a"
    world.server.edit("Deployment", "apiserver", lambda body: body["status"].update(availableReplicas=2), "tenant-acme")
    world.server.deployments.heal(image("b"))
    await world.until_ready(CANARY, LATER, within=60)
    assert world.taken() == [(CANARY, "a"), (LATER, "a"), (CANARY, "b"), (LATER, "b")]


@in_world
async def test_an_earlier_tenant_that_falls_ill_later_holds_what_comes_then(world: World) -> None:
    await _both(world)
    world.server.deployments.fail(image("a"))
    await world.until(lambda: world.ready(CANARY)[0] == "False")

    world.deploy(LATER, service(letter="b"), ring="general", rollout=after(unproven="Allow"))
    await world.pass_by(60)
    assert world.image(LATER) == "a"


@in_world
async def test_a_tenant_that_is_suspended_holds_nobody_and_proves_nothing_and_comes_back_to_what_is_asked_for_then(world: World) -> None:
    await _both(world)
    world.edit(CANARY, suspend=True)
    await world.until(lambda: world.ready(CANARY) == ("True", "Suspended"))
    world.deploy(LATER, service(letter="b"), ring="general")
    await world.until(lambda: world.ready(LATER) == ("False", "RingHeld"))
    world.deploy(LATER, service(letter="b"), ring="general", rollout=after(unproven="Allow"))
    await world.until_ready(LATER, within=30)

    world.deploy(CANARY, service(letter="b"), suspend=True)
    await world.pass_by(30)
    assert world.ready(CANARY) == ("True", "Suspended")
    world.deploy(CANARY, service(letter="b"))
    await world.until_ready(CANARY, within=60)
    assert world.image(CANARY) == "b"


@in_world
async def test_a_ring_whose_tenants_are_all_decommissioned_proves_nothing_and_holds_nobody_who_may_go_without(world: World) -> None:
    await _both(world)
    world.edit(CANARY, decommission=True)
    await world.until(lambda: world.ready(CANARY) == ("True", "Decommissioned"))

    world.deploy(LATER, service(letter="b"), ring="general")
    await world.until(lambda: world.ready(LATER) == ("False", "RingHeld"))
    assert {one["type"]: one["status"] for one in world.tenant(LATER)["status"]["conditions"]}["Stalled"] == "True"
    world.deploy(LATER, service(letter="b"), ring="general", rollout=after(unproven="Allow"))
    await world.until_ready(LATER, within=30)
    assert world.image(LATER) == "b"


@in_world
async def test_hosts_that_hang_in_one_ring_hold_up_no_other_and_no_answer_counts_for_long(world: World) -> None:
    many = [f"general-{index}" for index in range(160)]
    both = {**after("canary"), "after": [{"ring": "canary", "bakeSeconds": 0}, {"ring": "general", "bakeSeconds": 0}]}
    asked = world.health.ask
    hang = False

    async def ask(questions: Iterable[Question]) -> Verdict:
        if hang and next(iter(questions)).tenant in many:
            await asyncio.sleep(5)
            return Verdict(False, "TimedOut", "does not answer within 5 s")
        return await asked(questions)

    world.health.ask = ask  # type: ignore[method-assign]
    world.deploy("canary", service(healthPath="/h"))
    for name in many:
        world.deploy(name, service(healthPath="/h"), ring="general")
    world.deploy("late", service(healthPath="/h"), ring="late", rollout=both)
    await world.until_ready("canary", "late", *many)
    hang = True
    world.deploy("late", service(letter="c", healthPath="/h"), ring="late", rollout=both)
    await world.pass_by(30)

    world.deploy("canary", service(letter="b", healthPath="/h"))
    world.deploy(many[0], service(letter="b", healthPath="/h"), ring="general")
    await world.until(lambda: world.image("canary") == "b")
    await world.until(lambda: world.image(many[0]) == "b", within=25)

    world.health.ill.add("canary")
    await world.pass_by(25)
    world.deploy(many[1], service(letter="b", healthPath="/h"), ring="general")
    await world.pass_by(30)
    assert world.image(many[1]) == "a"
