"""What is seen of a service: which image its pods run, and whether all of them do. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lightkube.models.apps_v1 import DeploymentCondition, DeploymentStatus
from lightkube.resources.apps_v1 import Deployment

from tenantry_operator.problems import Problem, Progressing, Stalled
from tenantry_operator.tenant import Service


@dataclass(frozen=True)
class Rollout:
    """How far a service is on its way to the pinned image."""

    service: Service
    #: Pods that are ready on the pinned image.
    ready: int
    #: Pods that are asked for.
    wanted: int
    #: Why it is not there yet; empty once it is.
    lacks: str
    #: Kubernetes gave up: only a change will help.
    is_stuck: bool

    @property
    def is_done(self) -> bool:
        """Every pod is available on the pinned image, and no other is left."""
        return not self.lacks

    def status(self, previous: dict[str, Any] | None) -> dict[str, Any]:
        """Its entry in the Tenant's status. Image and commit are those of the last rollout that was done."""
        image = {"image": self.service.image, "commit": self.service.commit, "release": self.service.release}
        if not self.is_done:
            image = {key: previous[key] for key in image if previous and key in previous}
        return {"name": self.service.name, **image, "readyReplicas": self.ready, "replicas": self.wanted}


def rollout(service: Service, deployment: Deployment) -> Rollout:
    """How far a Deployment is that was just applied: its template has the pinned image, and its status may not know yet."""
    metadata, spec = deployment.metadata, deployment.spec
    status = deployment.status or DeploymentStatus()
    wanted = (spec.replicas if spec else None) or 0
    conditions = {condition.type: condition for condition in status.conditions or []}
    observed = (status.observedGeneration or 0) >= ((metadata.generation if metadata else None) or 0)
    updated, available = status.updatedReplicas or 0, status.availableReplicas or 0
    # Pods of older images are counted with the others: how many of the ready ones are new is known only when all are.
    ready = min(updated, status.readyReplicas or 0) if observed else 0
    stuck = _is_stuck(conditions.get("Progressing"))

    if not observed:
        lacks = "Kubernetes has not looked at its Deployment yet"
    elif updated < wanted:
        lacks = f"{updated} of {wanted} pods have the new image"
    elif (status.replicas or 0) > updated:
        lacks = f"pods of an older image still there, until the new ones are ready: {(status.replicas or 0) - updated}"
    elif min(available, ready) < wanted:
        lacks = f"{min(available, ready)} of {wanted} pods are available"
    elif updated > wanted:
        lacks = f"{updated - wanted} pods that are no longer asked for are still there"
    else:
        return Rollout(service, ready, wanted, lacks="", is_stuck=False)
    reasons = [lacks, *_evidence(conditions.values())]
    return Rollout(service, ready, wanted, lacks=f"{service.name}: {'; '.join(reasons)}", is_stuck=observed and stuck)


def rollout_problem(rollouts: Iterable[Rollout], namespace: str) -> Problem | None:
    """What stands in the way of a tenant's services, all of them together; None where every rollout is done."""
    lacking = [one for one in rollouts if not one.is_done]
    message = "; ".join(one.lacks for one in lacking)
    if any(one.is_stuck for one in lacking):
        advice = f"look at its pods (kubectl --namespace {namespace} get pods), then push an image that comes up"
        return Stalled("RolloutStuck", f"{message}. Kubernetes has given up: {advice}")
    return Progressing("RolloutInProgress", message) if lacking else None


def _is_stuck(progressing: DeploymentCondition | None) -> bool:
    return progressing is not None and progressing.reason == "ProgressDeadlineExceeded"


def _evidence(conditions: Iterable[DeploymentCondition]) -> list[str]:
    """What Kubernetes itself says of a Deployment that does not get on."""
    return [
        condition.message or condition.reason or ""
        for condition in conditions
        if (condition.type == "ReplicaFailure" and condition.status == "True") or _is_stuck(condition)
    ]
