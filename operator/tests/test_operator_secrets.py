"""The whole operator, where services take variables from Secrets."""

from __future__ import annotations

from typing import Any

import pytest
from api_server import Asked, Refused
from world import World, after, in_world, run_in_world, service

NAMESPACE = "tenant-northwind"
#: Seconds within which what happens to a Secret is noticed.
SOON = 7.0


def _taking(*variables: str, name: str = "apiserver", **changes: Any) -> dict[str, Any]:
    """A service that takes variables, each such as `STRIPE_KEY=stripe/api-key`."""
    secrets = []
    for one in variables:
        variable, _, source = one.partition("=")
        secret, _, key = source.partition("/")
        secrets.append({"name": variable, "secret": secret, "key": key})
    return service(name, secrets=secrets, **changes)


STRIPE = _taking("STRIPE_KEY=stripe/api-key")


def _make(world: World, namespace: str = NAMESPACE, name: str = "stripe", **values: str) -> None:
    world.server.create("Secret", {"metadata": {"name": name, "namespace": namespace}, "stringData": _keys(values)})


def _keys(values: dict[str, str]) -> dict[str, str]:
    return {key.replace("_", "-"): value for key, value in values.items()}


def _set(world: World, key: str, value: str) -> None:
    world.server.edit("Secret", "stripe", lambda body: body["data"].update({key: value}), NAMESPACE)


def _restarts(world: World, name: str = "apiserver") -> int:
    return world.server.deployments.restarts.get((NAMESPACE, name), 0)


def _template(world: World, name: str = "apiserver") -> Any:
    return world.server.get("Deployment", name, NAMESPACE)["spec"]["template"]


async def _until_missing(world: World) -> str:
    await world.until(lambda: world.ready() == ("False", "SecretMissing"))
    return world.said()


async def _running(world: World, *services: dict[str, Any]) -> None:
    """A tenant in whose namespace the Secret was made in time."""
    world.deploy("northwind", *(services or [STRIPE]))
    await _until_missing(world)
    _make(world, api_key="one")
    await world.until_ready(within=SOON + 5)
    world.begin_to_count()


@in_world
async def test_a_service_whose_secret_is_missing_says_what_to_do_and_runs_as_soon_as_it_is_there(world: World) -> None:
    world.deploy("northwind", STRIPE)
    said = await _until_missing(world)
    assert said == (
        "apiserver stays as it is: there is no Secret stripe with the key api-key (STRIPE_KEY). Make it: kubectl --namespace "
        'tenant-northwind create secret generic stripe --from-literal=api-key="${STRIPE_KEY:?}"'
    )
    stalled = next(one for one in world.tenant()["status"]["conditions"] if one["type"] == "Stalled")
    assert (stalled["status"], stalled["reason"]) == ("True", "SecretMissing")
    assert world.image() is None

    _make(world, api_key="one")
    await world.until(lambda: world.image() == "a", within=SOON)
    await world.until_ready(within=5)
    assert {"name": "STRIPE_KEY", "valueFrom": {"secretKeyRef": {"name": "stripe", "key": "api-key"}}} in _template(world)["spec"][
        "containers"
    ][0]["env"]


@in_world
async def test_a_key_that_is_missing_in_a_secret_that_is_there_is_to_be_added_to_it(world: World) -> None:
    world.deploy("northwind", _taking("A=stripe/api-key", "B=stripe/hook", "C=stripe/hook", "D=other/x.y", "E=other/z"))
    await _until_missing(world)
    _make(world, api_key="one")
    await world.until(lambda: "has no key" in world.said(), within=SOON + 5)
    assert world.said() == (
        "apiserver stays as it is: the Secret stripe has no key hook (B, C). Add it: kubectl --namespace tenant-northwind patch secret "
        r'stripe --patch "{\"stringData\": {\"hook\": \"${B:?}\"}}"; there is no Secret other with the key x.y (D) and z (E). Make it: '
        'kubectl --namespace tenant-northwind create secret generic other --from-literal=x.y="${D:?}" --from-literal=z="${E:?}"'
    )

    _set(world, "hook", "dHdv")
    _make(world, name="other", **{"x.y": "three", "z": "four"})
    await world.until_ready(within=SOON + 5)


@in_world
async def test_another_value_restarts_the_pods_once(world: World) -> None:
    await _running(world)
    _set(world, "api-key", "dHdv")
    await world.until(lambda: _restarts(world) == 1, within=SOON)
    await world.until_ready()
    await world.pass_by(60)
    assert _restarts(world) == 1
    assert [one for one in world.server.writes() if "status" not in one] == [f"apply Deployment {NAMESPACE}/apiserver"]


def _label(body: Any) -> None:
    body["metadata"]["labels"] = {"team": "billing"}


def _other_key(body: Any) -> None:
    body["data"]["unrelated"] = "eA=="


@pytest.mark.parametrize("change", [_label, _other_key], ids=["a label", "a key that no service takes"])
def test_what_else_changes_in_a_secret_is_nobodys_business(change: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        await _running(world)
        world.server.edit("Secret", "stripe", change, NAMESPACE)
        await world.pass_by(60)
        assert (world.server.writes(), world.looks, _restarts(world)) == ([], [], 0)

    run_in_world(story, monkeypatch)


@in_world
async def test_pods_whose_secret_goes_run_on_and_the_tenant_says_so(world: World) -> None:
    await _running(world)
    before = world.server.get("Deployment", "apiserver", NAMESPACE)
    world.server.delete("Secret", "stripe", NAMESPACE)
    await _until_missing(world)
    # Neither a new image nor another variable begins without it.
    world.deploy("northwind", _taking("STRIPE_KEY=stripe/api-key", "B=stripe/hook", letter="b"))
    await world.until(lambda: "hook (B)" in world.said())
    await world.pass_by(60)
    assert world.server.get("Deployment", "apiserver", NAMESPACE) == before
    assert world.tenant()["status"]["services"][0]["image"] == service()["image"]

    _make(world, api_key="one", hook="two")
    await world.until(lambda: world.image() == "b", within=SOON)
    await world.until_ready()
    assert _restarts(world) == 1


@in_world
async def test_pods_whose_secret_is_gone_can_be_fewer_or_none(world: World) -> None:
    await _running(world)
    world.server.delete("Secret", "stripe", NAMESPACE)
    await _until_missing(world)
    template = _template(world)

    world.deploy("northwind", STRIPE | {"replicas": 1})
    await world.until(lambda: world.server.get("Deployment", "apiserver", NAMESPACE)["spec"]["replicas"] == 1, within=5)
    assert _template(world) == template
    world.edit(decommission=True)
    await world.until(lambda: world.ready() == ("True", "Decommissioned"), within=10)
    assert world.server.get("Deployment", "apiserver", NAMESPACE)["status"]["replicas"] == 0


@in_world
async def test_of_two_services_the_one_that_has_its_secret_goes_on(world: World) -> None:
    world.deploy("northwind", STRIPE, service("web", path="/"))
    await _until_missing(world)
    assert (world.image(), world.image(service="web")) == (None, "a")
    world.deploy("northwind", STRIPE, service("web", "b", path="/"))
    await world.until(lambda: world.image(service="web") == "b", within=5)

    _make(world, api_key="one")
    await world.until_ready(within=SOON + 5)
    before = _restarts(world, "web")
    _set(world, "api-key", "dHdv")
    await world.until(lambda: _restarts(world) == 1, within=SOON)
    await world.pass_by(30)
    assert _restarts(world, "web") == before


@in_world
async def test_an_operator_that_starts_anew_writes_nothing_and_notices_what_changed_meanwhile(world: World) -> None:
    await _running(world)
    async with world.restarted():
        world.begin_to_count()
    await world.pass_by(60)
    assert world.server.writes() == []

    async with world.restarted():
        _set(world, "api-key", "dHdv")
    await world.until(lambda: _restarts(world) == 1, within=SOON)


@in_world
async def test_just_the_secrets_that_are_named_are_read_and_the_values_stand_nowhere(world: World) -> None:
    await _running(world)
    _make(world, name="other", api_key="not asked for")
    await world.pass_by(30)
    assert {one for one in world.server.asked if one.kind == "Secret"} == {Asked("get", "Secret", NAMESPACE, "stripe")}
    assert 5 <= len(world.server.reads()) <= 7
    world.deploy("northwind", service())
    await world.until_ready()
    await world.pass_by(10)
    world.begin_to_count()
    await world.pass_by(60)
    assert world.server.reads() == [], "what nobody names any more is read no more"
    assert "b25l" not in repr([one for key, one in world.server.objects.items() if key[0] != "Secret"])


@in_world
async def test_a_secret_that_may_not_be_read_holds_its_service_alone_until_it_may(world: World) -> None:
    async def refuse(asked: Asked) -> None:
        if (asked.kind, asked.name) == ("Secret", "stripe"):
            raise Refused(403, "Forbidden", "secrets is forbidden")

    world.server.interfere = refuse
    world.deploy("northwind", STRIPE, service("web", path="/"))
    await world.until(lambda: world.ready() == ("False", "Forbidden"))
    assert "Secret stripe" in world.said()
    assert (world.image(), world.image(service="web")) == (None, "a")

    world.server.interfere = None
    await world.until(lambda: world.ready() == ("False", "SecretMissing"), within=90)
    _make(world, api_key="one")
    await world.until_ready(within=SOON + 5)
    world.begin_to_count()

    # What was seen holds while it may not be read for some time.
    world.server.interfere = refuse
    await world.pass_by(60)
    assert world.server.writes() == []


@in_world
async def test_a_tenant_that_waits_for_its_secret_keeps_no_place_of_its_ring_from_others(world: World) -> None:
    one_by_one: dict[str, Any] = {"ring": "general", "rollout": after(at_once="1")}
    for name in ("northwind", "globex", "acme"):
        world.deploy(name, service(), **({} if name == "northwind" else one_by_one))
    await world.until_ready("northwind", "globex", "acme")

    world.deploy("northwind", service(letter="b"))
    world.deploy("acme", _taking("STRIPE_KEY=stripe/api-key", letter="b"), **one_by_one)
    world.deploy("globex", service(letter="b"), **one_by_one)
    await world.until(lambda: world.image("globex") == "b", within=120)
    assert world.image("acme") == "a"
    await world.until(lambda: world.ready("acme") == ("False", "SecretMissing"))
    world.begin_to_count()
    await world.pass_by(300)
    assert len(world.looks) < 20

    _make(world, "tenant-acme", api_key="one")
    await world.until_ready("acme", within=SOON + 10)
    assert world.image("acme") == "b"


@in_world
async def test_another_value_is_held_by_no_ring_and_by_no_pod_template_of_another_operator(world: World) -> None:
    later: dict[str, Any] = {"ring": "general", "rollout": after()}
    world.deploy("northwind")
    world.deploy("acme", STRIPE, **later)
    await world.until(lambda: world.ready("acme") == ("False", "SecretMissing"))
    _make(world, "tenant-acme", api_key="one")
    await world.until_ready("northwind", "acme")
    await world.pass_by(2)
    # The canary gets stuck on its way to the new pod template.
    world.server.deployments.unready.add(service()["image"])
    await world.upgrade()
    await world.until(lambda: world.ready("acme") == ("False", "RingHeld"))
    before = world.server.deployments.restarts.get(("tenant-acme", "apiserver"), 0)

    world.server.edit("Secret", "stripe", lambda body: body["data"].update({"api-key": "dHdv"}), "tenant-acme")
    await world.until(lambda: world.server.deployments.restarts.get(("tenant-acme", "apiserver"), 0) == before + 1, within=SOON)
    annotations = world.server.get("Deployment", "apiserver", "tenant-acme")["spec"]["template"]["metadata"]["annotations"]
    assert "rendered-by" not in annotations
    world.begin_to_count()
    await world.pass_by(60)
    assert [one for one in world.server.asked if one.kind == "Deployment"] == []


@in_world
async def test_later_rings_wait_for_a_tenant_whose_secret_is_missing(world: World) -> None:
    later: dict[str, Any] = {"ring": "general", "rollout": after()}
    world.deploy("northwind")
    world.deploy("acme", **later)
    await world.until_ready("northwind", "acme")

    world.deploy("northwind", _taking("STRIPE_KEY=stripe/api-key", letter="b"))
    world.deploy("acme", service(letter="b"), **later)
    await _until_missing(world)
    await world.until(lambda: "SecretMissing" in world.said("acme"))
    assert world.image("acme") == "a"

    _make(world, api_key="one")
    await world.until_ready("northwind", "acme", within=60)
    assert world.image("acme") == "b"
