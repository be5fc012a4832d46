"""What is kept in memory of the objects in the cluster: little, since there are tens of thousands. From plain JSON, as a watch gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from lightkube.resources.core_v1 import Secret

from tenantry_operator.credentials_secret import SeenSecret, seen_secret
from tenantry_operator.drift import Seen, digest
from tenantry_operator.labels import TENANT
from tenantry_operator.pod_template import DatabaseAddress, Pinned
from tenantry_operator.tenant_namespace import Mark, mark_of
from tenantry_operator.workload import address_of, credentials_version, running, secrets_version, template_version

Body = Mapping[str, Any]


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
    #: How its pod template was rendered; empty for one of an operator that did not say.
    template: str
    credentials: str | None
    #: Version of the Secrets that its services name; empty where its pods read none.
    secrets: str
    #: Where its pods look for their database; None where that can't be told.
    address: DatabaseAddress | None


def record_of(kind: str, body: Body) -> Seen:
    """What is kept of an object of this kind."""
    metadata = body["metadata"]
    # What is in a Secret does not differ from anything: it is the truth.
    common = (metadata["uid"], int(metadata["resourceVersion"]), "" if kind == "Secret" else digest(body, kind))
    if kind == "Deployment":
        return _deployment(common, body)
    if kind == "Secret":
        secret = seen_secret(cast(Any, Secret).from_dict(body))
        return SecretRecord(*common, secret=secret)
    if kind == "Ingress":
        return _ingress(common, body)
    if kind == "Namespace":
        conditions = body.get("status", {}).get("conditions", ())
        return NamespaceRecord(
            *common,
            tenant=(metadata.get("labels") or {}).get(TENANT),
            terminating="deletionTimestamp" in metadata,
            held=tuple(one["message"] for one in conditions if one.get("status") == "True" and one.get("message")),
            mark=mark_of(body),
        )
    return Seen(*common)


def _ingress(common: tuple[str, int, str], body: Body) -> IngressRecord:
    rules = body["spec"].get("rules", ())
    paths = [path for rule in rules for path in rule.get("http", {}).get("paths", ())]
    # One that somebody wrote by hand may have none: it leads everywhere.
    backends = {path.get("path", "/"): path["backend"]["service"]["name"] for path in paths if "service" in path.get("backend", {})}
    hosts = tuple(rule["host"] for rule in rules if rule.get("host"))
    return IngressRecord(*common, hosts=hosts, ingress_class=body["spec"].get("ingressClassName") or "", backends=backends)


def _deployment(common: tuple[str, int, str], body: Body) -> DeploymentRecord:
    metadata, spec, status = body["metadata"], body["spec"], body.get("status", {})
    conditions = status.get("conditions", ())
    stuck = [one for one in conditions if one["type"] == "Progressing" and one.get("reason") == "ProgressDeadlineExceeded"]
    failed = [one for one in conditions if one["type"] == "ReplicaFailure" and one["status"] == "True"]
    return DeploymentRecord(
        *common,
        generation=metadata["generation"],
        observed=status.get("observedGeneration", 0),
        wanted=spec.get("replicas", 1),
        replicas=status.get("replicas", 0),
        updated=status.get("updatedReplicas", 0),
        ready=status.get("readyReplicas", 0),
        available=status.get("availableReplicas", 0),
        is_stuck=bool(stuck),
        evidence=tuple(one.get("message") or one.get("reason") or "" for one in [*failed, *stuck]),
        pinned=running(body),
        template=template_version(body),
        credentials=credentials_version(body),
        secrets=secrets_version(body),
        address=address_of(body),
    )
