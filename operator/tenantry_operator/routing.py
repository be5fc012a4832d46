"""Who reaches the services of a tenant: its Ingress and its NetworkPolicy. Desired objects, from the Tenant alone."""

from collections.abc import Mapping, Sequence

from tenantry_operator.drift import Json
from tenantry_operator.labels import TENANT, labels_of
from tenantry_operator.tenant import Tenant

#: Name of the Secret where a certificate for the main host may lie. Without one, the ingress controller's own is used.
CERTIFICATE = "tls"

#: By it, cert-manager makes a Certificate for each entry of `tls`: https://cert-manager.io/docs/usage/ingress/#supported-annotations
ISSUER = "cert-manager.io/cluster-issuer"

#: Every namespace has its name as this label: https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name
NAMESPACE_NAME = "kubernetes.io/metadata.name"


def ingress(tenant: Tenant, hosts: Sequence[str], backends: Mapping[str, str], live_class: str = "") -> Json | None:
    """The hosts at which the tenant answers, with the service below each path; none when there is no path, or the tenant answers no more.

    `live_class`: IngressClass that it has. It stays where the Tenant says none: without it, no controller might answer any more, and
    Kubernetes gives an Ingress the cluster's default only when it is made.
    """
    if tenant.spec.decommission or not backends:
        return None
    asked = tenant.spec.ingress
    paths = [
        {"path": path, "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"name": "http"}}}}
        for path, service in backends.items()
    ]
    annotations = {one.name: one.value for one in asked.annotations} | ({ISSUER: asked.issuer} if asked.issuer else {})
    ingress_class = asked.ingress_class or live_class
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": _metadata(tenant) | ({"annotations": annotations} if annotations else {}),
        "spec": ({"ingressClassName": ingress_class} if ingress_class else {})
        | {
            "tls": [{"hosts": [host], "secretName": _certificate(tenant, host)} for host in hosts],
            "rules": [{"host": host, "http": {"paths": paths}} for host in hosts],
        },
    }


def _certificate(tenant: Tenant, host: str) -> str:
    """Name of the Secret with a host's certificate: each has its own. One certificate for all of them would not be made, nor be renewed, as
    long as the DNS of any one does not lead here; and that of a further host is the customer's. A host is a name that Secrets may have.
    """
    return host if host in tenant.spec.hosts and host != tenant.spec.host else CERTIFICATE


def network_policy(tenant: Tenant) -> Json:
    """Keeps tenants apart: pods are reached from their own namespace, and from where the Tenant says; where it says nothing, from every
    namespace of no tenant, such as an ingress controller's."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _metadata(tenant),
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": {}}, *_sources(tenant.spec.ingress.sources)]}],
        },
    }


def _sources(sources: Sequence[str]) -> list[Json]:
    if not sources:
        return [{"namespaceSelector": {"matchExpressions": [{"key": TENANT, "operator": "DoesNotExist"}]}}]
    # A namespace's name has no "/".
    return [{"ipBlock": {"cidr": one}} if "/" in one else {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: one}}} for one in sources]


def _metadata(tenant: Tenant) -> Json:
    return {"name": "tenant", "namespace": tenant.namespace, "labels": labels_of(tenant.name)}
