"""The namespace of a tenant, and the operator's access to it."""

from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import RoleRef, Subject
from lightkube.resources.core_v1 import Namespace
from lightkube.resources.rbac_authorization_v1 import RoleBinding

from tenantry_operator.cluster import Cluster
from tenantry_operator.labels import MANAGER, TENANT, labels_of
from tenantry_operator.problems import Progressing, Stalled
from tenantry_operator.tenant import Tenant

SYSTEM_NAMESPACE = "tenantry-system"


def namespace(tenant: Tenant) -> Namespace:
    """The namespace, in which no pod may ask for more than the restricted profile allows."""
    labels = labels_of(tenant.name) | {"pod-security.kubernetes.io/enforce": "restricted"}
    return Namespace(metadata=ObjectMeta(name=tenant.namespace, labels=labels))


def access(tenant: Tenant) -> RoleBinding:
    """What lets the operator read and write in this namespace. It has no access to the Secrets of any other."""
    return RoleBinding(
        metadata=ObjectMeta(name=MANAGER, namespace=tenant.namespace, labels=labels_of(tenant.name)),
        roleRef=RoleRef(apiGroup="rbac.authorization.k8s.io", kind="ClusterRole", name="tenantry-operator-in-tenant"),
        subjects=[Subject(kind="ServiceAccount", name=MANAGER, namespace=SYSTEM_NAMESPACE)],
    )


async def ensure_namespace(cluster: Cluster, tenant: Tenant) -> None:
    """Makes both, or what is missing of them. Raises Progressing while one before it goes, and Stalled where it is somebody else's."""
    live = await cluster.find(Namespace, tenant.namespace)
    if live is not None:
        _refuse_foreign(tenant, live)
        if is_terminating(live):
            raise Progressing("NamespaceTerminating", terminating(live))
    await cluster.apply(namespace(tenant), live)
    binding = await cluster.find(RoleBinding, MANAGER, tenant.namespace)
    await cluster.apply(access(tenant), binding)
    if binding is None:
        await cluster.until_granted(tenant.namespace)


def is_ours(tenant: Tenant, namespace: Namespace) -> bool:
    """Has it the label of the tenant?"""
    labels = (namespace.metadata.labels if namespace.metadata else None) or {}
    return labels.get(TENANT) == tenant.name


def _refuse_foreign(tenant: Tenant, namespace: Namespace) -> None:
    if is_ours(tenant, namespace):
        return
    message = (
        f"the namespace {tenant.namespace} exists and has no label that makes it this tenant's. If it is, with all that is in it: kubectl "
        f"label --overwrite namespace {tenant.namespace} {TENANT}={tenant.name}. If it is somebody else's, it has to go"
    )
    raise Stalled("NamespaceConflict", message)


def is_terminating(namespace: Namespace) -> bool:
    """Was it deleted, and is not gone yet?"""
    return namespace.metadata is not None and namespace.metadata.deletionTimestamp is not None


def terminating(namespace: Namespace) -> str:
    """What holds it, for people."""
    conditions = (namespace.status.conditions if namespace.status else None) or []
    held = [one.message for one in conditions if one.status == "True" and one.message]
    name = namespace.metadata.name if namespace.metadata else ""
    return "; ".join([f"the namespace {name} is on its way out", *held])
