"""Who reaches the services of a tenant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from example_tenant import example_tenant, service_body

from tenantry_operator.routing import ingress, network_policy
from tenantry_operator.tenant import Tenant

WEB = service_body(name="web-client", path="/", port=3000)
API = service_body(name="apiserver", path="/api")
WORKER = service_body(name="worker", path=None)


def _backends(tenant: Tenant) -> dict[str, str]:
    return {service.path: service.name for service in tenant.spec.services if service.path is not None}


def _ingress(tenant: Tenant, *hosts: str, live_class: str = "") -> dict[str, Any]:
    found = ingress(tenant, hosts or tenant.spec.every_host, _backends(tenant), live_class)
    assert found is not None
    return found


def _settings(
    ingress_class: str = "", issuer: str = "", annotations: Iterable[tuple[str, str]] = (), sources: Iterable[str] = ()
) -> dict[str, Any]:
    return {
        "class": ingress_class,
        "issuer": issuer,
        "annotations": [{"name": name, "value": value} for name, value in annotations],
        "from": list(sources),
    }


def test_each_service_with_a_path_is_reached_below_it_at_the_tenants_host() -> None:
    rules = _ingress(example_tenant({"services": [WEB, API, WORKER]}))["spec"]["rules"]

    assert [rule["host"] for rule in rules] == ["northwind.example.com"]
    assert rules[0]["http"]["paths"] == [
        {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web-client", "port": {"name": "http"}}}},
        {"path": "/api", "pathType": "Prefix", "backend": {"service": {"name": "apiserver", "port": {"name": "http"}}}},
    ]


def test_the_host_is_reached_over_tls() -> None:
    assert _ingress(example_tenant())["spec"]["tls"] == [{"hosts": ["northwind.example.com"], "secretName": "tls"}]


def test_further_hosts_lead_to_the_same_services() -> None:
    spec = _ingress(example_tenant({"services": [WEB, API], "hosts": ["shop.example.com", "pay.example.com"]}))["spec"]

    assert [rule["host"] for rule in spec["rules"]] == ["northwind.example.com", "shop.example.com", "pay.example.com"]
    assert [rule["http"] for rule in spec["rules"]] == [spec["rules"][0]["http"]] * 3


def test_a_main_host_that_is_said_to_be_a_further_one_as_well_is_one_host() -> None:
    tenant = example_tenant({"hosts": ["northwind.example.com", "shop.example.com"]})

    assert [one["secretName"] for one in _ingress(tenant)["spec"]["tls"]] == ["tls", "shop.example.com"]


def test_each_host_has_a_certificate_of_its_own_so_that_one_whose_dns_leads_elsewhere_is_no_harm_to_the_others() -> None:
    tenant = example_tenant({"hosts": ["shop.example.com"]})

    assert _ingress(tenant)["spec"]["tls"] == [
        {"hosts": ["northwind.example.com"], "secretName": "tls"},
        {"hosts": ["shop.example.com"], "secretName": "shop.example.com"},
    ]


def test_a_further_host_keeps_its_certificate_whatever_becomes_of_the_main_one() -> None:
    tenant = example_tenant({"hosts": ["shop.example.com"]})

    assert _ingress(tenant, "shop.example.com")["spec"]["tls"] == [{"hosts": ["shop.example.com"], "secretName": "shop.example.com"}]
    former = _ingress(tenant, "former.example.com", "shop.example.com")["spec"]["tls"]
    assert [one["secretName"] for one in former] == ["tls", "shop.example.com"]


def test_class_issuer_and_annotations_are_told_to_the_controller() -> None:
    asked = _settings(ingress_class="nginx", issuer="letsencrypt", annotations=[("nginx.ingress.kubernetes.io/proxy-body-size", "8m")])
    found = _ingress(example_tenant({"ingress": asked}))

    assert found["spec"]["ingressClassName"] == "nginx"
    assert found["metadata"]["annotations"] == {
        "cert-manager.io/cluster-issuer": "letsencrypt",
        "nginx.ingress.kubernetes.io/proxy-body-size": "8m",
    }


def test_the_class_that_it_has_stays_where_none_is_asked_for_and_goes_where_another_is() -> None:
    assert _ingress(example_tenant(), live_class="traefik")["spec"]["ingressClassName"] == "traefik"
    assert (
        _ingress(example_tenant({"ingress": _settings(ingress_class="nginx")}), live_class="traefik")["spec"]["ingressClassName"] == "nginx"
    )
    assert "ingressClassName" not in _ingress(example_tenant())["spec"]


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

    assert ingress(tenant, [tenant.spec.host], _backends(tenant)) is None


def test_a_tenant_that_is_decommissioned_answers_no_more() -> None:
    tenant = example_tenant({"decommission": True})

    assert ingress(tenant, [tenant.spec.host], _backends(tenant)) is None


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


def test_pods_are_reached_from_their_own_namespace_and_from_where_it_is_said_alone() -> None:
    spec = network_policy(example_tenant({"ingress": _settings(sources=["ingress-nginx", "10.0.0.0/16", "monitoring"])}))["spec"]

    assert spec["ingress"] == [
        {
            "from": [
                {"podSelector": {}},
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}},
                {"ipBlock": {"cidr": "10.0.0.0/16"}},
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}},
            ]
        }
    ]


def test_a_tenant_that_is_decommissioned_stays_apart() -> None:
    assert network_policy(example_tenant({"decommission": True})) == network_policy(example_tenant())
