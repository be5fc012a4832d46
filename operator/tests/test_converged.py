"""Whether a tenant has converged, and since when."""

from __future__ import annotations

from typing import Any

import pytest
from example_tenant import example_tenant

from tenantry_operator.converged import Converged, converged

RENDERING = "0123456789abcdef"


def _condition(kind: str, at: str, status: str = "True", said: str = "Good: it is") -> dict[str, Any]:
    reason, message = said.split(": ")
    times = {"lastTransitionTime": f"1970-01-01T00:{at}Z", "observedGeneration": 3}
    return {"type": kind, "status": status, "reason": reason, "message": message, **times}


READY = _condition("Ready", "01:00")
HEALTHY = _condition("Healthy", "02:00")


def _converged(*conditions: dict[str, Any], **status: Any) -> Converged:
    whole = {"observedGeneration": 3, "template": RENDERING, "conditions": [*(conditions or (READY, HEALTHY))], "services": []}
    return converged(example_tenant(status=whole | status), RENDERING)


def test_it_has_since_the_last_of_all_that_it_takes() -> None:
    services = [{"name": "a", "since": "1970-01-01T00:03:00Z"}, {"name": "b", "since": "1970-01-01T00:00:30Z"}, {"name": "c"}]

    assert _converged() == Converged(60.0, "")
    assert _converged(services=services) == Converged(180.0, "")


def test_what_its_host_answered_is_not_in_it_for_that_is_asked_while_somebody_waits() -> None:
    assert _converged(READY).since == 60.0
    assert _converged(READY, _condition("Healthy", "02:00", "False")).since == 60.0


@pytest.mark.parametrize(
    ("found", "why_not"),
    [
        pytest.param(
            _converged(observedGeneration=2), "NotObserved: the operator has not looked at its present specification yet", id="a new spec"
        ),
        pytest.param(
            _converged(template="f" * 16),
            "TemplateOutdated: its pods do not all have the pod template of this operator yet",
            id="a template",
        ),
        pytest.param(
            _converged(_condition("Ready", "01:00", "False", "RolloutStuck: no pods"), HEALTHY),
            "RolloutStuck: no pods",
            id="unready",
        ),
        pytest.param(_converged(HEALTHY), "NotChecked: its condition Ready is not there yet", id="never looked at"),
    ],
)
def test_it_has_not_and_says_why(found: Converged, why_not: str) -> None:
    assert (found.since, found.why_not) == (None, why_not)
    assert found.is_looked_at == (not why_not.startswith("NotObserved"))


def test_a_tenant_without_a_status_has_not() -> None:
    assert converged(example_tenant(status={}), RENDERING).since is None
