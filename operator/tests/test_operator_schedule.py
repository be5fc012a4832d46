"""The whole operator, where services run on a schedule."""

from __future__ import annotations

from typing import Any

from world import World, after, image, in_world, service

from tenantry_operator.problems import Pending

NAMESPACE = "tenant-northwind"
NIGHT, MORNING = "2026-11-26T03:00:00Z", "2026-11-26T08:12:00Z"


def _cleanup(letter: str = "a", **changes: Any) -> dict[str, Any]:
    """A service that runs every night."""
    return service("cleanup", letter, **({"port": 0, "path": "", "healthPath": "", "replicas": 0, "schedule": "0 3 * * *"} | changes))


def _worker(letter: str = "a") -> dict[str, Any]:
    """The same, as a service that always runs."""
    return service("cleanup", letter, port=0, path="", healthPath="", replicas=1)


def _has(world: World, kind: str, name: str = "cleanup", tenant: str = "northwind") -> bool:
    return world.server.has(kind, name, f"tenant-{tenant}")


def _image(world: World, tenant: str = "northwind") -> str | None:
    """The first digit of the digest that the next run gets."""
    if not _has(world, "CronJob", tenant=tenant):
        return None
    job = world.server.get("CronJob", "cleanup", f"tenant-{tenant}")["spec"]["jobTemplate"]
    return str(job["spec"]["template"]["spec"]["containers"][0]["image"][-1])


def _spec(world: World) -> Any:
    return world.server.get("CronJob", "cleanup", NAMESPACE)["spec"]


def _template(world: World, tenant: str) -> Any:
    """How its pods were rendered."""
    return world.server.get("CronJob", "cleanup", f"tenant-{tenant}")["metadata"]["annotations"]["tenantry.dev/template"]


def _edit(world: World, change: dict[str, Any]) -> None:
    world.server.edit("CronJob", "cleanup", lambda body: body.update(change), NAMESPACE)


def _ran(world: World, **status: Any) -> None:
    """What Kubernetes says of a run."""
    _edit(world, {"status": status})


def _said(world: World, tenant: str = "northwind") -> dict[str, Any]:
    services = world.tenant(tenant)["status"]["services"]
    found: dict[str, Any] = next(one for one in services if one["name"] == "cleanup")
    return found


async def _until(world: World, ready: tuple[str, str]) -> None:
    await world.until(lambda: world.ready() == ready, within=10)


@in_world
async def test_it_gets_a_cron_job_and_no_pods_and_the_tenant_is_ready_before_the_first_run(world: World) -> None:
    world.deploy("northwind", service(), _cleanup())
    await world.until_ready(within=30)

    assert _image(world) == "a"
    assert not _has(world, "Deployment")
    assert _has(world, "ServiceAccount")
    assert not _has(world, "Service")
    said = _said(world)
    assert (said["image"], said["commit"], said["replicas"]) == (image("a", "cleanup"), "a" * 40, 0)
    assert "lastRun" not in said


@in_world
async def test_a_new_image_is_there_at_once(world: World) -> None:
    world.deploy("northwind", _cleanup())
    await world.until_ready()
    world.deploy("northwind", _cleanup("b"))
    await world.until(lambda: _image(world) == "b" and world.ready()[0] == "True", within=5)
    assert _said(world)["image"] == image("b", "cleanup")


@in_world
async def test_what_somebody_changed_is_put_back(world: World) -> None:
    world.deploy("northwind", _cleanup())
    await world.until_ready()
    asked = _spec(world)
    for change in ({"suspend": True}, {"schedule": "* * * * *"}, {"startingDeadlineSeconds": 10}, {"concurrencyPolicy": "Allow"}):
        _edit(world, {"spec": asked | change})
        await world.until(lambda: _spec(world) == asked, within=30)


@in_world
async def test_it_comes_back_with_what_it_ran_when_somebody_deletes_it(world: World) -> None:
    world.deploy("northwind", _cleanup())
    await world.until_ready()
    world.server.delete("CronJob", "cleanup", NAMESPACE)
    await world.until(lambda: _image(world) == "a", within=5)


@in_world
async def test_what_became_of_its_last_run_is_said_and_a_run_that_failed_leaves_the_tenant_ready(world: World) -> None:
    world.deploy("northwind", _cleanup())
    await world.until_ready()

    _ran(world, lastScheduleTime=NIGHT, active=[{"name": "cleanup-1"}])
    await world.until(lambda: _said(world).get("lastRun") == {"scheduledAt": NIGHT, "result": "Running"}, within=5)
    _ran(world, lastScheduleTime=NIGHT)
    await world.until(lambda: _said(world)["lastRun"] == {"scheduledAt": NIGHT, "result": "Failed"}, within=5)
    assert world.ready() == ("True", "Ready")
    _ran(world, lastScheduleTime=NIGHT, lastSuccessfulTime=MORNING)
    again = {"scheduledAt": NIGHT, "result": "Succeeded", "succeededAt": MORNING}
    await world.until(lambda: _said(world)["lastRun"] == again, within=5)


@in_world
async def test_nothing_is_written_for_what_was_seen_already(world: World) -> None:
    world.deploy("northwind", _cleanup())
    await world.until_ready()
    _ran(world, lastScheduleTime=NIGHT, lastSuccessfulTime=MORNING)
    await world.until(lambda: "lastRun" in _said(world))
    await world.pass_by()
    world.begin_to_count()

    async with world.restarted():
        pass
    await world.pass_by(60)
    assert world.server.writes() == []


@in_world
async def test_a_tenant_that_is_stopped_has_none_and_gets_it_back_with_what_it_ran(world: World) -> None:
    world.deploy("northwind", _cleanup())
    await world.until_ready()
    _ran(world, lastScheduleTime=NIGHT)
    await world.until(lambda: "lastRun" in _said(world))
    for stop, reason in (("suspend", "Suspended"), ("decommission", "Decommissioned")):
        stopped = ("True", reason)
        world.edit("northwind", **{stop: True})
        await world.until(lambda: not _has(world, "CronJob"), within=3)
        await _until(world, stopped)
        assert _said(world)["image"] == image("a", "cleanup")
        assert "lastRun" not in _said(world)
        world.edit("northwind", **{stop: False})
        await world.until(lambda: _image(world) == "a", within=5)
        await _until(world, ("True", "Ready"))


@in_world
async def test_a_service_that_always_ran_gets_a_schedule_and_loses_it_again(world: World) -> None:
    world.deploy("northwind", service(), _worker())
    await world.until_ready()
    world.deploy("northwind", service(), _cleanup())
    await world.until(lambda: _has(world, "CronJob") and not _has(world, "Deployment"), within=5)
    await world.until_ready(within=10)

    world.deploy("northwind", service(), _worker())
    await world.until(lambda: _has(world, "Deployment") and not _has(world, "CronJob"), within=5)
    await world.until_ready(within=20)
    assert "lastRun" not in _said(world)


@in_world
async def test_what_changes_its_kind_goes_at_once_whatever_else_of_the_tenant_is_stuck(world: World) -> None:
    world.server.deployments.unready.add(image("b"))
    world.deploy("northwind", service(), _worker())
    await world.until_ready()
    world.deploy("northwind", service(letter="b"), _cleanup())
    await world.until(lambda: _has(world, "CronJob") and not _has(world, "Deployment"), within=5)


@in_world
async def test_one_that_is_no_longer_asked_for_goes(world: World) -> None:
    world.deploy("northwind", service(), _cleanup())
    await world.until_ready()
    world.deploy("northwind", service())
    await world.until(lambda: not _has(world, "CronJob") and not _has(world, "ServiceAccount"), within=20)


@in_world
async def test_it_takes_a_new_image_when_the_rings_before_have_it_and_not_when_they_have_run_it(world: World) -> None:
    world.deploy("northwind", service(), _cleanup())
    world.deploy("acme", service(), _cleanup(), ring="general", rollout=after())
    await world.until_ready("northwind", "acme")
    world.server.deployments.unready.add(image("b"))

    world.deploy("northwind", service(letter="b"), _cleanup("b"))
    world.deploy("acme", service(letter="b"), _cleanup("b"), ring="general", rollout=after())
    await world.until(lambda: world.ready("acme") == ("False", "RingHeld"))
    await world.until(lambda: _image(world) == "b")
    assert _image(world, "acme") == "a"
    assert _said(world, "acme")["image"] == image("a", "cleanup")

    world.server.deployments.heal(image("b"))
    await world.until_ready("northwind", "acme", within=60)
    assert _image(world, "acme") == "b"


@in_world
async def test_a_ring_of_which_all_services_have_a_schedule_holds_up_nobody(world: World) -> None:
    world.deploy("northwind", _cleanup())
    world.deploy("acme", _cleanup(), ring="general", rollout=after())
    await world.until_ready("northwind", "acme", within=60)
    world.deploy("northwind", _cleanup("b"))
    world.deploy("acme", _cleanup("b"), ring="general", rollout=after())
    await world.until(lambda: _image(world, "acme") == "b", within=60)


@in_world
async def test_one_that_is_held_is_not_forgotten_when_somebody_deletes_it(world: World) -> None:
    world.deploy("northwind", service(), _cleanup())
    world.deploy("acme", service(), _cleanup(), ring="general", rollout=after())
    await world.until_ready("northwind", "acme")
    world.server.deployments.unready.add(image("b"))
    world.deploy("northwind", service(letter="b"), _cleanup("b"))
    world.deploy("acme", service(letter="b"), _cleanup("b"), ring="general", rollout=after())
    await world.until(lambda: world.ready("acme") == ("False", "RingHeld"))

    world.server.delete("CronJob", "cleanup", "tenant-acme")
    await world.until(lambda: _image(world, "acme") == "a", within=10)


@in_world
async def test_a_secret_that_it_names_and_that_is_missing_is_said_and_one_that_changes_starts_nothing(world: World) -> None:
    taking = _cleanup(secrets=[{"name": "KEY", "secret": "stripe", "key": "api-key"}])
    world.deploy("northwind", taking)
    await world.until(lambda: world.ready() == ("False", "SecretMissing"))
    assert "cleanup stays as it is: there is no Secret stripe" in world.said()
    assert not _has(world, "CronJob")

    world.server.create("Secret", {"metadata": {"name": "stripe", "namespace": NAMESPACE}, "stringData": {"api-key": "one"}})
    await world.until_ready(within=20)
    before = world.server.get("CronJob", "cleanup", NAMESPACE)
    world.server.edit("Secret", "stripe", lambda body: body["data"].update({"api-key": "dHdv"}), NAMESPACE)
    await world.pass_by(20)
    assert world.server.get("CronJob", "cleanup", NAMESPACE) == before


@in_world
async def test_it_goes_on_while_its_database_is_away(world: World) -> None:
    world.deploy("northwind", _cleanup())
    await world.until_ready()
    async with world.restarted():
        world.databases.away = Pending("DatabaseUnavailable", "the PostgreSQL server does not answer")
        world.deploy("northwind", _cleanup("b"))
    await world.until(lambda: _image(world) == "b", within=10)


@in_world
async def test_another_way_to_render_its_pods_goes_from_ring_to_ring(world: World) -> None:
    world.deploy("northwind", service(), _cleanup())
    world.deploy("acme", service(), _cleanup(), ring="general", rollout=after())
    await world.until_ready("northwind", "acme", within=60)
    before = _template(world, "acme")

    world.server.deployments.unready.add(image("a"))
    await world.upgrade()
    await world.until(lambda: _template(world, "northwind") == "f" * 16)
    await world.until(lambda: world.ready("acme") == ("False", "RingHeld"))
    assert _template(world, "acme") == before

    # What does not depend on it goes on.
    world.edit("acme", suspend=True)
    await world.until(lambda: not _has(world, "CronJob", tenant="acme"), within=5)
    world.edit("acme", suspend=False)
    await world.until(lambda: _image(world, "acme") == "a", within=10)

    world.server.deployments.heal(image("a"))
    await world.until_ready("northwind", "acme", within=60)
    assert _template(world, "acme") == "f" * 16


@in_world
async def test_a_run_that_fails_is_no_success_because_the_one_before_it_ended_late(world: World) -> None:
    world.deploy("northwind", _cleanup())
    await world.until_ready()
    _ran(world, lastScheduleTime="2026-01-01T03:00:00Z", active=[{"name": "cleanup-1"}])
    await world.until(lambda: "lastRun" in _said(world))
    late = {"lastScheduleTime": "2026-01-01T03:10:00Z", "lastSuccessfulTime": "2026-01-01T03:20:00Z"}
    _ran(world, **late, active=[{"name": "cleanup-2"}])
    await world.until(lambda: _said(world)["lastRun"]["scheduledAt"] == late["lastScheduleTime"])
    _ran(world, **late)
    await world.until(lambda: _said(world)["lastRun"]["result"] == "Failed")
    _ran(world, **(late | {"lastSuccessfulTime": "2026-01-01T09:00:00Z"}))
    await world.until(lambda: _said(world)["lastRun"]["result"] == "Succeeded")


@in_world
async def test_another_time_holds_at_once_also_while_another_rendering_waits_for_its_ring(world: World) -> None:
    world.deploy("canary1", service(letter="a"), _cleanup(), ring="canary")
    world.deploy("northwind", service(letter="a"), _cleanup(), ring="general", rollout=after())
    await world.until_ready("canary1", "northwind")
    world.server.deployments.unready.add(image("a"))
    await world.upgrade()
    await world.pass_by(60)
    before = _template(world, "northwind")
    world.deploy("northwind", service(letter="a"), _cleanup(schedule="0 5 * * *"), ring="general", rollout=after())
    await world.until(lambda: _spec(world)["schedule"] == "0 5 * * *")
    assert _template(world, "northwind") == before
    await world.pass_by(60)
    assert world.ready() == ("False", "RingHeld")
