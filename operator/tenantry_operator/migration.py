"""The migration of a service: the Job that changes its database before its pods take an image. Pure.

Its name is its memory: it stands for the service and the digest, so that a Job which is there tells what became of that image, whoever
looks, and nothing has to be written down besides.
"""

from __future__ import annotations

from collections.abc import Mapping

from tenantry_operator.cache import Key
from tenantry_operator.drift import Json, Seen, digest_of
from tenantry_operator.labels import COMMIT, MIGRATION, labels_of
from tenantry_operator.parts import Access, reached_by
from tenantry_operator.pod_template import IGNORES_LOST_NODES, Pinned, job_template
from tenantry_operator.records import CronJobRecord, DeploymentRecord, JobRecord
from tenantry_operator.tenant import Service, Tenant
from tenantry_operator.workload import kind_of


def name_of(service: str, image: str) -> str:
    """At most 63 characters, with any service's name: https://kubernetes.io/docs/concepts/workloads/controllers/job/#writing-a-job-spec"""
    return f"{service[:38]}-migrate-{digest_of([service, image.partition('@')[2]])}"


def job(tenant: Tenant, service: Service, pinned: Pinned, access: Access) -> Json:
    """Runs once. It stays when it has ended, which is how it is known."""
    labels = labels_of(tenant.name) | {MIGRATION: service.name, COMMIT: pinned.commit}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name_of(service.name, pinned.image), "namespace": tenant.namespace, "labels": labels},
        "spec": {
            # What failed is for a person to look at.
            "backoffLimit": 0,
            "podFailurePolicy": IGNORES_LOST_NODES,
            "activeDeadlineSeconds": service.job_seconds,
            # Never: it is how what became of it is known. Said, for policies of a cluster fill in a time where nothing is.
            "ttlSecondsAfterFinished": 2**31 - 1,
            "template": job_template(tenant, service, pinned, access.address, service.migrate),
        },
    }


def runs(service: Service, objects: Mapping[Key, Seen]) -> Pinned | None:
    """What the pods of a service run now, or do at their next time; None for one that is not there."""
    live = objects.get((kind_of(service), service.name))
    return live.pinned if isinstance(live, DeploymentRecord | CronJobRecord) else None


def ran(tenant: Tenant, service: Service, objects: Mapping[Key, Seen]) -> frozenset[str]:
    """The images that a service runs, or last ran whole.

    They need no migration. To ask for their Jobs too would be simpler, but then a service that is given a `migrate`, or somebody who clears
    away old Jobs, would start one beside pods that are well, and its failure would stall a tenant that lacks nothing. And a rollout that is
    stuck goes back at once, without the older image's command on a database that is ahead of it.
    """
    return frozenset(one.image for one in (runs(service, objects), reached_by(tenant).get(service.name)) if one is not None)


def needed(tenant: Tenant, objects: Mapping[Key, Seen]) -> list[Service]:
    """The services that ask for an image which must not run before its migration is done, be it one that nobody asks for any more."""
    running = {job.service for _, job in under_way(objects)}
    services = [one for one in tenant.spec.services if one.migrate or one.name in running]
    return [one for one in services if one.image not in ran(tenant, one, objects)]


def under_way(objects: Mapping[Key, Seen]) -> list[tuple[str, JobRecord]]:
    """The migrations that run now, by the name of their Job."""
    return [(key[1], one) for key, one in objects.items() if isinstance(one, JobRecord) and one.state == "running"]


def job_of(service: Service, objects: Mapping[Key, Seen]) -> JobRecord | None:
    """The Job of the image that a service asks for; None if there is none."""
    found = objects.get(("Job", name_of(service.name, service.image)))
    return found if isinstance(found, JobRecord) else None


def kept(tenant: Tenant, objects: Mapping[Key, Seen]) -> list[Key]:
    """The Jobs that are not cleared away: those of images that are asked for, or run, and what is not over."""
    names = set()
    for service in (one for one in tenant.spec.services if one.migrate):
        now = runs(service, objects)
        images = {service.image} if now is None else {service.image, now.image}
        names |= {name_of(service.name, image) for image in images}
    return [key for key, one in objects.items() if isinstance(one, JobRecord) and (key[1] in names or one.state == "running")]


def is_under_way(tenant: Tenant, objects: Mapping[Key, Seen]) -> bool:
    """From its Job until its Deployment has the image, whatever becomes of the Job: one that failed is as a rollout that is stuck."""
    if under_way(objects):
        return True
    return any(job_of(service, objects) is not None for service in needed(tenant, objects))
