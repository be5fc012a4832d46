"""Migrations that are cut, renamed, taken out of the files, or too many at once."""

from __future__ import annotations

from typing import Any

from world import World, image, in_world, service

SPACE = "tenant-northwind"
ONE_AT_ONCE = {"after": [], "atOnce": "1", "unproven": "Hold"}


def api(letter: str = "a", name: str = "apiserver", **changes: Any) -> dict[str, Any]:
    """A service with a migration, of one image whatever its name."""
    return service(name, letter, **({"migrate": ["migrate"], "jobSeconds": 600, "image": image(letter)} | changes))


def nightly(letter: str = "a", name: str = "nightly") -> dict[str, Any]:
    """A job on a schedule, of the same image."""
    return service(name, letter, image=image(letter), port=0, path="", healthPath="", replicas=0, schedule="0 3 * * *")


def running(world: World) -> list[tuple[str, str, str]]:
    """The Jobs that run."""
    return [key for key, body in world.server.objects.items() if key[0] == "Job" and not body.get("status")]


def cron_jobs(world: World) -> list[str]:
    """The names of all CronJobs."""
    return [key[2] for key in world.server.objects if key[0] == "CronJob"]


async def _migrates_to_b(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.server.jobs.endless.add(image("b"))
    world.deploy("northwind", api("b"))
    await world.until(lambda: len(running(world)) == 1)


@in_world
async def test_one_that_was_told_to_end_and_ended_well_is_not_done_and_runs_again(world: World) -> None:
    await _migrates_to_b(world)
    [job] = running(world)
    condition = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}
    ended = {"phase": "Succeeded", "conditions": [condition], "containerStatuses": [{"state": {"terminated": {"exitCode": 0}}}]}
    for pod in world.server.jobs.pods(job):
        world.server.edit("Pod", pod[2], lambda body: body.update(status=ended), pod[1])
        world.server.delete("Pod", pod[2], pod[1])
    world.server.edit("Job", job[2], lambda body: body.update(status={"conditions": [{"type": "Complete", "status": "True"}]}), job[1])
    await world.pass_by(60)
    assert (world.image(), len(running(world))) == ("a", 1)
    world.server.jobs.end(image("b"))
    await world.until(lambda: world.image() == "b")
    await world.until_ready()


@in_world
async def test_a_service_with_another_name_waits_for_the_migration_that_it_began_before(world: World) -> None:
    await _migrates_to_b(world)
    world.deploy("northwind", api("b", name="api"))
    await world.pass_by(60)
    assert len(running(world)) == 1
    world.server.jobs.end(image("b"))
    await world.until_ready()
    assert world.image(service="api") == "b"


@in_world
async def test_a_migration_that_is_taken_out_of_the_files_while_it_runs_is_waited_for(world: World) -> None:
    await _migrates_to_b(world)
    world.deploy("northwind", api("b", migrate=[]))
    await world.pass_by(60)
    assert (world.image(), world.ready()) == ("a", ("False", "Migrating"))
    world.server.jobs.end(image("b"))
    await world.until(lambda: world.image() == "b")
    await world.until_ready()


@in_world
async def test_a_tenant_is_not_suspended_before_its_migration_has_ended(world: World) -> None:
    await _migrates_to_b(world)
    world.edit(suspend=True)
    await world.pass_by(60)
    assert world.ready() == ("False", "Migrating")
    world.server.jobs.end(image("b"))
    await world.until(lambda: world.ready() == ("True", "Suspended"))


@in_world
async def test_no_migration_begins_without_its_secrets_also_where_no_pod_runs(world: World) -> None:
    world.deploy("northwind", api("a", replicas=0, secrets=[{"name": "K", "secret": "keys", "key": "k"}]))
    await world.until(lambda: world.ready() == ("False", "SecretMissing"))
    assert running(world) == []


@in_world
async def test_what_became_of_a_migration_is_kept_whatever_a_policy_says_of_jobs(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    [job] = [body for key, body in world.server.objects.items() if key[0] == "Job"]
    assert job["spec"]["ttlSecondsAfterFinished"] == 2**31 - 1


@in_world
async def test_another_operator_knows_what_a_migration_said_whose_pod_is_gone(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.server.jobs.failing[image("b")] = "ERROR: relation"
    world.deploy("northwind", api("b"))
    await world.until(lambda: world.ready() == ("False", "MigrationFailed"))
    async with world.restarted():
        for key in [key for key in world.server.objects if key[0] == "Pod"]:
            world.server.delete("Pod", key[2], key[1])
    await world.pass_by(60)
    assert "ERROR: relation" in world.said()


@in_world
async def test_new_tenants_migrate_no_more_at_once_than_may_roll(world: World) -> None:
    world.server.jobs.endless.add(image("a"))
    for name in ("a1", "a2", "a3"):
        world.deploy(name, api("a"), rollout=ONE_AT_ONCE)
    await world.pass_by(60)
    assert len(running(world)) == 1
    world.server.jobs.end(image("a"))
    await world.until_ready("a1", "a2", "a3")


@in_world
async def test_tenants_that_come_back_migrate_no_more_at_once_than_may_roll(world: World) -> None:
    names = ("a1", "a2", "a3")
    for name in names:
        world.deploy(name, api("a"), rollout=ONE_AT_ONCE)
    await world.until_ready(*names)
    for name in names:
        world.deploy(name, api("a"), rollout=ONE_AT_ONCE, suspend=True)
    await world.until(lambda: all(world.ready(name) == ("True", "Suspended") for name in names))
    world.server.jobs.endless.add(image("b"))
    for name in names:
        world.deploy(name, api("b"), rollout=ONE_AT_ONCE, suspend=False)
    await world.pass_by(60)
    assert len(running(world)) == 1


@in_world
async def test_a_job_that_has_another_name_does_not_run_under_both_while_another_service_is_stuck(world: World) -> None:
    world.deploy("northwind", api("a"), nightly("a"))
    await world.until_ready()
    world.server.jobs.failing[image("b")] = "no"
    world.deploy("northwind", api("b"), nightly("a", name="cleanup"))
    await world.until(lambda: world.ready() == ("False", "MigrationFailed"))
    await world.until(lambda: cron_jobs(world) == ["cleanup"])
    world.deploy("northwind", api("b"))
    await world.until(lambda: cron_jobs(world) == [])
