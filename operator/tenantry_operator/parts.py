"""What a tenant has in its namespace besides its credentials: what should be there, from the Tenant and from what runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tenantry_operator import routing, scaling, workload
from tenantry_operator.cache import Key
from tenantry_operator.cron_job import cron_job
from tenantry_operator.drift import Json, Seen
from tenantry_operator.egress import EGRESS, egress_policy
from tenantry_operator.external_secret import external_secrets
from tenantry_operator.labels import release_label
from tenantry_operator.pod_template import TEMPLATE_VERSION, DatabaseAddress, Pinned
from tenantry_operator.quota import quota_objects
from tenantry_operator.records import CronJobRecord, DeploymentRecord, EgressRecord, IngressRecord, JobRecord
from tenantry_operator.rings import Decision
from tenantry_operator.tenant import Service, Tenant
from tenantry_operator.workload import asked, settled

#: In the order in which they are made. What is there and not asked for is removed, in the reverse order.
KINDS = (
    "NetworkPolicy",
    "LimitRange",
    "ResourceQuota",
    "ExternalSecret",
    "ServiceAccount",
    "Service",
    "Deployment",
    "CronJob",
    "Job",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "Ingress",
)

#: What runs a service, as it was seen.
Live = DeploymentRecord | CronJobRecord


@dataclass(frozen=True)
class Access:
    """How a tenant's pods get to their database."""

    address: DatabaseAddress
    credentials_version: str


@dataclass(frozen=True)
class Plan:
    """What is to become of one service."""

    service: Service
    #: The image that it is to run now. None for one that runs none, and may not begin yet.
    pinned: Pinned | None
    #: It waits for a ring or its turn: `pinned` is what runs.
    is_held: bool
    #: None where nothing is known that it could start with.
    access: Access | None
    #: Its pod template stays as it is, since an operator of another version rendered it, and it may not take another one yet.
    keeps_template: bool = False
    #: Version of the Secrets that it names.
    secrets: str = ""


def plan(service: Service, live: Live | None, reached: Pinned | None, decision: Decision | None, access: Access | None) -> Plan:
    """`reached`: what the service last ran whole. `decision`: what the tenant may take; None before that was asked. `access`: None while
    the database is not known to be well."""
    # Where the template is held, no service takes anything, also not one that asks for no other image.
    may_take = decision is not None and not decision.template_held and service.name not in decision.held
    known = access
    if known is None and live is not None:
        # What has a database goes on with it while its server is away, or while nobody knows about it.
        known = _access_of(live)
    if live is None or live.pinned is None:
        # One that was deleted comes back with what it ran, whatever the rings say.
        return Plan(service, asked(service) if may_take else reached, not may_take and asked(service) != reached, known)
    pinned = settled(asked(service), live.pinned)
    if may_take or (pinned == live.pinned and live.template == TEMPLATE_VERSION):
        return Plan(service, pinned, False, known)
    may_render = decision is not None and not decision.template_held
    return Plan(service, live.pinned, True, known, keeps_template=live.template != TEMPLATE_VERSION and not may_render)


def _access_of(live: Live) -> Access | None:
    # Each run of a CronJob reads the credentials anew: it is of no version.
    credentials = live.credentials if isinstance(live, DeploymentRecord) else ""
    return None if live.address is None or credentials is None else Access(live.address, credentials)


def without_secrets(one: Plan, live: Live | None) -> Plan:
    """The plan while a Secret is missing, or nobody knows: new pods would not start, so what runs goes on, and nothing else begins."""
    if live is None:
        return replace(one, pinned=None, is_held=True)
    return replace(one, pinned=live.pinned, is_held=True, keeps_template=True, secrets=secrets_of(live))


def secrets_of(live: Live | None) -> str:
    """Version of the named Secrets that its pods run with; empty where they read none, or read them anew in each run."""
    return live.secrets if isinstance(live, DeploymentRecord) else ""


def reached_by(tenant: Tenant) -> dict[str, Pinned]:
    """What each service last ran whole, by the Tenant's status."""
    return {
        one["name"]: Pinned(one["image"], one["commit"], release_label(one["release"]))
        for one in tenant.status.get("services", [])
        if one.keys() >= {"image", "commit", "release"}
    }


def database_ports(access: Access | None, objects: Mapping[Key, Seen]) -> set[int]:
    """Where the pods of a tenant find their database: those to come, and those that run, which may not know of another port yet."""
    told = [one.address for one in objects.values() if isinstance(one, DeploymentRecord | CronJobRecord)]
    ports = {one.port for one in (*told, access.address if access else None) if one is not None}
    policy = objects.get(("NetworkPolicy", EGRESS))
    if isinstance(policy, EgressRecord) and any(_may_be_older(one) for one in objects.values()):
        ports |= set(policy.database_ports)
    return ports


def _may_be_older(record: Seen) -> bool:
    """Whether it may have pods of a former template."""
    if isinstance(record, DeploymentRecord):
        return record.observed < record.generation or record.replicas > record.updated
    return (isinstance(record, CronJobRecord) and record.is_running) or (isinstance(record, JobRecord) and record.state == "running")


def desired_around(tenant: Tenant, ports: Iterable[int] = ()) -> dict[Key, Json]:
    """What stands around the pods, and depends on no image. `ports`: those of the tenant's database."""
    egress = egress_policy(tenant, ports)
    objects = [routing.network_policy(tenant), *([egress] if egress else []), *quota_objects(tenant), *external_secrets(tenant)]
    for service in tenant.spec.services:
        objects.append(workload.service_account(tenant, service))
        if service.port:
            objects.append(workload.kubernetes_service(tenant, service))
    return _keyed(objects)


def desired_scaling(tenant: Tenant) -> dict[Key, Json]:
    """What looks after the number of pods."""
    return _keyed(scaling.desired_scaling(tenant))


def desired_workload(tenant: Tenant, one: Plan, live: Live | None) -> Json | None:
    """The Deployment or CronJob of a service; None for one that can't be there yet, or whose template is not this operator's to write."""
    if one.pinned is None or one.access is None or one.keeps_template:
        return None
    return rendered(tenant, one, one.pinned, one.access, live)


def rendered(tenant: Tenant, one: Plan, pinned: Pinned, access: Access, live: Live | None) -> Json:
    """The Deployment or CronJob of a service that has all that it needs."""
    if one.service.schedule:
        return cron_job(tenant, one.service, pinned, access.address)
    desired = workload.deployment(tenant, one.service, pinned, access.address, access.credentials_version)
    now = live.wanted if isinstance(live, DeploymentRecord) else None
    desired["spec"]["replicas"] = scaling.replicas_now(tenant, one.service, now)
    return workload.with_secrets_version(desired, one.secrets)


def desired_ingress(tenant: Tenant, hosts: Sequence[str], live: IngressRecord | None, objects: Mapping[Key, Seen]) -> Json | None:
    """The tenant's Ingress.

    A path that led to another service does so until the new one can answer: to rename a service is no outage. Nor is it where its path is
    another too: nobody asks there yet, so what ran answers at its own until all that is asked for can.
    """
    reached = {service.path: service for service in tenant.spec.services if service.path is not None}
    backends = {path: _backend(tenant, service, live, objects) for path, service in reached.items()}
    if live is not None and not all(_answers(tenant, service, objects) for service in reached.values()):
        names = {service.name for service in tenant.spec.services}
        former = {path: name for path, name in live.backends.items() if name not in names and ("Service", name) in objects}
        backends = former | backends
    return routing.ingress(tenant, hosts, backends, "" if live is None else live.ingress_class)


def _backend(tenant: Tenant, service: Service, live: IngressRecord | None, objects: Mapping[Key, Seen]) -> str:
    former = None if live is None else live.backends.get(service.path or "")
    if former is None or former == service.name or ("Service", former) not in objects:
        return service.name
    return service.name if _answers(tenant, service, objects) else former


def _answers(tenant: Tenant, service: Service, objects: Mapping[Key, Seen]) -> bool:
    """Whether a service answers by now, or is not to."""
    deployment = objects.get(("Deployment", service.name))
    return scaling.replicas_of(tenant, service) == 0 or (isinstance(deployment, DeploymentRecord) and deployment.available > 0)


def _keyed(objects: list[Json]) -> dict[Key, Json]:
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}
