"""Somebody who undoes what the operator does."""

from __future__ import annotations

import pytest

from tenantry_operator import fights
from tenantry_operator.drift import Seen
from tenantry_operator.fights import TIMES, WITHIN, Fights

KEY = ("Deployment", "tenant-northwind", "apiserver")


def _seen(version: int, digest: str = "paused") -> Seen:
    return Seen("uid", version, digest)


def _fought(wanted: str = "wanted", times: int = TIMES) -> Fights:
    known = Fights()
    for number in range(times):
        known.record(KEY, _seen(number), wanted, now=number)
    return known


def test_an_object_that_was_put_right_from_the_same_state_a_few_times_is_fought_over() -> None:
    assert not _fought(times=TIMES - 1).is_one(KEY, _seen(100), now=10)
    assert _fought().is_one(KEY, _seen(100), now=10)


def test_it_is_put_right_again_later() -> None:
    assert not _fought().is_one(KEY, _seen(100), now=WITHIN)


def test_other_states_and_other_objects_are_other_matters() -> None:
    assert not _fought().is_one(KEY, _seen(100, "scaled"), now=10)
    assert not _fought().is_one(("Deployment", "tenant-acme", "apiserver"), _seen(100), now=10)


def test_a_state_that_is_seen_late_is_no_fight() -> None:
    known = Fights()
    for _ in range(100):
        known.record(KEY, _seen(1), "wanted", now=0)

    assert not known.is_one(KEY, _seen(1), now=0)
    assert not known.is_one(KEY, _seen(2), now=0)


def test_a_tenant_that_is_changed_to_and_fro_is_no_fight() -> None:
    known = Fights()
    for number in range(20):
        one, other = ("old", "new") if number % 2 else ("new", "old")
        assert not known.is_one(KEY, _seen(number, one), now=number)
        known.record(KEY, _seen(number, one), other, now=number)


def test_what_was_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fights, "MOST", 10)
    known = Fights()
    for number in range(1000):
        known.record((*KEY[:2], str(number)), _seen(1), "wanted", now=number * WITHIN)

    assert len(known._repairs) < 12
