"""Rights that the operator lacks: a newer one may run with those of an older one, for only a cluster administrator may give them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tenantry_operator.problems import Problem, Stalled

#: Kinds that a tenant need not have: who has them says so, and all others go on.
DISPENSABLE = frozenset({"LimitRange", "ResourceQuota"})


def right_missing(said: Iterable[str]) -> str:
    """What to do, for people. `said`: what the API server says, which names the right."""
    return (
        f"the operator lacks rights: {'; '.join(said)}. Its rights are older than it is, or were changed. "
        "A cluster administrator gives them: npx cdktf deploy operator"
    )


def rights_problem(forbidden: Mapping[str, str]) -> Problem | None:
    """What keeps every tenant from being looked at; None where the operator sees all that it must. `forbidden`: by kind, what was said."""
    said = [words for kind, words in forbidden.items() if kind not in DISPENSABLE]
    return Stalled("RightMissing", f"it can't be looked after: {right_missing(said)}. What runs goes on") if said else None
