"""What all pods of a tenant may take together."""

from __future__ import annotations

from typing import Any

import pytest
from example_tenant import example_tenant, service_body

from tenantry_operator.pod_template import DatabaseAddress, pod_template
from tenantry_operator.quota import BY_DEFAULT, quota_objects
from tenantry_operator.tenant import Resources
from tenantry_operator.workload import asked


def _objects(cpu: str = "", memory: str = "", pods: int = 0) -> dict[str, dict[str, Any]]:
    return {one["kind"]: one for one in quota_objects(example_tenant({"quota": {"cpu": cpu, "memory": memory, "pods": pods}}))}


def test_of_a_tenant_that_says_nothing_of_it_there_is_none() -> None:
    assert quota_objects(example_tenant()) == []
    assert _objects() == {}


@pytest.mark.parametrize(
    ("said", "hard"),
    [
        ({"cpu": "4"}, {"requests.cpu": "4"}),
        ({"memory": "8Gi"}, {"limits.memory": "8Gi"}),
        ({"pods": 40}, {"pods": "40"}),
        ({"cpu": "500m", "memory": "1Gi", "pods": 1}, {"requests.cpu": "500m", "limits.memory": "1Gi", "pods": "1"}),
    ],
)
def test_what_is_said_is_limited_and_nothing_else(said: dict[str, Any], hard: dict[str, str]) -> None:
    assert _objects(**said)["ResourceQuota"]["spec"] == {"hard": hard}


def test_a_container_that_says_nothing_is_given_something_before_the_quota_would_refuse_it() -> None:
    assert list(_objects(pods=1)) == ["LimitRange", "ResourceQuota"]
    assert _objects(pods=1)["LimitRange"]["spec"]["limits"] == [
        {"type": "Container", "defaultRequest": {"cpu": "50m", "memory": "128Mi"}, "default": {"memory": "512Mi"}}
    ]
    assert BY_DEFAULT == example_tenant().spec.services[0].resources == Resources(cpu="50m", memory="128Mi", memory_limit="512Mi")


def test_each_pod_of_a_service_says_all_that_a_quota_counts() -> None:
    tenant = example_tenant({"services": [service_body()]})
    [service] = tenant.spec.services
    template = pod_template(tenant, service, asked(service), DatabaseAddress("db.example.com", 5432, "require"), "v1")

    for container in template["spec"]["containers"]:
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        assert "memory" in container["resources"]["limits"]
