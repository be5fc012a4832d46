"""Why a Tenant is not what it should be. All kinds end up in its status, so their messages are for the people who read it."""

from collections.abc import Sequence


class Problem(Exception):
    """Something stands in the way of a Tenant.

    `reason` is one word in CamelCase, for programs; `message` says what is wrong and what to do next, and has no secret in it.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class Pending(Problem):
    """Thrown when something is not there yet, or does not answer now: it is tried again by itself, later and later."""


class Progressing(Pending):
    """Thrown, or only told, when it goes on by itself, and the cluster tells when it is done."""


class Waiting(Progressing):
    """Only told: it goes on when other tenants have, and whoever sees to those calls it then."""


class Stalled(Problem):
    """Thrown when trying again would change nothing: a person, or a change of the Tenant, is needed."""


class LoginLost(Stalled):
    """Thrown when a tenant's own role is there, and no Secret says its password: it had a database, whatever its status says."""


def all_of(problems: Sequence[Problem]) -> Problem | None:
    """Several problems as one: with the reason of what matters most, and all that is to be said. None if there are none."""
    if len(problems) < 2:
        return next(iter(problems), None)
    first = min(problems, key=lambda one: (not isinstance(one, Stalled), isinstance(one, Progressing)))
    return type(first)(first.reason, ". ".join([first.message, *(one.message for one in problems if one is not first)]))
