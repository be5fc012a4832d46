"""Amounts of CPU and memory, as Kubernetes writes them."""

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([+-]?\d{1,3}))?")
_BINARY = {f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL = {letter: Fraction(1000) ** power for power, letter in zip(range(-3, 7), ["n", "u", "m", "", *"kMGTPE"], strict=True)}
_FACTORS = _BINARY | _DECIMAL


def canonical_quantity(written: Any) -> Any:
    """The same text for the same amount, however it is written: the API server keeps `0.05` as `50m`. What is no amount stays as it is."""
    amount = _amount(str(written)) if isinstance(written, str | int) and not isinstance(written, bool) else None
    return written if amount is None else amount


@lru_cache(maxsize=256)
def _amount(written: str) -> str | None:
    match = _QUANTITY.fullmatch(written)
    if match is None:
        return None
    number, suffix, exponent = match.groups()
    return str(Fraction(number) * (Fraction(10) ** int(exponent) if exponent else _FACTORS[suffix or ""]))
