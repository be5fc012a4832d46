"""Whether a tenant has converged, and since when."""

from __future__ import annotations

from typing import Any

import pytest
from example_tenant import example_tenant

from tenantry_operator.converged import Converged, converged

RENDERING = "0123456789abcdef"


def _condition(kind: str, at: str, status: str = "True", said: str = "Good: it is", generation: int = 3) -> dict[str, Any]:
    reason, message = said.split(": ")
    times = {"lastTransitionTime": f"1970-01-01T00:{at}Z", "observedGeneration": generation}
    return {"type": kind, "status": status, "reason": reason, "message": message, **times}


READY = _condition("Ready", "01:00")
HEALTHY = _condition("Healthy", "02:00")


def _converged(*conditions: dict[str, Any], is_asked: bool = True, **status: Any) -> Converged:
    whole = {"observedGeneration": 3, "template": RENDERING, "conditions": [*(conditions or (READY, HEALTHY))], "services": []}
    return converged(example_tenant(status=whole | status), RENDERING, is_asked)


def test_it_has_since_the_last_of_all_that_it_takes() -> None:
    services = [{"name": "a", "since": "1970-01-01T00:03:00Z"}, {"name": "b", "since": "1970-01-01T00:00:30Z"}, {"name": "c"}]

    assert _converged() == Converged(120.0, "")
    assert _converged(is_asked=False) == Converged(60.0, "")
    assert _converged(services=services) == Converged(180.0, "")


def test_one_that_is_not_asked_needs_no_answer() -> None:
    assert _converged(READY, is_asked=False).since == 60.0
    assert _converged(READY, _condition("Healthy", "02:00", "False"), is_asked=False).since == 60.0


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
        pytest.param(_converged(READY, _condition("Healthy", "02:00", "False", "BadStatus: 503")), "BadStatus: 503", id="unhealthy"),
        pytest.param(
            _converged(READY, _condition("Healthy", "02:00", generation=2)),
            "HealthUnknown: its services were not asked for their health yet",
            id="stale",
        ),
        pytest.param(_converged(READY), "HealthUnknown: its services were not asked for their health yet", id="never asked"),
        pytest.param(_converged(HEALTHY), "NotChecked: its condition Ready is not there yet", id="never looked at"),
    ],
)
def test_it_has_not_and_says_why(found: Converged, why_not: str) -> None:
    assert found == Converged(None, why_not)


def test_a_tenant_without_a_status_has_not() -> None:
    assert converged(example_tenant(status={}), RENDERING, is_asked=True).since is None
