"""The whole operator, where what it hears of the cluster is late, incomplete or wrong."""

from __future__ import annotations

import httpx2
import pytest
from api_server import Asked, Refused
from world import RESYNC, World, in_world, run_in_world, service

NAMESPACE = "tenant-northwind"


@in_world
async def test_a_deletion_that_no_watch_told_of_is_found_at_the_next_list(world: World) -> None:
    world.deploy()
    await world.until_ready()

    world.server.lose("Deployment", "apiserver", NAMESPACE)
    await world.until(lambda: world.image() == "a", within=1.2 * RESYNC)
    await world.until_ready()


@in_world
async def test_a_tenant_whose_deletion_no_watch_told_of_is_cleared_away_at_the_next_list(world: World) -> None:
    world.deploy()
    await world.until_ready()
    world.edit(decommission=True)
    await world.until(lambda: world.ready() == ("True", "Decommissioned"))

    world.server.lose("Tenant", "northwind")
    await world.until(lambda: not world.server.has("Namespace", NAMESPACE), within=1.2 * RESYNC)


@pytest.mark.parametrize("compacted", [False, True], ids=["where it was", "with a new list, for its place is gone"])
def test_a_watch_that_breaks_goes_on(compacted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        world.deploy()
        await world.until_ready()
        world.begin_to_count()

        world.server.break_watches()
        world.deploy("northwind", service(letter="b"))
        world.server.delete("Service", "apiserver", NAMESPACE)
        if compacted:
            world.server.forget_history()
        await world.until(lambda: world.image() == "b", within=5)
        await world.until(lambda: world.server.has("Service", "apiserver", NAMESPACE), within=5)
        await world.until_ready()
        assert len(world.server.lists) == (9 if compacted else 0)

    run_in_world(story, monkeypatch)


@in_world
async def test_what_happens_while_no_operator_runs_is_found_by_the_next_one(world: World) -> None:
    world.deploy()
    world.deploy("acme")
    await world.until_ready("northwind", "acme")

    async with world.restarted():
        world.server.delete("Deployment", "apiserver", NAMESPACE)
        world.deploy("acme", service(letter="b"))
        world.deploy("globex")
    await world.until_ready("northwind", "acme", "globex")
    assert (world.image(), world.image("acme"), world.image("globex")) == ("a", "b", "a")


@in_world
async def test_a_watch_that_is_late_has_nothing_undone_and_nothing_done_twice(world: World) -> None:
    world.deploy()
    await world.until_ready()
    world.server.silent |= {"Deployment", "Service", "Ingress"}
    world.begin_to_count()

    # The answers to its own writes tell as well.
    world.deploy("northwind", service(letter="b"))
    await world.until(lambda: world.image() == "b")
    world.deploy("northwind", service(letter="b", replicas=3))
    await world.until(lambda: world.server.get("Deployment", "apiserver", NAMESPACE)["spec"]["replicas"] == 3)
    await world.pass_by(60)
    assert [one for one in world.server.writes() if "Deployment" in one] == ["apply Deployment tenant-northwind/apiserver"] * 2
    for kind in list(world.server.silent):
        world.server.speak(kind)
    await world.until_ready()
    assert world.taken() == [("northwind", "a"), ("northwind", "b")]


@in_world
async def test_nothing_is_decided_before_everything_was_listed(world: World) -> None:
    world.deploy()
    await world.until_ready()
    await world.stop()
    world.begin_to_count()

    # The Deployments can't be listed for a while. Who took the others for all that there is would make them anew.
    answer = world.server.handle_async_request
    refusals = 0

    async def without_deployments(request: httpx2.Request) -> httpx2.Response:
        nonlocal refusals
        if request.url.path.endswith("/deployments") and refusals < 4:
            refusals += 1
            assert world.looks == []
            return httpx2.Response(500)
        return await answer(request)

    world.server.handle_async_request = without_deployments  # type: ignore[method-assign]
    await world.start()
    await world.pass_by(10)
    assert (world.server.writes(), world.server.reads(), world.looks) == ([], [], ["northwind"])


FAILURES = [httpx2.ReadTimeout("slow"), Refused(500, "InternalError")]


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
@pytest.mark.parametrize("is_done", [False, True], ids=["before it is done", "after it was done"])
def test_every_request_that_fails_once_is_made_good_again(failure: Exception, is_done: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        failed: set[tuple[str, ...]] = set()

        async def fail_once(asked: Asked) -> None:
            if asked in failed:
                return
            failed.add(asked)
            if is_done and asked.verb == "create" and asked.kind != "Event":
                metadata = {"name": asked.name, "namespace": asked.namespace, **({} if asked.namespace else {"labels": OURS})}
                world.server.create(asked.kind, {"metadata": metadata, "data": {}} if asked.kind != "Secret" else SECRET)
            raise failure

        world.server.interfere = fail_once
        world.deploy("northwind", service(), service("web", path="/"))
        await world.until_ready()
        assert len(failed) >= 13

    run_in_world(story, monkeypatch)


OURS = {"app.kubernetes.io/managed-by": "tenantry-operator", "tenantry.dev/tenant": "northwind"}
SECRET = {
    "metadata": {"name": "tenantry-credentials", "namespace": NAMESPACE, "labels": OURS},
    "data": {"username": "dGVuYW50X25vcnRod2luZA==", "password": "czNjcmV0"},
}
