"""What is seen of a service: which image its pods run, or its runs get, and whether all of them do. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tenantry_operator.last_run import LastRun, last_run
from tenantry_operator.problems import Problem, Progressing, Stalled
from tenantry_operator.quota import QUOTA_USED_UP
from tenantry_operator.records import CronJobRecord, DeploymentRecord
from tenantry_operator.tenant import Service


@dataclass(frozen=True)
class Rollout:
    """How far a service is on its way to the image that it is to run."""

    service: Service
    #: Pods that are ready on that image.
    ready: int
    #: Pods that are asked for.
    wanted: int
    #: Why it is not there yet; empty once it is.
    lacks: str = ""
    #: Kubernetes gave up: only a change will help.
    is_stuck: bool = False
    #: It waits for a ring, or for its turn: what is said here is about the image that it runs meanwhile.
    is_held: bool = False
    #: Of a service with a schedule.
    last_run: LastRun | None = None
    #: What keeps its pods from coming up, as the status has it.
    evidence: tuple[dict[str, Any], ...] = ()
    #: Commit of its pods that are available meanwhile: empty where none is, None where nobody knows.
    answering: str | None = None

    @property
    def is_done(self) -> bool:
        """Every pod is available on that image, and no other is left."""
        return not self.lacks

    def status(self, previous: dict[str, Any] | None, now: str, is_anew: bool = False) -> dict[str, Any]:
        """Its entry in the Tenant's status. Image, commit and since when are those of the last rollout that was done.

        `is_anew`: its pods were rendered anew, with whatever image.
        """
        keys = ("image", "commit", "release", "since")
        before = {key: previous[key] for key in keys if previous and key in previous}
        image = {"image": self.service.image, "commit": self.service.commit, "release": self.service.release}
        if not self.is_done or self.is_held:
            reached = before
        else:
            same = before.get("image") == self.service.image and "since" in before and not is_anew
            reached = image | {"since": min(before["since"], now) if same else now}
        run = {"lastRun": self.last_run.status((previous or {}).get("lastRun", {}))} if self.last_run else {}
        evidence: dict[str, Any] = {"evidence": list(self.evidence)} if self.evidence else {}
        if self.evidence and self.answering is not None:
            evidence["answering"] = self.answering
        return {"name": self.service.name, **reached, "readyReplicas": self.ready, "replicas": self.wanted, **run, **evidence}


def rollout(service: Service, seen: DeploymentRecord | CronJobRecord, is_held: bool = False) -> Rollout:
    """How far a Deployment is, whose template has the image that is to run, and whose status may not know yet.

    A CronJob is there as soon as it has the image: its next run gets it, and a run that fails says nothing of the rollout.
    """
    if isinstance(seen, CronJobRecord):
        has_image = is_held or (seen.pinned is not None and seen.pinned.image == service.image)
        lacks = "" if has_image else f"{service.name}: its CronJob does not have the new image"
        return Rollout(service, ready=0, wanted=0, lacks=lacks, is_held=is_held, last_run=last_run(seen))
    lacks = _lacks(service, seen)
    is_counted = seen.observed >= _counts_from(service, seen)
    # Pods of older images are counted with the others: how many of the ready ones are new is known only when all are.
    ready = min(seen.updated, seen.ready) if is_counted else 0
    if lacks:
        lacks = f"{service.name}: {'; '.join([lacks, *seen.evidence])}"
    is_stuck = bool(lacks) and seen.is_stuck and is_counted
    return Rollout(service, ready, seen.wanted, lacks, is_stuck, is_held)


def run_with(seen: DeploymentRecord, credentials: str) -> bool:
    """Whether all pods of a Deployment that are not on their way out have the template with this version of the credentials."""
    return seen.credentials == credentials and seen.observed >= seen.templated and seen.replicas <= seen.updated


def goes_by_itself(service: Service, seen: DeploymentRecord) -> bool:
    """Whether an autoscaler says how many pods it has. More of them are on their way, or going, at any time: it is well with the fewest."""
    return service.max_replicas > 0 and seen.wanted > 0


def _counts_from(service: Service, seen: DeploymentRecord) -> int:
    """The generation from which on its status is about the pods that it is to have."""
    return seen.templated if goes_by_itself(service, seen) else seen.generation


def _lacks(service: Service, seen: DeploymentRecord) -> str:
    available = min(seen.available, seen.updated, seen.ready)
    least, most = seen.wanted, seen.wanted
    if goes_by_itself(service, seen):
        least, most = min(service.replicas, seen.wanted), max(service.max_replicas, seen.wanted)
    if seen.observed < _counts_from(service, seen):
        return "Kubernetes has not looked at its Deployment yet"
    if seen.updated < least:
        return f"{seen.updated} of {least} pods have the new image"
    if seen.replicas > seen.updated:
        return f"pods of an older image still there, until the new ones are ready: {seen.replicas - seen.updated}"
    if available < least:
        return f"{available} of {least} pods are available"
    if seen.updated > most:
        return f"{seen.updated - seen.wanted} pods that are no longer asked for are still there"
    return ""


def rollout_problem(rollouts: Iterable[Rollout], namespace: str) -> Problem | None:
    """What stands in the way of a tenant's services, all of them together; None where every rollout is done."""
    lacking = [one for one in rollouts if not one.is_done]
    message = "; ".join(one.lacks for one in lacking)
    quota = "exceeded quota" in message
    if quota:
        message += f". {QUOTA_USED_UP}"
    if any(one.is_stuck for one in lacking):
        if quota:
            return Stalled("RolloutStuck", f"{message}. Kubernetes goes on by itself once there is room")
        advice = f"look at its pods (kubectl --namespace {namespace} get pods), then push an image that comes up"
        return Stalled("RolloutStuck", f"{message.rstrip('.')}. Kubernetes has given up: {advice}")
    return Progressing("RolloutInProgress", message) if lacking else None
