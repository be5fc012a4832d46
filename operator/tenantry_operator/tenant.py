"""A Tenant as it is asked for. Shape and meaning of its fields: `deploy/crd.yaml`; a test holds the structs against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from lightkube.generic_resource import create_global_resource

TenantResource = create_global_resource("tenantry.dev", "v1", "Tenant", "tenants")

FINALIZER = "tenantry.dev/operator"


class SecretVariable(msgspec.Struct, frozen=True, rename="camel"):
    """A variable that a service takes from a Secret in its namespace."""

    name: str
    secret: str
    key: str


class Variable(msgspec.Struct, frozen=True):
    """An environment variable of a service."""

    name: str
    value: str


class Resources(msgspec.Struct, frozen=True, rename="camel"):
    """What each pod of a service asks for, and may take."""

    cpu: str
    memory: str
    memory_limit: str


class Volume(msgspec.Struct, frozen=True):
    """Room on disk for each pod of a service."""

    name: str
    path: str
    size: str


class Service(msgspec.Struct, frozen=True, rename="camel"):
    """What runs for a tenant, pinned by digest."""

    name: str
    image: str
    commit: str
    release: str
    #: 0 for one that listens on none.
    port: int
    replicas: int
    path: str | None = None
    health_path: str | None = None
    secrets: tuple[SecretVariable, ...] = ()
    #: Where in the secret store the Secret is that is called as the service is; empty for none.
    secret_path: str = ""
    resources: Resources = Resources(cpu="50m", memory="128Mi", memory_limit="512Mi")
    startup_seconds: int = 120
    stop_seconds: int = 25
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[Variable, ...] = ()
    #: 0 for one that always has as many pods as `replicas`.
    max_replicas: int = 0
    target_cpu: int = 80
    #: Command of a Job before each new image; empty for none.
    migrate: tuple[str, ...] = ()
    #: When a Job runs that is the service; empty for one that always runs.
    schedule: str = ""
    time_zone: str = "Etc/UTC"
    job_seconds: int = 3600
    volumes: tuple[Volume, ...] = ()
    #: Role of AWS; empty for none.
    role: str = ""

    def __post_init__(self) -> None:
        """Takes "" for nothing: a Tenant says of each path what it is, and older ones left out those that there are not."""
        if self.path == "":
            msgspec.structs.force_setattr(self, "path", None)
        if self.health_path == "":
            msgspec.structs.force_setattr(self, "health_path", None)


class Database(msgspec.Struct, frozen=True, rename="camel"):
    """The tenant's PostgreSQL database."""

    name: str
    deletion_policy: Literal["Retain", "Delete"]
    #: On which it is; empty for the default one.
    server: str = ""
    #: 0 for as many as the server has.
    connection_limit: int = 0
    #: Stands for its credentials: another word asks for new ones. Empty for none.
    rotation: str = ""


class Annotation(msgspec.Struct, frozen=True):
    """An annotation of the Ingress."""

    name: str
    value: str


class Ingress(msgspec.Struct, frozen=True, rename={"ingress_class": "class", "sources": "from"}):
    """How a tenant is reached from outside."""

    #: Empty for the cluster's default.
    ingress_class: str
    #: Empty for none.
    issuer: str
    annotations: tuple[Annotation, ...]
    #: Namespaces and ranges of addresses; none for every namespace that is no tenant's.
    sources: tuple[str, ...]


# Of a Tenant that says nothing of it.
AS_BY_DEFAULT = Ingress(ingress_class="", issuer="", annotations=(), sources=())


class Quota(msgspec.Struct, frozen=True):
    """What all pods of a tenant may take together."""

    #: Empty for no limit.
    cpu: str
    #: Empty for no limit.
    memory: str
    #: 0 for no limit.
    pods: int


# Of a Tenant that says nothing of it.
NO_QUOTA = Quota(cpu="", memory="", pods=0)


class SecretStore(msgspec.Struct, frozen=True, rename="camel"):
    """A store of External Secrets."""

    kind: Literal["ClusterSecretStore", "SecretStore"]
    #: Empty for none.
    name: str
    refresh_seconds: int


# Of a Tenant that says nothing of it.
NO_STORE = SecretStore(kind="ClusterSecretStore", name="", refresh_seconds=3600)


class EarlierRing(msgspec.Struct, frozen=True, rename="camel"):
    """A ring whose tenants take new images first."""

    ring: str
    bake_seconds: int


class Rollout(msgspec.Struct, frozen=True, rename="camel"):
    """When a tenant takes new images."""

    after: tuple[EarlierRing, ...]
    at_once: str
    unproven: Literal["Hold", "Allow"]


# Of a Tenant from before there was a rollout in its spec.
AT_ONCE = Rollout(after=(), at_once="10%", unproven="Hold")


class Spec(msgspec.Struct, frozen=True, rename="camel"):
    """What the deployer asks for."""

    host: str
    ring: str
    release: str
    decommission: bool
    database: Database
    services: tuple[Service, ...]
    rollout: Rollout = AT_ONCE
    suspend: bool = False
    #: Further names under which it answers.
    hosts: tuple[str, ...] = ()
    ingress: Ingress = AS_BY_DEFAULT
    secret_store: SecretStore = NO_STORE
    #: What its pods may connect to, besides what they always may; none for no limit.
    egress: tuple[str, ...] = ()
    quota: Quota = NO_QUOTA

    @property
    def every_host(self) -> tuple[str, ...]:
        """All names under which it is to answer, its main one first."""
        return tuple(dict.fromkeys((self.host, *self.hosts)))

    @property
    def runs_nothing(self) -> bool:
        """Whether no pods are asked for, whatever the services say."""
        return self.suspend or self.decommission


class Metadata(msgspec.Struct, frozen=True, rename="camel"):
    """What of an object's metadata matters here."""

    name: str
    uid: str
    generation: int
    resource_version: str
    creation_timestamp: str
    deletion_timestamp: str | None = None
    finalizers: tuple[str, ...] = ()


class Tenant(msgspec.Struct, frozen=True):
    """One customer's environment."""

    metadata: Metadata
    spec: Spec
    status: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def name(self) -> str:
        """At most 56 lower-case letters, digits and "-"."""
        return self.metadata.name

    @property
    def version(self) -> int:
        """Grows with every write to any Tenant: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions"""
        return int(self.metadata.resource_version)

    @property
    def asked_for(self) -> tuple[str, int, str | None]:
        """Other whenever something else is asked for: that the Tenant be made anew, be another, or go."""
        return (self.metadata.uid, self.metadata.generation, self.metadata.deletion_timestamp)

    @property
    def namespace(self) -> str:
        """Where all that runs for the tenant lies."""
        return namespace_of(self.name)

    @property
    def role(self) -> str:
        """The PostgreSQL role that owns the tenant's database."""
        return role_of(self.name)

    @property
    def logins(self) -> tuple[str, str]:
        """The two PostgreSQL roles of which its Secret names one: the owner, and the one that acts as the owner."""
        return (self.role, second_role_of(self.name))

    def other_login(self, role: str) -> str:
        """The one of the two roles that is not this one."""
        owner, second = self.logins
        return second if role == owner else owner

    @property
    def had_database(self) -> bool:
        """Whether the tenant's database was there before. Then one that is not there is a loss, and an empty one would hide it."""
        return "database" in self.status

    @property
    def was_ready(self) -> bool:
        """Whether the tenant was all that was asked for when it was last looked at."""
        return any(one["type"] == "Ready" and one["status"] == "True" for one in self.status.get("conditions", []))

    @property
    def is_deleted(self) -> bool:
        """Whether somebody deleted the Tenant: it stays until its finalizer goes."""
        return self.metadata.deletion_timestamp is not None


def namespace_of(tenant: str) -> str:
    """The namespace of the tenant with this name."""
    return "tenant-" + tenant


def tenant_of_namespace(namespace: str) -> str | None:
    """The tenant whose namespace has this name; None if it can't be a tenant's."""
    return namespace.removeprefix("tenant-") if namespace.startswith("tenant-") else None


def role_of(tenant: str) -> str:
    """The PostgreSQL role of the tenant with this name. A name has no "_", so that no two tenants come to the same role."""
    return "tenant_" + tenant.replace("-", "_")


def second_role_of(tenant: str) -> str:
    """The role that logs in in turn with that of the tenant. As many bytes as that one: a tenant's name may have 56, and a role's 63. It
    begins like no role of another tenant."""
    return "login2_" + tenant.replace("-", "_")


def parse_tenant(body: Mapping[str, Any]) -> Tenant:
    """A Tenant from what the API returns.

    Raises msgspec.ValidationError when that does not follow the definition; the API server lets no such object in.
    """
    return msgspec.convert(dict(body), Tenant)
