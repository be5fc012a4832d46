"""The namespace of a tenant, and the operator's access to it."""

from collections.abc import Mapping
from typing import Any

from tenantry_operator.cluster import Cluster
from tenantry_operator.drift import Json, seen
from tenantry_operator.labels import MANAGER, TENANT, labels_of
from tenantry_operator.problems import Progressing, Stalled
from tenantry_operator.tenant import Tenant

SYSTEM_NAMESPACE = "tenantry-system"
#: On the namespace of a tenant that is decommissioned, for when the Tenant is gone: what is to become of its database, and which it is.
DECOMMISSIONED = "tenantry.dev/decommissioned"
DATABASE = "tenantry.dev/database"
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
        metadata["annotations"] = {DECOMMISSIONED: database.deletion_policy, DATABASE: database.name}
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


async def ensure_namespace(cluster: Cluster, tenant: Tenant) -> None:
    """Makes both, or what is missing of them. Raises Progressing while one before it goes, and Stalled where it is somebody else's."""
    live = await cluster.body("Namespace", tenant.namespace)
    if live is not None:
        _refuse_foreign(tenant, live)
        if is_terminating(live):
            raise Progressing("NamespaceTerminating", terminating(live))
    await cluster.ensure(namespace(tenant), seen(live) if live else None)
    binding = await cluster.body("RoleBinding", MANAGER, tenant.namespace)
    written = await cluster.ensure(access(tenant), seen(binding) if binding else None)
    # What it binds to can't be changed, so that a wrong one was made anew.
    if binding is None or (written is not None and written["metadata"]["uid"] != binding["metadata"]["uid"]):
        await cluster.until_granted(tenant.namespace)


def is_ours(tenant: Tenant, namespace: Mapping[str, Any]) -> bool:
    """Has it the label of the tenant?"""
    labels = namespace["metadata"].get("labels") or {}
    return bool(labels.get(TENANT) == tenant.name)


def _refuse_foreign(tenant: Tenant, namespace: Mapping[str, Any]) -> None:
    if is_ours(tenant, namespace):
        return
    message = (
        f"the namespace {tenant.namespace} exists and has no label that makes it this tenant's. If it is, with all that is in it: kubectl "
        f"label --overwrite namespace {tenant.namespace} {TENANT}={tenant.name}. If it is somebody else's, it has to go"
    )
    raise Stalled("NamespaceConflict", message)


def is_terminating(namespace: Mapping[str, Any]) -> bool:
    """Was it deleted, and is not gone yet?"""
    return namespace["metadata"].get("deletionTimestamp") is not None


def terminating(namespace: Mapping[str, Any]) -> str:
    """What holds it, for people."""
    conditions = (namespace.get("status") or {}).get("conditions") or []
    held = [one["message"] for one in conditions if one.get("status") == "True" and one.get("message")]
    return "; ".join([f"the namespace {namespace['metadata']['name']} is on its way out", *held])
