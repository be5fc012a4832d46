"""What must stand around the pods of a tenant before any of them starts. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tenantry_operator.parts import Live, Plan, without_secrets
from tenantry_operator.problems import Problem, all_of
from tenantry_operator.records import DeploymentRecord
from tenantry_operator.tenant import Tenant

#: What pods reach, who reaches them, and what they may take.
WALLS = ("NetworkPolicy", "LimitRange", "ResourceQuota")


def without_walls(one: Plan, live: Live | None) -> Plan:
    """The plan while a wall is not there as it is asked for: what runs goes on as it is, and nothing begins.

    No other image either. Who deploys one together with a wall means it to run behind that wall, and nobody could tell which of the two
    came first. To ask for the walls that stand gives it the way free.
    """
    has_none = isinstance(live, DeploymentRecord) and live.wanted == 0
    return without_secrets(one, None if has_none else live)


def wall_problem(tenant: Tenant, lacking: Sequence[Problem]) -> Problem | None:
    """What keeps walls from being written, and what comes of that; None where all are as they should be."""
    found = all_of(lacking)
    if found is None:
        return None
    held = "" if tenant.spec.runs_nothing else ". Until it can be written, what runs goes on as it is, and no other image or service starts"
    return type(found)("WallMissing", f"{found.message}{held}")
