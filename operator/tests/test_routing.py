"""Who reaches the services of a tenant."""

from __future__ import annotations

from typing import Any

from example_tenant import example_tenant, service_body

from tenantry_operator.routing import ingress, network_policy
from tenantry_operator.tenant import Tenant

WEB = service_body(name="web-client", path="/", port=3000)
API = service_body(name="apiserver", path="/api")
WORKER = service_body(name="worker", path=None)


def _backends(tenant: Tenant) -> dict[str, str]:
    return {service.path: service.name for service in tenant.spec.services if service.path is not None}


def _ingress(tenant: Tenant) -> dict[str, Any]:
    found = ingress(tenant, tenant.spec.host, _backends(tenant))
    assert found is not None
    return found


def test_each_service_with_a_path_is_reached_below_it_at_the_tenants_host() -> None:
    rules = _ingress(example_tenant({"services": [WEB, API, WORKER]}))["spec"]["rules"]

    assert [rule["host"] for rule in rules] == ["northwind.example.com"]
    assert rules[0]["http"]["paths"] == [
        {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web-client", "port": {"name": "http"}}}},
        {"path": "/api", "pathType": "Prefix", "backend": {"service": {"name": "apiserver", "port": {"name": "http"}}}},
    ]


def test_the_host_is_reached_over_tls() -> None:
    assert _ingress(example_tenant())["spec"]["tls"] == [{"hosts": ["northwind.example.com"], "secretName": "tls"}]


def test_both_lie_in_the_tenants_namespace_and_say_whose_they_are() -> None:
    tenant = example_tenant()

    for metadata in (_ingress(tenant)["metadata"], network_policy(tenant)["metadata"]):
        assert metadata == {
            "name": "tenant",
            "namespace": "tenant-northwind",
            "labels": {"app.kubernetes.io/managed-by": "tenantry-operator", "tenantry.dev/tenant": "northwind"},
        }


def test_services_without_a_path_need_no_ingress() -> None:
    tenant = example_tenant({"services": [WORKER]})

    assert ingress(tenant, tenant.spec.host, _backends(tenant)) is None


def test_a_tenant_that_is_decommissioned_answers_no_more() -> None:
    tenant = example_tenant({"decommission": True})

    assert ingress(tenant, tenant.spec.host, _backends(tenant)) is None


def test_pods_are_reached_from_their_own_namespace_and_from_those_of_no_tenant_alone() -> None:
    spec = network_policy(example_tenant())["spec"]

    assert spec["podSelector"] == {}
    assert spec["policyTypes"] == ["Ingress"]
    assert spec["ingress"] == [
        {
            "from": [
                {"podSelector": {}},
                {"namespaceSelector": {"matchExpressions": [{"key": "tenantry.dev/tenant", "operator": "DoesNotExist"}]}},
            ]
        }
    ]


def test_a_tenant_that_is_decommissioned_stays_apart() -> None:
    assert network_policy(example_tenant({"decommission": True})) == network_policy(example_tenant())
