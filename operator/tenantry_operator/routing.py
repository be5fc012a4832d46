"""Who reaches the services of a tenant: its Ingress and its NetworkPolicy. Desired objects, from the Tenant alone."""

from tenantry_operator.drift import Json
from tenantry_operator.labels import TENANT, labels_of
from tenantry_operator.tenant import Tenant

#: Name of the Secret where a certificate for the host may lie. Without one, the ingress controller's own is used.
CERTIFICATE = "tls"


def ingress(tenant: Tenant) -> Json | None:
    """The tenant's host, with a path for each service that has one; none when no service has, or the tenant answers no more."""
    reachable = [service for service in tenant.spec.services if service.path]
    if tenant.spec.decommission or not reachable:
        return None
    paths = [
        {"path": service.path, "pathType": "Prefix", "backend": {"service": {"name": service.name, "port": {"name": "http"}}}}
        for service in reachable
    ]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": _metadata(tenant),
        "spec": {
            "tls": [{"hosts": [tenant.spec.host], "secretName": CERTIFICATE}],
            "rules": [{"host": tenant.spec.host, "http": {"paths": paths}}],
        },
    }


def network_policy(tenant: Tenant) -> Json:
    """Keeps tenants apart: pods are reached from their own namespace, and from those of no tenant, such as an ingress controller's."""
    no_tenant = {"matchExpressions": [{"key": TENANT, "operator": "DoesNotExist"}]}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _metadata(tenant),
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": {}}, {"namespaceSelector": no_tenant}]}],
        },
    }


def _metadata(tenant: Tenant) -> Json:
    return {"name": "tenant", "namespace": tenant.namespace, "labels": labels_of(tenant.name)}
