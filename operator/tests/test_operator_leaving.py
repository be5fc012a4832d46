"""The whole operator, where tenants leave."""

from __future__ import annotations

import logging

import pytest
from api_server import Asked, Refused
from world import World, in_world, run_in_world, service

from tenantry_operator.metrics import ORPHANS
from tenantry_operator.problems import Pending

NAMESPACE = "tenant-northwind"
AWAY = Pending("DatabaseUnavailable", "the PostgreSQL server does not answer")


async def _decommissioned(world: World, policy: str) -> None:
    database = {"name": "tenant_northwind", "deletionPolicy": policy}
    world.deploy(database=database)
    await world.until_ready()
    world.edit(decommission=True)
    await world.until(lambda: world.ready() == ("True", "Decommissioned"))


def _is_cleared(world: World) -> bool:
    return not world.server.has("Namespace", NAMESPACE)


@pytest.mark.parametrize(("policy", "databases"), [("Retain", {"tenant_northwind": "northwind"}), ("Delete", {})])
def test_a_decommissioned_tenant_is_gone_as_soon_as_it_is_deleted_and_its_namespace_later(
    policy: str, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        await _decommissioned(world, policy)
        await world.pass_by()
        world.begin_to_count()

        world.server.delete("Tenant", "northwind")
        assert not world.server.has("Tenant", "northwind")
        await world.until(lambda: _is_cleared(world), within=10)
        await world.pass_by(30)
        assert world.databases.databases == databases
        assert world.server.writes() == [f"delete Namespace {NAMESPACE}"]
        assert not any(key[1] == NAMESPACE for key in world.server.objects)

    run_in_world(story, monkeypatch)


@in_world
async def test_one_that_is_deleted_at_once_with_its_decommission_leaves_as_well(world: World) -> None:
    world.deploy(database={"name": "tenant_northwind", "deletionPolicy": "Delete"})
    await world.until_ready()

    world.edit(decommission=True)
    world.server.delete("Tenant", "northwind")
    await world.until(lambda: not world.server.has("Tenant", "northwind"), within=10)
    await world.until(lambda: _is_cleared(world), within=30)
    assert world.databases.databases == {}


@in_world
async def test_its_database_is_dropped_on_the_server_that_it_is_on(world: World) -> None:
    world.deploy(database={"name": "tenant_northwind", "deletionPolicy": "Delete", "server": "eu-2"})
    await world.until_ready()
    assert world.on("eu-2").databases == {"tenant_northwind": "northwind"}

    world.edit(decommission=True)
    await world.until(lambda: world.ready() == ("True", "Decommissioned"))
    # Whoever clears away what is left knows no more of it than its namespace says.
    async with world.restarted():
        world.server.delete("Tenant", "northwind")
    await world.until(lambda: _is_cleared(world), within=30)
    assert world.on("eu-2").databases == {}
    assert world.databases.asked == []


@in_world
async def test_one_that_is_decommissioned_and_deleted_while_no_operator_runs_leaves_as_well(world: World) -> None:
    await _decommissioned(world, "Delete")
    async with world.restarted():
        world.server.delete("Tenant", "northwind")
    await world.until(lambda: _is_cleared(world), within=30)
    assert world.databases.databases == {}


@in_world
async def test_a_word_to_keep_the_database_that_the_namespace_could_not_be_told_keeps_the_tenant_until_it_can(world: World) -> None:
    await _decommissioned(world, "Delete")

    async def refuse(asked: Asked) -> None:
        if asked.kind == "Namespace" and asked.verb != "get":
            raise Refused(500, "InternalError")

    world.server.interfere = refuse
    world.edit(database={"name": "tenant_northwind", "deletionPolicy": "Retain"})
    await world.pass_by(100)
    world.server.delete("Tenant", "northwind")
    await world.pass_by(100)
    assert world.server.has("Tenant", "northwind")

    world.server.interfere = None
    await world.until(lambda: _is_cleared(world))
    assert world.databases.databases == {"tenant_northwind": "northwind"}


@in_world
async def test_nothing_goes_before_the_database_does_and_that_is_tried_again_until_its_server_answers(world: World) -> None:
    await _decommissioned(world, "Delete")
    world.databases.away = AWAY
    world.server.delete("Tenant", "northwind")
    await world.pass_by(120)
    assert not _is_cleared(world)
    assert len([one for one in world.databases.asked if one.startswith("drop")]) >= 5

    world.databases.away = None
    await world.until(lambda: _is_cleared(world), within=90)
    assert world.databases.databases == {}


@in_world
async def test_an_operator_that_dies_in_the_middle_leaves_nothing_behind(world: World) -> None:
    await _decommissioned(world, "Delete")

    async def refuse(asked: Asked) -> None:
        if asked.verb == "delete":
            raise Refused(500, "InternalError")

    world.server.interfere = refuse
    world.server.delete("Tenant", "northwind")
    await world.until(lambda: world.databases.databases == {}, within=10)
    async with world.restarted():
        world.server.interfere = None
    await world.until(lambda: _is_cleared(world), within=10)


@in_world
async def test_a_tenant_that_comes_back_before_its_namespace_is_gone_waits_for_that_and_is_made_anew(world: World) -> None:
    await _decommissioned(world, "Delete")
    world.server.keeps_namespaces = True
    world.server.delete("Tenant", "northwind")
    await world.until(lambda: "deletionTimestamp" in world.server.get("Namespace", NAMESPACE)["metadata"], within=10)

    world.deploy()
    await world.until(lambda: world.ready() == ("False", "NamespaceTerminating"))
    world.server.keeps_namespaces = False
    await world.until_ready(within=60)
    assert world.image() == "a"


@in_world
async def test_a_tenant_that_comes_back_before_anything_is_cleared_away_keeps_all(world: World) -> None:
    await _decommissioned(world, "Delete")
    uid = world.server.get("Namespace", NAMESPACE)["metadata"]["uid"]
    # The watch of the Tenants is late.
    world.server.delete("Tenant", "northwind")
    world.server.silent.add("Tenant")
    world.deploy("northwind", service(letter="b"))
    await world.pass_by(5)
    world.server.speak("Tenant")
    await world.until_ready()
    assert world.server.get("Namespace", NAMESPACE)["metadata"]["uid"] == uid
    assert world.image() == "b"


def test_a_namespace_that_lost_its_tenant_is_told_of_and_never_deleted(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        world.deploy(database={"name": "tenant_northwind", "deletionPolicy": "Delete"})
        await world.until_ready()
        # Past the finalizer and the policy.
        world.server.edit("Tenant", "northwind", lambda body: body["metadata"].update(finalizers=[]))
        world.server.delete("Tenant", "northwind")
        await world.pass_by(3000)
        async with world.restarted():
            pass
        await world.pass_by(3000)
        assert world.image() == "a"
        assert world.backends() != {}
        assert world.databases.databases == {"tenant_northwind": "northwind"}
        assert _orphans() == 1

        world.begin_to_count()
        world.deploy(database={"name": "tenant_northwind", "deletionPolicy": "Delete"})
        await world.until_ready()
        await world.pass_by(100)
        assert _orphans() == 0
        assert world.server.deployments.restarts == {}

    run_in_world(story, monkeypatch)
    told = [vars(one) for one in caplog.records if vars(one).get("reason") == "Orphaned"]
    # Once by each operator.
    assert [one["tenant"] for one in told] == ["northwind", "northwind"]


def _orphans() -> float:
    return next(iter(ORPHANS.collect())).samples[0].value


@in_world
async def test_a_tenant_that_is_deleted_while_in_use_stays_and_its_services_run_on_until_it_is_decommissioned(world: World) -> None:
    world.deploy()
    await world.until_ready()

    world.server.delete("Tenant", "northwind")
    await world.until(lambda: world.ready() == ("False", "NotDecommissioned"))
    await world.pass_by(1000)
    assert world.image() == "a"
    assert world.backends() != {}

    world.edit(decommission=True)
    await world.until(lambda: not world.server.has("Tenant", "northwind"), within=30)
    await world.until(lambda: _is_cleared(world), within=30)
    assert world.databases.databases == {"tenant_northwind": "northwind"}


@in_world
async def test_a_decommissioned_tenant_whose_namespace_is_gone_already_takes_its_database_with_it(world: World) -> None:
    database = {"name": "tenant_northwind", "deletionPolicy": "Delete"}
    world.deploy(database=database)
    await world.until_ready()
    await world.stop()
    world.edit(decommission=True)
    world.server.delete("Tenant", "northwind")
    world.server.delete("Namespace", NAMESPACE)
    await world.pass_by(5)

    await world.start()
    await world.until(lambda: not world.server.has("Tenant", "northwind"), within=10)
    assert world.databases.databases == {}


@in_world
async def test_the_namespace_of_somebody_else_is_never_cleared_away(world: World) -> None:
    world.server.create("Namespace", {"metadata": {"name": NAMESPACE, "labels": {"team": "theirs"}}})
    world.deploy()
    await world.until(lambda: world.ready() == ("False", "NamespaceConflict"))

    world.edit(decommission=True)
    await world.pass_by(100)
    if world.server.has("Tenant", "northwind"):
        world.server.delete("Tenant", "northwind")
    await world.until(lambda: not world.server.has("Tenant", "northwind"))
    await world.pass_by(100)
    assert world.server.get("Namespace", NAMESPACE)["metadata"]["labels"] == {"team": "theirs"}


def test_it_says_what_it_did_with_the_database(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        await _decommissioned(world, "Retain")
        world.server.delete("Tenant", "northwind")
        await world.until(lambda: _is_cleared(world), within=10)

    caplog.set_level(logging.INFO)
    run_in_world(story, monkeypatch)
    assert "the tenant is gone; its database tenant_northwind is kept" in caplog.messages
