"""The whole operator, and what it costs, where little goes wrong."""

from __future__ import annotations

import base64
from collections import Counter
from typing import Any

import pytest
from world import RESYNC, World, in_world, run_in_world, service

from tenantry_operator.controller import WATCHED
from tenantry_operator.database_server import DatabaseServer
from tenantry_operator.pod_template import CA_FILE, DatabaseAddress

THREE = [service("web", path="/"), service("apiserver"), service("worker", path=None)]


@in_world
async def test_a_new_tenant_costs_nineteen_writes_and_nothing_is_read(world: World) -> None:
    world.deploy("northwind", *THREE)
    await world.until_ready()
    await world.pass_by()

    assert world.server.reads() == []
    assert Counter(one.split(" tenant-")[0] for one in world.server.writes()) == {
        "patch Tenant northwind": 1,
        "create Namespace": 1,
        "apply RoleBinding": 1,
        "apply NetworkPolicy": 1,
        "create Secret": 1,
        "apply ServiceAccount": 3,
        "apply Service": 3,
        "apply Deployment": 3,
        "apply PodDisruptionBudget": 3,
        "apply Ingress": 1,
        "apply Tenant/status northwind": 1,
    }
    assert world.databases.asked == ["has_role northwind", "ensure northwind"]


@in_world
async def test_a_new_image_costs_two_writes_and_two_looks(world: World) -> None:
    world.deploy("northwind", *THREE)
    await world.until_ready()
    world.begin_to_count()

    world.deploy("northwind", *[service("web", "b", path="/"), *THREE[1:]])
    await world.until_ready()
    await world.pass_by()
    assert world.server.writes() == ["apply Deployment tenant-northwind/web", "apply Tenant/status northwind"]
    assert world.server.reads() == []
    assert len(world.looks) == 2
    assert world.image(service="web") == "b"


@in_world
async def test_a_rollout_that_takes_a_while_is_told_once_and_its_end_once(world: World) -> None:
    world.deploy()
    await world.until_ready()
    world.begin_to_count()

    world.server.deployments.unready.add(service(letter="b")["image"])
    world.deploy("northwind", service(letter="b"))
    await world.until(lambda: world.ready() == ("False", "RolloutInProgress"))
    world.server.deployments.heal(service(letter="b")["image"])
    await world.until_ready()
    writes = ["apply Deployment tenant-northwind/apiserver", *["apply Tenant/status northwind"] * 2]
    assert [one for one in world.server.writes() if "Event" not in one] == writes


@in_world
async def test_a_second_operator_finds_nothing_to_write_and_nothing_to_read(world: World) -> None:
    world.deploy("northwind", *THREE)
    world.deploy("acme")
    await world.until_ready("northwind", "acme")

    async with world.restarted():
        world.begin_to_count()
    await world.pass_by(60)
    assert (world.server.writes(), world.server.reads()) == ([], [])
    assert sorted(world.looks) == ["acme", "northwind"]


@in_world
async def test_for_hours_in_which_nothing_happens_it_lists_now_and_then_and_asks_and_writes_nothing(world: World) -> None:
    for name in ("northwind", "acme"):
        world.deploy(name, *THREE)
        await world.until_ready(name)
    world.begin_to_count()

    await world.pass_by(4 * RESYNC)
    assert (world.server.writes(), world.server.reads()) == ([], [])
    assert 2 * 3 <= len(world.looks) <= 2 * 5
    kinds = len(WATCHED) + 1
    assert kinds * 3 <= len(world.server.lists) <= kinds * 5


def _remove(name: str) -> Any:
    return lambda body: body["metadata"]["labels"].pop(name)


def _more_env(body: Any) -> None:
    body["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": "DEBUG", "value": "1"})


EDITS: dict[str, tuple[str, str, Any]] = {
    "another number of pods": ("Deployment", "apiserver", lambda body: body["spec"].update(replicas=7)),
    "an environment variable more": ("Deployment", "apiserver", _more_env),
    "a Deployment that is paused": ("Deployment", "apiserver", lambda body: body["spec"].update(paused=True)),
    "a label that it is found by": ("Deployment", "apiserver", _remove("app.kubernetes.io/managed-by")),
    "a label that says whose it is": ("Service", "apiserver", _remove("tenantry.dev/tenant")),
    "another port": ("Service", "apiserver", lambda body: body["spec"]["ports"][0].update(port=1)),
    "a wall with a hole": ("NetworkPolicy", "tenant", lambda body: body["spec"].update(ingress=[{}])),
    "nodes that can't be emptied": ("PodDisruptionBudget", "apiserver", lambda body: body["spec"].update(maxUnavailable=0)),
    "another most of pods": ("HorizontalPodAutoscaler", "apiserver", lambda body: body["spec"].update(maxReplicas=60)),
    "another host": ("Ingress", "tenant", lambda body: body["spec"]["rules"][0].update(host="other.example.com")),
    "a token in every pod": ("ServiceAccount", "apiserver", lambda body: body.update(automountServiceAccountToken=True)),
    "less security": ("Namespace", "tenant-northwind", _remove("pod-security.kubernetes.io/enforce")),
    "a namespace that is found no more": ("Namespace", "tenant-northwind", _remove("app.kubernetes.io/managed-by")),
}


@pytest.mark.parametrize("what", EDITS)
def test_what_somebody_changed_by_hand_is_put_back_and_nothing_else_is_touched(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        kind, name, change = EDITS[what]
        namespace = "" if kind == "Namespace" else "tenant-northwind"
        # The number of pods of one with an autoscaler is not the operator's.
        world.deploy("northwind", service(maxReplicas=6 if kind == "HorizontalPodAutoscaler" else 0))
        await world.until_ready()
        await world.pass_by()
        before = world.server.get(kind, name, namespace)
        world.begin_to_count()

        world.server.edit(kind, name, change, namespace)
        await world.pass_by(30)
        after = world.server.get(kind, name, namespace)
        for one in (before, after):
            for field in ("resourceVersion", "generation"):
                del one["metadata"][field]
            one.pop("status", None)
        assert after == before
        assert {one.split(" ")[1] for one in world.server.writes()} <= {kind, "Tenant/status"}
        assert len(world.server.writes()) <= 4
        assert world.ready() == ("True", "Ready")

    run_in_world(story, monkeypatch)


OBJECTS = [("Deployment", "apiserver"), ("Service", "apiserver"), ("ServiceAccount", "apiserver"), ("NetworkPolicy", "tenant")]
SCALING = [("PodDisruptionBudget", "apiserver"), ("HorizontalPodAutoscaler", "apiserver")]


@pytest.mark.parametrize(("kind", "name"), [*OBJECTS, *SCALING, ("Ingress", "tenant"), ("RoleBinding", "tenantry-operator")])
def test_what_somebody_deleted_is_made_again(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        world.deploy("northwind", service(maxReplicas=6))
        await world.until_ready()
        await world.pass_by()
        world.begin_to_count()

        world.server.delete(kind, name, "tenant-northwind")
        await world.until(lambda: world.server.has(kind, name, "tenant-northwind"), within=10)
        await world.pass_by(30)
        assert [one for one in world.server.writes() if "status" not in one] == [f"apply {kind} tenant-northwind/{name}"]
        assert world.ready() == ("True", "Ready")

    run_in_world(story, monkeypatch)


@in_world
async def test_a_namespace_that_somebody_deleted_is_made_again_as_soon_as_it_is_gone(world: World) -> None:
    world.deploy()
    await world.until_ready()
    uid = world.server.get("Namespace", "tenant-northwind")["metadata"]["uid"]

    # Its Secret goes with it, so nobody knows the password any more: a person has to say what is to become of it.
    world.server.delete("Namespace", "tenant-northwind")
    await world.until(lambda: world.ready() == ("False", "CredentialsMissing"))
    assert world.server.get("Namespace", "tenant-northwind")["metadata"]["uid"] != uid
    assert world.databases.databases == {"tenant_northwind": "northwind"}


@in_world
async def test_a_secret_that_is_gone_waits_for_a_person_and_services_run_on(world: World) -> None:
    world.deploy()
    await world.until_ready()
    secret = world.server.get("Secret", "tenantry-credentials", "tenant-northwind")

    world.server.delete("Secret", "tenantry-credentials", "tenant-northwind")
    await world.until(lambda: world.ready() == ("False", "CredentialsMissing"))
    assert world.image() == "a"
    assert not world.server.has("Secret", "tenantry-credentials", "tenant-northwind")

    world.server.create("Secret", {"metadata": {"name": "tenantry-credentials", **_where()}, "data": secret["data"]})
    await world.until_ready()


def _where() -> dict[str, Any]:
    labels = {"app.kubernetes.io/managed-by": "tenantry-operator", "tenantry.dev/tenant": "northwind"}
    return {"namespace": "tenant-northwind", "labels": labels}


@in_world
async def test_new_credentials_start_the_pods_again(world: World) -> None:
    world.deploy()
    await world.until_ready()

    world.server.edit("Secret", "tenantry-credentials", lambda body: body["data"].update(password="bmV3"), "tenant-northwind")
    await world.until(lambda: world.databases.roles == {"tenant_northwind": "new"}, within=5)
    await world.pass_by()
    assert world.server.deployments.restarts == {("tenant-northwind", "apiserver"): 1}
    assert world.ready() == ("True", "Ready")


@in_world
async def test_the_certificates_of_the_server_come_into_its_secret_and_other_ones_restart_no_pods(world: World) -> None:
    def told(ca: str) -> DatabaseServer:
        return DatabaseServer({}, DatabaseAddress("db.example.com", 5432, "verify-full", CA_FILE), ca)

    def ca() -> str:
        data = world.server.get("Secret", "tenantry-credentials", "tenant-northwind")["data"]
        return base64.b64decode(data.get("ca.crt", "")).decode()

    world.databases.server = told("of today")
    world.deploy()
    await world.until_ready()
    assert ca() == "of today"
    await world.pass_by()
    world.begin_to_count()

    world.databases.server = told("of tomorrow")
    await world.until(lambda: ca() == "of tomorrow", within=RESYNC * 1.2)
    await world.pass_by()
    assert world.server.deployments.restarts == {}
    assert world.databases.asked == ["ensure northwind"], "the server is tried with them first"
    assert len(world.server.writes()) == 1


@in_world
async def test_another_tag_on_the_same_image_restarts_no_pods(world: World) -> None:
    world.deploy()
    await world.until_ready()

    world.deploy("northwind", service(commit="f" * 40, release="releases/0.0.9"), release="releases/0.0.9")
    await world.until_ready()
    await world.pass_by()
    assert world.server.deployments.restarts == {}
    assert world.tenant()["status"]["services"][0]["commit"] == "f" * 40
