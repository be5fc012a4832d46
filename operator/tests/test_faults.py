"""What errors mean to a Tenant."""

from __future__ import annotations

import logging

import httpx2
import pytest
from lightkube import ApiError
from lightkube.models.meta_v1 import Status

from tenantry_operator.faults import problem_of
from tenantry_operator.problems import Pending, Stalled

FOR_A_PERSON = Stalled("HostConflict", "the host is another's. Give one of the two another host")


def _refusal(code: int, reason: str | None, message: str) -> ApiError:
    request = httpx2.Request("PATCH", "https://cluster.example.com")
    return ApiError(request=request, status=Status(code=code, reason=reason, message=message))


@pytest.mark.parametrize(("code", "reason"), [(400, "BadRequest"), (422, "Invalid")])
def test_what_kubernetes_will_refuse_again_waits_for_a_change(code: int, reason: str) -> None:
    problem = problem_of(_refusal(code, reason, "spec.ports[0].port: must be between 1 and 65535"), "northwind")

    assert isinstance(problem, Stalled)
    assert (
        problem.message
        == "Kubernetes refuses: spec.ports[0].port: must be between 1 and 65535. Change what it names in the Tenant, or in the cluster"
    )


@pytest.mark.parametrize(
    ("code", "reason"), [(403, "Forbidden"), (409, "Conflict"), (429, "TooManyRequests"), (500, "InternalError"), (503, None)]
)
def test_what_kubernetes_may_take_later_is_tried_again(code: int, reason: str | None) -> None:
    problem = problem_of(_refusal(code, reason, "exceeded quota"), "northwind")

    assert isinstance(problem, Pending)
    assert problem.reason == (reason or "KubernetesRefuses")
    assert problem.message == "Kubernetes refuses: exceeded quota"


def test_a_refusal_says_what_was_refused() -> None:
    problem = problem_of(_refusal(403, "Forbidden", "exceeded quota"), "northwind", "Deployment apiserver")

    assert problem.message == "Kubernetes refuses the Deployment apiserver: exceeded quota"


@pytest.mark.parametrize("error", [httpx2.ConnectError("refused"), httpx2.ReadTimeout("slow")])
def test_a_cluster_that_does_not_answer_is_tried_again(error: Exception) -> None:
    problem = problem_of(error, "northwind")

    assert isinstance(problem, Pending)
    assert problem.reason == "KubernetesUnavailable"
    assert str(error) in problem.message


def test_what_takes_too_long_is_tried_again() -> None:
    problem = problem_of(TimeoutError(), "northwind")

    assert isinstance(problem, Pending)
    assert problem.message == "it took too long"


def test_a_problem_that_is_known_is_told_as_it_is() -> None:
    assert problem_of(FOR_A_PERSON, "northwind") is FOR_A_PERSON


def test_a_fault_of_the_operator_is_logged_whole_and_told_without_what_it_says(caplog: pytest.LogCaptureFixture) -> None:
    # What an unforeseen error says may be anything, a password too; a status is read by many.
    try:
        raise KeyError("s3cret")
    except KeyError as error:
        problem = problem_of(error, "northwind")

    assert isinstance(problem, Pending)
    assert problem.message == "the operator failed (KeyError); its log says where"
    (record,) = caplog.records
    assert (record.levelno, vars(record)["tenant"]) == (logging.ERROR, "northwind")
    assert record.exc_info is not None
