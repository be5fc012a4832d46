"""Every object that the operator makes for a tenant."""

from __future__ import annotations

from typing import Any

from example_tenant import example_tenant, service_body

from tenantry_operator.cron_job import cron_job
from tenantry_operator.external_secret import external_secrets
from tenantry_operator.pod_template import DatabaseAddress
from tenantry_operator.quota import quota_objects
from tenantry_operator.routing import ingress, network_policy
from tenantry_operator.scaling import desired_scaling
from tenantry_operator.tenant_namespace import access, namespace
from tenantry_operator.workload import asked, deployment, kubernetes_service, service_account


def desired_objects() -> list[dict[str, Any]]:
    """In no particular order, each made anew."""
    tenant = example_tenant(
        {
            "services": [service_body(maxReplicas=6, secretPath="acme/globex/apiserver")],
            "quota": {"cpu": "4", "memory": "8Gi", "pods": 40},
        }
    )
    service = tenant.spec.services[0]
    address = DatabaseAddress("db.example.com", 5432, "verify-full")
    answering = ingress(tenant, [tenant.spec.host], {"/api": "apiserver"})
    assert answering is not None
    return [
        namespace(tenant),
        access(tenant),
        *external_secrets(tenant),
        service_account(tenant, service),
        kubernetes_service(tenant, service),
        deployment(tenant, service, asked(service), address, "v1"),
        cron_job(tenant, service, asked(service), address),
        *desired_scaling(tenant),
        answering,
        network_policy(tenant),
        *quota_objects(tenant),
    ]
