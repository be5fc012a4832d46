"""Sees to the migrations of a tenant: an image whose migration is not done is not taken, by no service that runs it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from lightkube import ApiError

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.drift import Json
from tenantry_operator.faults import problem_of
from tenantry_operator.known_secrets import redaction_of
from tenantry_operator.labels import JOB, MADE_BY_JOB
from tenantry_operator.migration import job, job_of, name_of, needed, ran, runs, under_way
from tenantry_operator.parts import Access, Plan, reached_by
from tenantry_operator.pod_causes import lines_of
from tenantry_operator.pod_template import Pinned
from tenantry_operator.problems import Pending, Problem, Progressing, Stalled
from tenantry_operator.quota import NAME as QUOTA
from tenantry_operator.quota import QUOTA_USED_UP, no_room, quota_objects
from tenantry_operator.records import JobRecord, record_of
from tenantry_operator.redaction import Redaction
from tenantry_operator.tenant import Service, Tenant

#: Of what a migration said last, what stands in the reason: the rest is in its log.
LINES = 5


@dataclass(frozen=True)
class Migrations:
    """The Jobs that run before new images do."""

    cache: Cache
    cluster: Cluster
    #: What a Job that failed said last, by its identity. By tenant, so that it can be forgotten.
    _said: dict[str, dict[str, str]] = field(default_factory=dict, init=False)
    #: The Jobs whose pod was seen to have ended well, by tenant.
    _done: dict[str, set[str]] = field(default_factory=dict, init=False)

    def forget(self, name: str) -> None:
        """A tenant is gone."""
        self._said.pop(name, None)
        self._done.pop(name, None)

    async def before(self, tenant: Tenant, plans: list[Plan], access: Access | None, problems: list[Problem]) -> list[Plan]:
        """The plans as they are until the migrations are done: what waits for one keeps what it runs. Starts those that may begin.

        `access`: None while the database is not known to be well.
        """
        objects = self.cache.objects(tenant.name)
        first: dict[str, Service] = {}
        for service in needed(tenant, objects):
            try:
                is_done = await self._is_done(tenant, service)
            except ApiError as error:
                is_done = False
                problems.append(problem_of(error, tenant.name, f"Job {name_of(service.name, service.image)}"))
            if not is_done:
                first[service.image] = service
        if not first:
            self.forget(tenant.name)
        if tenant.spec.runs_nothing or not first:
            problems.extend(Progressing("Migrating", _still_runs(tenant, name, one)) for name, one in under_way(objects))
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
        if service.migrate and found is not None and found.state == "failed":
            raise Stalled("MigrationFailed", await self._failure(tenant, service, found))
        # Its own, and those of services that there are no more: one of them may be this one, by its former name.
        others = {one.name for one in tenant.spec.services if one.migrate} - {service.name}
        running = [name for name, job in under_way(objects) if job.service not in others]
        if running and (service.migrate or first.name == service.name):
            raise Progressing("Migrating", _running(tenant, service, running[0]) + await self._lacks_room(tenant, running[0]))
        if not service.migrate or (found is not None and found.state == "succeeded"):
            # Of the same image: new code must not run on an old database, whichever service it is.
            raise Progressing("Migrating", f"{service.name}: waits for the migration of {first.name}, whose image it runs")
        if access is None:
            raise Progressing("Migrating", f"{service.name}: its migration waits for the database")
        await self._start(tenant, service, job(tenant, service, pinned, access))

    async def _lacks_room(self, tenant: Tenant, name: str) -> str:
        """That the pod of a migration has no room in the tenant's quota; empty where it has, or is there."""
        job = self.cache.objects(tenant.name).get(("Job", name))
        service = next((one for one in tenant.spec.services if isinstance(job, JobRecord) and one.name == job.service), None)
        if service is None or not quota_objects(tenant) or await self._pods(tenant, MADE_BY_JOB, name):
            return ""
        quota = await self.cluster.body("ResourceQuota", QUOTA, tenant.namespace)
        lacks = no_room(service, quota or {})
        return f"; its pod can't start: {lacks}. {QUOTA_USED_UP}" if lacks else ""

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

    async def _is_done(self, tenant: Tenant, service: Service) -> bool:
        """Whether the migration to the image that is asked for ran to its end. A Job that was not, and says so, is removed, and runs again.

        A Job is complete when its process ended with 0, also when it was told to end in the middle, for its node was to go, and took
        that well: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase, kubernetes/kubernetes#120182.
        """
        found = job_of(service, self.cache.objects(tenant.name))
        if found is None or found.state != "succeeded":
            return False
        done = self._done.setdefault(tenant.name, set())
        if found.uid in done:
            return True
        name = name_of(service.name, service.image)
        if any(_ended_by_itself(pod) for pod in await self._pods(tenant, MADE_BY_JOB, name)):
            done.add(found.uid)
            return True
        await self.cluster.delete("Job", name, tenant.namespace, found.uid)
        self.cache.drop_object(tenant.name, ("Job", name))
        return False

    async def _failure(self, tenant: Tenant, service: Service, found: JobRecord) -> str:
        name = name_of(service.name, service.image)
        known = self._said.setdefault(tenant.name, {})
        said = known.get(found.uid)
        if said is None:
            pods = await self._pods(tenant, MADE_BY_JOB, name)
            redaction = await redaction_of(self.cluster, tenant, service, pods)
            said = last_words(pods, redaction) or _said_before(tenant, name) or found.why
            if redaction is not None:
                known[found.uid] = said
        kubectl = f"kubectl --namespace {tenant.namespace}"
        return (
            f"the migration of {service.name} to the commit {service.commit[:8]} failed: {said}. What ran before runs on. "
            f"All that it said: {kubectl} logs job/{name}. Push an image that is mended; or, to run this one again: "
            f"{kubectl} delete job {name} (the operator makes it anew)"
        )

    async def _pods(self, tenant: Tenant, label: str, value: str) -> list[Json]:
        return await self.cluster.pods(tenant.namespace, f"{label}={value}")


def _ended_by_itself(pod: Json) -> bool:
    status = pod.get("status", {})
    disrupted = any(one["type"] == "DisruptionTarget" and one["status"] == "True" for one in status.get("conditions", ()))
    return status.get("phase") == "Succeeded" and not disrupted and "deletionTimestamp" not in pod["metadata"]


def _said_before(tenant: Tenant, name: str) -> str:
    """What an operator before this one read of a Job whose pods are gone by now."""
    messages = [one["message"] for one in tenant.status.get("conditions", ()) if f"logs job/{name}. " in one["message"]]
    found = re.search(r" failed: (.*?)\. What ran before runs on\. ", messages[0]) if messages else None
    return found.group(1) if found else ""


def _still_runs(tenant: Tenant, name: str, job: JobRecord) -> str:
    return f"a migration of {job.service} still runs, to its end (kubectl --namespace {tenant.namespace} logs job/{name})"


def _running(tenant: Tenant, service: Service, name: str) -> str:
    what = "its migration runs" if name == name_of(service.name, service.image) else "waits until the migration to another image has ended"
    return f"{service.name}: {what} (kubectl --namespace {tenant.namespace} logs job/{name})"


def last_words(pods: list[Json], redaction: Redaction | None) -> str:
    """The last lines of what failed, in one. `redaction`: None where nobody knows what to hide."""
    states = [one.get("state", {}).get("terminated", {}) for pod in pods for one in pod.get("status", {}).get("containerStatuses", ())]
    said = next((one["message"] for one in states if one.get("exitCode") and one.get("message")), "")
    return " | ".join(lines_of(said, redaction)[-LINES:])
