"""What keeps a service from coming up, for its Tenant's status: whoever may read Tenants needs no right to its pods and their logs.

Pods are looked at only where something is wrong for a while, and not at each look.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx2
from lightkube import ApiError

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.known_secrets import redaction_of
from tenantry_operator.labels import COMMIT, MADE_BY_JOB, SERVICE
from tenantry_operator.migration import job_of, name_of, needed
from tenantry_operator.pod_causes import Cause, causes_of
from tenantry_operator.records import CronJobRecord, DeploymentRecord
from tenantry_operator.rollout import Rollout
from tenantry_operator.tenant import Service, Tenant
from tenantry_operator.workload import kind_of, min_ready_seconds

#: Seconds for which a rollout, or a Job, goes on before its pods are looked at, and after which they are again.
AFTER, AGAIN = 15.0, 30.0
#: Seconds that it may take, its turn included, and services that are looked at at once: a fleet that fails as a whole is no reason to flood
#: the API server.
WITHIN, CONCURRENCY = 5.0, 4
#: Of one service: causes, their lines, and the characters of those.
CAUSES, LINES, CHARACTERS = 3, 10, 1000

#: What differs each time that a program says the same: numbers, times, and names that a machine made.
INCIDENTAL = re.compile(r"[0-9a-fA-F-]{8,}|\d+")

logger = logging.getLogger(__name__)


class Subject(NamedTuple):
    """Pods of a service that are to be looked at."""

    service: str
    #: Finds them, as a selector of labels.
    selector: str
    #: Only those that run this image; empty for all.
    image: str
    commit: str
    #: Which Job, or which rollout: another one is looked at anew.
    identity: str
    #: It is over: what is to be said of it now stays so.
    is_final: bool
    #: At once, not only when it has gone on for a while.
    is_urgent: bool


@dataclass
class _Look:
    """When pods were looked at, and what for."""

    began: float
    at: float | None = None
    commit: str = ""
    causes: Sequence[Cause] = ()
    #: Commit of pods of the service that are available; empty where none is.
    answering: str = ""


@dataclass(frozen=True)
class Evidence:
    """What was seen of the pods that do not come up."""

    cache: Cache
    cluster: Cluster
    _looks: dict[str, dict[Subject, _Look]] = field(default_factory=dict, init=False)
    _limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONCURRENCY), init=False)

    def forget(self, name: str) -> None:
        """A tenant is gone."""
        self._looks.pop(name, None)

    async def look(self, tenant: Tenant, rollouts: Iterable[Rollout]) -> None:
        """Looks at the pods of what does not come up, where that is due. What can't be looked at is not worth failing for."""
        now = time.monotonic()
        services = {one.service.name: one.service for one in rollouts}
        subjects = [subject for one in rollouts for subject in self._subjects(tenant, one)]
        if not subjects:
            self.forget(tenant.name)
            return
        known = self._looks.get(tenant.name, {})
        looks = self._looks[tenant.name] = {one: known.get(one) or _Look(began=now) for one in subjects}
        due = [(subject, one) for subject, one in looks.items() if _is_due(subject, one, now)]
        await asyncio.gather(*[self._ask(tenant, services[subject.service], subject, one) for subject, one in due])

    def of(self, tenant: Tenant, rollout: Rollout, now: datetime) -> list[dict[str, Any]]:
        """What is known of a service, as its entry in the Tenant's status has it. Of what was not looked at yet, what was said before."""
        said = _said_of(tenant, rollout.service).get("evidence", [])
        found: list[dict[str, Any]] = []
        for subject in self._subjects(tenant, rollout):
            look = self._looks.get(tenant.name, {}).get(subject)
            if look is None or look.at is None or (subject.is_final and not look.causes):
                found += [one for one in said if one.get("commit") == subject.commit and one not in found]
            else:
                found += [_entry(cause, look.commit, said, now) for cause in look.causes]
        return _bounded(found)

    def answering(self, tenant: Tenant, rollout: Rollout) -> str | None:
        """Commit of what is available of a service while something of it does not come up: of other pods than those, where there are any.
        Empty where nothing is, None where nobody knows."""
        service = rollout.service
        live = self.cache.objects(tenant.name).get((kind_of(service), service.name))
        if service.schedule or rollout.wanted == 0:
            return None
        if not isinstance(live, DeploymentRecord) or live.available == 0:
            return ""
        if live.observed >= live.templated and live.replicas <= live.updated:
            return live.pinned.commit if live.pinned else None
        # Of which image those are that are available, the numbers of a Deployment do not tell.
        looks = self._looks.get(tenant.name, {}).items()
        found = next((look for subject, look in looks if subject.service == service.name and subject.image and look.at is not None), None)
        before: str | None = _said_of(tenant, service).get("answering")
        return before if found is None else found.answering

    def _subjects(self, tenant: Tenant, rollout: Rollout) -> Iterator[Subject]:
        service, objects = rollout.service, self.cache.objects(tenant.name)
        live = objects.get((kind_of(service), service.name))
        if isinstance(live, CronJobRecord):
            run = rollout.last_run
            if run is not None and run.status(_said_of(tenant, service).get("lastRun", {}))["result"] == "Failed":
                commit = live.pinned.commit if live.pinned else ""
                yield _of_job(service, _run_name(service, run.scheduled_at), run.scheduled_at, commit, is_over=True)
            return
        job = job_of(service, objects)
        if service.migrate and job is not None and job.state != "succeeded" and service in needed(tenant, objects):
            yield _of_job(service, name_of(service.name, service.image), job.uid, service.commit, is_over=job.state == "failed")
        if isinstance(live, DeploymentRecord) and not rollout.is_done and live.pinned is not None:
            selector = f"{SERVICE}={service.name}"
            yield Subject(service.name, selector, live.pinned.image, live.pinned.commit, live.template_digest, False, rollout.is_stuck)

    async def _ask(self, tenant: Tenant, service: Service, subject: Subject, look: _Look) -> None:
        try:
            async with asyncio.timeout(WITHIN), self._limit:
                pods = await self.cluster.pods(tenant.namespace, subject.selector)
                found = [pod for pod in pods if not subject.image or _image(pod, service) == subject.image]
                redaction = await redaction_of(self.cluster, tenant, service, found) if found else None
        except (ApiError, httpx2.HTTPError, TimeoutError) as error:
            logger.info("cannot look at the pods of %s: %r", service.name, error, extra={"tenant": tenant.name})
            return
        now = datetime.now(UTC)
        look.causes = causes_of(found, redaction, now)
        # Other images first: what is looked at does not come up.
        others = sorted(pods, key=lambda pod: _image(pod, service) == subject.image)
        look.answering = next((_commit(pod) for pod in others if _is_available(pod, service, now)), "")
        look.commit = (_commit(found[0]) if found else "") or subject.commit
        look.at = time.monotonic()


def _said_of(tenant: Tenant, service: Service) -> Mapping[str, Any]:
    """Its entry in the Tenant's status."""
    return next((one for one in tenant.status.get("services", []) if one["name"] == service.name), {})


def _is_due(subject: Subject, look: _Look, now: float) -> bool:
    if look.at is None:
        return subject.is_urgent or now - look.began >= AFTER
    return not subject.is_final and now - look.at >= AGAIN


def _of_job(service: Service, name: str, identity: str, commit: str, is_over: bool) -> Subject:
    return Subject(service.name, f"{MADE_BY_JOB}={name}", "", commit, identity, is_final=is_over, is_urgent=is_over)


def _run_name(service: Service, scheduled_at: str) -> str:
    """As the CronJob controller names it: https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/cronjob/cronjob_controllerv2.go."""
    due = datetime.fromisoformat(scheduled_at.replace("Z", "+00:00")).timestamp()
    return f"{service.name}-{int(due // 60)}"


def _commit(pod: Mapping[str, Any]) -> str:
    return str((pod["metadata"].get("labels") or {}).get(COMMIT, ""))


def _is_available(pod: Mapping[str, Any], service: Service, now: datetime) -> bool:
    """As Kubernetes counts it: ready for a while where nobody asks the pod whether it is."""
    if "deletionTimestamp" in pod["metadata"]:
        return False
    since = [
        datetime.fromisoformat(one["lastTransitionTime"].replace("Z", "+00:00"))
        for one in pod.get("status", {}).get("conditions") or ()
        if one["type"] == "Ready" and one["status"] == "True" and one.get("lastTransitionTime")
    ]
    return bool(since) and (now - since[0]).total_seconds() >= min_ready_seconds(service)


def _image(pod: Mapping[str, Any], service: Service) -> str:
    containers = pod.get("spec", {}).get("containers") or ()
    return next((one.get("image", "") for one in containers if one["name"] == service.name), "")


def _entry(cause: Cause, commit: str, before: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """What is said of a cause. As long as it is the same one, what was said of it stays: a container that ends again and again says the
    same with other times."""
    moment = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    same = next((one for one in before if (one["cause"], one.get("commit", "")) == (cause.what, commit)), {})
    kept = list(same.get("said", []))
    fresh = list(_last(cause.said))
    said = kept if not fresh or (kept and _alike(kept) == _alike(fresh[-len(kept) :])) else fresh
    entry = {"cause": cause.what, "since": min(same.get("since", moment), moment)}
    return entry | ({"commit": commit} if commit else {}) | ({"said": said} if said else {})


def _alike(lines: Sequence[str]) -> list[str]:
    return [INCIDENTAL.sub("#", line) for line in lines]


def _last(lines: Sequence[str], most: int = LINES, characters: int = CHARACTERS) -> Sequence[str]:
    """The last of them, as many as may stand in a status."""
    kept: list[str] = []
    for line in reversed(lines):
        if len(kept) == most or sum(map(len, kept)) + len(line) > characters:
            break
        kept.insert(0, line)
    return kept


def _bounded(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of many causes, those that tell most. The lines of the first go before those of others."""
    entries, lines, characters = [], LINES, CHARACTERS
    for one in found[:CAUSES]:
        said = list(_last(one.get("said", []), lines, characters))
        lines, characters = lines - len(said), characters - sum(map(len, said))
        entries.append({key: value for key, value in one.items() if key != "said"} | ({"said": said} if said else {}))
    return entries
