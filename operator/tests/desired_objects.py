"""Every object that the operator makes for a tenant."""

from __future__ import annotations

from typing import Any

from example_tenant import example_tenant

from tenantry_operator.pod_template import DatabaseAddress
from tenantry_operator.routing import ingress, network_policy
from tenantry_operator.tenant_namespace import access, namespace
from tenantry_operator.workload import asked, deployment, kubernetes_service, service_account


def desired_objects() -> list[dict[str, Any]]:
    """In no particular order, each made anew."""
    tenant = example_tenant()
    service = tenant.spec.services[0]
    address = DatabaseAddress("db.example.com", 5432, "verify-full")
    answering = ingress(tenant, [tenant.spec.host], {"/api": "apiserver"})
    assert answering is not None
    return [
        namespace(tenant),
        access(tenant),
        service_account(tenant, service),
        kubernetes_service(tenant, service),
        deployment(tenant, service, asked(service), address, "v1"),
        answering,
        network_policy(tenant),
    ]
