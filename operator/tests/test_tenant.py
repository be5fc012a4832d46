"""A Tenant as it comes from the API server."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from example_tenant import COMMIT, IMAGE, example_tenant, service_body, tenant_body
from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.tenant import EarlierRing, Rollout, Service, TenantResource, namespace_of, parse_tenant, role_of

names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,54}[a-z0-9])?", fullmatch=True)


def test_a_body_as_the_api_server_returns_it_is_read() -> None:
    tenant = parse_tenant(tenant_body(status={"observedGeneration": 2}))

    assert tenant.name == "northwind"
    assert tenant.metadata.generation == 3
    assert tenant.spec.host == "northwind.example.com"
    assert not tenant.spec.decommission
    assert tenant.spec.database.name == "tenant_northwind"
    assert tenant.spec.services == (
        Service(
            name="apiserver",
            image=IMAGE,
            commit=COMMIT,
            release="releases/0.0.2",
            port=8080,
            replicas=2,
            path="/api",
            health_path="/v1/health",
        ),
    )
    assert tenant.status == {"observedGeneration": 2}


def test_what_the_kubernetes_client_makes_of_a_body_is_read_alike() -> None:
    body = tenant_body(status={"observedGeneration": 2})

    assert parse_tenant(TenantResource.from_dict(body)) == parse_tenant(body)


def test_a_tenant_that_is_new_has_no_status_and_no_finalizer() -> None:
    tenant = example_tenant()

    assert tenant.status == {}
    assert tenant.metadata.finalizers == ()
    assert not tenant.is_deleted


def test_a_service_may_have_neither_path_nor_health_path() -> None:
    tenant = example_tenant({"services": [service_body(path=None, healthPath=None)]})

    assert (tenant.spec.services[0].path, tenant.spec.services[0].health_path) == (None, None)


def test_a_path_that_is_said_to_be_none_is_none() -> None:
    tenant = example_tenant({"services": [service_body(path="", healthPath="")]})

    assert (tenant.spec.services[0].path, tenant.spec.services[0].health_path) == (None, None)


def test_rings_are_what_the_tenant_says_of_them() -> None:
    rollout = {"after": [{"ring": "canary", "bakeSeconds": 600}], "atOnce": "5", "unproven": "Allow"}

    assert example_tenant({"ring": "general", "rollout": rollout}).spec.rollout == Rollout(
        after=(EarlierRing(ring="canary", bake_seconds=600),), at_once="5", unproven="Allow"
    )


def test_a_tenant_from_before_there_was_a_rollout_waits_for_no_ring() -> None:
    body = tenant_body()
    del body["spec"]["rollout"]

    assert parse_tenant(body).spec.rollout == Rollout(after=(), at_once="10%", unproven="Hold")


def test_a_tenant_that_somebody_deleted_says_so_while_its_finalizer_keeps_it() -> None:
    tenant = example_tenant(metadata={"deletionTimestamp": "2026-02-03T04:05:06Z", "finalizers": ["tenantry.dev/operator", "theirs"]})

    assert tenant.is_deleted
    assert tenant.metadata.finalizers == ("tenantry.dev/operator", "theirs")


@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_what_becomes_of_the_database_is_one_of_two(policy: str) -> None:
    assert example_tenant({"database": {"name": "acme", "deletionPolicy": policy}}).spec.database.deletion_policy == policy


def test_fields_of_a_newer_definition_are_ignored() -> None:
    newer = tenant_body({"tier": "gold", "services": [service_body(cpu="2")]}, {"labels": {"a": "b"}})

    assert parse_tenant(newer) == example_tenant()


@pytest.mark.parametrize(
    ("spec", "named"),
    [
        ({"host": None}, "spec.host"),
        ({"decommission": "false"}, "spec.decommission"),
        ({"database": {"name": "a", "deletionPolicy": "Shred"}}, "spec.database.deletionPolicy"),
        ({"services": [service_body(port="8080")]}, "spec.services[0].port"),
        ({"services": [service_body(), service_body(image=None)]}, "spec.services[1]"),
        ({"services": None}, "spec.services"),
    ],
)
def test_a_body_that_does_not_follow_the_definition_is_refused_with_the_field_named(spec: dict[str, Any], named: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        parse_tenant(tenant_body(spec))

    assert named in str(refused.value)


def test_a_body_without_a_spec_is_refused() -> None:
    body = tenant_body()
    del body["spec"]

    with pytest.raises(msgspec.ValidationError, match="spec"):
        parse_tenant(body)


@pytest.mark.parametrize(
    ("conditions", "was_ready"),
    [
        ([], False),
        ([{"type": "Ready", "status": "True"}], True),
        ([{"type": "Ready", "status": "False"}, {"type": "DatabaseReady", "status": "True"}], False),
    ],
)
def test_whether_it_was_ready_its_status_tells(conditions: list[dict[str, str]], was_ready: bool) -> None:
    assert example_tenant(status={"conditions": conditions}).was_ready is was_ready
    assert not example_tenant().was_ready


@given(st.sets(names, min_size=2, max_size=5))
def test_no_two_tenants_share_a_namespace_or_a_role(some: set[str]) -> None:
    tenants = [example_tenant(metadata={"name": name}) for name in some]

    assert len({tenant.namespace for tenant in tenants}) == len(some)
    assert len({tenant.role for tenant in tenants}) == len(some)


@given(names)
def test_every_tenant_has_a_namespace_and_a_role_that_kubernetes_and_postgresql_take(name: str) -> None:
    tenant = example_tenant(metadata={"name": name})

    assert tenant.namespace == namespace_of(name) == f"tenant-{name}"
    assert max(len(tenant.namespace), len(tenant.role)) <= 63
    assert set(tenant.role) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")


def test_a_role_that_logs_in_in_turn_has_a_name_that_no_other_tenant_can_have_and_that_postgresql_keeps_whole() -> None:
    longest = example_tenant(metadata={"name": "a" * 56})
    owner, second = longest.logins

    assert {len(owner), len(second)} == {63}
    assert (longest.other_login(owner), longest.other_login(second)) == (second, owner)
    assert not second.startswith(role_of(""))
