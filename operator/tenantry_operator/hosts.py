"""Whose a host is. Two tenants may ask for the same one; only one of them may answer there. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Claim(NamedTuple):
    """A tenant asks for a host."""

    #: Whether the tenant answers there already.
    holds: bool
    #: When the Tenant was made, in RFC 3339.
    created: str
    tenant: str


def holder(claims: Iterable[Claim]) -> str | None:
    """The tenant whose the host is: one that answers there keeps it, and else the older one has it; None if nobody asks."""
    first = min(claims, key=lambda claim: (not claim.holds, claim.created, claim.tenant), default=None)
    return first and first.tenant
