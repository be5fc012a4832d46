"""The status of a Tenant, with conditions as the Kubernetes API conventions and kstatus have them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenantry_operator.health_verdict import Verdict
from tenantry_operator.problems import LoginLost, Problem, Stalled
from tenantry_operator.rollout import Rollout
from tenantry_operator.tenant import Tenant

#: Characters. Many services can have much to say, and a status with a message that the definition does not take is not written at all.
LONGEST_MESSAGE = 4096


@dataclass
class Report:
    """What one look at a Tenant found, piece by piece. What was not looked at keeps the condition that it had."""

    #: Stands in the way of everything.
    problem: Problem | None = None
    database: Problem | None = None
    database_checked: bool = False
    #: Keeps the tenant's host from answering.
    host: Problem | None = None
    #: The host at which the tenant answers: its former one while it can't have the one that it asks for.
    answers_at: str | None = None
    services: Problem | None = None
    services_checked: bool = False
    rollouts: list[Rollout] = field(default_factory=list)
    #: It waits for a ring, or for its turn.
    ring: Problem | None = None
    #: It still has what it is to have no more.
    former: Problem | None = None
    #: How all its pods were rendered, "" if it has none; None while they are not all of one kind.
    template: str | None = None
    #: What the tenant's host answers; None if nobody asked.
    health: Verdict | None = None

    @property
    def problems(self) -> list[Problem]:
        """All that stands in the way, what matters most first: what a person must do, then what has to be waited for."""
        found = [one for one in (self.problem, self.database, self.host, self.services, self.ring, self.former) if one is not None]
        return sorted(found, key=lambda one: not isinstance(one, Stalled))

    def is_ready(self) -> bool:
        """Whether the tenant is all that it should be."""
        return self.database_checked and self.services_checked and not self.problems


@dataclass(frozen=True)
class Finding:
    """What is known of one condition."""

    type: str
    status: str
    reason: str
    message: str
    #: Generation of the Tenant at which that was found, where it is not the present one.
    former_generation: int | None = None


def status_of(tenant: Tenant, report: Report, now: str) -> dict[str, Any]:
    """The status that says what the report found. `now` is when, in RFC 3339.

    A condition keeps the time of its last transition as long as its status does not change.
    """
    before: dict[str, dict[str, Any]] = {one["type"]: one for one in tenant.status.get("conditions", [])}
    conditions = []
    for finding in _findings(tenant, report):
        previous = before.get(finding.type, {})
        # A clock that was ahead wrote a time that is still to come: others would wait for it.
        since = min(previous.get("lastTransitionTime", now), now) if previous.get("status") == finding.status else now
        conditions.append(
            {
                "type": finding.type,
                "status": finding.status,
                "reason": finding.reason,
                "message": _cut(finding.message),
                "lastTransitionTime": since,
                "observedGeneration": finding.former_generation or tenant.metadata.generation,
            }
        )
    status: dict[str, Any] = {"observedGeneration": tenant.metadata.generation, "conditions": conditions}
    before_template: str = tenant.status.get("template", "")
    template = before_template if report.template is None else report.template
    if report.services_checked:
        is_anew = template != before_template
        services = {one["name"]: one for one in tenant.status.get("services", [])}
        status["services"] = [one.status(services.get(one.service.name), now, is_anew) for one in report.rollouts]
    elif "services" in tenant.status:
        status["services"] = tenant.status["services"]
    if template:
        status["template"] = template
    host = _host(tenant, report)
    if host is not None:
        status["host"] = host
    is_known = isinstance(report.database, LoginLost) or (report.database_checked and report.database is None)
    if tenant.had_database or is_known:
        status["database"] = tenant.spec.database.name
    return status


def needs_writing(status: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether a status says anything that the one before did not."""
    return dict(status) != dict(before)


def _cut(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 2] + " …"


def _host(tenant: Tenant, report: Report) -> str | None:
    """Where the tenant answers. A host is claimed by it, so one that was not got to is not said: it may be another's."""
    if tenant.spec.decommission:
        return None
    if report.services_checked:
        return report.answers_at
    before: str | None = tenant.status.get("host")
    return before


def _findings(tenant: Tenant, report: Report) -> Iterable[Finding]:
    stalled = next((one for one in report.problems if isinstance(one, Stalled)), None)
    if report.is_ready():
        if tenant.spec.decommission:
            yield Finding("Ready", "True", "Decommissioned", "its services are stopped, and its data is kept")
        elif tenant.spec.suspend:
            yield Finding("Ready", "True", "Suspended", "its services are stopped, and its data and its host are kept")
        else:
            yield Finding("Ready", "True", "Ready", "every service runs its pinned image and is available")
    else:
        first = report.problems[0]
        yield Finding("Ready", "False", first.reason, first.message)

    yield from _finding(tenant, "DatabaseReady", report.database_checked, report.database, "the role logs in to its database")
    yield from _finding(tenant, "ServicesReady", report.services_checked, report.services, "every pod is available on its pinned image")
    if stalled is None:
        yield Finding("Stalled", "False", "NotStalled", "nothing waits for a person")
    else:
        yield Finding("Stalled", "True", stalled.reason, stalled.message)
    yield from _health(tenant, report)


def _finding(tenant: Tenant, kind: str, checked: bool, problem: Problem | None, good: str) -> Iterable[Finding]:
    if problem is not None:
        yield Finding(kind, "False", problem.reason, problem.message)
    elif checked:
        yield Finding(kind, "True", kind, good)
    else:
        before = next((one for one in tenant.status.get("conditions", []) if one["type"] == kind), None)
        if before is None:
            yield Finding(kind, "Unknown", "NotChecked", "it was not looked at yet")
        else:
            yield Finding(kind, before["status"], before["reason"], before["message"], before.get("observedGeneration"))


def _health(tenant: Tenant, report: Report) -> Iterable[Finding]:
    """Only of a tenant that others wait for: nobody else is asked."""
    before = next((one for one in tenant.status.get("conditions", []) if one["type"] == "Healthy"), None)
    if report.health is not None:
        yield Finding("Healthy", "True" if report.health.healthy else "False", report.health.reason, report.health.message)
    elif before is not None:
        yield Finding("Healthy", before["status"], before["reason"], before["message"], before.get("observedGeneration"))
