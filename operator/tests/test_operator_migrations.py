"""The whole operator, where an image changes the database before it runs."""

from __future__ import annotations

from typing import Any

from world import World, after, image, in_world, service

from tenantry_operator.problems import Pending

SAID = 'applying 0007\nERROR: relation "users" does not exist\n'
SPACE = "tenant-northwind"


def api(letter: str = "a", **changes: Any) -> dict[str, Any]:
    """A service with a migration."""
    given: dict[str, Any] = {"migrate": ["migrate"], "jobSeconds": 600}
    return service(letter=letter, **(given | changes))


def jobs(world: World, name: str = "northwind") -> dict[str, str]:
    """The Jobs of a tenant, by the digit of their image, and the names of them."""
    found = [body for (kind, where, _), body in world.server.objects.items() if (kind, where) == ("Job", f"tenant-{name}")]
    return {one["spec"]["template"]["spec"]["containers"][0]["image"][-1]: one["metadata"]["name"] for one in found}


def made(world: World, kind: str) -> list[tuple[int, str]]:
    """Which images were taken by objects of a kind, and at which version."""
    steps = []
    for change in world.server.history(kind):
        before, now = (one and one["spec"]["template"]["spec"]["containers"][0]["image"][-1] for one in (change.before, change.after))
        if now and now != before:
            steps.append((change.version, now))
    return steps


@in_world
async def test_the_first_image_and_each_new_one_changes_the_database_before_its_first_pod(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.deploy("northwind", api("b"))
    await world.until(lambda: world.image() == "b")
    await world.until_ready()
    steps = sorted(
        [(version, "Job", digit) for version, digit in made(world, "Job")] + [(v, "pods", d) for v, d in made(world, "Deployment")]
    )
    assert [step[1:] for step in steps] == [("Job", "a"), ("pods", "a"), ("Job", "b"), ("pods", "b")]
    # The Job of the image before is cleared away; that of the present one is its memory.
    assert list(jobs(world)) == ["b"]
    body = world.server.get("Job", jobs(world)["b"], SPACE)
    assert (body["spec"]["backoffLimit"], body["spec"]["activeDeadlineSeconds"]) == (0, 600)
    assert body["spec"]["template"]["spec"]["containers"][0]["command"] == ["migrate"]


@in_world
async def test_while_it_runs_the_old_image_does_and_all_else_is_as_it_should_be(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.server.jobs.endless.add(image("b"))
    world.deploy("northwind", api("b", replicas=2), host="other.example.com")
    await world.until(lambda: world.ready() == ("False", "Migrating"))
    assert "its migration runs" in world.said()
    assert world.image() == "a"
    assert world.server.get("Deployment", "apiserver", SPACE)["spec"]["replicas"] == 2
    assert world.tenant()["status"]["host"] == "other.example.com"
    assert [one["status"] for one in world.tenant()["status"]["conditions"] if one["type"] == "Stalled"] == ["False"]

    world.server.jobs.end(image("b"))
    await world.until_ready(within=30)
    assert world.image() == "b"


@in_world
async def test_one_that_failed_is_for_a_person_who_is_told_what_it_said_and_what_to_do(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.server.jobs.failing[image("b")] = SAID
    world.deploy("northwind", api("b"))
    await world.until(lambda: world.ready() == ("False", "MigrationFailed"))
    name = jobs(world)["b"]
    assert 'applying 0007 | ERROR: relation "users" does not exist' in world.said()
    assert f"kubectl --namespace {SPACE} logs job/{name}" in world.said()
    assert f"kubectl --namespace {SPACE} delete job {name}" in world.said()
    assert [one["reason"] for one in world.tenant()["status"]["conditions"] if one["type"] == "Stalled"] == ["MigrationFailed"]
    await world.pass_by(100)
    assert (world.image(), [digit for _, digit in made(world, "Job")]) == ("a", ["a", "b"])


@in_world
async def test_one_whose_job_is_deleted_runs_again(world: World) -> None:
    world.server.jobs.failing[image("a")] = SAID
    world.deploy("northwind", api("a"))
    await world.until(lambda: world.ready() == ("False", "MigrationFailed"))
    assert world.image() is None

    del world.server.jobs.failing[image("a")]
    world.server.delete("Job", jobs(world)["a"], SPACE)
    await world.until_ready(within=30)
    assert [digit for _, digit in made(world, "Job")] == ["a", "a"]


@in_world
async def test_another_image_is_tried_and_to_go_back_to_what_ran_needs_none(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.server.jobs.failing[image("b")] = SAID
    world.deploy("northwind", api("b"))
    await world.until(lambda: world.ready() == ("False", "MigrationFailed"))
    world.deploy("northwind", api("a"))
    await world.until_ready(within=30)
    world.deploy("northwind", api("c"))
    await world.until(lambda: world.image() == "c", within=30)
    await world.until_ready()
    assert [digit for _, digit in made(world, "Job")] == ["a", "b", "c"]
    assert list(jobs(world)) == ["c"]


@in_world
async def test_a_rollout_that_is_stuck_goes_back_without_a_migration(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.server.deployments.unready.add(image("b"))
    world.deploy("northwind", api("b"))
    await world.until(lambda: world.ready() == ("False", "RolloutStuck"))
    world.server.delete("Job", jobs(world)["a"], SPACE)
    world.deploy("northwind", api("a"))
    await world.until_ready(within=30)
    assert [digit for _, digit in made(world, "Job")] == ["a", "b"]


@in_world
async def test_a_deployment_that_somebody_deletes_comes_back_without_a_migration(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.server.delete("Job", jobs(world)["a"], SPACE)
    world.server.delete("Deployment", "apiserver", SPACE)
    await world.until(lambda: world.image() == "a", within=30)
    await world.until_ready()
    assert [digit for _, digit in made(world, "Job")] == ["a"]


@in_world
async def test_a_service_that_is_given_one_while_it_runs_has_its_first_with_the_next_image(world: World) -> None:
    world.deploy("northwind", service(letter="a"))
    await world.until_ready()
    world.deploy("northwind", api("a"))
    await world.until_ready()
    await world.pass_by(30)
    assert jobs(world) == {}
    world.deploy("northwind", api("b"))
    await world.until(lambda: world.image() == "b", within=30)
    assert list(jobs(world)) == ["b"]


@in_world
async def test_no_two_run_at_once_for_one_service(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.server.jobs.endless.add(image("b"))
    world.deploy("northwind", api("b"))
    await world.until(lambda: "b" in jobs(world))
    world.deploy("northwind", api("c"))
    await world.until(lambda: world.ready() == ("False", "Migrating"))
    assert "until the migration to another image has ended" in world.said()
    assert "c" not in jobs(world)

    world.server.jobs.end(image("b"))
    await world.until(lambda: world.image() == "c", within=30)
    await world.until_ready()
    assert list(jobs(world)) == ["c"]
    assert [digit for _, digit in made(world, "Deployment")] == ["a", "c"]


@in_world
async def test_a_pod_that_outlives_its_job_is_waited_for(world: World) -> None:
    world.deploy("northwind", service(letter="a"))
    await world.until_ready()
    labels = {"tenantry.dev/job": "apiserver"}
    pod = {"metadata": {"name": "left", "namespace": SPACE, "labels": labels}, "status": {"phase": "Running"}}
    world.server.create("Pod", pod)
    world.deploy("northwind", api("b"))
    await world.until(lambda: world.ready() == ("False", "Migrating"))
    assert "a pod of a former migration is still there: left" in world.said()
    assert jobs(world) == {}
    world.server.delete("Pod", "left", SPACE)
    await world.until_ready(within=120)
    assert list(jobs(world)) == ["b"]


@in_world
async def test_services_that_run_the_same_image_wait_too_and_others_do_not(world: World) -> None:
    def services(letter: str) -> list[dict[str, Any]]:
        worker = service("worker", letter, image=image(letter), port=0, path=None)
        return [worker, api(letter), service("web", letter, path="/")]

    world.deploy("northwind", *services("a"))
    await world.until_ready()
    world.server.jobs.failing[image("b")] = SAID
    world.deploy("northwind", *services("b"))
    await world.until(lambda: world.ready() == ("False", "MigrationFailed"))
    assert "worker: waits for the migration of apiserver" in world.said()
    assert [world.image(service=one) for one in ("apiserver", "worker", "web")] == ["a", "a", "b"]

    del world.server.jobs.failing[image("b")]
    world.server.delete("Job", jobs(world)["b"], SPACE)
    await world.until_ready(within=30)
    assert [world.image(service=one) for one in ("apiserver", "worker", "web")] == ["b", "b", "b"]


@in_world
async def test_without_its_database_none_begins(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.databases.away = Pending("DatabaseUnavailable", "away")
    world.deploy("northwind", api("b"))
    async with world.restarted():
        pass
    await world.until(lambda: world.ready()[0] == "False")
    await world.pass_by(30)
    assert (list(jobs(world)), world.image()) == (["a"], "a")
    world.databases.away = None
    await world.until_ready(within=120)
    assert world.image() == "b"


@in_world
async def test_who_runs_nothing_migrates_nothing(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    world.edit(suspend=True)
    await world.until(lambda: world.ready() == ("True", "Suspended"))
    world.deploy("northwind", api("b"), suspend=True)
    await world.until(lambda: world.ready() == ("True", "Suspended"))
    await world.pass_by(30)
    assert list(jobs(world)) == ["a"]
    world.edit(suspend=False)
    await world.until_ready()
    assert (list(jobs(world)), world.image()) == (["b"], "b")
    world.deploy("northwind", api("c"), decommission=True)
    await world.until(lambda: world.ready() == ("True", "Decommissioned"))
    await world.pass_by(30)
    assert list(jobs(world)) == ["b"]


@in_world
async def test_what_goes_runs_to_its_end_and_is_cleared_away_then(world: World) -> None:
    world.server.jobs.endless.add(image("a"))
    world.deploy("northwind", api("a"), service("web", path="/"))
    await world.until(lambda: "a" in jobs(world))
    world.deploy("northwind", service("web", path="/"))
    await world.pass_by(10)
    assert (list(jobs(world)), world.ready()) == (["a"], ("False", "Migrating"))
    world.server.jobs.end(image("a"))
    await world.until(lambda: jobs(world) == {}, within=30)
    await world.until_ready()


@in_world
async def test_a_later_ring_waits_until_an_earlier_one_has_migrated_and_rolled(world: World) -> None:
    for letter in "ab":
        world.server.jobs.failing = {image("b"): SAID}
        world.deploy("northwind", api(letter))
        world.deploy("acme", api(letter), ring="general", rollout=after())
        if letter == "a":
            await world.until_ready("northwind", "acme")
    await world.until(lambda: "northwind is not ready (MigrationFailed" in world.said("acme"))
    assert (list(jobs(world, "acme")), world.image("acme")) == (["a"], "a")

    world.server.jobs.failing.clear()
    world.deploy("northwind", api("c"))
    world.deploy("acme", api("c"), ring="general", rollout=after())
    await world.until(lambda: world.image("acme") == "c")
    await world.until_ready("northwind", "acme")


@in_world
async def test_of_one_ring_no_more_migrate_at_once_than_may_roll_and_one_that_failed_keeps_its_place(world: World) -> None:
    names = ("a1", "a2", "a3")
    rollout = {"after": [], "atOnce": "1", "unproven": "Hold"}
    for name in names:
        world.deploy(name, api("a"), rollout=rollout)
    await world.until_ready(*names)
    world.server.jobs.failing[image("b")] = SAID
    for name in names:
        world.deploy(name, api("b"), rollout=rollout)
    await world.until(lambda: [world.ready(name)[1] for name in names].count("RolloutQueued") == 2)
    await world.pass_by(600)
    assert sorted(list(jobs(world, name))[-1] for name in names) == ["a", "a", "b"]

    # The fix gets in, one after the other.
    most = 0
    for name in names:
        world.deploy(name, api("c"), rollout=rollout)

    def done() -> bool:
        nonlocal most
        waiting = [key for key, body in world.server.objects.items() if key[0] == "Job" and "status" not in body]
        most = max(most, len(waiting))
        return all(world.image(name) == "c" for name in names)

    await world.until(done)
    assert most == 1


@in_world
async def test_one_that_takes_long_keeps_its_place_in_its_ring(world: World) -> None:
    names = ("a1", "a2")
    rollout = {"after": [], "atOnce": "1", "unproven": "Hold"}
    for name in names:
        world.deploy(name, api("a"), rollout=rollout)
    await world.until_ready(*names)
    world.server.jobs.endless.add(image("b"))
    for name in names:
        world.deploy(name, api("b"), rollout=rollout)
    await world.pass_by(1000)
    assert sorted(list(jobs(world, name))[-1] for name in names) == ["a", "b"]


@in_world
async def test_an_operator_that_takes_over_while_one_runs_goes_on_with_it(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    for letter in "bc":
        world.server.jobs.endless.add(image(letter))
        world.deploy("northwind", api(letter))
        await world.until(lambda: world.ready() == ("False", "Migrating"))
        async with world.restarted():
            world.server.jobs.end(image(letter))
        await world.until(lambda letter=letter: world.image() == letter, within=60)  # type: ignore[misc]
        await world.until_ready()
    assert [digit for _, digit in made(world, "Job")] == ["a", "b", "c"]


@in_world
async def test_a_job_on_a_schedule_keeps_the_image_before_until_the_migration_to_the_new_one_is_done(world: World) -> None:
    def nightly(letter: str) -> dict[str, Any]:
        return service("nightly", letter, image=image(letter), port=0, path="", healthPath="", replicas=0, schedule="0 3 * * *")

    def nightly_image() -> str:
        job = world.server.get("CronJob", "nightly", SPACE)["spec"]["jobTemplate"]
        return str(job["spec"]["template"]["spec"]["containers"][0]["image"])

    world.deploy("northwind", api("a"), nightly("a"))
    await world.until_ready()
    world.server.jobs.endless.add(image("b"))
    world.deploy("northwind", api("b"), nightly("b"))
    await world.until(lambda: "b" in jobs(world))
    await world.pass_by(10)
    assert nightly_image() == image("a")
    world.server.jobs.end(image("b"))
    await world.until_ready()
    assert nightly_image() == image("b")
