"""A service whose number of pods goes by itself: what its autoscaler gives it stays, and nothing is written for it."""

from __future__ import annotations

from collections.abc import Callable

from world import World, after, in_world, service

NAMESPACE = "tenant-northwind"


def _scale(world: World, pods: int, name: str = "apiserver") -> None:
    """As an autoscaler does."""
    world.server.edit("Deployment", name, lambda body: body["spec"].update(replicas=pods), NAMESPACE)


def _pods(world: World, name: str = "apiserver") -> int:
    return int(world.server.get("Deployment", name, NAMESPACE)["spec"]["replicas"])


def _had(world: World) -> list[int]:
    """How many pods it had, one after the other."""
    had: list[int] = []
    for change in world.server.history("Deployment"):
        pods = (change.after or {"spec": {"replicas": -1}})["spec"]["replicas"]
        if had[-1:] != [pods]:
            had.append(pods)
    return had


def _told(world: World, ready: int, asked: int) -> Callable[[], bool]:
    def holds() -> bool:
        [told] = world.tenant()["status"]["services"]
        return bool((told["readyReplicas"], told["replicas"]) == (ready, asked))

    return holds


def _free(letter: str = "a", low: int = 2, high: int = 6) -> dict[str, object]:
    return service(letter=letter, replicas=low, maxReplicas=high)


@in_world
async def test_what_an_autoscaler_gives_it_stays_and_is_told_and_the_tenant_is_ready_all_the_while(world: World) -> None:
    world.deploy("northwind", _free())
    await world.until_ready()
    [since] = [one["lastTransitionTime"] for one in world.tenant()["status"]["conditions"] if one["type"] == "Ready"]
    for pods in (5, 3, 6, 2):
        world.begin_to_count()
        _scale(world, pods)
        await world.until(_told(world, pods, pods), within=10)
        assert set(world.server.writes()) == {"apply Tenant/status northwind"}
    await world.pass_by(60)
    assert _had(world) == [2, 5, 3, 6, 2]
    told = {(one["status"], one["lastTransitionTime"]) for one in world.tenant()["status"]["conditions"] if one["type"] == "Ready"}
    assert told == {("True", since)}
    assert all(
        one["status"] == "True"
        for change in world.server.history("Tenant")
        for one in (change.after or {}).get("status", {}).get("conditions", [])
        if one["type"] == "Ready" and (change.after or {})["metadata"]["generation"] > 1
    )


@in_world
async def test_what_an_autoscaler_gave_it_stays_through_a_new_image_an_edit_and_another_operator(world: World) -> None:
    world.deploy("northwind", _free())
    await world.until_ready()
    _scale(world, 5)
    await world.until(_told(world, 5, 5))
    world.deploy("northwind", _free("b"))
    await world.until_ready()
    assert world.image() == "b"
    world.server.edit("Deployment", "apiserver", lambda body: body["spec"].update(paused=True), NAMESPACE)
    await world.until(lambda: "paused" not in world.server.get("Deployment", "apiserver", NAMESPACE)["spec"])
    async with world.restarted():
        _scale(world, 4)
    await world.pass_by(30)
    await world.upgrade()
    await world.until_ready()
    assert _had(world) == [2, 5, 4]


@in_world
async def test_a_number_outside_of_the_limits_is_put_back_to_the_nearest(world: World) -> None:
    world.deploy("northwind", _free())
    await world.until_ready()
    for pods, back in ((0, 2), (9, 6)):
        _scale(world, pods)
        await world.until(lambda back=back: _pods(world) == back, within=10)  # type: ignore[misc]


@in_world
async def test_to_switch_it_on_and_off_changes_no_more_pods_than_it_has_to(world: World) -> None:
    world.deploy("northwind", service(replicas=3))
    await world.until_ready()
    world.deploy("northwind", _free())
    await world.until(lambda: world.server.has("HorizontalPodAutoscaler", "apiserver", NAMESPACE))
    await world.until_ready()
    _scale(world, 5)
    await world.until(_told(world, 5, 5))
    world.begin_to_count()
    world.deploy("northwind", service(replicas=3))
    await world.until(_told(world, 3, 3))
    assert _had(world) == [3, 5, 3]
    # The other way round, the autoscaler would have a say about the new number.
    assert world.server.writes()[:3] == [
        f"delete HorizontalPodAutoscaler {NAMESPACE}/apiserver",
        "create Event default/" + world.server.writes()[1].rpartition("/")[2],
        f"apply Deployment {NAMESPACE}/apiserver",
    ]


@in_world
async def test_a_suspended_tenant_has_no_autoscaler_and_comes_back_with_the_fewest(world: World) -> None:
    world.deploy("northwind", _free())
    await world.until_ready()
    _scale(world, 5)
    await world.until(_told(world, 5, 5))
    world.edit(suspend=True)
    await world.until(lambda: world.ready() == ("True", "Suspended"))
    await world.pass_by(60)
    for kind in ("HorizontalPodAutoscaler", "PodDisruptionBudget"):
        assert not world.server.has(kind, "apiserver", NAMESPACE)
    world.edit(suspend=False)
    await world.until(lambda: world.ready() == ("True", "Ready"))
    assert world.server.has("HorizontalPodAutoscaler", "apiserver", NAMESPACE)
    assert _had(world) == [2, 5, 0, 2]


@in_world
async def test_new_pods_that_do_not_come_up_are_told_of_however_many_there_may_be(world: World) -> None:
    world.deploy("northwind", _free())
    await world.until_ready()
    _scale(world, 5)
    await world.until(_told(world, 5, 5))
    world.server.deployments.unready.add(service(letter="b")["image"])
    world.deploy("northwind", _free("b"))
    await world.until(lambda: world.ready() == ("False", "RolloutInProgress"))
    await world.until(lambda: world.ready() == ("False", "RolloutStuck"))


@in_world
async def test_what_a_former_service_has_goes_with_its_pods(world: World) -> None:
    world.deploy("northwind", _free() | {"name": "web"}, service())
    await world.until_ready()
    world.server.deployments.unready.add(service("site")["image"])
    world.deploy("northwind", service("site"), service())
    await world.until(lambda: world.ready() == ("False", "RolloutInProgress"))
    await world.pass_by(30)
    assert world.server.has("HorizontalPodAutoscaler", "web", NAMESPACE)
    world.server.deployments.heal(service("site")["image"])
    await world.until_ready()
    await world.until(lambda: not world.server.has("Deployment", "web", NAMESPACE))
    assert not world.server.has("HorizontalPodAutoscaler", "web", NAMESPACE)


@in_world
async def test_one_whose_pods_wait_for_a_ring_goes_by_itself_all_the_same(world: World) -> None:
    world.deploy("acme")
    world.deploy("northwind", _free(), ring="general", rollout=after(bake=60))
    await world.until_ready("acme", "northwind")
    await world.upgrade()
    await world.until(lambda: world.ready() == ("False", "RingHeld"))
    _scale(world, 5)
    await world.until(_told(world, 5, 5), within=10)
    world.deploy("northwind", _free(low=6, high=9), ring="general", rollout=after(bake=60))
    await world.until(lambda: _pods(world) == 6, within=10)
    assert world.server.get("HorizontalPodAutoscaler", "apiserver", NAMESPACE)["spec"]["maxReplicas"] == 9
    assert (NAMESPACE, "apiserver") not in world.server.deployments.restarts
    await world.until_ready()
    assert (_pods(world), world.server.deployments.restarts[NAMESPACE, "apiserver"]) == (6, 1)
