"""What became of the last run of a service with a schedule, told from its CronJob. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from tenantry_operator.records import CronJobRecord

Result = Literal["Running", "Succeeded", "Failed"]


class LastRun(NamedTuple):
    """The run that began last."""

    #: When it was due, as Kubernetes writes it.
    scheduled_at: str
    result: Result
    #: When a run last succeeded, this one or one before; empty for none.
    succeeded_at: str

    def status(self, previous: Mapping[str, str]) -> dict[str, str]:
        """Its entry in the Tenant's status, after the one before.

        A run waits for the one before it, which may end well after this one was due: that is no success of this one. What was seen while
        it ran, or when it had failed, tells the two apart.
        """
        succeeded = {"succeededAt": self.succeeded_at} if self.succeeded_at else {}
        result = self.result
        is_same = previous.get("scheduledAt") == self.scheduled_at and previous.get("result") != "Succeeded"
        if is_same and result == "Succeeded" and self.succeeded_at == previous.get("succeededAt"):
            result = "Failed"
        return {"scheduledAt": self.scheduled_at, "result": result, **succeeded}


def last_run(seen: CronJobRecord) -> LastRun | None:
    """None before the first. What a person starts by hand (`kubectl create job --from=cronjob/...`) counts when it succeeds: whoever mends
    a run that failed does so by running it again.

    Both times are of one form, in UTC and whole seconds, so they can be compared as text.
    """
    if not seen.last_scheduled:
        return None
    result: Result = "Succeeded" if seen.last_succeeded >= seen.last_scheduled else "Failed"
    return LastRun(seen.last_scheduled, "Running" if seen.is_running else result, seen.last_succeeded)
