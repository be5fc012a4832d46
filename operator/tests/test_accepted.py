"""What is left of the operator's own writes, because the API server makes it of them."""

from __future__ import annotations

import copy
from typing import Any

from desired_objects import desired_objects

from tenantry_operator import accepted
from tenantry_operator.accepted import Accepted
from tenantry_operator.drift import digest

DEPLOYMENT = next(body for body in desired_objects() if body["kind"] == "Deployment")


def _meshed(name: str = "apiserver", **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A Deployment, and what an admission webhook makes of it."""
    desired = copy.deepcopy(DEPLOYMENT)
    desired["metadata"]["name"] = name
    answer = copy.deepcopy(desired)
    answer["spec"]["template"]["spec"]["priorityClassName"] = "tenants"
    answer["spec"] |= more
    return desired, answer


def test_what_was_asked_for_is_right_before_anything_is_learned() -> None:
    seen = Accepted()

    assert seen.covers(DEPLOYMENT, copy.deepcopy(DEPLOYMENT))
    assert seen.holds(DEPLOYMENT, digest(DEPLOYMENT), digest(DEPLOYMENT))
    assert not seen.covers(*_meshed())


def test_what_the_answer_to_a_replacement_has_besides_is_left_from_then_on() -> None:
    seen = Accepted()
    desired, answer = _meshed()
    seen.learn(desired, answer)

    assert seen.covers(desired, answer)
    assert seen.holds(desired, digest(desired), digest(answer))


def test_it_is_known_of_other_objects_of_the_kind_too_once_one_write_of_theirs_shows_it() -> None:
    seen = Accepted()
    seen.learn(*_meshed())
    desired, answer = _meshed("other")

    assert not seen.holds(desired, digest(desired), digest(answer))
    assert seen.covers(desired, answer)
    assert seen.holds(desired, digest(desired), digest(answer))


def test_anything_else_and_the_same_field_with_another_value_is_a_difference() -> None:
    seen = Accepted()
    desired, answer = _meshed()
    seen.learn(desired, answer)
    _, paused = _meshed(paused=True)
    other = copy.deepcopy(answer)
    other["spec"]["template"]["spec"]["priorityClassName"] = "system-cluster-critical"

    for live in (paused, other):
        assert not seen.covers(desired, live)
        assert not seen.holds(desired, digest(desired), digest(live))


def test_what_was_right_for_a_former_wish_is_not_for_another() -> None:
    seen = Accepted()
    desired, answer = _meshed()
    seen.learn(desired, answer)
    desired["spec"]["replicas"] = 7

    assert not seen.holds(desired, digest(desired), digest(answer))


def test_what_a_webhook_no_longer_adds_is_right_too() -> None:
    seen = Accepted()
    desired, answer = _meshed()
    seen.learn(desired, answer)

    assert seen.covers(desired, copy.deepcopy(desired))
    assert not seen.holds(desired, digest(desired), digest(answer))


def test_a_webhook_that_writes_something_new_each_time_does_not_fill_the_memory(monkeypatch: Any) -> None:
    monkeypatch.setattr(accepted, "MOST", 10)
    seen = Accepted()
    for number in range(100):
        seen.learn(*_meshed(f"service{number}", minReadySeconds=number))

    assert len(seen._details) < 15
    assert len(seen._answers) < 15
