"""The whole operator, where what it hears of the cluster is late, incomplete or wrong."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from api_server import Asked, Json, Refused
from world import RESYNC, World, in_world, run_in_world, service

from tenantry_operator.cache import OPTIONAL
from tenantry_operator.controller import WATCHED, Controller
from tenantry_operator.records import record_of
from tenantry_operator.rights import DISPENSABLE

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
        assert len(world.server.lists) == (1 + len(WATCHED) if compacted else 0)

    run_in_world(story, monkeypatch)


@pytest.mark.parametrize("restarts", [False, True], ids=["edited", "found at the start"])
def test_an_object_that_nobody_could_foresee_is_put_right_and_blinds_the_operator_for_nothing_else(
    restarts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strange(body: Json) -> None:
        """As the API server takes it: k8s.io/kubernetes v1.34.4, pkg/apis/networking/validation/validation.go, validateHTTPIngressPath."""
        for path in body["spec"]["rules"][0]["http"]["paths"]:
            del path["path"]
            path["pathType"] = "ImplementationSpecific"

    async def story(world: World) -> None:
        world.deploy()
        world.deploy("globex")
        await world.until_ready("northwind", "globex")
        if restarts:
            await world.stop()
        world.server.edit("Ingress", "tenant", strange, NAMESPACE)
        if restarts:
            await world.start()
        world.server.delete("Ingress", "tenant", "tenant-globex")
        await world.until(lambda: world.server.has("Ingress", "tenant", "tenant-globex"), within=30)
        rules = world.server.get("Ingress", "tenant", NAMESPACE)["spec"]["rules"]
        assert rules[0]["http"]["paths"][0]["path"] == "/apiserver"

    run_in_world(story, monkeypatch)


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("Deployment", ("apiserver", NAMESPACE)),
        ("Ingress", ("tenant", NAMESPACE)),
        ("Namespace", (NAMESPACE, "")),
        ("Secret", ("tenantry-credentials", NAMESPACE)),
    ],
)
def test_an_object_that_cannot_be_read_is_looked_for_again_and_the_others_are_heard_of(
    kind: str, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(of: str, body: Json) -> Any:
        if of == kind and "unreadable" in (body["metadata"].get("annotations") or {}):
            raise KeyError("nobody thought of that")
        return record_of(of, body)

    async def story(world: World) -> None:
        world.deploy()
        world.deploy("globex")
        await world.until_ready("northwind", "globex")
        monkeypatch.setattr("tenantry_operator.cache.record_of", fails)
        name, namespace = place
        world.server.edit(kind, name, lambda body: body["metadata"].setdefault("annotations", {}).update(unreadable=""), namespace)
        await world.pass_by(30)
        world.deploy("globex", service(letter="b"))
        await world.until(lambda: world.image("globex") == "b", within=30)

    run_in_world(story, monkeypatch)


@in_world
async def test_what_was_restored_from_a_backup_is_the_truth_though_it_is_older(world: World) -> None:
    world.deploy()
    await world.until_ready()
    backup = world.server.backup()
    world.deploy("northwind", service(letter="b"))
    await world.until_ready()
    for _ in range(50):
        world.server.edit("Namespace", NAMESPACE, lambda body: body["metadata"]["labels"].update(others="write"))

    world.server.restore(backup)
    await world.pass_by(1.2 * RESYNC)
    world.deploy("northwind", service(letter="c"))
    await world.until(lambda: world.image() == "c", within=60)
    await world.until_ready()


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


#: Of all that the operator must see.
KINDS = sorted(WATCHED.keys() - OPTIONAL)
LACKS = "A cluster administrator gives them: npx cdktf deploy operator"


async def _starts_without(world: World, *kinds: str) -> Controller:
    """An operator takes over that may not see these."""
    await world.stop()
    world.server.hidden |= set(kinds)
    await world.start()
    assert world.operator is not None
    return world.operator


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_that_it_lacks_is_said_at_each_tenant_that_needs_it_and_nothing_is_done_in_the_dark(
    kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        world.deploy()
        world.deploy("acme", quota={"cpu": "4", "memory": "", "pods": 0})
        world.deploy("gone")
        await world.until_ready("northwind", "acme", "gone")
        world.edit("gone", decommission=True)
        await world.until(lambda: world.ready("gone")[1] == "Decommissioned")
        await world.stop()
        world.server.delete("Tenant", "gone")
        world.deploy("northwind", service(letter="b"))
        world.deploy("acme", service(letter="b"), quota={"cpu": "4", "memory": "", "pods": 0})
        world.begin_to_count()
        operator = await _starts_without(world, kind)

        ill = {"acme": "WallMissing"} if kind in DISPENSABLE else {"acme": "RightMissing", "northwind": "RightMissing"}
        for name, reason in ill.items():
            await world.until(lambda name=name, reason=reason: world.ready(name) == ("False", reason))  # type: ignore[misc]
            assert f"cannot list {kind}. Its rights" in world.said(name)
            assert LACKS in world.said(name)
        await world.until(lambda: world.image() == ("b" if kind in DISPENSABLE else "a"))
        await world.pass_by(100)
        assert (world.image("acme"), world.server.deployments.restarts.get(("tenant-acme", "apiserver"))) == ("a", None)
        if kind not in DISPENSABLE:
            assert {one.kind for one in world.server.asked if one.verb != "get"} <= {"Tenant", "Event"}
        assert [LACKS in one for one in operator.cannot_see] == [True]
        assert LACKS in caplog.text

        world.server.hidden.clear()
        await world.until_ready("northwind", "acme", within=60)
        await world.until(lambda: (world.image(), world.image("acme")) == ("b", "b"))
        await world.until(lambda: not world.server.has("Namespace", "tenant-gone"))
        assert operator.cannot_see == []

    run_in_world(story, monkeypatch)


@in_world
async def test_a_right_that_comes_a_moment_late_is_no_news(world: World) -> None:
    world.deploy()
    await world.until_ready()
    await world.stop()
    world.server.hidden.add("Deployment")
    asyncio.get_running_loop().call_later(2.0, world.server.hidden.clear)
    world.begin_to_count()
    await world.start()
    await world.pass_by(60)
    assert world.server.writes() == []


@pytest.mark.parametrize("kind", ["Deployment", "ResourceQuota", "NetworkPolicy"])
def test_a_right_that_is_taken_away_takes_nothing_from_what_runs(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        world.deploy(egress=["internet"], quota={"cpu": "4", "memory": "", "pods": 0})
        await world.until_ready()
        before = set(world.server.objects)
        world.server.hidden.add(kind)
        world.server.break_watches()
        reason = "WallMissing" if kind in DISPENSABLE else "RightMissing"
        await world.until(lambda: world.ready() == ("False", reason))
        await world.pass_by(100)
        assert {one for one in before if one not in world.server.objects} == set()
        world.server.hidden.clear()
        await world.until_ready(within=120)
        assert world.server.deployments.restarts == {}

    run_in_world(story, monkeypatch)


@in_world
async def test_an_operator_that_may_not_see_tenants_takes_none_for_gone_and_says_so(world: World) -> None:
    world.deploy()
    await world.until_ready()
    world.edit(decommission=True)
    await world.until(lambda: world.ready()[1] == "Decommissioned")
    await world.stop()
    world.server.hidden.add("Tenant")
    with pytest.raises(AssertionError, match="never"):
        await world.start()
    assert world.operator is not None
    assert [LACKS in one for one in world.operator.cannot_see] == [True]
    assert world.server.has("Namespace", NAMESPACE)


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
