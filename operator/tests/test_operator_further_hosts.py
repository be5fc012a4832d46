"""The whole operator, where tenants have several hosts, and settings of their Ingresses."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
from world import World, in_world, run_in_world

SHOP, PAY = "shop.example.org", "pay.example.org"


def _hosts(world: World, name: str) -> list[str]:
    """Where a tenant answers, its main host first."""
    if not world.server.has("Ingress", "tenant", f"tenant-{name}"):
        return []
    return [rule["host"] for rule in world.server.get("Ingress", "tenant", f"tenant-{name}")["spec"]["rules"]]


def _shared(world: World) -> list[tuple[str, list[str]]]:
    """Each host at which two tenants answered at some moment."""
    answering: dict[str, set[str]] = defaultdict(set)
    found = []
    for change in world.server.history("Ingress"):
        for body, act in ((change.before, set.discard), (change.after, set.add)):
            for rule in (body or {"spec": {"rules": []}})["spec"]["rules"]:
                act(answering[rule["host"]], str((body or {})["metadata"]["namespace"]))
        found += [(host, sorted(tenants)) for host, tenants in answering.items() if len(tenants) > 1]
    return found


def _went_without(world: World, name: str, host: str) -> bool:
    """Whether a tenant ever ceased to answer at a host."""
    before = False
    for change in world.server.history("Ingress"):
        body = change.after or change.before or {}
        if body["metadata"]["namespace"] != f"tenant-{name}":
            continue
        answers = change.after is not None and host in [rule["host"] for rule in change.after["spec"]["rules"]]
        if before and not answers:
            return True
        before = answers
    return False


def _ingress_settings(ingress_class: str = "", issuer: str = "", sources: Iterable[str] = (), **annotations: str) -> dict[str, Any]:
    named = [{"name": f"example.com/{name}", "value": value} for name, value in sorted(annotations.items())]
    return {"class": ingress_class, "issuer": issuer, "annotations": named, "from": list(sources)}


@in_world
async def test_a_tenant_answers_at_all_of_its_hosts_and_says_its_main_one(world: World) -> None:
    world.deploy(hosts=[SHOP, PAY])
    await world.until_ready()

    assert _hosts(world, "northwind") == ["northwind.example.com", SHOP, PAY]
    assert world.tenant()["status"]["host"] == "northwind.example.com"


@in_world
async def test_a_further_host_of_another_is_left_out_and_named_and_the_others_answer(world: World) -> None:
    world.deploy("northwind", hosts=[SHOP])
    await world.until_ready("northwind")
    world.deploy("acme", hosts=[SHOP, PAY])
    await world.until(lambda: world.ready("acme") == ("False", "HostConflict"))

    assert world.said("acme") == (
        f"the host {SHOP} belongs to the tenant northwind. Give one of the two another host. "
        "Until then it answers at acme.example.com and 1 more"
    )
    assert _hosts(world, "acme") == ["acme.example.com", PAY]
    assert world.tenant("acme")["status"]["host"] == "acme.example.com"

    world.edit("northwind", hosts=[])
    await world.until(lambda: SHOP in _hosts(world, "acme"), within=5)
    await world.until_ready("northwind", "acme")
    assert _hosts(world, "acme") == ["acme.example.com", SHOP, PAY]
    assert _shared(world) == []
    assert not _went_without(world, "northwind", "northwind.example.com")


@in_world
async def test_every_host_of_another_is_named(world: World) -> None:
    world.deploy("northwind", hosts=[SHOP])
    await world.until_ready("northwind")
    world.deploy("acme", host=SHOP, hosts=["northwind.example.com"])
    await world.until(lambda: world.ready("acme") == ("False", "HostConflict"))

    assert f"the host {SHOP} belongs to the tenant northwind" in world.said("acme")
    assert "the host northwind.example.com belongs to the tenant northwind" in world.said("acme")
    assert _hosts(world, "acme") == []
    assert "host" not in world.tenant("acme")["status"]


@in_world
async def test_a_main_host_of_one_may_become_a_further_one_of_another_and_the_other_way_round(world: World) -> None:
    world.deploy("northwind", host=SHOP)
    world.deploy("acme", hosts=[PAY])
    await world.until_ready("northwind", "acme")

    world.edit("northwind", host=PAY)
    world.edit("acme", hosts=[SHOP])
    await world.until_ready("northwind", "acme")
    assert (_hosts(world, "northwind"), _hosts(world, "acme")) == ([PAY], ["acme.example.com", SHOP])
    assert _shared(world) == []
    assert not _went_without(world, "acme", "acme.example.com")


@in_world
async def test_a_further_host_that_becomes_the_main_one_and_the_other_way_round_goes_on_answering(world: World) -> None:
    world.deploy(host=SHOP, hosts=[PAY])
    await world.until_ready()
    world.edit(host=PAY, hosts=[SHOP])
    await world.until_ready()

    assert _hosts(world, "northwind") == [PAY, SHOP]
    assert not any(_went_without(world, "northwind", host) for host in (SHOP, PAY))


@in_world
async def test_one_that_cannot_have_its_main_host_answers_at_its_former_one_and_its_further_ones_but_not_where_it_was_told_to_leave(
    world: World,
) -> None:
    world.deploy("northwind")
    world.deploy("acme", hosts=[SHOP, PAY])
    await world.until_ready("northwind", "acme")
    world.edit("acme", host="northwind.example.com", hosts=[PAY])
    await world.until(lambda: world.ready("acme") == ("False", "HostConflict"))

    assert _hosts(world, "acme") == ["acme.example.com", PAY]
    assert world.said("acme").endswith("Until then it answers at acme.example.com and 1 more")
    async with world.restarted():
        pass
    world.deploy("newcomer", hosts=["acme.example.com", SHOP])
    await world.until_ready("newcomer")
    assert _hosts(world, "acme") == [PAY]
    assert world.tenant("acme")["status"]["host"] == PAY
    assert _shared(world) == []
    assert not _went_without(world, "acme", PAY)


@in_world
async def test_a_decommissioned_tenant_frees_all_of_its_hosts(world: World) -> None:
    world.deploy("northwind", hosts=[SHOP, PAY])
    await world.until_ready("northwind")
    world.deploy("acme", hosts=[SHOP])
    world.deploy("globex", host=PAY)
    world.edit("northwind", decommission=True)
    await world.until_ready("acme", "globex", within=5)


@in_world
async def test_an_ingress_that_somebody_made_besides_takes_no_host_from_the_other_when_it_goes(world: World) -> None:
    world.deploy("northwind", hosts=[SHOP])
    await world.until_ready("northwind")
    await world.pass_by(1.1)
    world.deploy("acme", hosts=[SHOP])
    await world.until(lambda: world.ready("acme") == ("False", "HostConflict"))
    # It would have it, were nobody answering there.
    world.server.edit("Tenant", "acme", lambda body: body["metadata"].update(creationTimestamp="2020-01-01T00:00:00Z"))

    copied = world.server.get("Ingress", "tenant", "tenant-northwind")
    rules = [{"host": "elsewhere.example.org"}]
    world.server.create("Ingress", copied | {"metadata": copied["metadata"] | {"name": "besides"}, "spec": {"rules": rules}})
    await world.until(lambda: not world.server.has("Ingress", "besides", "tenant-northwind"))
    world.edit("acme", hosts=[SHOP, PAY])
    await world.until(lambda: PAY in _hosts(world, "acme"))
    assert _hosts(world, "acme") == ["acme.example.com", PAY]
    assert SHOP in _hosts(world, "northwind")


@pytest.mark.parametrize("seed", range(12))
def test_tenants_that_trade_their_hosts_whatever_happens_meanwhile_all_get_them_and_no_two_ever_answer_at_one(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_in_world(lambda world: _trade(world, random.Random(seed)), monkeypatch)


async def _trade(world: World, dice: random.Random) -> None:
    names, pool = ["northwind", "acme", "globex"], [f"h{number}.example.org" for number in range(7)]

    def wishes(conflicting: bool) -> dict[str, list[str]]:
        deck = dice.sample(pool, len(pool))
        if conflicting:
            return {name: dice.sample(pool, dice.randint(1, 4)) for name in names}
        cuts = sorted(dice.sample(range(1, len(pool) + 1), 3))
        return dict(zip(names, (deck[start:end] for start, end in zip([0, *cuts], cuts, strict=False)), strict=True))

    async def ask(wished: dict[str, list[str]]) -> None:
        for name in dice.sample(names, len(names)):
            main, *further = wished[name]
            world.deploy(name, host=main, hosts=further)
            await world.pass_by(dice.choice([0, 0, 0.01, 0.1, 2]))

    for _ in range(6):
        await ask(wishes(dice.random() < 0.5))
        match dice.choice(["restart", "break", "silence", "nothing"]):
            case "restart":
                async with world.restarted():
                    await ask(wishes(dice.random() < 0.5))
            case "break":
                world.server.break_watches()
            case "silence":
                world.server.silent.add("Ingress")
                await world.pass_by(dice.choice([0.1, 3]))
                world.server.speak("Ingress")
    wished = wishes(conflicting=False)
    await ask(wished)
    await world.until_ready(*names)

    assert {name: _hosts(world, name) for name in names} == wished
    assert _shared(world) == []
    # What all of them are is known to an operator that starts anew.
    async with world.restarted():
        world.begin_to_count()
    await world.pass_by(600)
    assert world.server.writes() == []


@in_world
async def test_settings_of_the_ingress_reach_it_are_put_back_and_go_when_they_are_said_no_more(world: World) -> None:
    world.deploy(ingress=_ingress_settings("nginx", "letsencrypt", ["ingress-nginx"], size="8m", timeout="30"))
    await world.until_ready()

    def live() -> tuple[str, dict[str, str]]:
        body = world.server.get("Ingress", "tenant", "tenant-northwind")
        return body["spec"].get("ingressClassName", ""), body["metadata"].get("annotations", {})

    whole = {"cert-manager.io/cluster-issuer": "letsencrypt", "example.com/size": "8m", "example.com/timeout": "30"}
    assert live() == ("nginx", whole)

    def meddle(body: Any) -> None:
        body["spec"]["ingressClassName"] = "other"
        body["metadata"]["annotations"] = {"example.com/size": "9g", "nginx.ingress.kubernetes.io/server-snippet": "return 200;"}

    world.server.edit("Ingress", "tenant", meddle, "tenant-northwind")
    await world.until(lambda: live() == ("nginx", whole), within=5)

    world.edit(ingress=_ingress_settings("nginx", size="16m"))
    await world.until(lambda: live() == ("nginx", {"example.com/size": "16m"}), within=5)
    await world.until_ready()


@in_world
async def test_an_ingress_goes_on_with_its_class_where_none_is_asked_for_any_more_and_where_whoever_runs_the_cluster_gives_it_another(
    world: World,
) -> None:
    def live() -> str:
        return str(world.server.get("Ingress", "tenant", "tenant-northwind")["spec"].get("ingressClassName", ""))

    world.deploy(ingress=_ingress_settings("nginx"))
    await world.until_ready()
    world.edit(ingress=_ingress_settings())
    await world.until_ready()
    await world.pass_by(20)
    assert live() == "nginx"

    world.server.edit("Ingress", "tenant", lambda body: body["spec"].update(ingressClassName="traefik"), "tenant-northwind")
    await world.pass_by(20)
    world.begin_to_count()
    world.edit(hosts=[SHOP])
    await world.until(lambda: SHOP in _hosts(world, "northwind"))
    assert live() == "traefik"
    async with world.restarted():
        world.begin_to_count()
    await world.pass_by(600)
    assert live() == "traefik"
    assert world.server.writes() == []
