"""Sees to the migrations of a tenant: an image whose migration is not done is not taken, by no service that runs it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from lightkube import ApiError

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.drift import Json
from tenantry_operator.faults import problem_of
from tenantry_operator.labels import JOB
from tenantry_operator.migration import job, job_of, name_of, needed, ran, runs
from tenantry_operator.parts import Access, Plan, reached_by
from tenantry_operator.pod_template import Pinned
from tenantry_operator.problems import Pending, Problem, Progressing, Stalled
from tenantry_operator.records import JobRecord, record_of
from tenantry_operator.tenant import Service, Tenant

#: Of what a migration said last, what stands in the status: the rest is in its log.
LINES, LINE = 5, 200


@dataclass(frozen=True)
class Migrations:
    """The Jobs that run before new images do."""

    cache: Cache
    cluster: Cluster
    #: What a Job that failed said last, by its identity. By tenant, so that it can be forgotten.
    _said: dict[str, dict[str, str]] = field(default_factory=dict, init=False)

    def forget(self, name: str) -> None:
        """A tenant is gone."""
        self._said.pop(name, None)

    async def before(self, tenant: Tenant, plans: list[Plan], access: Access | None, problems: list[Problem]) -> list[Plan]:
        """The plans as they are until the migrations are done: what waits for one keeps what it runs. Starts those that may begin.

        `access`: None while the database is not known to be well.
        """
        objects = self.cache.objects(tenant.name)
        first: dict[str, Service] = {}
        for service in needed(tenant, objects):
            found = job_of(service, objects)
            if found is None or found.state != "succeeded":
                first[service.image] = service
        if not first:
            self._said.pop(tenant.name, None)
        return [await self._before(tenant, one, first, access, problems) for one in plans]

    async def _before(self, tenant: Tenant, one: Plan, first: dict[str, Service], access: Access | None, problems: list[Problem]) -> Plan:
        objects, name = self.cache.objects(tenant.name), one.service.name
        if one.pinned is None or one.pinned.image not in first or one.pinned.image in ran(tenant, one.service, objects):
            # This one too, where a ring or a Secret holds it.
            return one
        try:
            await self._go_on(tenant, one.service, one.pinned, first[one.pinned.image], access)
        except (ApiError, Problem) as error:
            problems.append(problem_of(error, tenant.name, f"Job {name_of(name, one.pinned.image)}"))
        return replace(one, pinned=runs(one.service, objects) or reached_by(tenant).get(name), is_held=True)

    async def _go_on(self, tenant: Tenant, service: Service, pinned: Pinned, first: Service, access: Access | None) -> None:
        """Starts the migration of a service if it may begin. Raises why it is not done yet."""
        objects = self.cache.objects(tenant.name)
        found = job_of(service, objects)
        if found is not None and found.state == "failed":
            raise Stalled("MigrationFailed", await self._failure(tenant, service, found))
        if not service.migrate or (found is not None and found.state == "succeeded"):
            # Of the same image: new code must not run on an old database, whichever service it is.
            raise Progressing("Migrating", f"{service.name}: waits for the migration of {first.name}, whose image it runs")
        jobs = [(key[1], job) for key, job in objects.items() if isinstance(job, JobRecord) and job.service == service.name]
        running = [name for name, job in jobs if job.state == "running"]
        if running:
            raise Progressing("Migrating", _running(tenant, service, running[0]))
        if access is None:
            raise Progressing("Migrating", f"{service.name}: its migration waits for the database")
        await self._start(tenant, service, job(tenant, service, pinned, access))

    async def _start(self, tenant: Tenant, service: Service, desired: Json) -> None:
        name = desired["metadata"]["name"]
        # Those of a Job that somebody deleted may outlive it.
        pods = [pod for pod in await self._pods(tenant, JOB, service.name) if pod["status"].get("phase") not in ("Succeeded", "Failed")]
        if pods:
            raise Pending("Migrating", f"{service.name}: a pod of a former migration is still there: {pods[0]['metadata']['name']}")
        body = await self.cluster.make(desired)
        if body is None:
            delete = f"kubectl --namespace {tenant.namespace} delete job {name}"
            raise Pending("Migrating", f"{service.name}: there is a Job {name} already. If it is not the operator's, remove it: {delete}")
        self.cache.put_object(tenant.name, ("Job", name), record_of("Job", body))
        raise Progressing("Migrating", _running(tenant, service, name))

    async def _failure(self, tenant: Tenant, service: Service, found: JobRecord) -> str:
        name = name_of(service.name, service.image)
        known = self._said.setdefault(tenant.name, {})
        if found.uid not in known:
            pods = await self._pods(tenant, "batch.kubernetes.io/job-name", name)
            known[found.uid] = last_words(pods) or found.why
        kubectl = f"kubectl --namespace {tenant.namespace}"
        return (
            f"the migration of {service.name} to the commit {service.commit[:8]} failed: {known[found.uid]}. What ran before runs on. "
            f"All that it said: {kubectl} logs job/{name}. Push an image that is mended; or, to run this one again: "
            f"{kubectl} delete job {name}"
        )

    async def _pods(self, tenant: Tenant, label: str, value: str) -> list[Json]:
        return await self.cluster.pods(tenant.namespace, f"{label}={value}")


def _running(tenant: Tenant, service: Service, name: str) -> str:
    what = "its migration runs" if name == name_of(service.name, service.image) else "waits until the migration to another image has ended"
    return f"{service.name}: {what} (kubectl --namespace {tenant.namespace} logs job/{name})"


def last_words(pods: list[Json]) -> str:
    """The last lines of what failed, in one."""
    states = [one.get("state", {}).get("terminated", {}) for pod in pods for one in pod.get("status", {}).get("containerStatuses", ())]
    said = next((one["message"] for one in states if one.get("exitCode") and one.get("message")), "")
    # Colours first, of which the rest would stay.
    lines = [_printable(line) for line in re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", said).splitlines()]
    return " | ".join([line[:LINE] for line in lines if line][-LINES:])


def _printable(line: str) -> str:
    return "".join(one if one.isprintable() else " " for one in line).strip()
