"""What stands in the way of a Tenant, as it is told."""

from __future__ import annotations

import pytest

from tenantry_operator.problems import Pending, Problem, Progressing, Stalled
from tenantry_operator.status import Report

GOES_ON = Progressing("RolloutInProgress", "0 of 2 pods have the new image")
TRIED_AGAIN = Pending("DatabaseUnavailable", "the server does not answer")
FOR_A_PERSON = Stalled("HostConflict", "the host is another's. Give one of the two another host")


@pytest.mark.parametrize("problem", [GOES_ON, TRIED_AGAIN, FOR_A_PERSON])
def test_a_problem_that_ends_up_in_a_log_says_all_that_a_status_would(problem: Problem) -> None:
    assert str(problem) == f"{problem.reason}: {problem.message}"


def test_what_a_person_must_do_comes_first_and_the_rest_as_it_was_found() -> None:
    assert Report(problem=GOES_ON, services=FOR_A_PERSON, database=TRIED_AGAIN).problems == [FOR_A_PERSON, GOES_ON, TRIED_AGAIN]


def test_what_goes_on_by_itself_needs_no_person_but_is_not_ready_either() -> None:
    report = Report(services=GOES_ON, database_checked=True, services_checked=True)

    assert not report.is_ready()
    assert not any(isinstance(problem, Stalled) for problem in report.problems)


def test_nothing_is_ready_that_was_not_looked_at() -> None:
    assert not Report(database_checked=True).is_ready()
    assert not Report(services_checked=True).is_ready()
    assert Report(database_checked=True, services_checked=True).is_ready()
