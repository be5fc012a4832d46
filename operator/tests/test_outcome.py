"""How a look at a Tenant ended. What a look does: the end-to-end tests."""

from __future__ import annotations

from typing import Any

import pytest

from tenantry_operator.outcome import Outcome, outcome_of
from tenantry_operator.problems import Pending, Progressing, Stalled, Waiting
from tenantry_operator.status import Report

GOES_ON = Progressing("RolloutInProgress", "0 of 2 pods have the new image")
OTHERS_FIRST = Waiting("RolloutQueued", "waits for its turn")
TRIED_AGAIN = Pending("DatabaseUnavailable", "the server does not answer")
FOR_A_PERSON = Stalled("HostConflict", "the host is another's. Give one of the two another host")


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ({}, Outcome.READY),
        ({"services": GOES_ON}, Outcome.PROGRESSING),
        ({"ring": OTHERS_FIRST}, Outcome.WAITING),
        ({"ring": OTHERS_FIRST, "services": GOES_ON}, Outcome.PROGRESSING),
        ({"ring": OTHERS_FIRST, "database": TRIED_AGAIN}, Outcome.FAILING),
        ({"ring": OTHERS_FIRST, "host": FOR_A_PERSON}, Outcome.STALLED),
        ({"ring": FOR_A_PERSON}, Outcome.STALLED),
        ({"database": TRIED_AGAIN}, Outcome.FAILING),
        ({"database": TRIED_AGAIN, "services": GOES_ON}, Outcome.FAILING),
        ({"services": GOES_ON, "host": FOR_A_PERSON}, Outcome.STALLED),
        ({"database": TRIED_AGAIN, "host": FOR_A_PERSON}, Outcome.STALLED),
        ({"problem": GOES_ON}, Outcome.PROGRESSING),
        ({"problem": TRIED_AGAIN}, Outcome.FAILING),
    ],
)
def test_a_look_ends_as_what_it_found_asks_for(found: dict[str, Any], outcome: Outcome) -> None:
    assert outcome_of(Report(database_checked=True, services_checked=True, **found)) is outcome
