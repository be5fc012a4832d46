"""The credentials of a tenant's database. The Secret comes first, and one that exists is the truth: others are made only where they are
asked for (`rotation`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lightkube.resources.core_v1 import Secret

from tenantry_operator.cluster import Cluster
from tenantry_operator.credentials_advice import missing, missing_but_former
from tenantry_operator.credentials_secret import SeenSecret, copy_of, login_in, new_secret, rotation_of, version_of
from tenantry_operator.database import Databases
from tenantry_operator.labels import labels_of
from tenantry_operator.pod_template import CREDENTIALS
from tenantry_operator.problems import LoginLost, Pending, Stalled
from tenantry_operator.tenant import Tenant
from tenantry_operator.workload import FORMER_CREDENTIALS


@dataclass(frozen=True)
class Credentials:
    """What a tenant's services log in with."""

    #: Changes whenever the Secret or what it says does; tells nothing about it.
    version: str
    #: The role that logs in: one of the tenant's two.
    role: str
    #: The word that they were asked for by; empty for none.
    rotation: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Known:
    """What is known of a tenant's credentials before anybody is asked."""

    #: What a watch told of the Secret. One that can be used is not read again.
    seen: SeenSecret | None = None
    #: The versions that its pods run with.
    running: frozenset[str] = frozenset()
    #: Its namespace was made a moment ago, so that there is no Secret to look for.
    is_new: bool = False


async def ensure_credentials(cluster: Cluster, databases: Databases, tenant: Tenant, known: Known) -> tuple[Credentials, bool]:
    """The credentials in the tenant's Secret, and whether it was made now, as it is if neither it nor the role is there.

    PostgreSQL is asked only when there is no Secret. Raises Stalled when the role is there and the Secret is not, or says nothing that can
    be used: a password that was lost is for a person to replace, since whoever uses it would be locked out.
    """
    if known.seen is not None and known.seen.serves(tenant):
        return Credentials(known.seen.version, known.seen.username, known.seen.rotation, known.seen.password), False
    live = None if known.is_new else await cluster.find(Secret, CREDENTIALS, tenant.namespace)
    created = None
    if live is None:
        secret = (None if known.is_new else await _brought_over(cluster, tenant, known.running)) or await _first(cluster, databases, tenant)
        # Somebody else may be quicker: then theirs is the truth.
        created = await cluster.create(secret)
        live = created or await cluster.find(Secret, CREDENTIALS, tenant.namespace)
    if live is None:
        raise Pending("CredentialsGone", f"the Secret {tenant.namespace}/{CREDENTIALS} comes and goes")
    credentials = credentials_in(tenant, live)
    await cluster.label(live, labels_of(tenant.name))
    return credentials, created is not None


def credentials_in(tenant: Tenant, live: Secret) -> Credentials:
    """What a Secret says. Raises Stalled if it can't be used."""
    role, password = login_in(tenant, live)
    return Credentials(version_of(live), role, rotation_of(live), password)


async def _brought_over(cluster: Cluster, tenant: Tenant, running: frozenset[str]) -> Secret | None:
    """The Secret to make from that of the former name, which had the same content; None if there was none."""
    former = await cluster.find(Secret, FORMER_CREDENTIALS, tenant.namespace)
    if former is None:
        return None
    login_in(tenant, former)
    # Once: who changed the password since, and then lost the Secret, must not have the old one back in force.
    if running and version_of(former) not in running:
        raise Stalled("CredentialsMissing", missing_but_former(tenant))
    return copy_of(tenant, former)


async def _first(cluster: Cluster, databases: Databases, tenant: Tenant) -> Secret:
    """The Secret of a tenant that never had one."""
    if await databases.has_role(tenant.name):
        problem = LoginLost if await databases.is_role_marked(tenant.name) else Stalled
        raise problem("CredentialsMissing", missing(tenant))
    return new_secret(tenant)
