"""Who reaches the services of a tenant: its Ingress and its NetworkPolicy. Desired objects, from the Tenant alone."""

from lightkube.models.meta_v1 import LabelSelector, LabelSelectorRequirement, ObjectMeta
from lightkube.models.networking_v1 import (
    HTTPIngressPath,
    HTTPIngressRuleValue,
    IngressBackend,
    IngressRule,
    IngressServiceBackend,
    IngressSpec,
    IngressTLS,
    NetworkPolicyIngressRule,
    NetworkPolicyPeer,
    NetworkPolicySpec,
    ServiceBackendPort,
)
from lightkube.resources.networking_v1 import Ingress, NetworkPolicy

from tenantry_operator.labels import TENANT, labels_of
from tenantry_operator.tenant import Tenant

#: Name of the Secret where a certificate for the host may lie. Without one, the ingress controller's own is used.
CERTIFICATE = "tls"


def ingress(tenant: Tenant) -> Ingress | None:
    """The tenant's host, with a path for each service that has one; none when no service has, or the tenant answers no more."""
    reachable = [service for service in tenant.spec.services if service.path is not None]
    if tenant.spec.decommission or not reachable:
        return None
    return Ingress(
        metadata=_metadata(tenant),
        spec=IngressSpec(
            tls=[IngressTLS(hosts=[tenant.spec.host], secretName=CERTIFICATE)],
            rules=[
                IngressRule(
                    host=tenant.spec.host,
                    http=HTTPIngressRuleValue(
                        paths=[
                            HTTPIngressPath(
                                path=service.path,
                                pathType="Prefix",
                                backend=IngressBackend(
                                    service=IngressServiceBackend(name=service.name, port=ServiceBackendPort(name="http"))
                                ),
                            )
                            for service in reachable
                        ]
                    ),
                )
            ],
        ),
    )


def network_policy(tenant: Tenant) -> NetworkPolicy:
    """Keeps tenants apart: pods are reached from their own namespace, and from those of no tenant, such as an ingress controller's."""
    no_tenant = LabelSelector(matchExpressions=[LabelSelectorRequirement(key=TENANT, operator="DoesNotExist")])
    return NetworkPolicy(
        metadata=_metadata(tenant),
        spec=NetworkPolicySpec(
            podSelector=LabelSelector(),
            policyTypes=["Ingress"],
            ingress=[
                NetworkPolicyIngressRule(
                    # `from` is a word that Python keeps for itself.
                    from_=[
                        NetworkPolicyPeer(podSelector=LabelSelector()),
                        NetworkPolicyPeer(namespaceSelector=no_tenant),
                    ]
                )
            ],
        ),
    )


def _metadata(tenant: Tenant) -> ObjectMeta:
    return ObjectMeta(name="tenant", namespace=tenant.namespace, labels=labels_of(tenant.name))
