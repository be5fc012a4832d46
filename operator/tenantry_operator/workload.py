"""What runs a service all the time: ServiceAccount, Deployment and Service. Desired objects, from the Tenant and what is pinned alone."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any, Literal

from tenantry_operator.drift import Json, digest_of
from tenantry_operator.labels import COMMIT, RELEASE, SERVICE, labels_of, release_label
from tenantry_operator.pod_template import (
    CREDENTIALS,
    CREDENTIALS_VERSION,
    TEMPLATE_VERSION,
    DatabaseAddress,
    Pinned,
    pod_template,
    selector,
)
from tenantry_operator.scaling import replicas_of
from tenantry_operator.tenant import Service, Tenant

#: Its name in the pods of older templates, and of an operator before this one. A name that others may use too is nothing to watch.
FORMER_CREDENTIALS = "database"
#: On a ServiceAccount: what its pods may do in AWS.
ROLE = "eks.amazonaws.com/role-arn"
#: Changes when a value does that the pods of a service take from a Secret that it names.
SECRETS_VERSION = "tenantry.dev/secrets"
#: On a Deployment or CronJob: which way of rendering pod templates its own was rendered.
TEMPLATE = "tenantry.dev/template"
#: On a Deployment or CronJob: what was pinned when its pod template was written, with a checksum.
PINNED = "tenantry.dev/pinned"


def kind_of(service: Service) -> Literal["Deployment", "CronJob"]:
    """What runs a service: always, or at its time alone."""
    return "CronJob" if service.schedule else "Deployment"


def asked(service: Service) -> Pinned:
    """What a Tenant asks for."""
    return Pinned(service.image, service.commit, release_label(service.release))


def settled(asked: Pinned, running: Pinned | None) -> Pinned:
    """What to pin of the two: an image that runs already is not started again for what is said of it."""
    return running if running is not None and running.image == asked.image else asked


def running(live: Mapping[str, Any]) -> Pinned | None:
    """What a live Deployment or CronJob was made for; None where that can't be told.

    The annotation tells, so that an image or a label edited by hand is put back even while the Tenant has to wait with what it asks for.
    One that was edited itself, or is not there, has a wrong checksum: then the pod template tells.
    """
    metadata = live["metadata"]
    parts = str((metadata.get("annotations") or {}).get(PINNED, "")).split(" ")
    if len(parts) == 4 and parts[0] == digest_of(parts[1:]):
        return Pinned(*parts[1:])
    template = _template_of(live)
    labels = template.get("metadata", {}).get("labels") or {}
    images = [one.get("image") for one in template["spec"]["containers"] if one["name"] == metadata["name"]]
    return Pinned(images[0], labels.get(COMMIT, ""), labels.get(RELEASE, "")) if images and images[0] else None


def service_account(tenant: Tenant, service: Service) -> Json:
    """An identity of its own for each service, that can do nothing in the cluster, and in AWS what its role can.

    No pod is given the account's token: EKS' webhook puts one for AWS alone into each pod, whatever is said of the other, and touches no
    Deployment (https://github.com/aws/amazon-eks-pod-identity-webhook, pkg/handler/handler.go).
    """
    metadata = _metadata(tenant, service)
    if service.role:
        metadata["annotations"] = {ROLE: service.role}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata, "automountServiceAccountToken": False}


def kubernetes_service(tenant: Tenant, service: Service) -> Json:
    """The service's name in the namespace, on the port that its pods listen on."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(tenant, service),
        "spec": {
            "type": "ClusterIP",
            "selector": selector(tenant, service),
            "ports": [{"name": "http", "port": service.port, "targetPort": "http"}],
        },
    }


def deployment(tenant: Tenant, service: Service, pinned: Pinned, address: DatabaseAddress, credentials_version: str) -> Json:
    """The pods of a service, on exactly the pinned digest; none for a tenant that is decommissioned or suspended."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": pinned_metadata(tenant, service, pinned),
        "spec": {
            "replicas": replicas_of(tenant, service),
            "selector": {"matchLabels": selector(tenant, service)},
            # A new pod must be ready before an old one goes.
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"}},
            # Of a new pod, to be scheduled, to have its image pulled, and to start.
            "progressDeadlineSeconds": 180 + service.startup_seconds,
            "revisionHistoryLimit": 3,
            "minReadySeconds": min_ready_seconds(service),
            "template": pod_template(tenant, service, pinned, address, credentials_version),
        },
    }


def min_ready_seconds(service: Service) -> int:
    """One that nobody asks whether it is ready is so when it has run for a while, and not each time before it crashes."""
    return 0 if service.health_path else 10


def with_secrets_version(desired: Json, version: str) -> Json:
    """A Deployment whose pods start again when this is another; as it is where they read no Secret that a service names."""
    if version:
        desired["spec"]["template"]["metadata"]["annotations"][SECRETS_VERSION] = version
    return desired


def with_template_of(live: Mapping[str, Any], desired: Json) -> Json:
    """A desired Deployment or CronJob that keeps the pod template of a live one, which another version of this operator rendered.

    For a tenant that has to wait: pods start anew for other credentials alone, and for what is in the Secrets that they read. A job reads
    them when it runs.
    """
    kept = copy.deepcopy(desired)
    template = copy.deepcopy(_pods_of(live)["template"])
    wanted = _pods_of(desired)["template"]["metadata"].get("annotations") or {}
    if CREDENTIALS_VERSION in wanted:
        annotations = template.setdefault("metadata", {}).get("annotations") or {}
        if annotations.get(CREDENTIALS_VERSION) != wanted[CREDENTIALS_VERSION]:
            _read_credentials(template["spec"])
        template["metadata"]["annotations"] = annotations | {CREDENTIALS_VERSION: wanted[CREDENTIALS_VERSION]}
        if SECRETS_VERSION in annotations and SECRETS_VERSION in wanted:
            template["metadata"]["annotations"][SECRETS_VERSION] = wanted[SECRETS_VERSION]
    _pods_of(kept)["template"] = template
    annotations = live["metadata"].get("annotations") or {}
    for name in (TEMPLATE, PINNED):
        kept["metadata"]["annotations"].pop(name)
        if name in annotations:
            kept["metadata"]["annotations"][name] = annotations[name]
    return kept


def _pods_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a Deployment or CronJob that has the pod template."""
    spec: dict[str, Any] = body["spec"]
    return spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec


def _read_credentials(pod: Json) -> None:
    """Has pods of an older template read the Secret by the name that it has now: the former one is not written any more."""
    for container in pod["containers"]:
        for variable in container.get("env") or []:
            reference = variable.get("valueFrom", {}).get("secretKeyRef", {})
            if reference.get("name") == FORMER_CREDENTIALS:
                reference["name"] = CREDENTIALS


def template_version(live: Mapping[str, Any]) -> str:
    """Which way of rendering pod templates that of a live Deployment or CronJob was rendered; empty where nobody said, or by hand."""
    said = str((live["metadata"].get("annotations") or {}).get(TEMPLATE, ""))
    return said if re.fullmatch("[0-9a-f]{16}", said) else ""


def address_of(live: Mapping[str, Any]) -> DatabaseAddress | None:
    """Where the pods of a live Deployment or CronJob look for their database; None where they were told nothing that can be understood."""
    containers = _template_of(live)["spec"]["containers"]
    told = {one["name"]: one.get("value", "") for container in containers for one in container.get("env") or []}
    host, port, sslmode, sslrootcert = (told.get(name, "") for name in ("PGHOST", "PGPORT", "PGSSLMODE", "PGSSLROOTCERT"))
    return DatabaseAddress(host, int(port), sslmode, sslrootcert) if host and re.fullmatch("[0-9]{1,5}", port) and sslmode else None


def credentials_version(deployment: Mapping[str, Any]) -> str | None:
    """The version of the credentials that the pods of a live Deployment run with."""
    annotations = deployment["spec"]["template"].get("metadata", {}).get("annotations") or {}
    version = annotations.get(CREDENTIALS_VERSION)
    return None if version is None else str(version)


def secrets_version(deployment: Mapping[str, Any]) -> str:
    """The version of the named Secrets that the pods of a live Deployment run with; empty where they read none."""
    return str((deployment["spec"]["template"].get("metadata", {}).get("annotations") or {}).get(SECRETS_VERSION, ""))


def pinned_metadata(tenant: Tenant, service: Service, pinned: Pinned) -> Json:
    """Says what is pinned, and how the pod template was rendered."""
    says = [pinned.image, pinned.commit, pinned.release_label]
    annotations = {TEMPLATE: TEMPLATE_VERSION, PINNED: " ".join([digest_of(says), *says])}
    return _metadata(tenant, service) | {"annotations": annotations}


def _template_of(live: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pod template of a Deployment or a CronJob."""
    spec = live["spec"]
    template: Mapping[str, Any] = (spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec)["template"]
    return template


def _metadata(tenant: Tenant, service: Service) -> Json:
    return {"name": service.name, "namespace": tenant.namespace, "labels": labels_of(tenant.name) | {SERVICE: service.name}}
