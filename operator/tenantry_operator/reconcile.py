"""Brings a tenant to what its Tenant asks for. Level-triggered: looks at what is there, and writes only what differs."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lightkube import ApiError

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.events import Events
from tenantry_operator.faults import problem_of
from tenantry_operator.leaving import Leaving
from tenantry_operator.looks import Looks
from tenantry_operator.metrics import DURATION, ERRORS, RECONCILES
from tenantry_operator.namespaces import Namespaces
from tenantry_operator.outcome import Outcome, outcome_of
from tenantry_operator.problems import Problem, Progressing
from tenantry_operator.rights import rights_problem
from tenantry_operator.services import Services
from tenantry_operator.status import Report, needs_writing, status_of
from tenantry_operator.tenant import FINALIZER, Tenant
from tenantry_operator.tenant_database import TenantDatabases
from tenantry_operator.turns import Turns

#: Seconds that one look may take, so that a tenant that hangs gives its place to others.
WITHIN = 60.0
#: Seconds for which a tenant that was ready may fail, or roll, before it is called anything else. What is over by then is no news.
PATIENCE = 5.0

logger = logging.getLogger(__name__)


@dataclass
class Reconciler:
    """The one way to change anything for a tenant."""

    cache: Cache
    looks: Looks
    cluster: Cluster
    namespaces: Namespaces
    databases: TenantDatabases
    services: Services
    leaving: Leaving
    turns: Turns
    events: Events
    _ready: dict[str, str] = field(default_factory=dict, init=False)
    #: Since when a tenant has not been ready, look after look.
    _unready: dict[str, float] = field(default_factory=dict, init=False)

    def count(self, ready: str) -> int:
        """How many tenants are ready: True, False or Unknown, as the condition has it."""
        # Prometheus asks in a thread of its own, and the tenants may change meanwhile.
        return list(self._ready.values()).count(ready)

    async def reconcile(self, name: str) -> Outcome:
        """Looks at one tenant and mends what differs. Ends well whatever happens, and says what did in the Tenant's status.

        Raises what keeps even that from being said.
        """
        started = time.monotonic()
        tenant = self.cache.tenants.get(name)
        if tenant is None and rights_problem(self.cache.forbidden) is not None:
            # What is left of it may not be all that is seen.
            outcome = Outcome.STALLED
        elif tenant is None:
            outcome = await self.leaving.clear_away(name)
        else:
            self.leaving.found(name)
            outcome = await self._look_at(tenant)
        if outcome is Outcome.GONE:
            self._forget(name)
        RECONCILES.labels(outcome=outcome.value).inc()
        DURATION.observe(time.monotonic() - started)
        return outcome

    def _forget(self, name: str) -> None:
        self.looks.forget(name)
        self.databases.forget(name)
        self.services.forget(name)
        self._ready.pop(name, None)
        self._unready.pop(name, None)

    async def _look_at(self, tenant: Tenant) -> Outcome:
        report = Report()
        self.looks.forget(tenant.name)
        try:
            async with asyncio.timeout(WITHIN):
                lacks = rights_problem(self.cache.forbidden)
                if lacks is not None:
                    raise lacks
                if tenant.is_deleted:
                    await self.leaving.let_go(tenant)
                    return Outcome.GONE
                await self._converge(tenant, report)
        except Exception as error:
            report.problem = problem_of(error, tenant.name)
        for problem in report.problems:
            if not isinstance(problem, Progressing):
                ERRORS.labels(reason=problem.reason).inc()
        outcome = outcome_of(report)
        if self._may_pass(tenant, outcome, report):
            return outcome if outcome is Outcome.FAILING else Outcome.BRIEF
        await self._tell(tenant, report)
        return outcome

    async def _converge(self, tenant: Tenant, report: Report) -> None:
        if FINALIZER not in tenant.metadata.finalizers and not self.namespaces.is_marked(tenant):
            tenant = await self.cluster.hold(tenant)
            self.cache.answered(tenant)
        is_new = await self.namespaces.ensure(tenant)
        try:
            await self.namespaces.open(tenant)
        except (ApiError, Problem) as error:
            # To stop what runs waits for nothing.
            if not tenant.spec.runs_nothing:
                raise
            report.problem = problem_of(error, tenant.name)
        if report.problem is None and tenant.spec.decommission and FINALIZER in tenant.metadata.finalizers:
            # What is to become of its remains stands at its namespace now. To delete it waits for nothing.
            self.cache.answered(await self.cluster.let_go(tenant))
        access = None
        try:
            access = await self.databases.ensure(tenant, is_new, report)
        except Problem as problem:
            report.database = problem
        report.database_checked = True
        await self.services.ensure(tenant, access, report)

    def _may_pass(self, tenant: Tenant, outcome: Outcome, report: Report) -> bool:
        """Whether what keeps a tenant from being ready has been there for so short a time that it may be nothing."""
        if outcome not in (Outcome.FAILING, Outcome.PROGRESSING, Outcome.BRIEF, Outcome.WAITING):
            self._unready.pop(tenant.name, None)
            return False
        now = time.monotonic()
        since = self._unready.setdefault(tenant.name, now)
        if now - since >= PATIENCE or (outcome is Outcome.FAILING and not tenant.was_ready):
            return False
        if since == now and outcome is Outcome.FAILING:
            logger.info("tried again, for it may pass: %s", report.problems[0], extra={"tenant": tenant.name})
        return True

    async def _tell(self, tenant: Tenant, report: Report) -> None:
        """Writes the status, if there is news, and records and logs what a person would want to know of it."""
        report.health = self.turns.health(tenant.name)
        status = status_of(tenant, report, now=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        conditions = {one["type"]: one for one in status["conditions"]}
        self._ready[tenant.name] = conditions["Ready"]["status"]
        if not needs_writing(status, tenant.status):
            return
        self.cache.answered(await self.cluster.write_status(tenant, status))
        # What stalls a tenant is why it is not ready: Ready alone tells all of it, once.
        before: dict[str, Any] = next((one for one in tenant.status.get("conditions", []) if one["type"] == "Ready"), {})
        now = conditions["Ready"]
        if (now["status"], now["reason"]) == (before.get("status"), before.get("reason")):
            return
        is_good = now["status"] == "True" or isinstance(report.problems[0], Progressing)
        logger.log(
            logging.INFO if is_good else logging.WARNING,
            "%s: %s",
            now["reason"],
            now["message"],
            extra={"tenant": tenant.name, "reason": now["reason"]},
        )
        # That a tenant is ready, its status says; an event tells of what a person may have to do, and of its end.
        if not is_good or before.get("status") == "False":
            await self.events.record(tenant, "Normal" if is_good else "Warning", now["reason"], now["message"])
