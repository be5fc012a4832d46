"""A service's Secret that comes from a secret store: what External Secrets is asked for, and what it says. Pure.

The store, the path and the kind are https://external-secrets.io/latest/api/externalsecret/, in the version that is there since 0.16.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenantry_operator.cache import Key
from tenantry_operator.drift import Json, Seen
from tenantry_operator.labels import SERVICE, labels_of
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
            "refreshInterval": f"{store.refresh_seconds}s",
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
        name, store = self.service.name, self.tenant.spec.secret_store
        wanted = " and ".join(f"{key} ({', '.join(variables)})" for key, variables in keys.items())
        where = f"{self.service.secret_path} in the {store.kind} {store.name}"
        if not self.can_be:
            comes = "comes" if len(keys) == 1 else "come"
            return Stalled(
                "SecretStoreMissing",
                f"{wanted} {comes} from {where}, and this cluster has no definition {DEFINITION} that the operator may read. "
                "Install External Secrets 0.16 or later (https://external-secrets.io), then deploy the operator's stack",
            )
        if self.live is not None and self.live.state == "failed":
            describe = shlex.join(["kubectl", "--namespace", self.tenant.namespace, "describe", "externalsecret", name])
            return Stalled("SecretMissing", f"{wanted} can't be read from {where}: {self.live.message}. See {describe}")
        if self.live is None or self.live.state == "pending" or not is_there:
            return Progressing("SecretMissing", f"External Secrets is to read {wanted} from {where}, and has not yet")
        annotate = shlex.join(["kubectl", "--namespace", self.tenant.namespace, "annotate", "externalsecret", name, "--overwrite"])
        return Stalled(
            "SecretMissing",
            f"{where} has no key {wanted}. Put it there; it is read {_every(store.refresh_seconds)}, or at once after: "
            f"{annotate} force-sync=$(date +%s)",
        )


def stored_secrets(tenant: Tenant, live: Mapping[Key, Seen], can_be: bool) -> Mapping[str, Stored]:
    """By name: the tenant's Secrets that come from the store."""
    stored = {}
    for service in tenant.spec.services:
        if service.secret_path:
            record = live.get((KIND, service.name))
            stored[service.name] = Stored(tenant, service, record if isinstance(record, ExternalSecretRecord) else None, can_be)
    return stored


def _every(seconds: int) -> str:
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds % length == 0:
            count = seconds // length
            return f"every {unit}" if count == 1 else f"every {count} {unit}s"
    return f"every {seconds} seconds"
