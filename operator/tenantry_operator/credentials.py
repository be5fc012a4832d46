"""The credentials of a tenant's database. The Secret comes first, and one that exists is the truth: none is ever made anew."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret

from tenantry_operator.cluster import Cluster
from tenantry_operator.database import Databases
from tenantry_operator.labels import labels_of
from tenantry_operator.problems import Pending, Stalled
from tenantry_operator.tenant import Tenant
from tenantry_operator.workload import CREDENTIALS


@dataclass(frozen=True)
class Credentials:
    """What a tenant's services log in with."""

    username: str
    password: str = field(repr=False)
    #: Changes whenever the Secret or what it says does; tells nothing about it.
    version: str


async def ensure_credentials(cluster: Cluster, databases: Databases, tenant: Tenant) -> tuple[Credentials, bool]:
    """The credentials in the tenant's Secret, and whether it was made now, as it is if neither it nor the role is there.

    Raises Stalled when the role is there and the Secret is not, or says nothing that can be used: a password that was lost is
    for a person to replace, since whoever uses it would be locked out.
    """
    live = await cluster.find(Secret, CREDENTIALS, tenant.namespace)
    created = None
    if live is None:
        if await databases.has_role(tenant):
            raise Stalled("CredentialsMissing", _missing(tenant))
        # Somebody else may be quicker: then theirs is the truth.
        created = await cluster.create(_secret(tenant))
        live = created or await cluster.find(Secret, CREDENTIALS, tenant.namespace)
    if live is None:
        raise Pending("CredentialsGone", f"the Secret {tenant.namespace}/{CREDENTIALS} comes and goes")
    credentials = _read(tenant, live)
    await cluster.label(live, labels_of(tenant.name))
    return credentials, created is not None


def _secret(tenant: Tenant) -> Secret:
    return Secret(
        metadata=ObjectMeta(name=CREDENTIALS, namespace=tenant.namespace, labels=labels_of(tenant.name)),
        type="kubernetes.io/basic-auth",
        stringData={"username": tenant.role, "password": secrets.token_urlsafe(32)},
    )


def _read(tenant: Tenant, secret: Secret) -> Credentials:
    data = {key: base64.b64decode(value) for key, value in (secret.data or {}).items()}
    try:
        username, password = data["username"].decode(), data["password"].decode()
    except (KeyError, UnicodeDecodeError):
        username, password = "", ""
    # PostgreSQL takes no zero byte.
    if username != tenant.role or not password or "\0" in password:
        raise Stalled("CredentialsInvalid", _invalid(tenant))
    uid = (secret.metadata.uid if secret.metadata else None) or ""
    digest = hashlib.sha256(b"\0".join([uid.encode(), data["username"], data["password"]]))
    return Credentials(username=username, password=password, version=digest.hexdigest()[:16])


def _missing(tenant: Tenant) -> str:
    return (
        f"the Secret {tenant.namespace}/{CREDENTIALS} is gone, and the role {tenant.role} exists: its password is lost, and no new one "
        f"is made by itself. Restore the Secret from a backup, or give the role a new password: {_command(tenant)}"
    )


def _invalid(tenant: Tenant) -> str:
    return (
        f'the Secret {tenant.namespace}/{CREDENTIALS} must have "username", which is {tenant.role}, and "password". Restore it from a '
        f"backup, or delete it and give the role a new password: {_command(tenant)}"
    )


def _command(tenant: Tenant) -> str:
    return (
        f"kubectl --namespace {tenant.namespace} create secret generic {CREDENTIALS} --type=kubernetes.io/basic-auth "
        f"--from-literal=username={tenant.role} --from-literal=password=..."
    )
