"""Why a Tenant is not what it should be. All kinds end up in its status, so their messages are for the people who read it."""


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


class Stalled(Problem):
    """Thrown when trying again would change nothing: a person, or a change of the Tenant, is needed."""
