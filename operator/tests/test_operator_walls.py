"""What a tenant's pods reach, and what they may take: written, put back, and gone when nobody asks for it."""

from __future__ import annotations

from typing import Any

import pytest
from api_server import Asked, Refused
from test_operator_migrations import api, jobs
from world import World, image, in_world, run_in_world, service

from tenantry_operator.database_server import DatabaseServer
from tenantry_operator.egress import ports_of
from tenantry_operator.pod_template import DatabaseAddress
from tenantry_operator.problems import Waiting

NAMESPACE = "tenant-northwind"
QUOTA = {"cpu": "4", "memory": "8Gi", "pods": 40}
WALLS = (("NetworkPolicy", "egress"), ("LimitRange", "tenant"), ("ResourceQuota", "tenant"))


def _has(world: World, *walls: tuple[str, str]) -> bool:
    return all(world.server.has(kind, name, NAMESPACE) for kind, name in walls)


def _ports(world: World) -> tuple[int, ...]:
    return ports_of(world.server.get("NetworkPolicy", "egress", NAMESPACE))


def _moves_to(world: World, port: int) -> None:
    world.databases.server = DatabaseServer({}, DatabaseAddress("db.example.com", port, "require"))


def _wrote(world: World) -> list[str]:
    return [one.partition(" tenant-northwind/")[0] for one in world.server.writes()]


@in_world
async def test_they_are_there_before_any_pod_and_nothing_restarts_for_them(world: World) -> None:
    world.deploy("northwind", service(), egress=["internet"], quota=QUOTA)
    await world.until_ready()

    wrote = _wrote(world)
    first = wrote.index("apply Deployment")
    assert wrote.count("apply NetworkPolicy") == 2
    assert all(wrote.index(f"apply {kind}") < first for kind, _ in WALLS)
    assert _ports(world) == (5432,)
    assert world.server.deployments.restarts == {}


@in_world
async def test_they_come_to_a_tenant_that_is_there_and_go_again_without_a_restart(world: World) -> None:
    world.deploy("northwind", service())
    await world.until_ready()
    assert not any(_has(world, one) for one in WALLS)
    for _ in range(2):
        world.deploy("northwind", service(), egress=["internet"], quota=QUOTA)
        await world.until(lambda: _has(world, *WALLS))
        await world.until_ready()
        world.deploy("northwind", service())
        await world.until(lambda: not any(_has(world, one) for one in WALLS))
        await world.until_ready()
    assert world.server.deployments.restarts == {}
    assert world.server.has("NetworkPolicy", "tenant", NAMESPACE)


@in_world
async def test_a_wall_goes_at_once_also_where_it_may_be_what_keeps_pods_from_coming_up(world: World) -> None:
    world.server.deployments.unready.add(service()["image"])
    world.deploy("northwind", service(), egress=["none"], quota={"cpu": "1m", "memory": "", "pods": 0})
    await world.until(lambda: world.ready() == ("False", "RolloutInProgress"))
    assert _has(world, *WALLS)
    world.deploy("northwind", service())
    await world.until(lambda: not any(_has(world, one) for one in WALLS), within=5)
    assert world.ready()[0] == "False"


@in_world
async def test_they_are_put_back_when_somebody_edits_or_deletes_them(world: World) -> None:
    world.deploy("northwind", service(), egress=["10.20.0.0/16"], quota=QUOTA)
    await world.until_ready()
    for kind, name in WALLS:
        before = world.server.get(kind, name, NAMESPACE)["spec"]

        def loosen(body: dict[str, Any]) -> None:
            body["spec"] = {"podSelector": {}, "egress": [{}], "hard": {"pods": "1000"}, "limits": []}

        world.server.edit(kind, name, loosen, NAMESPACE)
        await world.until(lambda kind=kind, name=name, before=before: world.server.get(kind, name, NAMESPACE)["spec"] == before)  # type: ignore[misc]
        world.server.delete(kind, name, NAMESPACE)
        await world.until(lambda kind=kind, name=name: _has(world, (kind, name)))  # type: ignore[misc]


@in_world
async def test_of_a_suspended_and_a_decommissioned_tenant_they_stay(world: World) -> None:
    world.deploy("northwind", service(), egress=["internet"], quota=QUOTA)
    await world.until_ready()
    for state, reason in (("suspend", "Suspended"), ("decommission", "Decommissioned")):
        world.edit("northwind", **{state: True})
        await world.until(lambda reason=reason: world.ready()[1] == reason)  # type: ignore[misc]
        assert _has(world, *WALLS)


@in_world
async def test_a_database_that_is_away_when_the_key_comes_stays_reached_by_what_runs(world: World) -> None:
    world.deploy("northwind", service())
    await world.until_ready()
    world.databases.away = Waiting("DatabaseUnavailable", "away")
    async with world.restarted():
        world.edit("northwind", egress=["internet"])
    await world.until(lambda: _has(world, ("NetworkPolicy", "egress")))
    assert _ports(world) == (5432,)


@in_world
async def test_a_database_on_another_port_is_reached_on_both_until_no_pod_knows_the_former_one(world: World) -> None:
    world.deploy("northwind", service(), egress=["internet"])
    await world.until_ready()
    world.server.deployments.unready.add(service()["image"])
    async with world.restarted():
        _moves_to(world, 6432)
    await world.until(lambda: _ports(world) == (5432, 6432))
    await world.pass_by(60)
    assert _ports(world) == (5432, 6432)
    # Also for an operator that has seen nothing of all this.
    async with world.restarted():
        pass
    await world.pass_by(60)
    assert _ports(world) == (5432, 6432)
    world.server.deployments.heal(service()["image"])
    await world.until(lambda: _ports(world) == (6432,))
    seen = [ports_of(one.after) for one in world.server.history("NetworkPolicy") if one.after and one.after["metadata"]["name"] == "egress"]
    assert list(dict.fromkeys(seen)) == [(5432,), (5432, 6432), (6432,)]


DENIED = 'admission webhook "policies.example.com" denied the request: no wall today'


def _refuse(world: World, *walls: tuple[str, str], code: int = 403) -> None:
    """From now on the API server takes these no more; without any, it takes all again."""

    async def refuse(asked: Asked) -> None:
        if (asked.kind, asked.name) in walls and asked.verb in ("apply", "replace", "create"):
            raise Refused(code, "Forbidden" if code == 403 else "Invalid", DENIED)

    world.server.interfere = refuse


def _runs(world: World) -> list[str]:
    """What pods could come of."""
    found = [(kind, name, body) for (kind, namespace, name), body in world.server.objects.items() if namespace == NAMESPACE]
    return [
        f"{kind} {name}"
        for kind, name, body in found
        if kind in ("CronJob", "Job") or (kind == "Deployment" and body["spec"]["replicas"] > 0)
    ]


def _night(letter: str = "a") -> dict[str, Any]:
    return service("night", letter, port=0, path="", healthPath=None, replicas=0, schedule="0 3 * * *")


@pytest.mark.parametrize("code", [403, 422])
@pytest.mark.parametrize("wall", [("NetworkPolicy", "tenant"), *WALLS], ids=" ".join)
def test_no_pod_of_a_tenant_starts_before_each_wall_is_there(wall: tuple[str, str], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        _refuse(world, wall, code=code)
        world.deploy("northwind", api(), service("web", path="/"), _night(), egress=["internet"], quota=QUOTA)
        await world.until(lambda: world.ready() == ("False", "WallMissing"))
        async with world.restarted():
            pass
        await world.pass_by(100)
        assert (world.ready(), _runs(world)) == (("False", "WallMissing"), [])
        assert " ".join(wall) in world.said()
        assert DENIED in world.said()

        _refuse(world)
        await world.until_ready()
        assert set(_runs(world)) == {f"Job {jobs(world)['a']}", "Deployment apiserver", "Deployment web", "CronJob night"}

    run_in_world(story, monkeypatch)


@in_world
async def test_without_a_new_wall_what_runs_goes_on_as_it_is_and_takes_neither_an_image_nor_another_service(world: World) -> None:
    world.deploy("northwind", api(), service("web", path="/"), _night())
    await world.until_ready()
    _refuse(world, ("NetworkPolicy", "egress"))
    before = set(_runs(world))
    world.deploy("northwind", api("b"), service("web", path="/", replicas=3), _night("b"), service("new", path="/new"), egress=["internet"])
    await world.until(lambda: world.ready() == ("False", "WallMissing"))
    await world.pass_by(100)
    assert set(_runs(world)) == before
    assert (world.image(), world.server.deployments.restarts) == ("a", {})
    # More pods of what runs are no others.
    assert world.server.get("Deployment", "web", NAMESPACE)["spec"]["replicas"] == 3

    # Who asks for the walls that stand has all else.
    world.deploy("northwind", api("b"), service("web", path="/"), _night("b"))
    await world.until_ready()
    assert (world.image(), list(jobs(world))) == ("b", ["b"])


@in_world
async def test_a_tenant_without_a_wall_keeps_no_other_from_its_turn(world: World) -> None:
    one_at_once = {"after": [], "atOnce": "1", "unproven": "Hold"}
    names = ("northwind", "acme")
    for name in names:
        world.deploy(name, rollout=one_at_once)
    await world.until_ready(*names)
    _refuse(world, ("NetworkPolicy", "egress"))
    world.deploy("northwind", service(letter="b"), egress=["internet"], rollout=one_at_once)
    await world.until(lambda: world.ready() == ("False", "WallMissing"))
    world.deploy("acme", service(letter="b"), rollout=one_at_once)
    await world.until_ready("acme", within=60)
    assert (world.image("acme"), world.image("northwind")) == ("b", "a")


@pytest.mark.parametrize("refused", [("NetworkPolicy", "egress"), ("ResourceQuota", "tenant"), ("Namespace", NAMESPACE)], ids=" ".join)
@pytest.mark.parametrize("state", ["suspend", "decommission"])
def test_a_tenant_is_stopped_whatever_becomes_of_its_walls_and_starts_again_behind_them_alone(
    state: str, refused: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        world.deploy("northwind", service(), _night())
        await world.until_ready()
        _refuse(world, refused)
        if refused[0] == "Namespace":
            world.server.edit("Namespace", NAMESPACE, lambda body: body["metadata"]["labels"].pop("pod-security.kubernetes.io/enforce"))
        world.edit("northwind", **{"egress": ["internet"], "quota": QUOTA, state: True})
        await world.until(lambda: _runs(world) == [], within=60)
        await world.until(lambda: world.ready()[0] == "False" and DENIED in world.said(), within=60)

        world.edit("northwind", **{state: False})
        await world.pass_by(100)
        assert _runs(world) == []
        assert DENIED in world.said()
        _refuse(world)
        await world.until_ready()
        assert len(_runs(world)) == 2

    run_in_world(story, monkeypatch)


@in_world
async def test_a_migration_that_has_no_room_in_the_quota_says_so_with_the_numbers_and_goes_on_when_it_has(world: World) -> None:
    def used(pods: int) -> None:
        status = {"hard": {"pods": "40", "requests.cpu": "4"}, "used": {"pods": str(pods), "requests.cpu": "100m"}}
        world.server.edit("ResourceQuota", "tenant", lambda body: body.update(status=status), NAMESPACE)

    world.deploy("northwind", api(), quota=QUOTA)
    await world.until_ready()
    used(39)
    world.server.jobs.refused.add(image("b"))
    world.deploy("northwind", api("b"), quota=QUOTA)
    await world.until(lambda: world.ready() == ("False", "Migrating"))
    await world.pass_by(100)
    assert "quota" not in world.said()
    used(40)
    await world.until(lambda: "its pod can't start: pods: 40 of 40 used, 1 needed. The quota" in world.said(), within=100)
    world.server.jobs.admit(image("b"))
    await world.until_ready()
    assert world.image() == "b"
