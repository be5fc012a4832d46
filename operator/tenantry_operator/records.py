"""What is kept in memory of the objects in the cluster: little, since there are tens of thousands. From plain JSON, as a watch gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

import msgspec
from lightkube.resources.core_v1 import Secret

from tenantry_operator.credentials_secret import SeenSecret, seen_secret
from tenantry_operator.drift import Seen, digest, digest_of
from tenantry_operator.egress import EGRESS, ports_of
from tenantry_operator.labels import MIGRATION, TENANT
from tenantry_operator.pod_template import DatabaseAddress, Pinned
from tenantry_operator.tenant_namespace import Mark, mark_of
from tenantry_operator.workload import address_of, credentials_version, running, secrets_version, template_version

Body = Mapping[str, Any]
#: Identity, version, and how it differs from what was written.
Common = tuple[str, int, str]


class NamespaceRecord(Seen, frozen=True, gc=False):
    """A tenant's namespace."""

    #: The tenant that it is labelled with.
    tenant: str | None
    terminating: bool
    #: What Kubernetes says keeps it from going.
    held: tuple[str, ...]
    #: What is to become of it when its Tenant is gone.
    mark: Mark | None


class SecretRecord(Seen, frozen=True, gc=False):
    """The Secret with a tenant's credentials."""

    secret: SeenSecret


class EgressRecord(Seen, frozen=True, gc=False):
    """What a tenant's pods may connect to."""

    #: The ports of its database.
    database_ports: tuple[int, ...]


class ExternalSecretRecord(Seen, frozen=True, gc=False):
    """What External Secrets says of a Secret that it is to make."""

    #: "pending" as long as it has said nothing of what is asked for now.
    state: Literal["pending", "synced", "failed"]
    #: What is asked for now was read at least once.
    is_current: bool
    message: str


class CronJobRecord(Seen, frozen=True, gc=False):
    """A service's CronJob, and what became of its runs."""

    pinned: Pinned | None
    #: How its pod template was rendered; empty for one of an operator that did not say.
    template: str
    #: Where its pods look for their database; None where that can't be told.
    address: DatabaseAddress | None
    #: When it runs, and for how long it may: schedule, time zone, seconds.
    timing: tuple[str, str, int]
    #: A run goes on.
    is_running: bool
    #: When the last run was due, and when one last succeeded, as Kubernetes writes it; empty for never.
    last_scheduled: str
    last_succeeded: str


class IngressRecord(Seen, frozen=True, gc=False):
    """A tenant's Ingress."""

    hosts: tuple[str, ...]
    #: Its IngressClass; empty for none.
    ingress_class: str
    #: Which service answers below a path.
    backends: Mapping[str, str]


class DeploymentRecord(Seen, frozen=True, gc=False):
    """A service's Deployment, and how far it is."""

    generation: int
    #: Since which generation it has its pod template, as far as that was seen: since then it was changed in something else.
    templated: int
    observed: int
    wanted: int
    replicas: int
    updated: int
    ready: int
    available: int
    #: Kubernetes gave up on it.
    is_stuck: bool
    #: What Kubernetes says of it when it does not get on.
    evidence: tuple[str, ...]
    pinned: Pinned | None
    #: Stands for its pod template.
    template_digest: str
    #: How its pod template was rendered; empty for one of an operator that did not say.
    template: str
    credentials: str | None
    #: Version of the Secrets that its services name; empty where its pods read none.
    secrets: str
    #: Where its pods look for their database; None where that can't be told.
    address: DatabaseAddress | None


class JobRecord(Seen, frozen=True, gc=False):
    """The migration of a service to an image, which its name stands for."""

    service: str
    #: One that is being deleted runs until it is gone.
    state: Literal["running", "succeeded", "failed"]
    #: Why it failed, as Kubernetes has it.
    why: str


def following(record: Seen, before: Seen | None) -> Seen:
    """The record of an object, with what only the one before tells."""
    if not isinstance(record, DeploymentRecord) or not isinstance(before, DeploymentRecord):
        return record
    is_same = record.uid == before.uid and record.template_digest == before.template_digest
    return msgspec.structs.replace(record, templated=before.templated) if is_same else record


def record_of(kind: str, body: Body) -> Seen:
    """What is kept of an object of this kind."""
    metadata = body["metadata"]
    # What is in a Secret does not differ from anything: it is the truth. Nor does a Job, of which hardly anything can be changed.
    common = (metadata["uid"], int(metadata["resourceVersion"]), "" if kind in ("Secret", "Job") else digest(body, kind))
    return RECORDS.get(kind, _plain)(common, body)


def _plain(common: Common, body: Body) -> Seen:
    return Seen(*common)


def _namespace(common: Common, body: Body) -> NamespaceRecord:
    metadata, conditions = body["metadata"], body.get("status", {}).get("conditions", ())
    return NamespaceRecord(
        *common,
        tenant=(metadata.get("labels") or {}).get(TENANT),
        terminating="deletionTimestamp" in metadata,
        held=tuple(one["message"] for one in conditions if one.get("status") == "True" and one.get("message")),
        mark=mark_of(body),
    )


def _secret(common: Common, body: Body) -> SecretRecord:
    return SecretRecord(*common, secret=seen_secret(cast(Any, Secret).from_dict(body)))


def _network_policy(common: Common, body: Body) -> Seen:
    return EgressRecord(*common, database_ports=ports_of(body)) if body["metadata"]["name"] == EGRESS else _plain(common, body)


def _external_secret(common: Common, body: Body) -> ExternalSecretRecord:
    status = body.get("status", {})
    ready: Mapping[str, Any] = next((one for one in status.get("conditions", ()) if one["type"] == "Ready"), {})
    # `<generation>-<digest of labels and annotations>` of what was last read well: pkg/controllers/util of External Secrets
    is_current = str(status.get("syncedResourceVersion") or "").partition("-")[0] == str(body["metadata"]["generation"])
    state: Literal["pending", "synced", "failed"] = "synced" if ready.get("status") == "True" and is_current else "pending"
    return ExternalSecretRecord(
        *common,
        state="failed" if ready.get("status") == "False" else state,
        is_current=is_current,
        message=(ready.get("message") or ready.get("reason") or "").rstrip(". "),
    )


def _job(common: Common, body: Body) -> JobRecord:
    metadata = body["metadata"]
    ended = {one["type"]: one for one in body.get("status", {}).get("conditions", ()) if one["status"] == "True"}
    state: Literal["running", "succeeded", "failed"] = "succeeded" if "Complete" in ended else "failed" if "Failed" in ended else "running"
    failed = ended.get("Failed", {})
    return JobRecord(
        *common,
        service=(metadata.get("labels") or {}).get(MIGRATION, ""),
        state="running" if "deletionTimestamp" in metadata else state,
        why=failed.get("message") or failed.get("reason") or "",
    )


def _ingress(common: Common, body: Body) -> IngressRecord:
    rules = body["spec"].get("rules", ())
    paths = [path for rule in rules for path in rule.get("http", {}).get("paths", ())]
    # One that somebody wrote by hand may have none: it leads everywhere.
    backends = {path.get("path", "/"): path["backend"]["service"]["name"] for path in paths if "service" in path.get("backend", {})}
    hosts = tuple(rule["host"] for rule in rules if rule.get("host"))
    return IngressRecord(*common, hosts=hosts, ingress_class=body["spec"].get("ingressClassName") or "", backends=backends)


def _cron_job(common: Common, body: Body) -> CronJobRecord:
    spec, status = body["spec"], body.get("status", {})
    seconds = spec["jobTemplate"].get("spec", {}).get("activeDeadlineSeconds") or 0
    return CronJobRecord(
        *common,
        pinned=running(body),
        template=template_version(body),
        address=address_of(body),
        timing=(spec["schedule"], spec.get("timeZone") or "", seconds),
        is_running=bool(status.get("active")),
        last_scheduled=status.get("lastScheduleTime") or "",
        last_succeeded=status.get("lastSuccessfulTime") or "",
    )


def _deployment(common: Common, body: Body) -> DeploymentRecord:
    metadata, spec, status = body["metadata"], body["spec"], body.get("status", {})
    conditions = status.get("conditions", ())
    stuck = [one for one in conditions if one["type"] == "Progressing" and one.get("reason") == "ProgressDeadlineExceeded"]
    failed = [one for one in conditions if one["type"] == "ReplicaFailure" and one["status"] == "True"]
    return DeploymentRecord(
        *common,
        generation=metadata["generation"],
        templated=metadata["generation"],
        observed=status.get("observedGeneration", 0),
        wanted=spec.get("replicas", 1),
        replicas=status.get("replicas", 0),
        updated=status.get("updatedReplicas", 0),
        ready=status.get("readyReplicas", 0),
        available=status.get("availableReplicas", 0),
        is_stuck=bool(stuck),
        evidence=tuple(one.get("message") or one.get("reason") or "" for one in [*failed, *stuck]),
        pinned=running(body),
        template_digest=digest_of(spec["template"]),
        template=template_version(body),
        credentials=credentials_version(body),
        secrets=secrets_version(body),
        address=address_of(body),
    )


RECORDS: Mapping[str, Callable[[Common, Body], Seen]] = {
    "Namespace": _namespace,
    "Secret": _secret,
    "ExternalSecret": _external_secret,
    "NetworkPolicy": _network_policy,
    "Deployment": _deployment,
    "CronJob": _cron_job,
    "Job": _job,
    "Ingress": _ingress,
}
