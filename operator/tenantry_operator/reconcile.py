"""Brings a tenant to what its Tenant asks for. Level-triggered: looks at what is there, and writes only what differs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from lightkube.resources.apps_v1 import Deployment

from tenantry_operator import workload
from tenantry_operator.cluster import Cluster
from tenantry_operator.credentials import Credentials, ensure_credentials
from tenantry_operator.database import Databases
from tenantry_operator.events import Events
from tenantry_operator.faults import problem_of
from tenantry_operator.hosts import Claim, holder
from tenantry_operator.metrics import DURATION, ERRORS, RECONCILES
from tenantry_operator.outcome import Outcome, outcome_of
from tenantry_operator.parts import Parts, desired_parts, ensure_parts, live_parts
from tenantry_operator.problems import Pending, Problem, Progressing, Stalled
from tenantry_operator.rollout import rollout, rollout_problem
from tenantry_operator.status import Report, status_of
from tenantry_operator.tenant import FINALIZER, Tenant
from tenantry_operator.tenant_namespace import ensure_namespace, is_ours, is_terminating, terminating

#: Seconds that one look may take, so that a tenant that hangs gives its place to others.
WITHIN = 60.0
#: Seconds for which a tenant that was ready may fail before it is called anything else. What is over by then is no news.
PATIENCE = 5.0

logger = logging.getLogger(__name__)


class Reconciler:
    """The one way to change anything for a tenant."""

    def __init__(
        self,
        cluster: Cluster,
        databases: Databases,
        events: Events,
        claims: Callable[[str], list[Claim]],
        check_database_every: float,
    ) -> None:
        """`claims` tells who asks for a host. What holds of a database is taken for granted for `check_database_every` seconds."""
        self._cluster = cluster
        self._databases = databases
        self._events = events
        self._claims = claims
        self._check_database_every = check_database_every
        self._checked: dict[str, tuple[object, float]] = {}
        self._ready: dict[str, str] = {}
        #: Since when a tenant has failed, look after look.
        self._failing: dict[str, float] = {}

    def count(self, ready: str) -> int:
        """How many tenants are ready: True, False or Unknown, as the condition has it."""
        # Prometheus asks in a thread of its own, and the tenants may change meanwhile.
        return list(self._ready.values()).count(ready)

    async def reconcile(self, name: str) -> Outcome:
        """Looks at one Tenant and mends what differs. Ends well whatever happens, and says what did in the Tenant's status.

        Raises what keeps even that from being said.
        """
        started = time.monotonic()
        tenant = await self._cluster.tenant(name)
        if tenant is None or (tenant.is_deleted and FINALIZER not in tenant.metadata.finalizers):
            outcome = Outcome.GONE
        else:
            outcome = await self._look_at(tenant)
        if outcome is Outcome.GONE:
            self._checked.pop(name, None)
            self._ready.pop(name, None)
            self._failing.pop(name, None)
        RECONCILES.labels(outcome=outcome.value).inc()
        DURATION.observe(time.monotonic() - started)
        return outcome

    async def _look_at(self, tenant: Tenant) -> Outcome:
        report = Report()
        try:
            async with asyncio.timeout(WITHIN):
                if not tenant.is_deleted:
                    tenant = await self._cluster.hold(tenant)
                    await self._converge(tenant, report)
                elif await self._clear_away(tenant):
                    return Outcome.GONE
        except Exception as error:
            report.problem = problem_of(error, tenant, WITHIN)
        for problem in report.problems:
            if not isinstance(problem, Progressing):
                ERRORS.labels(reason=problem.reason).inc()
        outcome = outcome_of(report)
        if not self._may_pass(tenant, outcome, report):
            await self._tell(tenant, report)
        return outcome

    def _may_pass(self, tenant: Tenant, outcome: Outcome, report: Report) -> bool:
        """Whether a tenant that was ready fails for so short a time yet that it may be nothing."""
        if outcome is not Outcome.FAILING:
            self._failing.pop(tenant.name, None)
            return False
        now = time.monotonic()
        since = self._failing.setdefault(tenant.name, now)
        if not tenant.was_ready or now - since >= PATIENCE:
            return False
        if since == now:
            logger.info("tried again, for it may pass: %s", report.problems[0], extra={"tenant": tenant.name})
        return True

    async def _converge(self, tenant: Tenant, report: Report) -> None:
        await ensure_namespace(self._cluster, tenant)
        live = await live_parts(self._cluster, tenant)
        try:
            credentials, created = await ensure_credentials(self._cluster, self._databases, tenant)
            if created:
                await self._events.record(tenant, "Normal", "CredentialsCreated", "made the Secret for its database")
            report.host = self._host_problem(tenant)
            try:
                await self._ensure_database(tenant, credentials)
            except Pending as problem:
                # Services that had a database go on to be deployed while its server is away. To another server, which may be a mistake in
                # its address, they go only once that has answered.
                deployments, address = live["Deployment"].values(), self._databases.address
                if not deployments or not all(workload.finds_database_at(one, address) for one in deployments):
                    raise
                report.database = problem
            report.database_checked = True
        except Problem as problem:
            report.database, report.database_checked = problem, True
            return
        await self._ensure_services(tenant, report, live, credentials)

    async def _ensure_database(self, tenant: Tenant, credentials: Credentials) -> None:
        about = (credentials.version, tenant.spec.database.name)
        known, until = self._checked.get(tenant.name, (None, 0.0))
        if known == about and time.monotonic() < until:
            return
        self._checked.pop(tenant.name, None)
        if await self._databases.ensure(tenant, credentials.password):
            message = f"made the database {tenant.spec.database.name}"
            await self._events.record(tenant, "Normal", "DatabaseCreated", message)
        self._checked[tenant.name] = (about, time.monotonic() + self._check_database_every)

    def _host_problem(self, tenant: Tenant) -> Stalled | None:
        if tenant.spec.decommission:
            return None
        other = holder(self._claims(tenant.spec.host))
        if other is None or other == tenant.name:
            return None
        message = f"the host {tenant.spec.host} belongs to the tenant {other}. Give one of the two another host"
        return Stalled("HostConflict", message)

    async def _ensure_services(self, tenant: Tenant, report: Report, live: Parts, credentials: Credentials) -> None:
        desired = desired_parts(tenant, live, self._databases.address, credentials.version, answers=report.host is None)
        deployments = await ensure_parts(self._cluster, self._events, tenant, desired, live)
        report.rollouts = [
            rollout(service, cast(Any, Deployment).from_dict(deployment))
            for service, deployment in zip(tenant.spec.services, deployments, strict=True)
        ]
        report.services_checked = True
        report.services = rollout_problem(report.rollouts, tenant.namespace)

    async def _clear_away(self, tenant: Tenant) -> bool:
        """Removes what a deleted Tenant leaves; True when all of it is gone, and the Tenant with it."""
        if not tenant.spec.decommission:
            message = (
                "it was deleted while in use, past the policy that refuses that. Nothing is removed: its services run on. To let it "
                "go, set spec.decommission to true"
            )
            raise Stalled("NotDecommissioned", message)
        namespace = await self._cluster.body("Namespace", tenant.namespace)
        if namespace is not None and is_ours(tenant, namespace):
            if not is_terminating(namespace):
                await self._cluster.delete("Namespace", tenant.namespace)
            raise Progressing("Deleting", terminating(namespace))
        database = tenant.spec.database.name
        if tenant.spec.database.deletion_policy != "Delete":
            kept = f"its database {database} is kept"
        elif await self._databases.drop(tenant):
            kept = "with its database"
        else:
            kept = f"the database {database} is not its own, and is kept"
        await self._cluster.let_go(tenant)
        await self._events.record(tenant, "Normal", "Deleted", f"the tenant is gone, {kept}")
        return True

    async def _tell(self, tenant: Tenant, report: Report) -> None:
        """Writes the status, if there is news, and records and logs what a person would want to know of it."""
        status = status_of(tenant, report, now=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        conditions = {one["type"]: one for one in status["conditions"]}
        self._ready[tenant.name] = conditions["Ready"]["status"]
        if status == tenant.status:
            return
        await self._cluster.write_status(tenant, status)
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
        await self._events.record(tenant, "Normal" if is_good else "Warning", now["reason"], now["message"])
