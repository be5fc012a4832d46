"""The whole operator, where the credentials of a tenant's database rotate."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from api_server import Asked, Refused
from world import FakeDatabases, World, after, image, in_world, run_in_world, service

from tenantry_operator.problems import Stalled
from tenantry_operator.rotation import AGAIN, MARGIN

NAMESPACE = "tenant-northwind"
OWNER, SECOND = "tenant_northwind", "login2_northwind"
#: Seconds within which it is done, with pods that are given 25 to end.
SOON, CLOSED = 10.0, 60.0


def _database(name: str = "northwind", **changes: Any) -> dict[str, Any]:
    return {"name": f"tenant_{name}", "deletionPolicy": "Retain", **changes}


def _deploy(world: World, name: str = "northwind", word: str = "", *services: dict[str, Any], **spec: Any) -> None:
    world.deploy(name, *services, database=_database(name, rotation=word), **spec)


def _secret(world: World, name: str = "northwind") -> tuple[str, str, str | None]:
    """Role, password and word."""
    body = world.server.get("Secret", "tenantry-credentials", f"tenant-{name}")
    role, password = (base64.b64decode(body["data"][key]).decode() for key in ("username", "password"))
    return role, password, body["metadata"].get("annotations", {}).get("tenantry.dev/rotation")


def _names(world: World, role: str, name: str = "northwind") -> bool:
    return _secret(world, name)[0] == role


def _restarts(world: World, name: str = "northwind") -> int:
    return world.server.deployments.restarts.get((f"tenant-{name}", "apiserver"), 0)


def _pod(world: World, name: str, version: str | None) -> None:
    annotations = {} if version is None else {"tenantry.dev/credentials": version}
    metadata = {"name": name, "namespace": NAMESPACE, "annotations": annotations, "labels": {"tenantry.dev/tenant": "northwind"}}
    world.server.create("Pod", {"metadata": metadata, "spec": {}, "status": {"phase": "Running"}})


def _version(world: World) -> str:
    template = world.server.get("Deployment", "apiserver", NAMESPACE)["spec"]["template"]
    return str(template["metadata"]["annotations"]["tenantry.dev/credentials"])


async def _ready(world: World, word: str = "", *services: dict[str, Any], **spec: Any) -> None:
    _deploy(world, "northwind", word, *services, **spec)
    await world.until_ready()
    world.begin_to_count()


@in_world
async def test_the_first_credentials_of_a_tenant_are_those_that_it_asks_for(world: World) -> None:
    await _ready(world, "a")
    assert _secret(world)[::2] == (OWNER, "a")
    await world.pass_by(CLOSED)
    assert (world.looks, _restarts(world)) == ([], 0)


@in_world
async def test_another_word_is_another_role_in_turn_with_a_password_of_its_own_and_the_former_one_is_closed(world: World) -> None:
    await _ready(world)
    seen = [_secret(world)]
    for number, (word, role, other) in enumerate([("a", SECOND, OWNER), ("b", OWNER, SECOND), ("c", SECOND, OWNER)], start=1):
        _deploy(world, word=word)
        await world.until(lambda role=role: _names(world, role), within=SOON)  # type: ignore[misc]
        assert set(world.databases.roles) == {OWNER, SECOND}
        await world.until_ready()
        assert _restarts(world) == number
        await world.until(lambda other=other: other not in world.databases.roles, within=CLOSED)  # type: ignore[misc]
        assert world.databases.roles == {role: _secret(world)[1]}
        seen.append(_secret(world))
    assert [(role, word) for role, _, word in seen] == [(OWNER, None), (SECOND, "a"), (OWNER, "b"), (SECOND, "c")]
    assert len({password for _, password, _ in seen}) == 4
    world.begin_to_count()
    await world.pass_by(CLOSED)
    assert (world.looks, world.server.asked) == ([], [])


@in_world
async def test_no_word_and_the_word_that_it_has_change_nothing(world: World) -> None:
    await _ready(world, "a")
    before = _secret(world)
    _deploy(world)
    await world.until_ready()
    _deploy(world, word="a")
    await world.until_ready()
    await world.pass_by(CLOSED)
    assert (_secret(world), _restarts(world)) == (before, 0)


@in_world
async def test_the_former_role_is_open_for_as_long_as_a_pod_has_it_and_may_take_to_end(world: World) -> None:
    await _ready(world)
    _pod(world, "old", _version(world))
    _pod(world, "run-of-a-job", None)
    _deploy(world, word="a")
    await world.until(lambda: _names(world, SECOND), within=SOON)
    await world.until_ready()
    _pod(world, "new", _version(world))
    await world.pass_by(2 * CLOSED)
    assert OWNER in world.databases.roles
    assert world.ready() == ("True", "Ready")

    world.server.delete("Pod", "old", NAMESPACE)
    await world.pass_by(2 * CLOSED)
    assert OWNER in world.databases.roles
    # One that began later has the new ones.
    _pod(world, "next-run-of-a-job", None)
    world.server.delete("Pod", "run-of-a-job", NAMESPACE)
    await world.pass_by(25 + MARGIN - AGAIN)
    assert OWNER in world.databases.roles
    await world.until(lambda: OWNER not in world.databases.roles, within=CLOSED)


@in_world
async def test_new_credentials_wait_for_pods_that_have_the_former_ones_and_say_so(world: World) -> None:
    await _ready(world)
    _pod(world, "old", _version(world))
    _deploy(world, word="a")
    await world.until(lambda: _names(world, SECOND), within=SOON)
    await world.until_ready()
    _deploy(world, word="b")
    await world.until(lambda: world.ready() == ("False", "FormerCredentials"), within=CLOSED)
    assert world.said() == "new credentials for its database wait: the former ones are in use, by the pod old"
    assert _names(world, SECOND)
    world.server.delete("Pod", "old", NAMESPACE)
    await world.until(lambda: _names(world, OWNER), within=CLOSED)
    await world.until_ready()


@in_world
async def test_a_rollout_that_goes_on_is_not_joined_by_another(world: World) -> None:
    await _ready(world)
    world.server.deployments.unready.add(image("b"))
    _deploy(world, "northwind", "", service(letter="b"))
    await world.until(lambda: world.ready()[1] == "RolloutInProgress", within=CLOSED)
    _deploy(world, "northwind", "a", service(letter="b"))
    await world.pass_by(CLOSED)
    assert _names(world, OWNER)
    world.server.deployments.heal(image("b"))
    await world.until(lambda: _names(world, SECOND), within=SOON)
    await world.until_ready()


@in_world
async def test_a_new_image_and_new_credentials_start_pods_once(world: World) -> None:
    await _ready(world)
    _deploy(world, "northwind", "a", service(letter="b"))
    await world.until_ready()
    assert (_secret(world)[0], world.image(), _restarts(world)) == (SECOND, "b", 1)


@in_world
async def test_of_a_ring_as_many_rotate_at_once_as_may_roll(world: World) -> None:
    names = [f"t{number}" for number in range(6)]
    rollout = {"after": [], "atOnce": "2", "unproven": "Hold"}
    for name in names:
        _deploy(world, name, rollout=rollout)
    await world.until_ready(*names)
    most: list[int] = []

    async def count(asked: Asked) -> None:
        most.append(sum(1 for name in names if _secret(world, name)[2] == "a" and not _has_rolled(world, name)))

    world.server.interfere = count
    for name in names:
        _deploy(world, name, "a", rollout=rollout)
    await world.until_ready(*names)
    assert max(most) == 2
    assert [_secret(world, name)[::2] for name in names] == [(f"login2_{name}", "a") for name in names]
    assert [_restarts(world, name) for name in names] == [1] * 6


def _has_rolled(world: World, name: str) -> bool:
    body = world.server.get("Deployment", "apiserver", f"tenant-{name}")
    status = body["status"]
    is_seen = status["observedGeneration"] == body["metadata"]["generation"]
    return _restarts(world, name) == 1 and bool(is_seen) and bool(status["replicas"] == status["updatedReplicas"])


@in_world
async def test_a_later_ring_rotates_when_the_earlier_one_is_well_with_it(world: World) -> None:
    _deploy(world)
    _deploy(world, "acme", ring="general", rollout=after(bake=30))
    await world.until_ready("northwind", "acme")
    world.server.deployments.unready.add(image("a"))
    for name, spec in (("northwind", {}), ("acme", {"ring": "general", "rollout": after(bake=30)})):
        _deploy(world, name, "a", **spec)
    await world.until(lambda: _names(world, SECOND), within=SOON)
    await world.until(lambda: world.ready("acme")[1] == "RingHeld", within=CLOSED)
    await world.pass_by(CLOSED)
    assert _names(world, "tenant_acme", "acme")
    world.server.deployments.heal(image("a"))
    await world.until(lambda: _names(world, "login2_acme", "acme"), within=CLOSED)
    await world.until_ready("northwind", "acme")


@pytest.mark.parametrize("stopped", [{"suspend": True}, {"decommission": True}])
def test_a_tenant_that_runs_nothing_rotates_at_once_and_takes_no_turn(stopped: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        _deploy(world)
        _deploy(world, "acme", ring="general", rollout=after(), **stopped)
        await world.until_ready("northwind", "acme")
        # The ring before it is ill.
        world.server.deployments.unready.add(image("b"))
        _deploy(world, "northwind", "", service(letter="b"))
        _deploy(world, "acme", "a", ring="general", rollout=after(), **stopped)
        await world.until(lambda: _names(world, "login2_acme", "acme"), within=SOON)
        await world.until(lambda: "tenant_acme" not in world.databases.roles, within=CLOSED)
        assert world.ready("acme")[0] == "True"

    run_in_world(story, monkeypatch)


@in_world
async def test_a_secret_from_before_the_rotation_holds_and_then_rotates_again(world: World) -> None:
    await _ready(world)
    body = world.server.get("Secret", "tenantry-credentials", NAMESPACE)
    data, password = body["data"], _secret(world)[1]
    _deploy(world, word="a")
    await world.until(lambda: world.databases.roles.keys() == {SECOND}, within=CLOSED + SOON)

    def restore(body: Any) -> None:
        body["data"] = data
        del body["metadata"]["annotations"]

    world.server.edit("Secret", "tenantry-credentials", restore, NAMESPACE)
    await world.until(lambda: world.databases.roles.get(OWNER) == password, within=SOON)
    await world.until(lambda: _names(world, SECOND), within=CLOSED)
    await world.until_ready()
    await world.until(lambda: world.databases.roles == {SECOND: _secret(world)[1]}, within=CLOSED)


@pytest.mark.parametrize("refused", [Refused(409, "Conflict"), Refused(503, "ServiceUnavailable")])
def test_a_secret_that_cannot_be_written_is_tried_again_with_another_password(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        await _ready(world)
        left = [1]

        async def refuse(asked: Asked) -> None:
            if asked.kind == "Secret" and asked.verb == "patch" and left.pop():
                raise refused

        world.server.interfere = refuse
        _deploy(world, word="a")
        await world.until(lambda: not left, within=SOON)
        world.server.interfere = None
        half = world.databases.roles[SECOND]
        await world.until(lambda: _names(world, SECOND), within=2 * CLOSED)
        assert _secret(world)[1] != half
        await world.until_ready()

    run_in_world(story, monkeypatch)


@in_world
async def test_an_operator_that_starts_while_it_rotates_goes_on(world: World) -> None:
    await _ready(world)
    for word, role in (("a", SECOND), ("b", OWNER)):
        _deploy(world, word=word)
        await world.until(lambda role=role: _names(world, role), within=2 * CLOSED)  # type: ignore[misc]
        async with world.restarted():
            await world.pass_by()
    await world.until_ready()
    await world.until(lambda: world.databases.roles == {OWNER: _secret(world)[1]}, within=CLOSED)
    assert _restarts(world) == 2


@in_world
async def test_a_tenant_that_may_not_rotate_runs_on_and_keeps_nobody_from_their_turn(world: World) -> None:
    rollout = {"after": [], "atOnce": "1", "unproven": "Hold"}
    world.others["eu-2"] = FakeDatabases()
    world.others["eu-2"].closed = Stalled("DatabaseForbidden", "may not")
    for name, server in (("northwind", "eu-2"), ("acme", "")):
        world.deploy(name, database=_database(name, server=server), rollout=rollout)
    await world.until_ready("northwind", "acme")
    world.deploy("northwind", database=_database(server="eu-2", rotation="a"), rollout=rollout)
    await world.until(lambda: world.ready() == ("False", "DatabaseForbidden"), within=SOON)

    world.deploy("acme", service(letter="b"), database=_database("acme"), rollout=rollout)
    await world.until_ready("acme", within=SOON)
    migrating = service("apiserver", "b", migrate=["migrate"])
    world.deploy("northwind", migrating, database=_database(server="eu-2", rotation="a"), rollout=rollout)
    await world.until(lambda: world.image() == "b", within=SOON)
    assert (_secret(world)[0], world.ready()) == (OWNER, ("False", "DatabaseForbidden"))

    world.others["eu-2"].closed = None
    await world.until_ready(within=2 * CLOSED)
    assert _names(world, SECOND)
