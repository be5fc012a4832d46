"""Labels, by which people, policies and this operator find what belongs to a tenant."""

import re

MANAGER = "tenantry-operator"
MANAGED_BY = "app.kubernetes.io/managed-by"
TENANT = "tenantry.dev/tenant"
SERVICE = "app.kubernetes.io/name"
#: Of a pod that runs once: the service whose Job it is.
JOB = "tenantry.dev/job"
#: Of a Job: the service whose migration it is.
MIGRATION = "tenantry.dev/migration"
#: Of a pod: the Job that made it, as the Job controller says.
MADE_BY_JOB = "batch.kubernetes.io/job-name"
RELEASE = "tenantry.dev/release"
COMMIT = "git.sha"

#: What every object that the operator made for a tenant has, and nothing else.
SELECTOR = {MANAGED_BY: MANAGER}


def labels_of(tenant: str) -> dict[str, str]:
    """The labels of every object of a tenant."""
    return {MANAGED_BY: MANAGER, TENANT: tenant}


def release_label(release: str) -> str:
    """A release as a label has it, by docker/metadata-action's rule: `releases/0.0.2` is `releases-0.0.2`."""
    return re.sub(r"[^a-zA-Z0-9._-]+", "-", release)
