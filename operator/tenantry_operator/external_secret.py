"""A service's Secret that comes from a secret store: what External Secrets is asked for, and what it says. Pure.

The store, the path and the kind are https://external-secrets.io/latest/api/externalsecret/, in the version that is there since 0.16.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret

from tenantry_operator.cache import Key
from tenantry_operator.drift import Json, Seen
from tenantry_operator.labels import MANAGER, SERVICE, labels_of
from tenantry_operator.problems import Problem, Progressing, Stalled
from tenantry_operator.records import ExternalSecretRecord
from tenantry_operator.tenant import Service, Tenant

#: Kind of the objects here; a cluster without External Secrets has no definition of it.
KIND = "ExternalSecret"
DEFINITION = "externalsecrets.external-secrets.io/v1"


def external_secrets(tenant: Tenant) -> list[Json]:
    """One for each service whose Secret comes from the store. They stay while a tenant is stopped: what they made is its operation's."""
    return [_external_secret(tenant, service) for service in tenant.spec.services if service.secret_path]


def _external_secret(tenant: Tenant, service: Service) -> Json:
    store = tenant.spec.secret_store
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": KIND,
        "metadata": {"name": service.name, "namespace": tenant.namespace, "labels": labels_of(tenant.name) | {SERVICE: service.name}},
        "spec": {
            "secretStoreRef": {"kind": store.kind, "name": store.name},
            "refreshInterval": _as_go_writes(store.refresh_seconds),
            # The Secret goes with this object, and never because the store has lost what is in it: pods run with it.
            "target": {"name": service.name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
            "dataFrom": [{"extract": {"key": service.secret_path}}],
        },
    }


@dataclass(frozen=True)
class Stored:
    """A Secret that comes from the store."""

    tenant: Tenant
    service: Service
    #: None for one that is not there yet.
    live: ExternalSecretRecord | None
    #: Whether the cluster has External Secrets at all.
    can_be: bool

    def lacks(self, keys: Mapping[str, Iterable[str]], is_there: bool) -> Problem:
        """Why these keys are not there, each with the variables that come from it. `is_there`: the Secret itself is."""
        wanted = " and ".join(f"{key} ({', '.join(variables)})" for key, variables in keys.items())
        where = self._where
        if not self.can_be:
            comes = "comes" if len(keys) == 1 else "come"
            return Stalled(
                "SecretStoreMissing",
                f"{wanted} {comes} from {where}, and this cluster has no definition {DEFINITION} that the operator may read. "
                "Install External Secrets 0.16 or later (https://external-secrets.io), then deploy the operator's stack. If that was "
                "done, this says what is wrong: kubectl get externalsecrets --all-namespaces",
            )
        if self.live is not None and self.live.state == "failed":
            return Stalled("SecretMissing", f"{wanted} can't be read from {where}: {self._why(self.live)}")
        # Of an entry without a key no Secret is made: externalsecret_controller.go, msgSyncedRetain
        is_empty = self.live is not None and self.live.message.startswith("secret retained")
        if self.live is None or self.live.state == "pending" or not (is_there or is_empty):
            return Progressing("SecretMissing", f"External Secrets is to read {wanted} from {where}, and has not yet")
        often = _every(self.tenant.spec.secret_store.refresh_seconds)
        return Stalled(
            "SecretMissing",
            f"{where} has no key {wanted}. Put it there; it is read {often}, or at once after: {self._force}",
        )

    def unread(self) -> Problem | None:
        """That its Secret still has what was read before something else was asked for. Pods go on with that."""
        if self.live is None or self.live.is_current:
            return None
        what = f"the Secret {self.service.name} is as it was before: {self._where} was not read yet"
        if self.live.state == "failed":
            return Stalled("SecretNotRead", f"{what}: {self._why(self.live)}")
        return Progressing("SecretNotRead", what)

    def _why(self, live: ExternalSecretRecord) -> str:
        describe = _kubectl(self.tenant, "describe", "externalsecret", self.service.name)
        # It waits longer after each failure, up to seven minutes, and looks at no store that was mended: secretstore/common.go
        return f"{live.message}. See {describe}; once it is mended: {self._force}"

    @property
    def _where(self) -> str:
        store = self.tenant.spec.secret_store
        return f"{self.service.secret_path} in the {store.kind} {store.name}"

    @property
    def _force(self) -> str:
        annotate = _kubectl(self.tenant, "annotate", "externalsecret", self.service.name, "--overwrite")
        return f"{annotate} force-sync=$(date +%s)"


def stored_secrets(tenant: Tenant, live: Mapping[Key, Seen], can_be: bool) -> Mapping[str, Stored]:
    """By name: the tenant's Secrets that come from the store."""
    stored = {}
    for service in tenant.spec.services:
        if service.secret_path:
            record = live.get((KIND, service.name))
            stored[service.name] = Stored(tenant, service, record if isinstance(record, ExternalSecretRecord) else None, can_be)
    return stored


def taken(tenant: Tenant, name: str, other: Json | None, secret: Secret | None) -> Problem | None:
    """What somebody made under the name of an object that is not there yet: an ExternalSecret, or a Secret. None where nobody did.

    External Secrets would empty the Secret but for what the store has, and delete what the other object made under another name:
    pkg/controllers/externalsecret of 0.16.2, `applyTemplate` and `deleteOrphanedSecrets`.
    """
    if other is not None:
        managers = {one.get("manager") for one in other["metadata"].get("managedFields") or ()}
        delete = _kubectl(tenant, "delete", "externalsecret", name)
        said = f"somebody else's ExternalSecret is called {name}, as the service is. Give it another name, or: {delete}"
        return None if MANAGER in managers else Stalled("SecretTaken", said)
    owners = (secret.metadata or ObjectMeta()).ownerReferences or () if secret is not None else ()
    if secret is None or any((one.kind, one.name) == (KIND, name) for one in owners):
        return None
    delete = _kubectl(tenant, "delete", "secret", name)
    said = f"the Secret {name} was not made from the secret store, which would empty it. Put its keys into the store, then: {delete}"
    return Stalled("SecretTaken", said)


def _kubectl(tenant: Tenant, *words: str) -> str:
    return shlex.join(["kubectl", "--namespace", tenant.namespace, *words])


def _as_go_writes(seconds: int) -> str:
    """As Go prints a duration: External Secrets 0.20 to 1.1 write the object back so when they set their finalizer."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _every(seconds: int) -> str:
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds % length == 0:
            count = seconds // length
            return f"every {unit}" if count == 1 else f"every {count} {unit}s"
    return f"every {seconds} seconds"
