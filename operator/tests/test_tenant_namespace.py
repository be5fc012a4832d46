"""A tenant's namespace, and the operator's access to it."""

from __future__ import annotations

from example_tenant import example_tenant

from tenantry_operator.tenant_namespace import access, namespace

TENANT = example_tenant()


def test_no_pod_of_a_tenant_may_ask_for_more_than_the_restricted_profile_allows() -> None:
    labels = namespace(TENANT).to_dict()["metadata"]["labels"]

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_namespace_says_whose_it_is() -> None:
    metadata = namespace(TENANT).to_dict()["metadata"]

    assert metadata["name"] == "tenant-northwind"
    assert metadata["labels"]["tenantry.dev/tenant"] == "northwind"


def test_the_operator_gives_its_own_account_and_no_other_the_role_for_tenants() -> None:
    binding = access(TENANT).to_dict()

    assert binding["metadata"] == {
        "name": "tenantry-operator",
        "namespace": "tenant-northwind",
        "labels": {"app.kubernetes.io/managed-by": "tenantry-operator", "tenantry.dev/tenant": "northwind"},
    }
    assert binding["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "tenantry-operator-in-tenant",
    }
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "tenantry-operator", "namespace": "tenantry-system"}]
