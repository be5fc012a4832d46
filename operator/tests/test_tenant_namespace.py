"""A tenant's namespace, and the operator's access to it."""

from __future__ import annotations

import pytest
from example_tenant import example_tenant

from tenantry_operator.tenant_namespace import Mark, access, foreign, mark_of, namespace, terminating

TENANT = example_tenant()


def test_no_pod_of_a_tenant_may_ask_for_more_than_the_restricted_profile_allows() -> None:
    labels = namespace(TENANT)["metadata"]["labels"]

    assert {name: value for name, value in labels.items() if name.startswith("pod-security")} == {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "latest",
    }


@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_the_namespace_of_a_decommissioned_tenant_says_what_is_to_become_of_its_database(policy: str) -> None:
    database = {"name": "tenant_northwind", "deletionPolicy": policy}
    decommissioned = namespace(example_tenant({"decommission": True, "database": database}))

    assert decommissioned["metadata"]["annotations"] == {
        "tenantry.dev/decommissioned": policy,
        "tenantry.dev/database": "tenant_northwind",
    }
    assert "annotations" not in namespace(TENANT)["metadata"]


def test_a_namespace_says_whose_it_is() -> None:
    metadata = namespace(TENANT)["metadata"]

    assert metadata["name"] == "tenant-northwind"
    assert metadata["labels"]["tenantry.dev/tenant"] == "northwind"


def test_the_operator_gives_its_own_account_and_no_other_the_role_for_tenants() -> None:
    binding = access(TENANT)

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


def test_somebody_who_finds_a_namespace_that_is_not_the_tenants_is_told_what_to_do() -> None:
    # First what to do about one that lost its label: to delete it would cost the tenant its credentials.
    told = foreign(TENANT)

    assert "If it is, with all that is in it: kubectl label --overwrite namespace tenant-northwind" in told
    assert "tenantry.dev/tenant=northwind" in told


def test_a_namespace_that_does_not_go_is_told_with_what_holds_it() -> None:
    held = ["pods. has 1 resource instances"]

    assert terminating("tenant-northwind", held) == "the namespace tenant-northwind is on its way out; pods. has 1 resource instances"


def test_a_mark_says_what_was_written_when_the_tenant_was_decommissioned() -> None:
    database = {"name": "tenant_northwind", "deletionPolicy": "Delete"}

    assert mark_of(namespace(example_tenant({"decommission": True, "database": database}))) == Mark("Delete", "tenant_northwind")
    there = database | {"server": "eu-2"}
    assert mark_of(namespace(example_tenant({"decommission": True, "database": there}))) == Mark("Delete", "tenant_northwind", "eu-2")


@pytest.mark.parametrize(
    "annotations", [None, {}, {"tenantry.dev/decommissioned": "Delete"}, {"tenantry.dev/database": "tenant_northwind"}]
)
def test_half_a_mark_is_none(annotations: dict[str, str] | None) -> None:
    assert mark_of({"metadata": {"name": "tenant-northwind", "annotations": annotations}}) is None
