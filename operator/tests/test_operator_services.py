"""The whole operator, where services come and go, and where their database is away."""

from __future__ import annotations

import pytest
from world import World, image, in_world, run_in_world, service

from tenantry_operator.problems import Pending, Problem, Stalled

NAMESPACE = "tenant-northwind"
AWAY = Pending("DatabaseUnavailable", "the PostgreSQL server does not answer")
TAKEN = Stalled("DatabaseForeign", "the database belongs to somebody else")


def _conditions(world: World) -> dict[str, str]:
    return {one["type"]: one["status"] for one in world.tenant()["status"]["conditions"]}


def _has(world: World, name: str) -> list[str]:
    return [kind for kind in ("ServiceAccount", "Service", "Deployment") if world.server.has(kind, name, NAMESPACE)]


@in_world
async def test_a_service_that_gets_another_name_answers_under_the_old_one_until_the_new_one_can(world: World) -> None:
    world.deploy("northwind", service("web", path="/"), service())
    await world.until_ready()
    world.server.deployments.unready.add(image("a", "site"))

    world.deploy("northwind", service("site", path="/"), service())
    await world.until(lambda: world.ready() == ("False", "RolloutInProgress"))
    assert world.backends() == {"/": "web", "/apiserver": "apiserver"}
    assert _has(world, "web") == ["ServiceAccount", "Service", "Deployment"]
    world.begin_to_count()

    world.server.deployments.heal(image("a", "site"))
    await world.until_ready()
    await world.pass_by()
    assert world.backends() == {"/": "site", "/apiserver": "apiserver"}
    assert _has(world, "web") == []
    # Nothing goes as long as the host leads there.
    writes = [one for one in world.server.writes() if "Event" not in one and "status" not in one]
    assert writes == [f"apply Ingress {NAMESPACE}/tenant", *(f"delete {kind} {NAMESPACE}/web" for kind in DELETED)]


@in_world
async def test_a_service_that_gets_another_name_and_path_answers_at_the_old_one_until_the_new_one_can(world: World) -> None:
    world.deploy("northwind", service("web", path="/"), service("api"))
    await world.until_ready()
    world.server.deployments.unready.add(image("a", "backend"))

    world.deploy("northwind", service("web", path="/"), service("backend"))
    await world.until(lambda: world.ready() == ("False", "RolloutInProgress"))
    assert world.backends() == {"/": "web", "/api": "api", "/backend": "backend"}
    await world.until(lambda: world.ready() == ("False", "RolloutStuck"))
    assert world.backends() == {"/": "web", "/api": "api", "/backend": "backend"}

    world.server.deployments.heal(image("a", "backend"))
    await world.until_ready()
    await world.pass_by()
    assert world.backends() == {"/": "web", "/backend": "backend"}
    assert _has(world, "api") == []


@in_world
async def test_it_does_so_in_a_ring_that_is_held(world: World) -> None:
    for name, ring in (("northwind", "canary"), ("acme", "general")):
        world.deploy(name, service("web", path="/"), service("api"), ring=ring)
    await world.until_ready("northwind", "acme")
    world.server.deployments.unready.add(image("a", "backend"))
    for name, ring in (("northwind", "canary"), ("acme", "general")):
        world.deploy(name, service("web", path="/"), service("backend"), ring=ring)
    await world.until(lambda: world.ready("acme") == ("False", "RingHeld"))
    await world.pass_by(30)
    assert world.backends("acme")["/api"] == "api"

    world.server.deployments.heal(image("a", "backend"))
    await world.until_ready("northwind", "acme")
    await world.pass_by()
    assert world.backends("acme") == {"/": "web", "/backend": "backend"}


DELETED = ("PodDisruptionBudget", "Deployment", "Service", "ServiceAccount")


@in_world
async def test_a_service_that_is_no_longer_asked_for_goes_while_another_does_not_get_ready_only_then(world: World) -> None:
    world.deploy("northwind", service("web", path="/"), service())
    await world.until_ready()
    world.server.deployments.unready.add(image("b"))

    world.deploy("northwind", service(letter="b"))
    await world.until(lambda: world.ready() == ("False", "RolloutStuck"))
    # It may be the same service by another name; nobody can tell. Its host leads there no more.
    assert _has(world, "web") == ["ServiceAccount", "Service", "Deployment"]
    assert world.backends() == {"/apiserver": "apiserver"}
    world.server.deployments.heal(image("b"))
    await world.until(lambda: _has(world, "web") == [], within=30)


@in_world
async def test_what_somebody_else_made_in_the_namespace_under_the_operators_label_goes(world: World) -> None:
    world.deploy()
    await world.until_ready()
    labels = {"app.kubernetes.io/managed-by": "tenantry-operator"}
    world.server.create("Service", {"metadata": {"name": "other", "namespace": NAMESPACE, "labels": labels}, "spec": {"ports": []}})
    world.server.create("Service", {"metadata": {"name": "not-ours", "namespace": NAMESPACE}, "spec": {"ports": []}})

    await world.until(lambda: not world.server.has("Service", "other", NAMESPACE), within=10)
    await world.pass_by(30)
    assert world.server.has("Service", "not-ours", NAMESPACE)


@pytest.mark.parametrize("problem", [AWAY, TAKEN], ids=["a server that is away", "a database for a person to see to"])
def test_services_that_run_take_a_new_image_whatever_is_the_matter_with_their_database(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        world.deploy()
        await world.until_ready()

        async with world.restarted():
            world.databases.away = problem
            world.deploy("northwind", service(letter="b", replicas=3))
        await world.until(lambda: world.image() == "b", within=5)
        await world.until(lambda: world.ready() == ("False", problem.reason))
        await world.until(lambda: _conditions(world)["ServicesReady"] == "True", within=10)
        assert _conditions(world)["DatabaseReady"] == "False"

        world.databases.away = None
        await world.until_ready(within=90)

    run_in_world(story, monkeypatch)


@pytest.mark.parametrize("problem", [AWAY, TAKEN], ids=["a server that is away", "a database for a person to see to"])
def test_a_tenant_is_decommissioned_whatever_is_the_matter_with_its_database(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        world.deploy()
        await world.until_ready()

        async with world.restarted():
            world.databases.away = problem
            world.edit(decommission=True)
        await world.until(lambda: world.backends() == {}, within=5)
        await world.until(lambda: world.server.get("Deployment", "apiserver", NAMESPACE)["status"].get("replicas") == 0, within=10)
        assert world.tenant()["metadata"]["finalizers"] == []

    run_in_world(story, monkeypatch)


@in_world
async def test_a_new_tenant_whose_database_is_away_gets_all_that_needs_none_and_the_rest_later(world: World) -> None:
    world.databases.away = AWAY
    world.deploy()
    await world.until(lambda: world.ready() == ("False", "DatabaseUnavailable"))
    await world.until(lambda: world.server.has("Service", "apiserver", NAMESPACE), within=5)
    assert world.image() is None

    world.databases.away = None
    await world.until_ready(within=90)


@in_world
async def test_a_database_that_is_away_for_a_moment_is_no_news(world: World) -> None:
    world.deploy()
    await world.until_ready()
    async with world.restarted():
        world.databases.away = AWAY
    world.begin_to_count()

    await world.pass_by(2)
    world.databases.away = None
    await world.pass_by(60)
    assert world.server.writes() == []


@in_world
async def test_a_tenant_that_was_decommissioned_comes_back_with_its_data(world: World) -> None:
    world.deploy()
    await world.until_ready()
    roles = dict(world.databases.roles)
    world.edit(decommission=True)
    await world.until(lambda: world.ready() == ("True", "Decommissioned"))
    await world.pass_by()

    world.edit(decommission=False)
    await world.until_ready()
    assert world.databases.roles == roles
    assert world.tenant()["metadata"]["finalizers"] == ["tenantry.dev/operator"]
    assert not world.server.get("Namespace", NAMESPACE)["metadata"].get("annotations")


@in_world
async def test_pods_that_go_away_for_a_moment_are_no_news_and_for_longer_are(world: World) -> None:
    world.deploy()
    await world.until_ready()
    world.begin_to_count()

    world.server.deployments.fail(image("a"))
    await world.pass_by(2)
    world.server.deployments.heal(image("a"))
    await world.pass_by(30)
    assert world.server.writes() == []

    world.server.deployments.fail(image("a"))
    # By the second look at the latest.
    await world.until(lambda: world.ready() == ("False", "RolloutInProgress"), within=12)
