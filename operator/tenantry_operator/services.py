"""Brings the services of a tenant to what should be there: one that fails does not stop the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

from lightkube import ApiError
from lightkube.resources.core_v1 import Secret

from tenantry_operator.cache import Cache, Key
from tenantry_operator.cluster import Cluster
from tenantry_operator.drift import Json, Seen, digest
from tenantry_operator.events import Events
from tenantry_operator.evidence import Evidence
from tenantry_operator.external_secret import KIND as EXTERNAL_SECRET
from tenantry_operator.external_secret import stored_secrets, taken
from tenantry_operator.faults import problem_of
from tenantry_operator.hosts import Hosts
from tenantry_operator.looks import Looks
from tenantry_operator.migration import kept
from tenantry_operator.migrations import Migrations
from tenantry_operator.named_secrets import NamedSecrets
from tenantry_operator.parts import (
    KINDS,
    Access,
    Live,
    Plan,
    database_ports,
    desired_around,
    desired_ingress,
    desired_scaling,
    desired_workload,
    plan,
    reached_by,
    rendered,
    secrets_of,
    without_secrets,
)
from tenantry_operator.pod_template import Pinned
from tenantry_operator.problems import Problem, Progressing, Stalled, Waiting, all_of
from tenantry_operator.records import CronJobRecord, IngressRecord, record_of
from tenantry_operator.rights import right_missing
from tenantry_operator.rollout import Rollout, rollout, rollout_problem
from tenantry_operator.scaling import replicas_now, replicas_of, runs_pods
from tenantry_operator.status import Report
from tenantry_operator.tenant import Service, Tenant
from tenantry_operator.tenant_namespace import access as operators_access
from tenantry_operator.tenant_namespace import namespace
from tenantry_operator.turns import Turns, held
from tenantry_operator.walls import WALLS, wall_problem, without_walls
from tenantry_operator.workload import kind_of, with_template_of

INGRESS: Key = ("Ingress", "tenant")

#: What goes when it is no longer asked for, whatever becomes of the rest: a host that is another's, and walls, that may be what keeps pods
#: from coming up.
AT_ONCE = ("Ingress", *WALLS)
#: Seconds for which what a path led to stays when it leads elsewhere: whoever routes learns of it a moment later.
LINGER = 4.0
#: Seconds in which EKS' webhook hears of another role. It lets pods pass without one that are quicker, and never looks at them again:
#: https://github.com/aws/amazon-eks-pod-identity-webhook/issues/174
ROLE_LEARNED = 1.0


@dataclass(frozen=True)
class Services:
    """What a tenant has in its namespace besides its credentials."""

    cache: Cache
    looks: Looks
    cluster: Cluster
    secrets: NamedSecrets
    migrations: Migrations
    turns: Turns
    hosts: Hosts
    events: Events
    evidence: Evidence
    #: Has other tenants looked at, who may be concerned.
    call: Callable[[Iterable[str]], None]
    #: When the paths of a tenant last led elsewhere than before; of one that is not here, that may have been just before it began.
    _moved: dict[str, float] = field(default_factory=dict, init=False)
    _began: float = field(default_factory=time.monotonic, init=False)

    def forget(self, name: str) -> None:
        """A tenant is gone."""
        self._moved.pop(name, None)
        self.migrations.forget(name)
        self.evidence.forget(name)

    async def ensure(self, tenant: Tenant, access: Access | None, report: Report) -> None:
        """Makes, changes and removes what differs, as far as the tenant may go, and reports how far it is."""
        problems: list[Problem] = []
        # The namespace and the operator's access are made before. What becomes of them is news as well.
        wanted = {(one["kind"], one["metadata"]["name"]): digest(one) for one in (namespace(tenant), operators_access(tenant))}
        self.looks.wants(tenant.name, wanted)
        wall = wall_problem(tenant, await self._ensure_around(tenant, access, wanted, problems))
        problems += [wall] if wall is not None else []
        may_start = wall is None or tenant.spec.runs_nothing
        versions = await self.secrets.versions(tenant)
        problems += dict.fromkeys(one for one in versions.values() if isinstance(one, Problem))
        problems += self._unread(tenant, versions)
        plans = [self._with_secrets(tenant, one, versions) for one in self._plans(tenant, access, report, may_start)]
        if not may_start:
            plans = [without_walls(one, self._live(tenant, one.service)) for one in plans]
        plans = await self.migrations.before(tenant, plans, access, problems)
        wanted |= dict.fromkeys(kept(tenant, self.cache.objects(tenant.name)), "")
        scaling = desired_scaling(tenant)
        await self._stop_scaling(tenant, scaling, problems)
        for one in plans:
            await self._deploy(tenant, one, wanted, problems)
        for key, desired in scaling.items():
            await self._apply(tenant, key, desired, wanted, problems)
        await self._route(tenant, wanted, report, problems)
        await self.evidence.look(tenant, [self._rollout(tenant, one) for one in plans])
        self._report(tenant, plans, wanted, report, problems)
        is_done = tenant.spec.decommission or (report.services is None and report.ring is None)
        await self._remove_others(tenant, wanted, is_done, report)

    def _plans(self, tenant: Tenant, access: Access | None, report: Report, may_start: bool) -> list[Plan]:
        live = [(service, self._live(tenant, service)) for service in tenant.spec.services]
        reached = reached_by(tenant)
        plans = [plan(service, seen, reached.get(service.name), None, access) for service, seen in live]
        # Who may take nothing now asks for no turn, which others wait for.
        if not may_start or not any(one.is_held for one in plans):
            return plans
        decision = self.turns.decide(tenant.name)
        if decision.wait is not None:
            report.ring = held(decision.wait)
        return [plan(service, seen, reached.get(service.name), decision, access) for service, seen in live]

    def _with_secrets(self, tenant: Tenant, one: Plan, versions: Mapping[str, str | Problem]) -> Plan:
        live = self._live(tenant, one.service)
        # One that runs no pods keeps what it had.
        version = versions.get(one.service.name, secrets_of(live))
        return without_secrets(one, live) if isinstance(version, Problem) else replace(one, secrets=version)

    async def _ensure_around(self, tenant: Tenant, access: Access | None, wanted: dict[Key, str], problems: list[Problem]) -> list[Problem]:
        """What keeps walls from being there as they are asked for."""
        lacking: list[Problem] = []
        unseen: list[str] = []
        objects = self.cache.objects(tenant.name)
        before = set(objects)
        has_new_role = False
        for key, desired in desired_around(tenant, database_ports(access, objects)).items():
            if key[0] in self.cache.unknown_kinds or (
                key[0] == EXTERNAL_SECRET and key not in before and await self._taken(tenant, key, problems)
            ):
                continue
            if key[0] in self.cache.forbidden:
                # One that was seen before stays.
                wanted[key] = ""
                unseen.append(self.cache.forbidden[key[0]])
                continue
            is_written = await self._apply(tenant, key, desired, wanted, lacking if key[0] in WALLS else problems)
            # Of an account that is made without a role there is nothing to hear.
            has_new_role |= is_written and key[0] == "ServiceAccount" and (key in before or "annotations" in desired["metadata"])
        if has_new_role:
            await asyncio.sleep(ROLE_LEARNED)
        return [*lacking, Stalled("RightMissing", right_missing(unseen))] if unseen else lacking

    async def _taken(self, tenant: Tenant, key: Key, problems: list[Problem]) -> bool:
        kind, name = key
        try:
            problem = taken(
                tenant,
                name,
                await self.cluster.body(kind, name, tenant.namespace),
                await self.cluster.find(Secret, name, tenant.namespace),
            )
        except ApiError as error:
            problem = problem_of(error, tenant.name, f"{kind} {name}")
        if problem is not None:
            problems.append(problem)
        return problem is not None

    def _unread(self, tenant: Tenant, versions: Mapping[str, str | Problem]) -> list[Problem]:
        """Of Secrets that hold nobody up."""
        stored = stored_secrets(tenant, self.cache.objects(tenant.name), can_be=True)
        served = [service for service in tenant.spec.services if isinstance(versions.get(service.name), str)]
        names = dict.fromkeys(one.secret for service in served for one in service.secrets if one.secret in stored)
        return [problem for name in names if (problem := stored[name].unread()) is not None]

    async def _apply(self, tenant: Tenant, key: Key, desired: Json, wanted: dict[Key, str], problems: list[Problem]) -> bool:
        """Whether it had to be written, and was."""
        kind, name = key
        wanted[key] = digest(desired)
        try:
            body = await self.cluster.ensure(desired, self.cache.objects(tenant.name).get(key))
        except (ApiError, Problem) as error:
            problems.append(problem_of(error, tenant.name, f"{kind} {name}"))
            return False
        if body is not None:
            self.cache.put_object(tenant.name, key, record_of(kind, body))
        return body is not None

    async def _stop_scaling(self, tenant: Tenant, scaling: Mapping[Key, Json], problems: list[Problem]) -> None:
        """Before a service gets a number of pods that stays: its autoscaler would change it again. That of a service that is asked for no
        more goes with its pods."""
        names = {service.name for service in tenant.spec.services}
        live = self.cache.objects(tenant.name)
        for key in [key for key in live if key[0] == "HorizontalPodAutoscaler" and key[1] in names and key not in scaling]:
            try:
                await self._remove(tenant, key, live[key])
            except ApiError as error:
                problems.append(problem_of(error, tenant.name, f"{key[0]} {key[1]}"))

    async def _deploy(self, tenant: Tenant, one: Plan, wanted: dict[Key, str], problems: list[Problem]) -> None:
        if one.service.schedule and not runs_pods(tenant, one.service):
            # It goes with what is no longer asked for, and the run that goes on with it.
            return
        key = (kind_of(one.service), one.service.name)
        live = self._live(tenant, one.service)
        desired = desired_workload(tenant, one, live)
        if desired is not None:
            await self._apply(tenant, key, desired, wanted, problems)
            return
        if live is None:
            return
        # Its pod template is right as an operator of another version left it; how many pods it has is not the template's.
        wanted[key] = ""
        if one.pinned is None or one.access is None:
            return
        if isinstance(live, CronJobRecord):
            if live.timing != (one.service.schedule, one.service.time_zone, one.service.job_seconds):
                await self._rewrite(tenant, one, one.pinned, one.access, problems)
            return
        restarts = live.credentials != one.access.credentials_version or (live.secrets and one.secrets and live.secrets != one.secrets)
        if restarts or live.wanted != replicas_now(tenant, one.service, live.wanted):
            await self._rewrite(tenant, one, one.pinned, one.access, problems)

    async def _rewrite(self, tenant: Tenant, one: Plan, pinned: Pinned, access: Access, problems: list[Problem]) -> None:
        """All of what runs a service but its pod template, which stays."""
        key = (kind_of(one.service), one.service.name)
        body = await self.cluster.body(*key, tenant.namespace)
        if body is not None:
            desired = rendered(tenant, one, pinned, access, self._live(tenant, one.service))
            await self._apply(tenant, key, with_template_of(body, desired), {}, problems)

    async def _route(self, tenant: Tenant, wanted: dict[Key, str], report: Report, problems: list[Problem]) -> None:
        asked = () if tenant.spec.decommission else tenant.spec.every_host
        holders = {host: self.hosts.take(tenant.name, host) for host in asked}
        try:
            own = [host for host in asked if holders[host] == tenant.name]
            conflicts = {host: self._conflict(host, holder) for host, holder in holders.items() if holder not in (None, tenant.name)}
            if tenant.spec.host in conflicts:
                own = [*self._former_host(tenant), *own]
            report.host = _meanwhile(all_of([*conflicts.values()]), own)
            if own:
                report.answers_at = own[0]
                await self._answer(tenant, own, wanted, problems)
        finally:
            self.call(self.hosts.settle(tenant.name, asked))

    async def _answer(self, tenant: Tenant, hosts: Sequence[str], wanted: dict[Key, str], problems: list[Problem]) -> None:
        former = self._ingress(tenant)
        desired = desired_ingress(tenant, hosts, former, self.cache.objects(tenant.name))
        if desired is None:
            return
        await self._apply(tenant, INGRESS, desired, wanted, problems)
        now = self._ingress(tenant)
        if former is not None and now is not None and former.backends != now.backends:
            self._moved[tenant.name] = time.monotonic()

    def _former_host(self, tenant: Tenant) -> Sequence[str]:
        """Where a tenant that can't have its main host answers meanwhile: to ask for a wrong one is no outage. At most one: its Ingress
        has the main one first, and no other that it asks for no more."""
        former = self._ingress(tenant)
        hosts = () if former is None else former.hosts[:1]
        return [host for host in hosts if self.hosts.may_stay(tenant.name, host)]

    def _conflict(self, host: str, holder: str | None) -> Problem:
        other = self.cache.tenants.get(holder or "")
        if other is not None and not other.spec.decommission and host in other.spec.every_host:
            return Stalled("HostConflict", f"the host {host} belongs to the tenant {holder}. Give one of the two another host")
        # One that is to leave may be about to; one whose Tenant is gone waits for a person.
        kind = Stalled if other is None else Waiting
        message = f"the tenant {holder} still answers at the host {host}, which it is to leave"
        return kind("HostConflict", f"{message}. As soon as it has, the host is this tenant's")

    def _report(self, tenant: Tenant, plans: list[Plan], wanted: dict[Key, str], report: Report, problems: list[Problem]) -> None:
        seen = [self._rollout(tenant, one) for one in plans]
        now = datetime.now(UTC)
        rollouts = [
            replace(one, evidence=tuple(self.evidence.of(tenant, one, now)), answering=self.evidence.answering(tenant, one)) for one in seen
        ]
        self.looks.remember(tenant.name, wanted)
        report.rollouts = rollouts
        report.services_checked = True
        report.services = all_of([*problems, *filter(None, [rollout_problem(rollouts, tenant.namespace)])])
        live = [self._live(tenant, one.service) for one in plans]
        templates = {one.template for one in live if one is not None}
        if report.services is None and len(templates) <= 1:
            report.template = templates.pop() if templates else ""

    def _rollout(self, tenant: Tenant, one: Plan) -> Rollout:
        live = self._live(tenant, one.service)
        if one.service.schedule and not runs_pods(tenant, one.service):
            return Rollout(one.service, ready=0, wanted=0, is_held=one.is_held)
        if live is not None:
            return rollout(one.service, live, one.is_held)
        lacks = "" if one.is_held else f"{one.service.name}: waits for its database"
        return Rollout(one.service, ready=0, wanted=replicas_of(tenant, one.service), lacks=lacks, is_held=one.is_held)

    async def _remove_others(self, tenant: Tenant, wanted: dict[Key, str], is_done: bool, report: Report) -> None:
        """Last, and from the outside in: until here the host may still have led to what goes now. A service that has another name
        now goes when the new one is ready, and whoever routes has heard of it."""
        live = dict(self.cache.objects(tenant.name))
        lingers = not tenant.spec.decommission and time.monotonic() - self._moved.get(tenant.name, self._began) < LINGER
        for kind in reversed(KINDS):
            for key in sorted(key for key in live if key[0] == kind and key not in wanted):
                goes_at_once = kind in AT_ONCE or _must_not_run(tenant, key, live, wanted)
                if not goes_at_once and not is_done:
                    continue
                if not goes_at_once and kind != "Job" and lingers:
                    report.former = Progressing("FormerServices", f"{key[1]} goes in a moment: its requests go elsewhere already")
                    continue
                await self._remove(tenant, key, live[key])

    async def _remove(self, tenant: Tenant, key: Key, live: Seen) -> None:
        kind, name = key
        left = await self.cluster.delete(kind, name, tenant.namespace, live.uid)
        if left is not None:
            # An Ingress that somebody else holds answers on, and holds its host.
            self.cache.put_object(tenant.name, key, record_of(kind, left))
            return
        self.looks.removed(tenant.name, key)
        self.cache.drop_object(tenant.name, key)
        # Of migrations, one goes with every image: nothing to tell.
        if kind != "Job":
            await self.events.record(tenant, "Normal", "Removed", f"removed the {kind} {name}: it is no longer asked for")

    def _ingress(self, tenant: Tenant) -> IngressRecord | None:
        return cast("IngressRecord | None", self.cache.objects(tenant.name).get(INGRESS))

    def _live(self, tenant: Tenant, service: Service) -> Live | None:
        return cast("Live | None", self.cache.objects(tenant.name).get((kind_of(service), service.name)))


def _must_not_run(tenant: Tenant, key: Key, live: Mapping[Key, Seen], wanted: Mapping[Key, str]) -> bool:
    """What would run besides what is asked for: the job of a tenant that is stopped, or one that bears another name by now, as soon as that
    is there; and what runs a service the other way than it now does."""
    kind, name = key
    other: Key = ({"Deployment": "CronJob", "CronJob": "Deployment"}.get(kind, ""), name)
    is_replaced = all(("CronJob", one.name) in live for one in tenant.spec.services if one.schedule)
    return (kind == "CronJob" and (tenant.spec.runs_nothing or is_replaced)) or (other in wanted and other in live)


def _meanwhile(conflict: Problem | None, hosts: Sequence[str]) -> Problem | None:
    """A conflict, with what the tenant still answers at."""
    if conflict is None or not hosts:
        return conflict
    more = f" and {len(hosts) - 1} more" if len(hosts) > 1 else ""
    return type(conflict)(conflict.reason, f"{conflict.message}. Until then it answers at {hosts[0]}{more}")
