"""The variables that a service takes from Secrets: whether all of them are there, and of what version they are. Pure."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Mapping

from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret

from tenantry_operator.drift import digest_of
from tenantry_operator.external_secret import Stored
from tenantry_operator.problems import Problem, Stalled, all_of
from tenantry_operator.scaling import runs_pods
from tenantry_operator.tenant import SecretVariable, Service, Tenant

#: What is kept of a Secret: each of its keys, with a digest of the value.
Keys = Mapping[str, str]


def keys_of(secret: Secret) -> Keys:
    """What to keep of a Secret: never a value.

    Not its version in Kubernetes, which is another after each label that somebody sets, and for each key that no service names: pods would
    start again for nothing. The digest stands at the Deployment, where many may read it; so the uid is in it, which only those know who may
    read the Secret, and nobody can try out values. A Secret that was deleted and made again is therefore another, whatever it says.
    """
    uid = (secret.metadata or ObjectMeta()).uid or ""
    return {key: hashlib.sha256(f"{uid}\0{key}\0{value}".encode()).hexdigest()[:16] for key, value in (secret.data or {}).items()}


def named_by(tenant: Tenant) -> list[SecretVariable]:
    """All that a tenant's services take. What runs no pod takes nothing, so that a tenant can be stopped without its Secrets."""
    return [one for service in tenant.spec.services if runs_pods(tenant, service) for one in service.secrets]


def version_of(tenant: Tenant, service: Service, found: Mapping[str, Keys | None], stored: Mapping[str, Stored]) -> str:
    """Changes when the value of a variable of the service does; empty for a service that takes none.

    `found`: by the Secret's name; None for one that is not there. `stored`: those that come from the secret store. Raises Problem where
    something is missing.
    """
    missing = [one for one in service.secrets if one.key not in (found[one.secret] or {})]
    if missing:
        raise _missing(tenant, service, missing, found, stored)
    return digest_of([[one.secret, one.key, (found[one.secret] or {})[one.key]] for one in service.secrets]) if service.secrets else ""


def _missing(
    tenant: Tenant,
    service: Service,
    variables: Iterable[SecretVariable],
    found: Mapping[str, Keys | None],
    stored: Mapping[str, Stored],
) -> Problem:
    by_secret: dict[str, dict[str, list[str]]] = {}
    for one in variables:
        by_secret.setdefault(one.secret, {}).setdefault(one.key, []).append(one.name)
    problems: list[Problem] = []
    for secret, keys in by_secret.items():
        is_there = found[secret] is not None
        if secret in stored:
            problems.append(stored[secret].lacks(keys, is_there))
        else:
            problems.append(Stalled("SecretMissing", _advice(tenant, secret, keys, is_there)))
    worst = all_of(problems) or problems[0]
    return type(worst)(worst.reason, f"{service.name} stays as it is: {'; '.join(one.message for one in problems)}")


def _advice(tenant: Tenant, secret: str, keys: Mapping[str, list[str]], is_there: bool) -> str:
    """A command that can be pasted: the shell refuses it while no variable of the same name has the value. No placeholder becomes one.

    `keys`: with the variables that come from them.
    """
    wanted = " and ".join(f"{key} ({', '.join(names)})" for key, names in keys.items())
    kubectl = shlex.join(["kubectl", "--namespace", tenant.namespace])
    values = {key: f"${{{names[0]}:?}}" for key, names in keys.items()}
    if is_there:
        text = json.dumps({"stringData": values}).replace('"', '\\"')
        patch = f'{kubectl} patch secret {secret} --patch "{text}"'
        return f"the Secret {secret} has no key {wanted}. Add it: {patch}"
    literals = " ".join(f'--from-literal={key}="{value}"' for key, value in values.items())
    return f"there is no Secret {secret} with the key {wanted}. Make it: {kubectl} create secret generic {secret} {literals}"
