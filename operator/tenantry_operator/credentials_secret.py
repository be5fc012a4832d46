"""The Secret with the credentials of a tenant's database: how it is made, what it says, and what is kept of it in memory. Pure."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret

from tenantry_operator.credentials_advice import unusable_password, wrong_username
from tenantry_operator.drift import digest_of
from tenantry_operator.labels import MANAGED_BY, MANAGER, TENANT, labels_of
from tenantry_operator.pod_template import CA, CREDENTIALS
from tenantry_operator.problems import Stalled
from tenantry_operator.tenant import Tenant

#: On a Secret that was brought over: the uid of the one that it was, so that pods do not start again for the same credentials.
FORMER_UID = "tenantry.dev/former-uid"
#: On a Secret: the word that its credentials were asked for by.
ROTATION = "tenantry.dev/rotation"


@dataclass(frozen=True, slots=True)
class SeenSecret:
    """What is kept of a Secret that a watch tells of."""

    uid: str
    resource_version: str
    version: str
    #: The role that logs in with it; empty if it can't be used.
    username: str
    #: The tenant in its labels; empty if they are not as they should be.
    tenant: str
    #: Digest of the certificates by which the database server is verified; empty if it has none.
    ca: str
    #: The word that its credentials were asked for by; empty for none.
    rotation: str
    #: For PostgreSQL, which is asked now and then whether it still takes it. Whoever can read it here has the administrator's own as well.
    password: str = field(repr=False)

    def serves(self, tenant: Tenant) -> bool:
        """Whether it is all that a tenant's Secret should be."""
        return self.username in tenant.logins and self.tenant == tenant.name


def seen_secret(secret: Secret) -> SeenSecret:
    """What to keep of a Secret."""
    metadata = secret.metadata or ObjectMeta()
    labels = metadata.labels or {}
    return SeenSecret(
        uid=metadata.uid or "",
        resource_version=metadata.resourceVersion or "",
        version=version_of(secret),
        username=_text(secret, "username") if _is_usable(_text(secret, "password")) else "",
        tenant=labels.get(TENANT, "") if labels.get(MANAGED_BY) == MANAGER else "",
        ca=digest_of(ca_in(secret)) if ca_in(secret) else "",
        rotation=rotation_of(secret),
        password=_text(secret, "password"),
    )


def version_of(secret: Secret) -> str:
    """Changes whenever the Secret or what it says does, and can stand where everybody reads it: the uid is known only to whoever may read
    the Secret, so that no password can be guessed from it.
    """
    metadata = secret.metadata or ObjectMeta()
    uid = (metadata.annotations or {}).get(FORMER_UID) or metadata.uid or ""
    digest = hashlib.sha256(b"\0".join([uid.encode(), _bytes(secret, "username"), _bytes(secret, "password")]))
    return digest.hexdigest()[:16]


def rotation_of(secret: Secret) -> str:
    """The word that its credentials were asked for by; empty for none."""
    return str(((secret.metadata or ObjectMeta()).annotations or {}).get(ROTATION, ""))


def login_in(tenant: Tenant, secret: Secret) -> tuple[str, str]:
    """The role that logs in for the tenant, and its password. Raises Stalled if the Secret can't be used."""
    name = (secret.metadata.name if secret.metadata else None) or CREDENTIALS
    password = _text(secret, "password")
    if not _is_usable(password):
        raise Stalled("CredentialsInvalid", unusable_password(tenant, name))
    username = _text(secret, "username")
    if username not in tenant.logins:
        raise Stalled("CredentialsInvalid", wrong_username(tenant, name))
    return username, password


def ca_in(secret: Secret) -> str:
    """The certificates in it, by which the database server is verified; empty if there are none."""
    return _text(secret, CA)


def new_secret(tenant: Tenant) -> Secret:
    """One with a password that nobody has seen."""
    asked = tenant.spec.database.rotation
    annotations = {ROTATION: asked} if asked else None
    return Secret(
        metadata=ObjectMeta(name=CREDENTIALS, namespace=tenant.namespace, labels=labels_of(tenant.name), annotations=annotations),
        type="kubernetes.io/basic-auth",
        stringData={"username": tenant.role, "password": new_password()},
    )


def new_password() -> str:
    """One that nobody has seen."""
    return secrets.token_urlsafe(32)


def copy_of(tenant: Tenant, former: Secret) -> Secret:
    """The Secret to make of one of the former name: the same credentials, of the same version."""
    metadata = former.metadata or ObjectMeta()
    uid = (metadata.annotations or {}).get(FORMER_UID) or metadata.uid or ""
    labels = (metadata.labels or {}) | labels_of(tenant.name)
    data = {key: (former.data or {})[key] for key in ("username", "password")}
    return Secret(
        metadata=ObjectMeta(name=CREDENTIALS, namespace=tenant.namespace, labels=labels, annotations={FORMER_UID: uid}),
        type="kubernetes.io/basic-auth",
        data=data,
    )


def _is_usable(password: str) -> bool:
    # PostgreSQL takes no zero byte.
    return password != "" and "\0" not in password


def _bytes(secret: Secret, key: str) -> bytes:
    return base64.b64decode((secret.data or {}).get(key, ""))


def _text(secret: Secret, key: str) -> str:
    """Empty where there is none, or what is there is no text."""
    try:
        return _bytes(secret, key).decode()
    except UnicodeDecodeError:
        return ""
