"""The namespace of a tenant, and the operator's access to it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tenantry_operator.drift import Json
from tenantry_operator.labels import MANAGED_BY, MANAGER, TENANT, labels_of
from tenantry_operator.tenant import Tenant

SYSTEM_NAMESPACE = "tenantry-system"
#: On the namespace of a tenant that is decommissioned, for when the Tenant is gone: what is to become of its database, which it is, and on
#: which server, where that is not the default one.
DECOMMISSIONED = "tenantry.dev/decommissioned"
DATABASE = "tenantry.dev/database"
DATABASE_SERVER = "tenantry.dev/database-server"
#: No pod may ask for more than this profile allows, and it is not that of a former version.
POD_SECURITY = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "latest",
}


def namespace(tenant: Tenant) -> Json:
    """The namespace, in which no pod may ask for more than the restricted profile allows."""
    metadata: Json = {"name": tenant.namespace, "labels": labels_of(tenant.name) | POD_SECURITY}
    if tenant.spec.decommission:
        database = tenant.spec.database
        server = {DATABASE_SERVER: database.server} if database.server else {}
        metadata["annotations"] = {DECOMMISSIONED: database.deletion_policy, DATABASE: database.name} | server
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def access(tenant: Tenant) -> Json:
    """What lets the operator read and write in this namespace. It has no access to the Secrets of any other."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": MANAGER, "namespace": tenant.namespace, "labels": labels_of(tenant.name)},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "tenantry-operator-in-tenant"},
        "subjects": [{"kind": "ServiceAccount", "name": MANAGER, "namespace": SYSTEM_NAMESPACE}],
    }


class Mark(NamedTuple):
    """What is to become of a tenant's database when its Tenant is gone."""

    deletion_policy: str
    database: str
    #: Empty for the default one.
    server: str = ""


def mark_of(namespace: Mapping[str, Any]) -> Mark | None:
    """What was written when the tenant was decommissioned; None for one that was not."""
    annotations = namespace["metadata"].get("annotations") or {}
    policy, database = annotations.get(DECOMMISSIONED), annotations.get(DATABASE)
    return Mark(policy, database, annotations.get(DATABASE_SERVER, "")) if policy and database else None


def foreign(tenant: Tenant) -> str:
    """What to do with a namespace that is not the tenant's, for people."""
    return (
        f"the namespace {tenant.namespace} exists and has no label that makes it this tenant's. If it is, with all that is in it: kubectl "
        f"label --overwrite namespace {tenant.namespace} {MANAGED_BY}={MANAGER} {TENANT}={tenant.name}. If it is somebody else's, it has "
        "to go"
    )


def terminating(name: str, held: Iterable[str]) -> str:
    """What holds a namespace that was deleted, for people."""
    return "; ".join([f"the namespace {name} is on its way out", *held])
