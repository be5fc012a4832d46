"""How many pods a service has, and what looks after them."""

from __future__ import annotations

from typing import Any

import pytest
from example_tenant import example_tenant, service_body

from tenantry_operator.parts import desired_scaling
from tenantry_operator.pod_template import selector
from tenantry_operator.scaling import autoscaler, disruption_budget, replicas_now, replicas_of
from tenantry_operator.tenant import Tenant


def _tenant(changes: dict[str, Any] | None = None, **service: Any) -> Tenant:
    return example_tenant({"services": [service_body(**service)]} | (changes or {}))


def _now(live: int | None, changes: dict[str, Any] | None = None, **service: Any) -> int:
    tenant = _tenant(changes, **service)
    return replicas_now(tenant, tenant.spec.services[0], live)


@pytest.mark.parametrize(
    ("live", "now"),
    [
        pytest.param(None, 2, id="begins with the fewest"),
        pytest.param(0, 2, id="comes back with the fewest"),
        pytest.param(1, 2, id="never has fewer"),
        pytest.param(2, 2, id="may have the fewest"),
        pytest.param(5, 5, id="keeps what its autoscaler gave it"),
        pytest.param(6, 6, id="may have the most"),
        pytest.param(50, 6, id="never has more"),
    ],
)
def test_a_service_whose_number_of_pods_goes_by_itself(live: int | None, now: int) -> None:
    assert _now(live, replicas=2, maxReplicas=6) == now


@pytest.mark.parametrize("live", [None, 0, 1, 7])
def test_a_service_with_a_number_of_pods_has_that(live: int | None) -> None:
    assert _now(live, replicas=2) == 2


@pytest.mark.parametrize("changes", [{"suspend": True}, {"decommission": True}])
@pytest.mark.parametrize("live", [None, 5])
def test_a_tenant_that_is_stopped_has_no_pods_and_nothing_that_looks_after_them(changes: dict[str, Any], live: int | None) -> None:
    assert _now(live, changes, maxReplicas=6) == 0
    assert desired_scaling(_tenant(changes, maxReplicas=6)) == {}


@pytest.mark.parametrize(
    ("service", "kinds"),
    [
        ({"replicas": 0}, []),
        ({"replicas": 1}, []),
        ({"replicas": 2}, ["PodDisruptionBudget"]),
        ({"replicas": 2, "port": 0, "path": "", "healthPath": ""}, ["PodDisruptionBudget"]),
        ({"replicas": 1, "maxReplicas": 3}, ["PodDisruptionBudget", "HorizontalPodAutoscaler"]),
    ],
)
def test_what_looks_after_the_pods_of_a_service(service: dict[str, Any], kinds: list[str]) -> None:
    assert [kind for kind, _ in desired_scaling(_tenant(None, **service))] == kinds


def test_an_autoscaler_keeps_to_the_limits_and_measures_the_container_of_the_service_alone() -> None:
    tenant = _tenant(maxReplicas=6, targetCpu=70)
    spec = autoscaler(tenant, tenant.spec.services[0])["spec"]
    measured = spec["metrics"][0]["containerResource"]
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "apiserver"}
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 6)
    assert (measured["name"], measured["container"]) == ("cpu", "apiserver")
    assert measured["target"] == {"type": "Utilization", "averageUtilization": 70}


def test_nodes_can_be_emptied_one_pod_at_a_time_and_always() -> None:
    tenant = _tenant()
    service = tenant.spec.services[0]
    assert disruption_budget(tenant, service)["spec"] == {
        "maxUnavailable": 1,
        "selector": {"matchLabels": selector(tenant, service)},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    assert replicas_of(tenant, service) == 2
