"""Amounts of CPU and memory."""

from __future__ import annotations

from typing import Any

import pytest

from tenantry_operator.quantity import canonical_quantity


@pytest.mark.parametrize(
    "same",
    [
        ["50m", "0.05", ".05", "5e-2", "50000u", "+0.050"],
        ["1", 1, "1.", "1000m", "1E0", "1e0"],
        ["1Gi", "1024Mi", 1073741824, "1073741824"],
        ["1M", "1000k", "1e6"],
        ["1E", "1000P", "1e18"],
    ],
)
def test_the_same_amount_is_the_same_text(same: list[Any]) -> None:
    assert len({canonical_quantity(one) for one in same}) == 1


def test_other_amounts_are_other_texts() -> None:
    assert len({canonical_quantity(one) for one in ["1", "1k", "1Ki", "1m", "-1", "0"]}) == 6


@pytest.mark.parametrize("written", ["", "much", "1 Gi", "1Xi", True, None, ["1"], "1e9999"])
def test_what_is_no_amount_stays_as_it_is(written: Any) -> None:
    assert canonical_quantity(written) is written
