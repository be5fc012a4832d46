"""The whole operator, where pods do not come up, and a Tenant's status says why."""

from __future__ import annotations

from typing import Any

import pytest
from api_server import Asked, Refused
from test_operator_migrations import api
from virtual_time import rfc3339
from world import World, image, in_world, run_in_world, service

from tenantry_operator import evidence
from tenantry_operator.problems import Stalled

NAMESPACE = "tenant-northwind"
#: As a service writes it that is told its password.
LOG = "{at} connecting to postgresql://tenant_northwind:{password}@db\n{at} Error: connect ECONNREFUSED 10.0.0.{n}:5432\n"
CRASHED = "its container ended with the exit code 1; it is started again and again"
SAID = ["12:00:00 connecting to postgresql://tenant_northwind:***@db", "12:00:00 Error: connect ECONNREFUSED 10.0.0.1:5432"]
NOT_A_SECRET = "hunter2-hunter2"


def _pod(world: World, status: dict[str, Any], letter: str = "b", name: str = "apiserver-1", **labels: str) -> None:
    """A pod of the service, or another status of it."""
    if world.server.has("Pod", name, NAMESPACE):
        world.server.edit("Pod", name, lambda body: body.update(status=status), NAMESPACE)
        return
    found = {"app.kubernetes.io/name": "apiserver", "git.sha": letter * 40} | labels
    spec = {"containers": [{"name": "apiserver", "image": image(letter)}], "restartPolicy": "Always"}
    world.server.create("Pod", {"metadata": {"name": name, "namespace": NAMESPACE, "labels": found}, "spec": spec, "status": status})


def _crash(world: World, n: int = 1, running: bool = False, code: int = 1, letter: str = "b") -> None:
    """A pod's container ends, or runs again after it did."""
    password = world.databases.roles["tenant_northwind"]
    said = LOG.format(at=f"12:00:{n - 1:02}", password=password, n=n)
    ended = {"terminated": {"exitCode": code, "reason": "Error", "message": said}}
    state = {"running": {}} if running else {"waiting": {"reason": "CrashLoopBackOff", "message": f"back-off {n}0s restarting"}}
    _pod(world, _status({"state": state, "lastState": ended, "restartCount": n}), letter)


def _status(container: dict[str, Any], phase: str = "Running") -> dict[str, Any]:
    return {"phase": phase, "containerStatuses": [{"name": "apiserver", "ready": False, **container}]}


def _evidence(world: World, name: str = "northwind") -> list[dict[str, Any]]:
    services = world.tenant(name).get("status", {}).get("services", [])
    found: list[dict[str, Any]] = services[0].get("evidence", []) if services else []
    return found


def _lists(world: World) -> int:
    return sum(one["kind"] == "Pod" for one in world.server.lists)


def _status_writes(world: World) -> int:
    return sum("status" in one for one in world.server.writes())


async def _roll(world: World, letter: str = "b", **changes: Any) -> None:
    """A new image, whose pods do not get ready."""
    world.server.deployments.unready.add(image(letter))
    world.deploy("northwind", service(letter=letter, **changes))
    await world.until(lambda: world.image() == letter)


async def _stuck(world: World, **changes: Any) -> None:
    """One whose pods crash, and of which the status says so."""
    world.deploy("northwind", service(**changes))
    await world.until_ready()
    await _roll(world, **changes)
    _crash(world)
    await world.until(lambda: world.ready() == ("False", "RolloutStuck"))
    await world.until(lambda: _evidence(world) != [])


@in_world
async def test_a_service_that_crashes_says_how_and_its_last_lines_without_its_password(world: World) -> None:
    await _stuck(world)
    [found] = _evidence(world)
    assert {key: found[key] for key in ("cause", "commit", "said")} == {"cause": CRASHED, "commit": "b" * 40, "said": SAID}
    assert world.databases.roles["tenant_northwind"] not in str(world.tenant())


@in_world
async def test_it_is_said_before_kubernetes_gives_up(world: World) -> None:
    world.deploy()
    await world.until_ready()
    await _roll(world)
    _crash(world)
    await world.until(lambda: _evidence(world) != [], within=90)
    assert world.ready() == ("False", "RolloutInProgress")


@in_world
async def test_of_pods_that_come_up_nobody_asks(world: World) -> None:
    world.begin_to_count()
    world.deploy()
    await world.until_ready()
    world.deploy("northwind", service(letter="b"))
    await world.until(lambda: world.image() == "b")
    await world.until_ready()
    await world.pass_by(5000)
    assert _lists(world) == 0


def _answering(world: World) -> str | None:
    """What is said to answer; None where nothing is said."""
    found: str | None = world.tenant()["status"]["services"][0].get("answering")
    return found


def _available(world: World, letter: str, is_ready: bool = True) -> None:
    """A pod that is, or is no more."""
    ready = {"type": "Ready", "status": str(is_ready), "lastTransitionTime": rfc3339()}
    _pod(world, {"phase": "Running", "conditions": [ready]}, letter, f"apiserver-{letter}")


@in_world
async def test_what_ran_before_answers_only_as_long_as_pods_of_it_are_available(world: World) -> None:
    world.deploy()
    await world.until_ready()
    _available(world, "a")
    assert _answering(world) is None
    await _roll(world)
    _crash(world)
    await world.until(lambda: _evidence(world) != [])
    assert _answering(world) == "a" * 40
    # It may be the same number that is available: of which image, only the pods tell.
    _available(world, "a", is_ready=False)
    await world.until(lambda: _answering(world) == "", within=200)
    async with world.restarted():
        pass
    await world.pass_by(100)
    assert _answering(world) == ""
    world.server.deployments.heal(image("b"))
    await world.until_ready()
    assert _answering(world) is None


@pytest.mark.parametrize("was", ["suspended", "never there", "all at once"])
def test_where_nothing_is_available_nothing_answers(was: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        if was == "never there":
            await _roll(world)
        else:
            world.deploy()
            await world.until_ready()
        if was == "suspended":
            world.edit(suspend=True)
            await world.until(lambda: world.ready()[1] == "Suspended")
            world.edit(suspend=False)
            await _roll(world)
        if was == "all at once":
            world.server.deployments.fail(image("a"))
        _crash(world, letter="a" if was == "all at once" else "b")
        await world.until(lambda: _evidence(world) != [])
        assert _answering(world) == ""

    run_in_world(story, monkeypatch)


@in_world
async def test_while_a_migration_fails_what_runs_answers_and_where_nothing_runs_nothing(world: World) -> None:
    world.deploy("northwind", api())
    world.server.jobs.failing[image("a")] = "no such table"
    await world.until(lambda: world.ready() == ("False", "MigrationFailed"))
    await world.until(lambda: _evidence(world) != [])
    assert _answering(world) == ""
    world.deploy("northwind", api("b"))
    await world.until_ready()
    world.server.jobs.failing[image("c")] = "no such table"
    world.deploy("northwind", api("c"))
    await world.until(lambda: world.ready() == ("False", "MigrationFailed"))
    await world.until(lambda: _evidence(world) != [])
    assert _answering(world) == "b" * 40


@in_world
async def test_pods_are_not_asked_for_at_each_look(world: World) -> None:
    await _stuck(world)
    world.begin_to_count()
    for replicas in range(2, 12):
        world.edit(services=[service(letter="b", replicas=replicas)])
        await world.pass_by(2)
    assert len(world.looks) > 5
    assert _lists(world) <= 1


@in_world
async def test_a_container_that_is_started_again_and_again_changes_nothing_in_the_status(world: World) -> None:
    await _stuck(world)
    before = _evidence(world)
    await world.pass_by(200)
    world.begin_to_count()
    for n in range(2, 30):
        _crash(world, n, running=n % 2 == 0)
        await world.pass_by(45)
    assert _lists(world) >= 10
    assert _status_writes(world) == 0
    assert _evidence(world) == before


@in_world
async def test_what_it_ends_with_by_now_is_told(world: World) -> None:
    await _stuck(world)
    _crash(world, code=2)
    await world.until(lambda: "exit code 2" in _evidence(world)[0]["cause"], within=200)


@in_world
async def test_it_is_gone_when_the_service_is_well(world: World) -> None:
    await _stuck(world)
    world.server.deployments.heal(image("b"))
    await world.until_ready()
    assert _evidence(world) == []
    assert "evidence" not in world.tenant()["status"]["services"][0]


@in_world
async def test_nothing_is_said_of_an_image_that_is_asked_for_no_more(world: World) -> None:
    await _stuck(world)
    await _roll(world, "c")
    await world.until(lambda: world.ready() == ("False", "RolloutInProgress"))
    assert _evidence(world) == []
    await world.pass_by(200)
    # Its pod is still there, as one of an older image may be.
    assert _evidence(world) == []


@in_world
async def test_an_operator_that_takes_over_says_the_same_without_a_gap(world: World) -> None:
    await _stuck(world)
    before = _evidence(world)
    async with world.restarted():
        world.begin_to_count()
    await world.pass_by(200)
    assert world.server.history("Tenant")
    since = [change.after for change in world.server.history("Tenant") if change.after and "services" in change.after.get("status", {})]
    last = since[-1]["status"]["services"][0]
    assert (last["evidence"], _status_writes(world)) == (before, 0)


@in_world
async def test_where_pods_can_not_be_asked_for_all_else_is_said(world: World) -> None:
    world.server.failing.add("Pod")
    world.deploy()
    await world.until_ready()
    await _roll(world)
    _crash(world)
    await world.until(lambda: world.ready() == ("False", "RolloutStuck"))
    assert _evidence(world) == []
    world.server.failing.clear()
    await world.until(lambda: _evidence(world) != [], within=200)


@in_world
async def test_values_of_secrets_that_the_service_names_are_hidden_and_without_them_no_line_is_shown(world: World) -> None:
    named: dict[str, Any] = {"secrets": [{"name": "TOKEN", "secret": "stripe", "key": "token"}]}
    world.deploy("northwind", service(**named))
    await world.until(lambda: world.ready() == ("False", "SecretMissing"))
    world.server.create("Secret", {"metadata": {"name": "stripe", "namespace": NAMESPACE}, "stringData": {"token": NOT_A_SECRET}})
    await world.until_ready()
    await _roll(world, **named)
    said = f"the token {NOT_A_SECRET} is wrong"
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "message": said}}
    _pod(world, _status({"state": ended}))
    await world.until(lambda: _evidence(world) != [])
    assert [one["said"] for one in _evidence(world)] == [["the token *** is wrong"]]

    async def hide(asked: Asked) -> None:
        if (asked.verb, asked.kind, asked.name) == ("get", "Secret", "stripe"):
            raise Refused(403, "Forbidden")

    world.server.interfere = hide
    ended = {"terminated": {"exitCode": 2, "reason": "Error", "message": said}}
    _pod(world, _status({"state": ended}))
    await world.until(lambda: "exit code 2" in _evidence(world)[0]["cause"], within=200)
    assert "said" not in _evidence(world)[0]


@in_world
async def test_what_a_container_wrote_that_had_another_value_of_a_secret_is_not_shown(world: World) -> None:
    named: dict[str, Any] = {"secrets": [{"name": "TOKEN", "secret": "stripe", "key": "token"}]}
    world.deploy("northwind", service(**named))
    await world.until(lambda: world.ready() == ("False", "SecretMissing"))
    world.server.create("Secret", {"metadata": {"name": "stripe", "namespace": NAMESPACE}, "stringData": {"token": "the-new-token"}})
    await world.until_ready()
    await _roll(world, **named)
    ended = {"exitCode": 1, "reason": "Error", "message": f"the token {NOT_A_SECRET} is wrong", "startedAt": "2020-01-01T00:00:00Z"}
    _pod(world, _status({"state": {"terminated": ended}}))
    await world.until(lambda: _evidence(world) != [])
    assert "said" not in _evidence(world)[0]


@in_world
async def test_a_migration_that_failed_says_all_of_its_last_lines_without_the_password(world: World) -> None:
    world.deploy("northwind", api("a"))
    await world.until_ready()
    password = world.databases.roles["tenant_northwind"]
    world.server.jobs.failing[image("b")] = "".join(f"step {n}\n" for n in range(8)) + f"no login with {password}\n"
    world.deploy("northwind", api("b"))
    await world.until(lambda: world.ready() == ("False", "MigrationFailed"))
    [found] = _evidence(world)
    assert found["cause"] == "its container ended with the exit code 1"
    assert found["said"] == [*(f"step {n}" for n in range(8)), "no login with ***"]
    assert found["commit"] == "b" * 40
    assert "step 7 | no login with ***. What ran before" in world.said()
    assert password not in str(world.tenant())
    world.begin_to_count()
    await world.pass_by(500)
    assert _lists(world) == 0


@in_world
async def test_a_migration_whose_pod_does_not_start_says_why(world: World) -> None:
    world.server.jobs.endless.add(image("a"))
    world.deploy("northwind", api("a"))
    await world.until(lambda: world.ready() == ("False", "Migrating"))
    [name] = [key[2] for key in world.server.objects if key[0] == "Pod"]
    _pod(world, _status({"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no"}}}, "Pending"), name=name)
    await world.until(lambda: _evidence(world) != [], within=200)
    assert [(one["cause"], one["said"]) for one in _evidence(world)] == [("the image of its container can not be pulled", ["no"])]


@in_world
async def test_a_run_of_a_schedule_that_failed_says_how_until_one_succeeds(world: World) -> None:
    job: dict[str, Any] = {"port": 0, "path": "", "healthPath": "", "replicas": 0, "schedule": "0 3 * * *"}
    world.deploy("northwind", service("cleanup", **job))
    await world.until_ready()
    due = "2026-11-26T03:00:00Z"
    labels = {"batch.kubernetes.io/job-name": "cleanup-29927700", "app.kubernetes.io/name": "other"}
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "message": "disk full\n"}}
    _pod(world, _status({"state": ended}, "Failed"), "a", "cleanup-29927700-x", **labels)
    world.server.edit("CronJob", "cleanup", lambda body: body.update(status={"lastScheduleTime": due}), NAMESPACE)
    await world.until(lambda: _evidence(world) != [])
    assert (_evidence(world)[0]["said"], world.ready()[0]) == (["disk full"], "True")
    again = {"lastScheduleTime": "2026-11-27T03:00:00Z", "lastSuccessfulTime": "2026-11-27T03:01:00Z"}
    world.server.edit("CronJob", "cleanup", lambda body: body.update(status=again), NAMESPACE)
    await world.until(lambda: _evidence(world) == [])


@in_world
async def test_however_much_pods_say_the_status_stays_short(world: World) -> None:
    world.deploy()
    await world.until_ready()
    await _roll(world)
    for n in range(6):
        ended = {"terminated": {"exitCode": n + 1, "reason": "Error", "message": ("x" * 300 + "\n") * 80}}
        _pod(world, _status({"state": ended}), name=f"apiserver-{n}")
    await world.until(lambda: _evidence(world) != [])
    found = _evidence(world)
    lines = [line for one in found for line in one.get("said", [])]
    assert len(found) == evidence.CAUSES
    assert 0 < len(lines) <= evidence.LINES
    assert sum(map(len, lines)) <= evidence.CHARACTERS
    assert max(map(len, lines)) <= 200
    assert max(len(one["cause"]) for one in found) <= 300


@in_world
async def test_a_tenant_whose_credentials_are_gone_shows_no_line(world: World) -> None:
    await _stuck(world)
    world.databases.away = Stalled("DatabaseForbidden", "no")
    world.server.delete("Secret", "tenantry-credentials", NAMESPACE)
    await world.until(lambda: world.ready()[1] in ("CredentialsMissing", "DatabaseForbidden"))
    _crash(world, code=3)
    await world.until(lambda: "exit code 3" in _evidence(world)[0]["cause"], within=400)
    assert "said" not in _evidence(world)[0]
