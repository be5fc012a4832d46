"""The whole operator, where two tenants want the same host."""

from __future__ import annotations

from world import World, in_world

HOST = "shop.example.com"


async def _two(world: World) -> None:
    """northwind has the host, and acme waits for it."""
    world.deploy("northwind", host=HOST)
    await world.until_ready("northwind")
    await world.pass_by(1.1)
    world.deploy("acme", host=HOST)
    await world.until(lambda: world.ready("acme") == ("False", "HostConflict"))


def _answers(world: World, name: str) -> bool:
    return world.server.has("Ingress", "tenant", f"tenant-{name}")


@in_world
async def test_only_the_first_of_two_answers_and_the_other_is_told_whose_it_is(world: World) -> None:
    await _two(world)

    assert "the host shop.example.com belongs to the tenant northwind" in world.said("acme")
    assert (_answers(world, "northwind"), _answers(world, "acme")) == (True, False)
    # All else of it is there.
    assert world.image("acme") == "a"


@in_world
async def test_of_two_that_come_at_once_one_answers_whatever_happens(world: World) -> None:
    await world.stop()
    for name in ("northwind", "acme", "globex"):
        world.deploy(name, host=HOST)
    await world.start()
    await world.until(lambda: [world.ready(name)[1] for name in ("acme", "globex", "northwind")].count("HostConflict") == 2)

    assert [_answers(world, name) for name in ("acme", "globex", "northwind")].count(True) == 1
    for change in world.server.history("Ingress"):
        assert change.after is not None
        assert change.after["metadata"]["namespace"] == "tenant-acme"


@in_world
async def test_the_other_gets_it_when_the_first_moves_away(world: World) -> None:
    await _two(world)

    world.edit("northwind", host="new.example.com")
    await world.until(lambda: _answers(world, "acme"), within=5)
    await world.until_ready("northwind", "acme")
    hosts = [world.server.get("Ingress", "tenant", f"tenant-{name}")["spec"]["rules"][0]["host"] for name in ("northwind", "acme")]
    assert hosts == ["new.example.com", HOST]


@in_world
async def test_the_other_gets_it_when_the_first_is_decommissioned(world: World) -> None:
    await _two(world)

    world.edit("northwind", decommission=True)
    await world.until(lambda: _answers(world, "acme"), within=5)
    await world.until_ready("acme")
    assert not _answers(world, "northwind")


@in_world
async def test_two_that_swap_their_hosts_both_get_them(world: World) -> None:
    for name in ("northwind", "acme"):
        world.deploy(name)
    await world.until_ready("northwind", "acme")

    world.edit("northwind", host="acme.example.com")
    world.edit("acme", host="northwind.example.com")
    await world.until_ready("northwind", "acme")


@in_world
async def test_one_that_asks_for_a_host_that_is_taken_answers_where_it_did_until_somebody_else_asks_for_that(world: World) -> None:
    for name in ("northwind", "acme"):
        world.deploy(name)
    await world.until_ready("northwind", "acme")

    world.edit("acme", host="northwind.example.com")
    await world.until(lambda: world.ready("acme") == ("False", "HostConflict"))
    assert world.said("acme").endswith("Until then it answers at acme.example.com")
    assert world.tenant("acme")["status"]["host"] == "acme.example.com"
    await world.stop()
    await world.start()
    await world.pass_by(2)
    assert all(change.after is not None for change in world.server.history("Ingress"))

    world.deploy("newcomer", host="acme.example.com")
    await world.until_ready("newcomer")
    assert not _answers(world, "acme")
    assert "host" not in world.tenant("acme")["status"]


@in_world
async def test_a_namespace_whose_tenant_is_gone_keeps_its_host_as_long_as_it_answers(world: World) -> None:
    await _two(world)
    world.server.edit("Tenant", "northwind", lambda body: body["metadata"].update(finalizers=[]))
    world.server.delete("Tenant", "northwind")
    await world.until(lambda: "northwind still answers" in world.said("acme"))
    await world.pass_by(2000)
    assert (_answers(world, "northwind"), _answers(world, "acme")) == (True, False)

    world.server.delete("Namespace", "tenant-northwind")
    await world.until(lambda: _answers(world, "acme"), within=5)
    await world.until_ready("acme")


@in_world
async def test_who_came_first_is_known_to_an_operator_that_starts_anew(world: World) -> None:
    await _two(world)
    await world.pass_by()
    # It waits; and it is older than the one that answers.
    world.server.edit("Tenant", "acme", lambda body: body["metadata"].update(creationTimestamp="2020-01-01T00:00:00Z"))

    async with world.restarted():
        world.begin_to_count()
    await world.pass_by(600)
    assert (_answers(world, "northwind"), _answers(world, "acme")) == (True, False)
    assert world.server.writes() == []


@in_world
async def test_an_ingress_that_others_do_not_let_go_keeps_its_host(world: World) -> None:
    await _two(world)
    world.server.edit("Ingress", "tenant", lambda body: body["metadata"].update(finalizers=["example.com/balancer"]), "tenant-northwind")
    world.deploy("northwind", host=HOST, decommission=True)
    await world.until(lambda: world.ready("northwind") == ("True", "Decommissioned"))
    await world.pass_by(200)
    assert (_answers(world, "northwind"), _answers(world, "acme")) == (True, False)
    assert "northwind still answers at the host shop.example.com" in world.said("acme")

    world.server.edit("Ingress", "tenant", lambda body: body["metadata"].pop("finalizers"), "tenant-northwind")
    await world.until(lambda: _answers(world, "acme"), within=5)
    assert not _answers(world, "northwind")
