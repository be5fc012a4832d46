"""How many pods a service has: who says so, and what keeps some of them running while nodes go. Pure."""

from __future__ import annotations

from tenantry_operator.drift import Json
from tenantry_operator.labels import SERVICE, labels_of
from tenantry_operator.pod_template import selector
from tenantry_operator.tenant import Service, Tenant


def replicas_of(tenant: Tenant, service: Service) -> int:
    """How many pods a service should have; at least so many where their number goes by itself."""
    return 0 if tenant.spec.runs_nothing else service.replicas


def runs_pods(tenant: Tenant, service: Service) -> bool:
    """Whether a service has pods, be it at its time alone, or before each of its images."""
    return not tenant.spec.runs_nothing and (service.replicas > 0 or service.schedule != "" or len(service.migrate) > 0)


def most_replicas_of(tenant: Tenant, service: Service) -> int:
    """How many pods a service may have at most."""
    return 0 if tenant.spec.runs_nothing else max(service.replicas, service.max_replicas)


def replicas_now(tenant: Tenant, service: Service, live: int | None) -> int:
    """How many pods to write into a Deployment that has `live` of them; None for one that is not there.

    Between its limits the number is the autoscaler's, so what is there is what should be. It is said all the same: to leave out what was
    applied before has the API server put 1 in its place (https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/,
    "Migrating Deployments and StatefulSets to horizontal autoscaling"), and nobody would put back a number outside of the limits, least of
    all 0, at which an autoscaler rests. So a Deployment is never written for its number alone. One that is written for another reason, in
    the moment in which the autoscaler changes the number and no watch has told of it yet, gets the last one: the autoscaler, which
    remembers what it recommended, sets it right at its next look, within 15 seconds.
    """
    return min(max(live or 0, replicas_of(tenant, service)), most_replicas_of(tenant, service))


def autoscaler(tenant: Tenant, service: Service) -> Json:
    """Has the service have as many pods as it needs.

    It measures the service's own container: one that others put beside it, such as the proxy of a mesh, may ask for no CPU, and then there
    is nothing to measure the pod by.
    """
    target = {"type": "Utilization", "averageUtilization": service.target_cpu}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": _metadata(tenant, service),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": service.name},
            "minReplicas": service.replicas,
            "maxReplicas": service.max_replicas,
            "metrics": [
                {"type": "ContainerResource", "containerResource": {"name": "cpu", "container": service.name, "target": target}},
            ],
        },
    }


def disruption_budget(tenant: Tenant, service: Service) -> Json:
    """Lets whoever empties nodes take one pod at a time, and never keeps them from it.

    `minAvailable` would have to follow the number of pods: where the two are equal, no node can be emptied any more. A pod that is not
    ready serves nobody, and must not keep its node either: by default it would, while others are not ready
    (https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy).
    """
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _metadata(tenant, service),
        "spec": {
            "maxUnavailable": 1,
            "selector": {"matchLabels": selector(tenant, service)},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }


def desired_scaling(tenant: Tenant) -> list[Json]:
    """What looks after the number of pods; nothing where none run."""
    objects = []
    for service in tenant.spec.services:
        most = most_replicas_of(tenant, service)
        if most > 1:
            objects.append(disruption_budget(tenant, service))
        if most and service.max_replicas:
            objects.append(autoscaler(tenant, service))
    return objects


def _metadata(tenant: Tenant, service: Service) -> Json:
    return {"name": service.name, "namespace": tenant.namespace, "labels": labels_of(tenant.name) | {SERVICE: service.name}}
