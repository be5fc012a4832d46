"""What runs a service at its time, and what is told from it."""

from __future__ import annotations

from typing import Any, cast

import pytest
from example_tenant import COMMIT, IMAGE, example_tenant, service_body

from tenantry_operator.cron_job import cron_job
from tenantry_operator.drift import differences
from tenantry_operator.last_run import last_run
from tenantry_operator.pod_template import TEMPLATE_VERSION, DatabaseAddress
from tenantry_operator.records import CronJobRecord, record_of
from tenantry_operator.rollout import rollout
from tenantry_operator.tenant import Service
from tenantry_operator.workload import asked

ADDRESS = DatabaseAddress("db.example.com", 5433, "verify-full")
NIGHT, NEXT_NIGHT = "2026-11-25T03:00:00Z", "2026-11-26T03:00:00Z"


def _service(**changes: Any) -> Service:
    given = {
        "port": 0,
        "replicas": 0,
        "path": "",
        "healthPath": "",
        "schedule": "0 3 * * *",
        "timeZone": "Europe/Berlin",
        "jobSeconds": 900,
    }
    return example_tenant({"services": [service_body(**(given | changes))]}).spec.services[0]


def _cron_job(**changes: Any) -> dict[str, Any]:
    service = _service(**changes)
    return cron_job(example_tenant(), service, asked(service), ADDRESS)


def _seen(status: dict[str, Any] | None = None, **changes: Any) -> CronJobRecord:
    body = _cron_job(**changes) | ({} if status is None else {"status": status})
    body["metadata"] |= {"uid": "1", "resourceVersion": "1"}
    return cast(CronJobRecord, record_of("CronJob", body))


def test_it_runs_at_its_time_in_its_time_zone_and_never_twice_at_once() -> None:
    spec = _cron_job()["spec"]

    assert (spec["schedule"], spec["timeZone"], spec["concurrencyPolicy"]) == ("0 3 * * *", "Europe/Berlin", "Forbid")


def test_a_job_ends_after_its_time_and_is_not_tried_again_unless_its_node_was_to_blame() -> None:
    job = _cron_job()["spec"]["jobTemplate"]["spec"]

    assert (job["activeDeadlineSeconds"], job["backoffLimit"]) == (900, 0)
    assert job["podFailurePolicy"]["rules"] == [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]


def test_its_pod_is_the_service_itself_on_the_pinned_digest() -> None:
    pod = _cron_job(command=["node", "cleanup.js"], args=["--all"])["spec"]["jobTemplate"]["spec"]["template"]
    container = pod["spec"]["containers"][0]

    assert (container["image"], container["command"], container["args"]) == (IMAGE, ["node", "cleanup.js"], ["--all"])
    assert (pod["spec"]["restartPolicy"], pod["spec"]["serviceAccountName"]) == ("Never", "apiserver")
    assert pod["metadata"]["labels"]["git.sha"] == COMMIT


def test_its_jobs_are_not_taken_for_objects_of_the_operator() -> None:
    assert _cron_job()["spec"]["jobTemplate"]["metadata"] == {"labels": {"tenantry.dev/job": "apiserver"}}


def test_it_tells_what_it_was_made_for_whatever_somebody_wrote_into_its_pods() -> None:
    seen = _seen()
    assert seen.pinned == asked(_service())
    assert (seen.template, seen.address) == (TEMPLATE_VERSION, ADDRESS)

    body = _cron_job()
    body["metadata"] |= {"uid": "1", "resourceVersion": "1"}
    body["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["image"] = "evil"
    assert cast(CronJobRecord, record_of("CronJob", body)).pinned == asked(_service())

    del body["metadata"]["annotations"]
    # A Deployment's pods must have labels; those of a Job need none.
    del body["spec"]["jobTemplate"]["spec"]["template"]["metadata"]
    without = cast(CronJobRecord, record_of("CronJob", body))
    assert without.pinned is not None
    assert (without.pinned.image, without.template) == ("evil", "")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(("schedule",), "* * * * *", id="another time"),
        pytest.param(("suspend",), True, id="suspended"),
        pytest.param(("jobTemplate", "spec", "parallelism"), 5, id="more pods at once"),
        pytest.param(("jobTemplate", "spec", "template", "spec", "hostNetwork"), True, id="another pod"),
        pytest.param(("jobTemplate", "metadata", "annotations"), {"x": "y"}, id="an annotation of its jobs"),
    ],
)
def test_what_somebody_changed_is_a_difference(place: tuple[str, ...], value: object) -> None:
    live = _cron_job()
    inner = live["spec"]
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value

    assert differences(_cron_job(), live) != []


def test_what_the_api_server_writes_into_it_is_none() -> None:
    live = _cron_job()
    live["spec"]["jobTemplate"]["metadata"]["creationTimestamp"] = None
    pod = live["spec"]["jobTemplate"]["spec"]["template"]
    pod["metadata"]["creationTimestamp"] = None
    pod["spec"] |= {"serviceAccount": "apiserver", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler"}
    live["status"] = {"lastScheduleTime": NIGHT}

    assert differences(_cron_job(), live) == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param(None, None, id="it was made just now"),
        pytest.param({}, None, id="its time has not come yet"),
        pytest.param({"lastSuccessfulTime": NIGHT}, None, id="a person alone ran it"),
        pytest.param(
            {"lastScheduleTime": NIGHT, "active": [{"name": "apiserver-1"}]},
            {"scheduledAt": NIGHT, "result": "Running"},
            id="the first run goes on",
        ),
        pytest.param({"lastScheduleTime": NIGHT}, {"scheduledAt": NIGHT, "result": "Failed"}, id="the first run failed"),
        pytest.param(
            {"lastScheduleTime": NIGHT, "lastSuccessfulTime": "2026-11-25T03:00:07Z"},
            {"scheduledAt": NIGHT, "result": "Succeeded", "succeededAt": "2026-11-25T03:00:07Z"},
            id="it succeeded",
        ),
        pytest.param(
            {"lastScheduleTime": NEXT_NIGHT, "lastSuccessfulTime": "2026-11-25T03:00:07Z"},
            {"scheduledAt": NEXT_NIGHT, "result": "Failed", "succeededAt": "2026-11-25T03:00:07Z"},
            id="the one before succeeded, and this one did not",
        ),
        pytest.param(
            {"lastScheduleTime": NEXT_NIGHT, "lastSuccessfulTime": "2026-11-26T08:12:00Z"},
            {"scheduledAt": NEXT_NIGHT, "result": "Succeeded", "succeededAt": "2026-11-26T08:12:00Z"},
            id="it failed, and somebody ran it again by hand",
        ),
    ],
)
def test_what_became_of_the_last_run(status: dict[str, Any] | None, said: dict[str, str] | None) -> None:
    found = last_run(_seen(status))

    assert (None if found is None else found.status({})) == said


def test_a_service_is_there_as_soon_as_its_cron_job_has_the_image_and_a_run_that_failed_says_nothing_of_that() -> None:
    seen = rollout(_service(), _seen({"lastScheduleTime": NIGHT}))

    assert seen.is_done
    assert seen.status(None, NEXT_NIGHT) == {
        "name": "apiserver",
        "image": IMAGE,
        "commit": COMMIT,
        "release": "releases/0.0.2",
        "since": NEXT_NIGHT,
        "readyReplicas": 0,
        "replicas": 0,
        "lastRun": {"scheduledAt": NIGHT, "result": "Failed"},
    }


def test_a_service_whose_cron_job_has_another_image_is_not_there_yet_unless_it_is_held() -> None:
    wanted = _service(image=IMAGE.replace("a" * 64, "b" * 64))

    assert rollout(wanted, _seen()).lacks == "apiserver: its CronJob does not have the new image"
    held = rollout(wanted, _seen(), is_held=True)
    assert held.is_done
    assert "image" not in held.status(None, NIGHT)
