"""The status of a Tenant, as people and programs read it."""

from __future__ import annotations

from typing import Any

import pytest
from example_tenant import COMMIT, IMAGE, example_tenant

from tenantry_operator.health_verdict import Verdict
from tenantry_operator.problems import Pending, Problem, Progressing, Stalled, Waiting
from tenantry_operator.rollout import Rollout
from tenantry_operator.status import LONGEST_MESSAGE, Report, status_of
from tenantry_operator.tenant import Tenant

BEFORE = "2026-03-01T00:00:00Z"
NOW = "2026-03-02T00:00:00Z"

ROLLING = Progressing("RolloutInProgress", "apiserver: 0 of 2 pods have the new image")
AWAY = Pending("DatabaseUnavailable", "the PostgreSQL server does not answer")
LOST = Stalled("CredentialsMissing", "the Secret is gone. Restore it from a backup")
TAKEN = Stalled("HostConflict", "the host belongs to the tenant acme. Give one of the two another host")
HELD = Waiting("RingHeld", "waits for ring canary: northwind is not ready (RolloutStuck)")
TERMINATING = Progressing("NamespaceTerminating", "the namespace tenant-northwind is on its way out")


def _rollout(tenant: Tenant, lacks: str = "") -> Rollout:
    return Rollout(tenant.spec.services[0], ready=0 if lacks else 2, wanted=2, lacks=lacks, is_stuck=False)


def _report(tenant: Tenant, **found: Any) -> Report:
    """A look that found everything well, but for what is given."""
    rollouts = [_rollout(tenant, lacks=ROLLING.message if "services" in found else "")]
    well: dict[str, Any] = {"database_checked": True, "services_checked": True, "rollouts": rollouts, "answers_at": tenant.spec.host}
    return Report(**(well | found))


def _stopped_by(problem: Problem) -> Report:
    """A look that came to nothing, because something stood in the way of everything."""
    return Report(problem=problem)


def _conditions(status: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["type"]: one for one in status["conditions"]}


def _brief(status: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["type"]: (one["status"], one["reason"]) for one in status["conditions"]}


def _after(first: Report, spec: dict[str, Any] | None = None, **metadata: Any) -> Tenant:
    """The Tenant with the status that a first look left, which found what `first` says; changed since as the rest says."""
    status = status_of(example_tenant(), first, BEFORE)
    return example_tenant(spec, metadata, status)


def kstatus(tenant: Tenant, status: dict[str, Any]) -> str:
    """What Flux, Argo CD and `kubectl` plugins make of a status: the rules of kstatus for resources that it does not know."""
    conditions = {kind: condition["status"] for kind, condition in _conditions(status).items()}
    if tenant.is_deleted:
        return "Terminating"
    if status["observedGeneration"] != tenant.metadata.generation or conditions.get("Reconciling") == "True":
        return "InProgress"
    if conditions.get("Stalled") == "True":
        return "Failed"
    return "Current" if conditions["Ready"] == "True" else "InProgress"


def test_a_tenant_that_is_all_that_it_should_be_is_ready() -> None:
    tenant = example_tenant()

    assert status_of(tenant, _report(tenant), NOW) == {
        "observedGeneration": 3,
        "host": "northwind.example.com",
        "database": "tenant_northwind",
        "conditions": [
            _condition("Ready", "True", "Ready", "every service runs its pinned image and is available"),
            _condition("DatabaseReady", "True", "DatabaseReady", "the role logs in to its database"),
            _condition("ServicesReady", "True", "ServicesReady", "every pod is available on its pinned image"),
            _condition("Stalled", "False", "NotStalled", "nothing waits for a person"),
        ],
        "services": [
            {
                "name": "apiserver",
                "image": IMAGE,
                "commit": COMMIT,
                "release": "releases/0.0.2",
                "since": NOW,
                "readyReplicas": 2,
                "replicas": 2,
            }
        ],
    }


def _condition(kind: str, status: str, reason: str, message: str) -> dict[str, Any]:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": NOW,
        "observedGeneration": 3,
    }


def test_a_rollout_that_goes_on_is_not_ready_and_nothing_that_waits_for_a_person() -> None:
    tenant = example_tenant()
    status = status_of(tenant, _report(tenant, services=ROLLING), NOW)

    assert _brief(status) == {
        "Ready": ("False", "RolloutInProgress"),
        "DatabaseReady": ("True", "DatabaseReady"),
        "ServicesReady": ("False", "RolloutInProgress"),
        "Stalled": ("False", "NotStalled"),
    }
    assert _conditions(status)["Ready"]["message"] == ROLLING.message


def test_a_database_whose_server_is_away_does_not_hide_services_that_run() -> None:
    tenant = example_tenant()
    status = status_of(tenant, _report(tenant, database=AWAY), NOW)

    assert _brief(status)["Ready"] == ("False", "DatabaseUnavailable")
    assert _brief(status)["ServicesReady"] == ("True", "ServicesReady")


def test_however_much_there_is_to_say_the_status_is_one_that_the_api_server_takes() -> None:
    # 32768 is the limit of the definition. 64 services whose pods an admission webhook refuses come to more than that.
    tenant = example_tenant()
    long = Stalled("RolloutStuck", "; ".join(f"service-{number}: 0 of 1 pods have the new image, {'x' * 1000}" for number in range(64)))
    conditions = _conditions(status_of(tenant, _report(tenant, services=long), NOW))

    for kind in ("Ready", "ServicesReady", "Stalled"):
        assert conditions[kind]["message"].startswith("service-0: 0 of 1 pods have the new image")
        assert conditions[kind]["message"].endswith(" …")
        assert len(conditions[kind]["message"]) == LONGEST_MESSAGE < 32768


def test_what_a_person_must_do_is_told_before_what_has_to_be_waited_for() -> None:
    tenant = example_tenant()
    status = status_of(tenant, _report(tenant, database=AWAY, services=ROLLING, host=TAKEN), NOW)

    assert _conditions(status)["Ready"]["message"] == TAKEN.message
    assert _brief(status)["Stalled"] == ("True", "HostConflict")
    assert _conditions(status)["Stalled"]["message"] == TAKEN.message


def test_one_who_looked_at_nothing_does_not_claim_to_know() -> None:
    tenant = example_tenant()
    status = status_of(tenant, _stopped_by(TERMINATING), NOW)

    assert _brief(status) == {
        "Ready": ("False", "NamespaceTerminating"),
        "DatabaseReady": ("Unknown", "NotChecked"),
        "ServicesReady": ("Unknown", "NotChecked"),
        "Stalled": ("False", "NotStalled"),
    }
    assert "services" not in status
    assert "host" not in status


def test_what_was_not_looked_at_keeps_the_condition_that_it_had() -> None:
    tenant = _after(_report(example_tenant(), database=LOST, services=ROLLING))
    status = status_of(tenant, _stopped_by(TERMINATING), NOW)

    assert _brief(status)["DatabaseReady"] == ("False", "CredentialsMissing")
    assert _brief(status)["ServicesReady"] == ("False", "RolloutInProgress")
    assert status["services"] == tenant.status["services"]


def test_a_condition_that_was_not_looked_at_is_about_the_generation_at_which_it_was() -> None:
    # `kubectl wait --for=condition=ServicesReady` believes a condition that is about the current generation.
    tenant = _after(_report(example_tenant()), generation=4)
    status = status_of(tenant, _stopped_by(TERMINATING), NOW)

    assert {kind: one["observedGeneration"] for kind, one in _conditions(status).items()} == {
        "Ready": 4,
        "DatabaseReady": 3,
        "ServicesReady": 3,
        "Stalled": 4,
    }


def test_the_status_is_about_the_generation_that_was_looked_at() -> None:
    tenant = _after(_report(example_tenant()), generation=4)
    status = status_of(tenant, _report(tenant), NOW)

    assert status["observedGeneration"] == 4
    assert {one["observedGeneration"] for one in status["conditions"]} == {4}


def test_a_condition_keeps_the_time_of_its_transition_while_its_status_stays() -> None:
    tenant = _after(_report(example_tenant(), services=ROLLING))
    further = Progressing("RolloutInProgress", "apiserver: 1 of 2 pods have the new image")
    conditions = _conditions(status_of(tenant, _report(tenant, services=further), NOW))

    assert {one["lastTransitionTime"] for one in conditions.values()} == {BEFORE}
    assert conditions["Ready"]["message"] == further.message


def test_a_condition_has_a_new_time_when_its_status_changes() -> None:
    tenant = _after(_report(example_tenant(), services=ROLLING))
    conditions = _conditions(status_of(tenant, _report(tenant), NOW))

    assert {kind: one["lastTransitionTime"] for kind, one in conditions.items()} == {
        "Ready": NOW,
        "DatabaseReady": BEFORE,
        "ServicesReady": NOW,
        "Stalled": BEFORE,
    }


@pytest.mark.parametrize("found", [{}, {"services": ROLLING}, {"database": LOST}, {"host": TAKEN}])
def test_a_second_look_that_finds_the_same_says_the_same(found: dict[str, Any]) -> None:
    tenant = _after(_report(example_tenant(), **found))

    assert status_of(tenant, _report(tenant, **found), NOW) == tenant.status


def test_image_and_commit_stay_those_that_run_until_the_next_ones_do() -> None:
    newer = example_tenant().spec.services[0]
    tenant = _after(
        _report(example_tenant()),
        {
            "services": [
                {
                    "name": newer.name,
                    "image": IMAGE.replace("a" * 64, "b" * 64),
                    "commit": "b" * 40,
                    "release": "releases/0.0.3",
                    "port": 8080,
                    "replicas": 2,
                }
            ]
        },
        generation=4,
    )
    (during,) = status_of(tenant, _report(tenant, services=ROLLING), NOW)["services"]
    (after,) = status_of(tenant, _report(tenant), NOW)["services"]

    assert (during["commit"], during["release"]) == (COMMIT, "releases/0.0.2")
    assert (after["commit"], after["release"]) == ("b" * 40, "releases/0.0.3")


def test_a_tenant_that_waits_is_not_ready_while_all_its_pods_are_available() -> None:
    tenant = example_tenant()
    status = status_of(tenant, _report(tenant, ring=HELD), NOW)

    assert _brief(status)["Ready"] == ("False", "RingHeld")
    assert _brief(status)["ServicesReady"] == ("True", "ServicesReady")
    assert _conditions(status)["Ready"]["message"] == HELD.message


def test_what_waits_behind_something_that_fails_tells_of_that_first() -> None:
    tenant = example_tenant()
    status = status_of(tenant, _report(tenant, ring=HELD, database=AWAY), NOW)

    assert _brief(status)["Ready"] == ("False", "DatabaseUnavailable")


def test_the_status_says_how_its_pods_were_rendered_as_long_as_they_were_all_rendered_so() -> None:
    tenant = example_tenant()
    assert "template" not in status_of(tenant, _report(tenant, services=ROLLING), NOW)

    first = _after(_report(tenant, template="0" * 16))
    assert status_of(first, _report(first, services=ROLLING), NOW)["template"] == "0" * 16
    assert status_of(first, _report(first, template="1" * 16), NOW)["template"] == "1" * 16


def test_a_tenant_that_has_no_pods_any_more_does_not_say_how_they_were_rendered() -> None:
    tenant = _after(_report(example_tenant(), template="0" * 16))

    assert "template" not in status_of(tenant, _report(tenant, template=""), NOW)


def test_pods_that_were_rendered_anew_have_been_so_since_then_alone() -> None:
    tenant = _after(_report(example_tenant(), template="0" * 16))
    (same,) = status_of(tenant, _report(tenant, template="0" * 16), NOW)["services"]
    (anew,) = status_of(tenant, _report(tenant, template="1" * 16), NOW)["services"]

    assert (same["since"], anew["since"]) == (BEFORE, NOW)


@pytest.mark.parametrize(
    ("verdict", "healthy"),
    [(Verdict(True, "Healthy", "every service answers"), "True"), (Verdict(False, "BadStatus", "apiserver answers 503"), "False")],
)
def test_what_its_host_answers_stands_beside_whether_it_is_ready(verdict: Verdict, healthy: str) -> None:
    tenant = example_tenant()
    status = status_of(tenant, _report(tenant, health=verdict), NOW)

    assert _brief(status)["Ready"] == ("True", "Ready")
    assert _brief(status)["Healthy"] == (healthy, verdict.reason)
    assert _conditions(status)["Healthy"]["message"] == verdict.message


def test_nothing_is_said_of_its_health_while_nobody_asks_and_what_was_said_once_stays() -> None:
    assert "Healthy" not in _brief(status_of(example_tenant(), _report(example_tenant()), NOW))

    tenant = _after(_report(example_tenant(), health=Verdict(True, "Healthy", "every service answers")), generation=4)
    healthy = _conditions(status_of(tenant, _report(tenant), NOW))["Healthy"]
    assert (healthy["status"], healthy["lastTransitionTime"], healthy["observedGeneration"]) == ("True", BEFORE, 3)


def test_a_service_that_is_no_longer_asked_for_leaves_the_status() -> None:
    tenant = example_tenant(status={"services": [{"name": "worker", "image": IMAGE}]})

    assert [one["name"] for one in status_of(tenant, _report(tenant), NOW)["services"]] == ["apiserver"]


def test_a_tenant_that_is_decommissioned_is_ready_and_says_what_that_means() -> None:
    tenant = _after(_report(example_tenant()), {"decommission": True}, generation=4)
    status = status_of(tenant, _report(tenant), NOW)

    assert _brief(status)["Ready"] == ("True", "Decommissioned")
    assert "its data is kept" in _conditions(status)["Ready"]["message"]
    assert "host" not in status


def test_a_tenant_that_is_suspended_is_ready_and_keeps_its_host() -> None:
    tenant = _after(_report(example_tenant()), {"suspend": True}, generation=4)
    status = status_of(tenant, _report(tenant), NOW)

    assert _brief(status)["Ready"] == ("True", "Suspended")
    assert status["host"] == "northwind.example.com"


def test_a_tenant_whose_host_is_anothers_has_no_host() -> None:
    tenant = _after(_report(example_tenant()))

    assert "host" not in status_of(tenant, _report(tenant, host=TAKEN, answers_at=None), NOW)
    meanwhile = status_of(tenant, _report(tenant, host=TAKEN, answers_at="old.example.com"), NOW)
    assert meanwhile["host"] == "old.example.com"


def test_a_tenant_that_is_deleted_has_no_host() -> None:
    tenant = _after(_report(example_tenant()), {"decommission": True}, deletionTimestamp=NOW)

    assert "host" not in status_of(tenant, _stopped_by(Progressing("Deleting", "the namespace is on its way out")), NOW)


def test_one_who_did_not_get_to_the_host_claims_no_other_than_the_tenant_has() -> None:
    # Claimed in the status, a host that another tenant answers at would be taken from it.
    tenant = _after(_report(example_tenant()), {"host": "acme.example.com"}, generation=4)

    assert status_of(tenant, _stopped_by(AWAY), NOW)["host"] == "northwind.example.com"


def test_a_database_that_was_there_once_is_said_from_then_on_whatever_becomes_of_it() -> None:
    # Who finds it gone knows by that that it is lost, and that an empty one would not do.
    tenant = _after(_report(example_tenant()))

    assert status_of(tenant, _report(tenant, database=LOST), NOW)["database"] == "tenant_northwind"
    assert status_of(tenant, _stopped_by(AWAY), NOW)["database"] == "tenant_northwind"


@pytest.mark.parametrize("report", [Report(database=AWAY, database_checked=True), _stopped_by(AWAY)])
def test_a_database_that_was_not_there_yet_is_not_said(report: Report) -> None:
    assert "database" not in status_of(example_tenant(), report, NOW)


@pytest.mark.parametrize(
    ("found", "seen"),
    [
        ({}, "Current"),
        ({"services": ROLLING}, "InProgress"),
        ({"database": AWAY}, "InProgress"),
        ({"ring": HELD}, "InProgress"),
        ({"database": LOST}, "Failed"),
        ({"host": TAKEN}, "Failed"),
    ],
)
def test_tools_that_know_kstatus_understand_it(found: dict[str, Any], seen: str) -> None:
    tenant = example_tenant()

    assert kstatus(tenant, status_of(tenant, _report(tenant, **found), NOW)) == seen


def test_tools_that_know_kstatus_take_a_status_about_an_older_generation_for_work_in_progress() -> None:
    tenant = _after(_report(example_tenant()), generation=4)

    assert kstatus(tenant, tenant.status) == "InProgress"


def test_a_time_that_a_clock_ahead_has_written_becomes_now() -> None:
    tenant = example_tenant()
    ahead = "2099-01-01T00:00:00Z"
    tenant = _after(_report(tenant))
    for one in [*tenant.status["conditions"], *tenant.status["services"]]:
        one |= {key: ahead for key in ("lastTransitionTime", "since") if key in one}
    status = status_of(tenant, _report(tenant), NOW)

    assert {one["lastTransitionTime"] for one in status["conditions"]} == {NOW}
    assert {one["since"] for one in status["services"]} == {NOW}
