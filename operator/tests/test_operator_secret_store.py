"""The whole operator, where Secrets come from a secret store."""

from __future__ import annotations

from typing import Any

import pytest
from api_server import Asked, Refused
from world import World, in_world, run_in_world, service

NAMESPACE = "tenant-northwind"
STORE = {"kind": "ClusterSecretStore", "name": "aws", "refreshSeconds": 3600}
PATH = "acme/northwind/apiserver"
#: Seconds after which the operator looks again whether the cluster has External Secrets, and within which a Secret is noticed.
KNOWN, SOON = 40.0, 7.0


def _stored(name: str = "apiserver", path: str = PATH, **changes: Any) -> dict[str, Any]:
    """A service that takes a key of a Secret which comes from the store."""
    secrets = [{"name": "STRIPE_KEY", "secret": "apiserver", "key": "stripe-key"}]
    return service(name, secrets=secrets, secretPath=path, **changes)


def _deploy(world: World, *services: dict[str, Any]) -> None:
    world.deploy("northwind", *(services or [_stored()]), secretStore=STORE)


def _asked_of(world: World, name: str = "apiserver") -> Any:
    return world.server.get("ExternalSecret", name, NAMESPACE)


def _reads(world: World, name: str = "apiserver", **values: str) -> None:
    """External Secrets reads the store, and makes the Secret of what is there."""
    if not world.server.has("Secret", name, NAMESPACE):
        owner = {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "name": name,
            "uid": _asked_of(world, name)["metadata"]["uid"],
        }
        world.server.create("Secret", {"metadata": {"name": name, "namespace": NAMESPACE, "ownerReferences": [owner]}})

    def put(body: dict[str, Any]) -> None:
        body["data"] = {key.replace("_", "-"): value for key, value in values.items()}

    world.server.edit("Secret", name, put, NAMESPACE)
    _says(world, name, "True", "secret synced", of=_asked_of(world, name)["metadata"]["generation"])


def _says(world: World, name: str, status: str, message: str, of: int) -> None:
    def say(body: dict[str, Any]) -> None:
        body["status"] = {
            "conditions": [{"type": "Ready", "status": status, "reason": "Secret", "message": message}],
            "syncedResourceVersion": f"{of}-0123abcd",
        }

    world.server.edit("ExternalSecret", name, say, NAMESPACE)


def _is_stalled(world: World) -> bool:
    conditions = world.tenant().get("status", {}).get("conditions", [])
    return any(one["type"] == "Stalled" and one["status"] == "True" for one in conditions)


@in_world
async def test_a_secret_is_asked_of_the_store_and_the_service_starts_once_it_is_there(world: World) -> None:
    _deploy(world)
    await world.until(lambda: world.ready() == ("False", "SecretMissing"))

    assert world.said() == (
        "apiserver stays as it is: External Secrets is to read stripe-key (STRIPE_KEY) from acme/northwind/apiserver in the "
        "ClusterSecretStore aws, and has not yet"
    )
    assert not _is_stalled(world)
    assert _asked_of(world)["spec"] == {
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "aws"},
        "refreshInterval": "1h0m0s",
        "target": {"name": "apiserver", "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "dataFrom": [{"extract": {"key": PATH}}],
    }
    _reads(world, stripe_key="b25l")
    await world.until_ready(within=SOON + 5)


@in_world
async def test_what_keeps_the_store_from_being_read_is_told_and_a_person_is_needed(world: World) -> None:
    _deploy(world)
    await world.until(lambda: world.ready() == ("False", "SecretMissing"))
    _says(world, "apiserver", "False", "could not get secret data from provider", of=1)
    await world.until(lambda: _is_stalled(world), within=SOON)

    assert world.said() == (
        "apiserver stays as it is: stripe-key (STRIPE_KEY) can't be read from acme/northwind/apiserver in the ClusterSecretStore aws: "
        "could not get secret data from provider. See kubectl --namespace tenant-northwind describe externalsecret apiserver; once it is "
        "mended: kubectl --namespace tenant-northwind annotate externalsecret apiserver --overwrite force-sync=$(date +%s)"
    )


@in_world
async def test_a_key_that_the_store_does_not_have_is_told_with_how_to_have_it_read_at_once(world: World) -> None:
    _deploy(world)
    await world.until(lambda: world.server.has("ExternalSecret", "apiserver", NAMESPACE))
    _reads(world, other="b25l")
    await world.until(lambda: _is_stalled(world), within=SOON + 5)

    assert world.said() == (
        "apiserver stays as it is: acme/northwind/apiserver in the ClusterSecretStore aws has no key stripe-key (STRIPE_KEY). Put it "
        "there; it is read every hour, or at once after: kubectl --namespace tenant-northwind annotate externalsecret apiserver "
        "--overwrite force-sync=$(date +%s)"
    )
    world.begin_to_count()
    world.server.edit("ExternalSecret", "apiserver", lambda body: body["metadata"].update(annotations={"force-sync": "1"}), NAMESPACE)
    _reads(world, stripe_key="b25l")
    await world.until_ready(within=SOON + 5)
    # What a person noted there to have it read is theirs.
    assert not [one for one in world.server.writes() if "ExternalSecret" in one]


@in_world
async def test_another_path_is_not_taken_for_read_before_it_was(world: World) -> None:
    _deploy(world)
    await world.until(lambda: world.server.has("ExternalSecret", "apiserver", NAMESPACE))
    _reads(world, other="b25l")
    await world.until(lambda: _is_stalled(world), within=SOON + 5)

    _deploy(world, _stored(path="acme/northwind/other"))
    await world.until(lambda: _asked_of(world)["spec"]["dataFrom"] == [{"extract": {"key": "acme/northwind/other"}}])
    await world.until(lambda: not _is_stalled(world), within=SOON + 5)
    assert "is to read stripe-key (STRIPE_KEY) from acme/northwind/other" in world.said()


@pytest.mark.parametrize("what", ["edited", "deleted"])
def test_what_somebody_does_to_it_by_hand_is_put_back(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    async def story(world: World) -> None:
        _deploy(world)
        await world.until(lambda: world.server.has("ExternalSecret", "apiserver", NAMESPACE))
        _reads(world, stripe_key="b25l")
        await world.until_ready(within=SOON + 5)
        if what == "deleted":
            world.server.delete("ExternalSecret", "apiserver", NAMESPACE)
        else:
            change = {"dataFrom": [{"extract": {"key": "acme/hooli/apiserver"}}]}
            world.server.edit("ExternalSecret", "apiserver", lambda body: body["spec"].update(change), NAMESPACE)
        await world.until(
            lambda: (
                world.server.has("ExternalSecret", "apiserver", NAMESPACE)
                and _asked_of(world)["spec"]["dataFrom"][0]["extract"]["key"] == PATH
            ),
            within=SOON,
        )

    run_in_world(story, monkeypatch)


@in_world
async def test_a_cluster_without_external_secrets_says_so_runs_all_else_and_goes_on_once_it_has(world: World) -> None:
    world.server.undefined.add("ExternalSecret")
    await world.stop()
    await world.start()
    _deploy(world, _stored(), service("web-client"))
    await world.until(lambda: world.ready() == ("False", "SecretStoreMissing"))
    await world.until(lambda: world.image(service="web-client") == "a" and "web-client" not in world.said())

    assert world.said() == (
        "apiserver stays as it is: stripe-key (STRIPE_KEY) comes from acme/northwind/apiserver in the ClusterSecretStore aws, and this "
        "cluster has no definition externalsecrets.external-secrets.io/v1 that the operator may read. Install External "
        "Secrets 0.16 or later (https://external-secrets.io), then deploy the operator's stack. If that was done, this says what is wrong: "
        "kubectl get externalsecrets --all-namespaces"
    )
    assert not [one for one in world.server.asked if one.kind == "ExternalSecret"]

    world.server.undefined.clear()
    await world.until(lambda: world.server.has("ExternalSecret", "apiserver", NAMESPACE), within=KNOWN)
    _reads(world, stripe_key="b25l")
    await world.until_ready(within=SOON + 5)


@in_world
async def test_a_cluster_without_external_secrets_is_asked_rarely_and_tenants_not_at_all(world: World) -> None:
    world.server.undefined.add("ExternalSecret")
    await world.stop()
    await world.start()
    world.deploy("northwind", service())
    await world.until_ready()
    world.begin_to_count()
    world.looks.clear()
    await world.pass_by(300)

    assert (world.server.asked, world.looks) == ([], [])


@in_world
async def test_an_operator_that_may_not_see_them_yet_sees_to_all_else(world: World) -> None:
    world.server.hidden.add("ExternalSecret")
    await world.stop()
    await world.start()
    world.deploy("northwind", service())
    await world.until_ready()


@in_world
async def test_an_operator_that_starts_while_their_api_fails_holds_up_no_pods_and_asks_for_them_once_it_does_not(world: World) -> None:
    world.server.failing.add("ExternalSecret")
    await world.stop()
    await world.start()
    _deploy(world, _stored(), service("web-client"))
    await world.until(lambda: world.ready() == ("False", "SecretStoreMissing"))
    await world.until(lambda: world.image(service="web-client") == "a" and "web-client" not in world.said())

    world.server.failing.clear()
    await world.until(lambda: world.server.has("ExternalSecret", "apiserver", NAMESPACE), within=KNOWN)
    _reads(world, stripe_key="b25l")
    await world.until_ready(within=SOON + 5)


@in_world
async def test_a_definition_that_is_removed_takes_nothing_from_pods_that_run(world: World) -> None:
    _deploy(world)
    await world.until(lambda: world.server.has("ExternalSecret", "apiserver", NAMESPACE))
    _reads(world, stripe_key="b25l")
    await world.until_ready(within=SOON + 5)
    world.server.undefined.add("ExternalSecret")
    world.server.delete("ExternalSecret", "apiserver", NAMESPACE)
    world.server.break_watches()
    await world.pass_by(KNOWN)

    # The Secret goes with it, which was its owner.
    assert world.ready() == ("True", "Ready")
    world.server.delete("Secret", "apiserver", NAMESPACE)
    await world.until(lambda: world.ready() == ("False", "SecretStoreMissing"), within=SOON)
    assert world.image() == "a"


@in_world
async def test_it_goes_when_nothing_is_taken_from_the_store_any_more(world: World) -> None:
    _deploy(world)
    await world.until(lambda: world.server.has("ExternalSecret", "apiserver", NAMESPACE))
    _reads(world, stripe_key="b25l")
    await world.until_ready(within=SOON + 5)

    world.deploy("northwind", service())
    await world.until(lambda: not world.server.has("ExternalSecret", "apiserver", NAMESPACE), within=SOON)
    await world.until_ready(within=SOON)


@in_world
async def test_a_refused_one_stops_its_service_alone(world: World) -> None:
    async def refuse(asked: Asked) -> None:
        if asked.kind == "ExternalSecret" and asked.verb == "apply":
            raise Refused(403, "Forbidden", "a policy says no")

    world.server.interfere = refuse
    _deploy(world, _stored(), service("web-client"))
    await world.until(lambda: world.image(service="web-client") == "a")

    assert "a policy says no" in world.said()
    assert world.image() is None


@in_world
async def test_a_secret_that_somebody_made_is_not_emptied_by_the_store(world: World) -> None:
    world.deploy("northwind", service())
    await world.until_ready()
    world.server.create("Secret", {"metadata": {"name": "apiserver", "namespace": NAMESPACE}, "stringData": {"stripe-key": "by hand"}})
    _deploy(world)
    await world.until(lambda: world.ready() == ("False", "SecretTaken"))

    assert world.said().startswith(
        "the Secret apiserver was not made from the secret store, which would empty it. Put its keys into the store, then: "
        "kubectl --namespace tenant-northwind delete secret apiserver"
    )
    assert not world.server.has("ExternalSecret", "apiserver", NAMESPACE)
    world.server.delete("Secret", "apiserver", NAMESPACE)
    await world.until(lambda: world.server.has("ExternalSecret", "apiserver", NAMESPACE), within=SOON)
    _reads(world, stripe_key="b25l")
    await world.until_ready(within=SOON + 5)


@in_world
async def test_an_object_of_that_name_that_somebody_made_is_not_taken_over(world: World) -> None:
    world.deploy("northwind", service())
    await world.until_ready()
    theirs = {"dataFrom": [{"extract": {"key": "theirs"}}]}
    managed = [{"manager": "kubectl-client-side-apply", "operation": "Update"}]
    world.server.create(
        "ExternalSecret", {"metadata": {"name": "apiserver", "namespace": NAMESPACE, "managedFields": managed}, "spec": theirs}
    )
    _deploy(world)
    await world.until(lambda: world.ready() == ("False", "SecretTaken"))

    assert "kubectl --namespace tenant-northwind delete externalsecret apiserver" in world.said()
    assert _asked_of(world)["spec"] == theirs


@in_world
async def test_another_path_that_can_not_be_read_leaves_the_pods_and_the_tenant_is_not_ready(world: World) -> None:
    _deploy(world)
    await world.until(lambda: world.server.has("ExternalSecret", "apiserver", NAMESPACE))
    _reads(world, stripe_key="b25l")
    await world.until_ready(within=SOON + 5)
    _deploy(world, _stored(path="acme/northwind/wrong"))
    await world.until(lambda: world.ready() == ("False", "SecretNotRead"), within=SOON + 5)
    assert not _is_stalled(world)
    _says(world, "apiserver", "False", "could not get secret data from provider", of=1)
    await world.until(lambda: _is_stalled(world), within=SOON)

    assert world.said().startswith(
        "the Secret apiserver is as it was before: acme/northwind/wrong in the ClusterSecretStore aws was not read yet: could not get"
    )
    assert world.image() == "a"
    assert world.server.deployments.restarts.get((NAMESPACE, "apiserver"), 0) == 0


@in_world
async def test_an_entry_without_a_key_is_told_as_one_that_lacks_it(world: World) -> None:
    _deploy(world)
    await world.until(lambda: world.server.has("ExternalSecret", "apiserver", NAMESPACE))
    _says(world, "apiserver", "True", "secret retained due to DeletionPolicy=Retain", of=1)
    await world.until(lambda: _is_stalled(world), within=SOON)
    assert "has no key stripe-key (STRIPE_KEY). Put it there" in world.said()
