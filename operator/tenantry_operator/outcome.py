"""How a look at a Tenant ended. Pure."""

from __future__ import annotations

from enum import Enum

from tenantry_operator.problems import Progressing, Stalled, Waiting
from tenantry_operator.status import Report


class Outcome(Enum):
    """What is to come after a look at a Tenant."""

    READY = "ready"
    #: It goes on by itself, and the cluster tells when.
    PROGRESSING = "progressing"
    #: To be looked at again in a moment.
    BRIEF = "brief"
    #: It waits for other tenants, and is called when it may go on.
    WAITING = "waiting"
    #: To be tried again, later and later.
    FAILING = "failing"
    #: A person or a change is needed.
    STALLED = "stalled"
    #: There is nothing left to look after.
    GONE = "gone"


def outcome_of(report: Report) -> Outcome:
    """What a look comes to that found a Tenant."""
    if report.is_ready():
        return Outcome.READY
    if report.problems == [report.former]:
        # What it waits for is a moment, of which nothing in the cluster tells.
        return Outcome.BRIEF
    if isinstance(report.problems[0], Stalled):
        return Outcome.STALLED
    if all(isinstance(problem, Waiting) for problem in report.problems):
        return Outcome.WAITING
    if all(isinstance(problem, Progressing) for problem in report.problems):
        return Outcome.PROGRESSING
    return Outcome.FAILING
