"""What errors mean to a Tenant, and how a look at it ended. What a look does: the end-to-end tests."""

from __future__ import annotations

import logging
from typing import Any

import httpx2
import pytest
from example_tenant import example_tenant
from lightkube import ApiError
from lightkube.models.meta_v1 import Status
from lightkube.resources.core_v1 import Namespace
from live_object import live_object

from tenantry_operator.problems import Pending, Progressing, Stalled
from tenantry_operator.reconcile import Outcome, _outcome, _problem_of, _refuse_foreign, _terminating
from tenantry_operator.status import Report

TENANT = example_tenant()
GOES_ON = Progressing("RolloutInProgress", "0 of 2 pods have the new image")
TRIED_AGAIN = Pending("DatabaseUnavailable", "the server does not answer")
FOR_A_PERSON = Stalled("HostConflict", "the host is another's. Give one of the two another host")


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ({}, Outcome.READY),
        ({"services": GOES_ON}, Outcome.PROGRESSING),
        ({"database": TRIED_AGAIN}, Outcome.FAILING),
        ({"database": TRIED_AGAIN, "services": GOES_ON}, Outcome.FAILING),
        ({"services": GOES_ON, "host": FOR_A_PERSON}, Outcome.STALLED),
        ({"database": TRIED_AGAIN, "host": FOR_A_PERSON}, Outcome.STALLED),
        ({"problem": GOES_ON}, Outcome.PROGRESSING),
        ({"problem": TRIED_AGAIN}, Outcome.FAILING),
    ],
)
def test_a_look_ends_as_what_it_found_asks_for(found: dict[str, Any], outcome: Outcome) -> None:
    assert _outcome(Report(database_checked=True, services_checked=True, **found)) is outcome


def _refusal(code: int, reason: str | None, message: str) -> ApiError:
    request = httpx2.Request("PATCH", "https://cluster.example.com")
    return ApiError(request=request, status=Status(code=code, reason=reason, message=message))


@pytest.mark.parametrize(("code", "reason"), [(400, "BadRequest"), (422, "Invalid")])
def test_what_kubernetes_will_refuse_again_waits_for_a_change(code: int, reason: str) -> None:
    problem = _problem_of(_refusal(code, reason, "spec.ports[0].port: must be between 1 and 65535"), TENANT)

    assert isinstance(problem, Stalled)
    assert (
        problem.message
        == "Kubernetes refuses: spec.ports[0].port: must be between 1 and 65535. Change what it names in the Tenant, or in the cluster"
    )


@pytest.mark.parametrize(
    ("code", "reason"), [(403, "Forbidden"), (409, "Conflict"), (429, "TooManyRequests"), (500, "InternalError"), (503, None)]
)
def test_what_kubernetes_may_take_later_is_tried_again(code: int, reason: str | None) -> None:
    problem = _problem_of(_refusal(code, reason, "exceeded quota"), TENANT)

    assert isinstance(problem, Pending)
    assert problem.reason == (reason or "KubernetesRefuses")
    assert problem.message == "Kubernetes refuses: exceeded quota"


@pytest.mark.parametrize("error", [httpx2.ConnectError("refused"), httpx2.ReadTimeout("slow")])
def test_a_cluster_that_does_not_answer_is_tried_again(error: Exception) -> None:
    problem = _problem_of(error, TENANT)

    assert isinstance(problem, Pending)
    assert problem.reason == "KubernetesUnavailable"
    assert str(error) in problem.message


def test_what_takes_too_long_is_tried_again_and_says_how_long_it_had() -> None:
    problem = _problem_of(TimeoutError(), TENANT)

    assert isinstance(problem, Pending)
    assert problem.message == "it took longer than 60 s"


def test_a_problem_that_is_known_is_told_as_it_is() -> None:
    assert _problem_of(FOR_A_PERSON, TENANT) is FOR_A_PERSON


def test_a_fault_of_the_operator_is_logged_whole_and_told_without_what_it_says(caplog: pytest.LogCaptureFixture) -> None:
    # What an unforeseen error says may be anything, a password too; a status is read by many.
    try:
        raise KeyError("s3cret")
    except KeyError as error:
        problem = _problem_of(error, TENANT)

    assert isinstance(problem, Pending)
    assert problem.message == "the operator failed (KeyError); its log says where"
    (record,) = caplog.records
    assert (record.levelno, vars(record)["tenant"]) == (logging.ERROR, "northwind")
    assert record.exc_info is not None


def _namespace(**metadata: Any) -> Namespace:
    return live_object(Namespace, {"metadata": {"name": "tenant-northwind", **metadata}})


@pytest.mark.parametrize("labels", [None, {}, {"tenantry.dev/tenant": "acme"}])
def test_a_namespace_of_somebody_else_is_refused_with_what_to_do(labels: dict[str, str] | None) -> None:
    with pytest.raises(Stalled) as refused:
        _refuse_foreign(TENANT, _namespace(labels=labels))

    assert refused.value.reason == "NamespaceConflict"
    # First what to do about one that lost its label: to delete it would cost the tenant its credentials.
    assert "If it is, with all that is in it: kubectl label --overwrite namespace tenant-northwind" in refused.value.message
    assert "tenantry.dev/tenant=northwind" in refused.value.message


def test_the_tenants_own_namespace_is_taken() -> None:
    _refuse_foreign(TENANT, _namespace(labels={"tenantry.dev/tenant": "northwind"}))


def test_a_namespace_that_does_not_go_is_told_with_what_holds_it() -> None:
    held = {
        "type": "NamespaceContentRemaining",
        "status": "True",
        "reason": "SomeResourcesRemain",
        "message": "pods. has 1 resource instances",
    }
    well = {"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "reason": "ResourcesDiscovered", "message": "all discovered"}
    namespace = live_object(Namespace, {"metadata": {"name": "tenant-northwind"}, "status": {"conditions": [well, held]}})

    assert _terminating(namespace) == "the namespace tenant-northwind is on its way out; pods. has 1 resource instances"
