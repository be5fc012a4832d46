"""Who reaches the services of a tenant: its Ingress and its NetworkPolicy. Desired objects, from the Tenant alone."""

from collections.abc import Mapping

from tenantry_operator.drift import Json
from tenantry_operator.labels import TENANT, labels_of
from tenantry_operator.tenant import Tenant

#: Name of the Secret where a certificate for the host may lie. Without one, the ingress controller's own is used.
CERTIFICATE = "tls"


def ingress(tenant: Tenant, host: str, backends: Mapping[str, str]) -> Json | None:
    """The host at which the tenant answers, with the service below each path; none when there is no path, or the tenant answers no more."""
    if tenant.spec.decommission or not backends:
        return None
    paths = [
        {"path": path, "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"name": "http"}}}}
        for path, service in backends.items()
    ]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": _metadata(tenant),
        "spec": {
            "tls": [{"hosts": [host], "secretName": CERTIFICATE}],
            "rules": [{"host": host, "http": {"paths": paths}}],
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
