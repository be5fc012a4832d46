"""What runs a service at its time: a CronJob, whose Job is the service. Desired object, from the Tenant and what is pinned alone."""

from __future__ import annotations

from tenantry_operator.drift import Json
from tenantry_operator.labels import JOB
from tenantry_operator.pod_template import IGNORES_LOST_NODES, DatabaseAddress, Pinned, job_template
from tenantry_operator.tenant import Service, Tenant
from tenantry_operator.workload import pinned_metadata

#: Seconds after its time for which a run may still begin, be it that the cluster was away or that the run before took its time. Later it
#: is left out: what is meant for the night does not begin at noon. Kubernetes looks no further back for runs that were missed, and gives
#: a CronJob up that missed more than a hundred: in an hour there are 60.
#: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#job-creation
MAY_BE_LATE = 3600


def cron_job(tenant: Tenant, service: Service, pinned: Pinned, address: DatabaseAddress) -> Json:
    """The Jobs of a service, each on exactly the pinned digest. A tenant that is decommissioned or suspended has none: to suspend a CronJob
    leaves the run alone that goes on, and to delete it takes that along."""
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": pinned_metadata(tenant, service, pinned),
        "spec": {
            "schedule": service.schedule,
            "timeZone": service.time_zone,
            # Two runs of one job at once are what nobody who writes one thinks of.
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": MAY_BE_LATE,
            "suspend": False,
            # The last of each, for its logs.
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 1,
            "jobTemplate": {
                # A Job without labels of its own gets those of its pods, and would be taken for one of the operator's objects:
                # https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/batch/v1/defaults.go
                "metadata": {"labels": {JOB: service.name}},
                "spec": {
                    "activeDeadlineSeconds": service.job_seconds,
                    # Nobody here knows whether half a run may be done again: one that fails is a person's to look at, and the next one
                    # comes at its time.
                    "backoffLimit": 0,
                    "podFailurePolicy": IGNORES_LOST_NODES,
                    "template": job_template(tenant, service, pinned, address),
                },
            },
        },
    }
