"""Whose a host is."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.hosts import Claim, holder

LAST_YEAR = "2025-01-01T00:00:00Z"
THIS_YEAR = "2026-01-01T00:00:00Z"

claims = st.lists(
    st.builds(Claim, holds=st.booleans(), created=st.sampled_from([LAST_YEAR, THIS_YEAR]), tenant=st.sampled_from(["a", "b", "c", "d"])),
    min_size=1,
    unique_by=lambda claim: claim.tenant,
)


def test_nobody_has_a_host_that_nobody_asks_for() -> None:
    assert holder([]) is None


def test_of_two_tenants_the_older_one_has_the_host() -> None:
    assert holder([Claim(False, THIS_YEAR, "acme"), Claim(False, LAST_YEAR, "globex")]) == "globex"


def test_a_tenant_that_answers_at_a_host_keeps_it_when_an_older_one_asks_for_it() -> None:
    assert holder([Claim(True, THIS_YEAR, "acme"), Claim(False, LAST_YEAR, "globex")]) == "acme"


def test_of_two_that_answer_there_the_older_one_keeps_it() -> None:
    assert holder([Claim(True, THIS_YEAR, "acme"), Claim(True, LAST_YEAR, "globex")]) == "globex"


def test_of_two_made_in_the_same_second_the_name_decides() -> None:
    assert holder([Claim(False, LAST_YEAR, "globex"), Claim(False, LAST_YEAR, "acme")]) == "acme"


@given(claims, st.randoms(use_true_random=False))
def test_all_tenants_come_to_the_same_answer_in_whatever_order_they_hear_of_the_claims(asked: list[Claim], order: random.Random) -> None:
    shuffled = list(asked)
    order.shuffle(shuffled)

    assert holder(shuffled) == holder(asked)


@given(claims)
def test_the_answer_stays_once_the_holder_answers_there(asked: list[Claim]) -> None:
    first = holder(asked)

    assert holder([claim._replace(holds=claim.tenant == first) for claim in asked]) == first
