"""The namespace of a tenant, and the operator's access to it. Desired objects, from the Tenant alone."""

from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import RoleRef, Subject
from lightkube.resources.core_v1 import Namespace
from lightkube.resources.rbac_authorization_v1 import RoleBinding

from tenantry_operator.labels import MANAGER, labels_of
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
