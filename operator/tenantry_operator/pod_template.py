"""The pods of a service: what they run, with what they are told and may take. Desired objects, from the Tenant and what is pinned alone."""

from __future__ import annotations

import math

import msgspec

from tenantry_operator.drift import Json, digest_of
from tenantry_operator.labels import COMMIT, JOB, RELEASE, SERVICE, TENANT, labels_of
from tenantry_operator.tenant import Service, Tenant, parse_tenant

#: Name of the Secret with the database's credentials, in every tenant's namespace.
CREDENTIALS = "tenantry-credentials"
#: Its key with the certificates by which the database server is verified, and where a service finds them.
CA = "ca.crt"
CA_VOLUME = "tenantry-database"
CA_FOLDER = "/etc/tenantry-database"
CA_FILE = f"{CA_FOLDER}/{CA}"
#: Changes when the credentials do, so that pods start again with the new ones.
CREDENTIALS_VERSION = "tenantry.dev/credentials"
#: Role of AWS of the pods: those that run keep the one with which they began.
ROLE = "tenantry.dev/role"
#: Seconds for which a pod that is to go still answers, while whoever routes requests learns of it.
ROUTES_LEARN = 5

#: Of a Job: a pod that lost its node has not failed, and runs again when the first one is gone.
IGNORES_LOST_NODES = {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]}

#: What can fail by itself, the largest first.
SPREAD_OVER = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")


class DatabaseAddress(msgspec.Struct, frozen=True):
    """Where tenants find their PostgreSQL server."""

    host: str
    port: int
    sslmode: str
    #: The file by which it is verified; empty for none.
    sslrootcert: str = ""


class Pinned(msgspec.Struct, frozen=True):
    """What the pods of a service run, and what they say of it."""

    image: str
    commit: str
    #: As a label has it.
    release_label: str


def selector(tenant: Tenant, service: Service) -> dict[str, str]:
    """What the pods have that a service always runs, and no other pod."""
    return {SERVICE: service.name, TENANT: tenant.name}


def pod_template(tenant: Tenant, service: Service, pinned: Pinned, address: DatabaseAddress, credentials_version: str) -> Json:
    labels = labels_of(tenant.name) | selector(tenant, service) | {COMMIT: pinned.commit, RELEASE: pinned.release_label}
    role = {ROLE: service.role} if service.role else {}
    return {
        "metadata": {"labels": labels, "annotations": {CREDENTIALS_VERSION: credentials_version} | role},
        "spec": {
            "serviceAccountName": service.name,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": service.stop_seconds + (ROUTES_LEARN if service.port else 0),
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "topologySpreadConstraints": [_spread(tenant, service, key) for key in SPREAD_OVER],
            "containers": [_container(tenant, service, pinned, address)],
            "volumes": [*({"name": name, "emptyDir": {"sizeLimit": size}} for name, _, size in _volumes(service)), *_ca_volumes(address)],
        },
    }


def job_template(tenant: Tenant, service: Service, pinned: Pinned, address: DatabaseAddress, command: tuple[str, ...] = ()) -> Json:
    """The pod of a Job: the service with its image, variables and resources, that runs once. `command` in place of the service's own."""
    once = msgspec.structs.replace(service, port=0, health_path=None, path=None)
    if command:
        once = msgspec.structs.replace(once, command=command, args=())
    template = pod_template(tenant, once, pinned, address, "")
    [container] = template["spec"]["containers"]
    # It is alone: there is nothing that it could be spread from.
    alone = {name: value for name, value in template["spec"].items() if name != "topologySpreadConstraints"}
    labels = {name: value for name, value in template["metadata"]["labels"].items() if name != SERVICE}
    return {
        # Not the service's own label: no Service may lead here, and no Deployment take it for its own.
        "metadata": {"labels": labels | {JOB: service.name}},
        "spec": alone | {"restartPolicy": "Never", "containers": [container]},
    }


def _container(tenant: Tenant, service: Service, pinned: Pinned, address: DatabaseAddress) -> Json:
    container = {
        "name": service.name,
        "image": pinned.image,
        "env": _environment(tenant, service, pinned, address),
        "resources": {
            "requests": {"cpu": service.resources.cpu, "memory": service.resources.memory},
            "limits": {"memory": service.resources.memory_limit},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        # The last lines that it wrote are in its pod's status when it fails, where the operator reads them without a right to logs.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            *({"name": name, "mountPath": path} for name, path, _ in _volumes(service)),
            *({"name": one["name"], "mountPath": CA_FOLDER, "readOnly": True} for one in _ca_volumes(address)),
        ],
    }
    if service.port:
        container |= {
            "ports": [{"name": "http", "containerPort": service.port}],
            "lifecycle": {"preStop": {"sleep": {"seconds": ROUTES_LEARN}}},
        }
    # Where nothing is said, the image starts as it is made to.
    container |= {name: list(words) for name, words in (("command", service.command), ("args", service.args)) if words}
    # A service that answers no HTTP is not asked.
    if service.health_path:
        container |= {
            # While it starts, the others are not asked.
            "startupProbe": _probe(service.health_path, period=2, failures=math.ceil(service.startup_seconds / 2), timeout=2),
            "readinessProbe": _probe(service.health_path, period=5, failures=2, timeout=2),
            # Patient: what does not answer gets no requests, and only what does not answer for long is started again.
            "livenessProbe": _probe(service.health_path, period=10, failures=6, timeout=5),
        }
    return container


def _volumes(service: Service) -> list[tuple[str, str, str]]:
    """Name, path and size of all places that a service can write to. They are on the node's disk, and gone with the pod."""
    return [("tmp", "/tmp", "256Mi"), *((one.name, one.path, one.size) for one in service.volumes)]  # noqa: S108, a volume of its own


def _ca_volumes(address: DatabaseAddress) -> list[Json]:
    """A folder, not a single file: the kubelet keeps it up to date, so that no pod starts again for another certificate."""
    if not address.sslrootcert:
        return []
    return [{"name": CA_VOLUME, "secret": {"secretName": CREDENTIALS, "items": [{"key": CA, "path": CA}], "defaultMode": 0o444}}]


def _spread(tenant: Tenant, service: Service, over: str) -> Json:
    """Has pods that run one image lie apart, as far as there is room. Also where there is one: a second would else restart the first."""
    return {
        "maxSkew": 1,
        "topologyKey": over,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": selector(tenant, service)},
        # Those of the old image go: to lie apart from them would put the new ones together. Needs Kubernetes 1.27:
        # https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition
        "matchLabelKeys": ["pod-template-hash"],
    }


def _environment(tenant: Tenant, service: Service, pinned: Pinned, address: DatabaseAddress) -> list[Json]:
    """What a service is told: its port, who and what it is, and PostgreSQL's own variables, which every client reads; then its own, which
    may refer to those, for Kubernetes fills in what stands before alone."""
    plain = {
        **({"PORT": str(service.port)} if service.port else {}),
        "TENANT": tenant.name,
        "HOST": tenant.spec.host,
        "GIT_SHA": pinned.commit,
        **_server(address),
        "PGDATABASE": tenant.spec.database.name,
    }
    secret = {"PGUSER": "username", "PGPASSWORD": "password"}
    return [
        *({"name": name, "value": value} for name, value in plain.items()),
        *({"name": name, "valueFrom": {"secretKeyRef": {"name": CREDENTIALS, "key": key}}} for name, key in secret.items()),
        *({"name": one.name, "valueFrom": {"secretKeyRef": {"name": one.secret, "key": one.key}}} for one in service.secrets),
        *({"name": one.name, "value": one.value} for one in service.env),
    ]


def _server(address: DatabaseAddress) -> dict[str, str]:
    told = {"PGHOST": address.host, "PGPORT": str(address.port), "PGSSLMODE": address.sslmode}
    return told | ({"PGSSLROOTCERT": address.sslrootcert} if address.sslrootcert else {})


def _probe(path: str, period: int, failures: int, timeout: int) -> Json:
    get = {"path": path, "port": "http"}
    return {"httpGet": get, "periodSeconds": period, "failureThreshold": failures, "timeoutSeconds": timeout}


def _template_version() -> str:
    """Stands for the way this operator renders pod templates: another one is another digest of what it makes of the same Tenant.

    Of one without secrets, and of a server that nothing verifies: to have them here would be another version, for which every tenant would
    restart.
    """
    pinned = Pinned("example.com/service@sha256:" + "0" * 64, "0" * 40, "releases-0.0.0")
    service = {"name": "service", "image": pinned.image, "commit": pinned.commit, "release": "releases/0.0.0", "port": 8080, "replicas": 1}
    every_setting = {
        "path": "/path",
        "healthPath": "/health",
        "resources": {"cpu": "1", "memory": "1Gi", "memoryLimit": "2Gi"},
        "startupSeconds": 600,
        "stopSeconds": 60,
        "command": ["command"],
        "args": ["argument"],
        "env": [{"name": "NAME", "value": "value"}],
        "volumes": [{"name": "volume", "path": "/volume", "size": "1Gi"}],
        "role": "arn:aws:iam::000000000000:role/role",
    }
    tenant = parse_tenant(
        {
            "metadata": {"name": "tenant", "uid": "", "generation": 1, "resourceVersion": "", "creationTimestamp": ""},
            "spec": {
                "host": "example.com",
                "ring": "ring",
                "release": "releases/0.0.0",
                "decommission": False,
                "database": {"name": "tenant_tenant", "deletionPolicy": "Retain"},
                "services": [service, service | every_setting, service | {"port": 0}],
            },
        }
    )
    address = DatabaseAddress("database.example.com", 5432, "verify-full")
    return digest_of([pod_template(tenant, one, pinned, address, "0" * 16) for one in tenant.spec.services])


#: 16 hexadecimal digits.
TEMPLATE_VERSION = _template_version()
