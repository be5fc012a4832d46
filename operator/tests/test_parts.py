"""What should be in a tenant's namespace."""

from __future__ import annotations

from example_tenant import example_tenant, service_body

from tenantry_operator.parts import desired_around, desired_ingress


def test_a_service_without_a_port_has_an_account_and_nothing_that_leads_to_it() -> None:
    worker = service_body(name="worker", port=0, path="", healthPath="")
    tenant = example_tenant({"services": [service_body(), worker]})

    assert sorted(desired_around(tenant)) == [
        ("NetworkPolicy", "tenant"),
        ("Service", "apiserver"),
        ("ServiceAccount", "apiserver"),
        ("ServiceAccount", "worker"),
    ]
    assert desired_ingress(example_tenant({"services": [worker]}), ["northwind.example.com"], None, {}) is None
