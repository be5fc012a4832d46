"""A tenant's database password rotates: two roles log in in turn, and the Secret names the one that is in use.

1. The idle role, which may not log in, gets a new password, and may.
2. The Secret names it.
3. Pods start again with it, by the version of the credentials in their template.
4. When none runs with the former credentials any more, the former role may not log in, and is the idle one.

Nothing is remembered but what the Secret and PostgreSQL say, so that whoever is killed at any point leaves what the next look goes on
with. From 1. to 4. both roles may log in, and none is given another password: nothing that runs is refused. Whoever is killed between 1.
and 2. leaves an idle role that may log in, of which nobody can tell whether pods do: it is closed as a former one is, and then all begins
anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

from lightkube.resources.core_v1 import Secret

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.credentials import Credentials, credentials_in
from tenantry_operator.credentials_secret import ROTATION, new_password, seen_secret
from tenantry_operator.database import Databases
from tenantry_operator.drift import Json
from tenantry_operator.labels import TENANT
from tenantry_operator.pod_template import CREDENTIALS, CREDENTIALS_VERSION, ROUTES_LEARN
from tenantry_operator.problems import Pending, Progressing
from tenantry_operator.records import DeploymentRecord, SecretRecord
from tenantry_operator.rollout import run_with
from tenantry_operator.status import Report
from tenantry_operator.tenant import Tenant
from tenantry_operator.turns import Turns, held

#: Seconds in which a kubelet hears of what a Secret says by now. A pod that starts earlier may get what it said before:
#: https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
SECRET_LEARNED = 1.0
#: Seconds after which a former role is looked at again that may be in use, and after which it is worth a line in the log.
AGAIN, LONG = 5.0, 900.0
#: Seconds that a pod may take to end besides those that it is given: its object may be gone before it is, where somebody forced that.
MARGIN = 5.0

logger = logging.getLogger(__name__)


@dataclass
class _Former:
    """A former role that is to be closed."""

    #: Of the credentials in its place.
    version: str
    #: Pods that say nothing of their credentials, and ran when all that do had the new ones.
    suspects: frozenset[str]
    began: float
    #: Since when nothing runs with it.
    idle_since: float | None = None
    is_told: bool = False


@dataclass(frozen=True)
class Rotation:
    """Gives tenants new credentials that ask for them, and closes what they had before."""

    cache: Cache
    cluster: Cluster
    turns: Turns
    #: Has tenants looked at.
    call: Callable[[Iterable[str]], None]
    _former: dict[str, _Former] = field(default_factory=dict, init=False)

    def forget(self, name: str) -> None:
        """A tenant is gone."""
        self._former.pop(name, None)

    async def run(self) -> None:
        """Has tenants looked at whose former credentials are to be closed, until it is cancelled: that a pod has ended, nobody tells."""
        while True:
            await asyncio.sleep(AGAIN)
            self.call(list(self._former))

    async def close(self, tenant: Tenant, credentials: Credentials, databases: Databases, report: Report) -> bool:
        """Closes the role that the Secret does not name, which may log in, if nothing does. Whether it has."""
        why = await self._in_use(tenant, credentials)
        if why:
            if _is_asked(tenant, credentials):
                report.former = Progressing(
                    "FormerCredentials", f"new credentials for its database wait: the former ones are in use, {why}"
                )
            return False
        former = tenant.other_login(credentials.role)
        await databases.retire(tenant.name, former)
        self.forget(tenant.name)
        logger.info("the role %s may not log in any more", former, extra={"tenant": tenant.name})
        return True

    def may_begin(self, tenant: Tenant, credentials: Credentials, report: Report) -> bool:
        """Whether the tenant asks for new credentials, and may have them now. For one whose idle role may not log in."""
        self.forget(tenant.name)
        if not _is_asked(tenant, credentials) or not self._all_run_with(tenant, credentials.version):
            return False
        if tenant.spec.runs_nothing:
            return True
        decision = self.turns.decide(tenant.name)
        if decision.credentials_held and decision.wait is not None:
            report.ring = held(decision.wait)
        return not decision.credentials_held

    async def begin(self, tenant: Tenant, credentials: Credentials, databases: Databases) -> Credentials:
        """Gives the tenant other credentials; they are returned as soon as pods may start with them."""
        try:
            written = await self._renew(tenant, credentials, databases)
        except BaseException:
            # Nobody waits for one that lacks a right, for example.
            self.turns.give_back(tenant.name)
            raise
        await asyncio.sleep(SECRET_LEARNED)
        return credentials_in(tenant, written)

    async def _renew(self, tenant: Tenant, credentials: Credentials, databases: Databases) -> Secret:
        live = await self.cluster.find(Secret, CREDENTIALS, tenant.namespace)
        if live is None or credentials_in(tenant, live) != credentials:
            raise Pending("CredentialsGone", f"the Secret {tenant.namespace}/{CREDENTIALS} was changed a moment ago")
        role, password, word = tenant.other_login(credentials.role), new_password(), tenant.spec.database.rotation
        if not await databases.open(tenant, role, password):
            raise Progressing("FormerCredentials", f"the role {role} may log in already, and is closed first")
        written = cast(Secret, await self.cluster.renew(live, {ROTATION: word}, {"username": role, "password": password}))
        seen = seen_secret(written)
        # So that no look goes back to what was there before.
        record = SecretRecord(seen.uid, int(seen.resource_version), "", secret=seen)
        self.cache.put_object(tenant.name, ("Secret", CREDENTIALS), record)
        logger.info("gave it new credentials for its database, with the role %s, for %s", role, word, extra={"tenant": tenant.name})
        return written

    async def _in_use(self, tenant: Tenant, credentials: Credentials) -> str:
        """Who may still log in with other credentials than the present ones; empty if nobody does."""
        if not self._all_run_with(tenant, credentials.version):
            self.forget(tenant.name)
            return "until all its pods run with those of now"
        now = time.monotonic()
        pods = [pod for pod in await self.cluster.pods(tenant.namespace, f"{TENANT}={tenant.name}") if _is_active(pod)]
        former = self._former.get(tenant.name)
        if former is None or former.version != credentials.version:
            suspects = frozenset(pod["metadata"]["uid"] for pod in pods if not _version_of(pod))
            former = self._former[tenant.name] = _Former(credentials.version, suspects, now)
        left = [pod for pod in pods if _version_of(pod) not in ("", credentials.version) or pod["metadata"]["uid"] in former.suspects]
        if left:
            former.idle_since = None
            why = f"by the pod {left[0]['metadata']['name']}"
            if now - former.began > LONG and not former.is_told:
                former.is_told = True
                logger.warning("the former credentials of its database stay valid: they are in use, %s", why, extra={"tenant": tenant.name})
            return why
        if former.idle_since is None:
            former.idle_since = now
        longest = max((one.stop_seconds for one in tenant.spec.services), default=0) + ROUTES_LEARN + MARGIN
        return "" if now - former.idle_since >= longest else "until pods that were ended are gone for sure"

    def _all_run_with(self, tenant: Tenant, version: str) -> bool:
        """Whether no Deployment has pods of other credentials, or starts any."""
        live = self.cache.objects(tenant.name).values()
        return all(run_with(one, version) for one in live if isinstance(one, DeploymentRecord))


def _is_asked(tenant: Tenant, credentials: Credentials) -> bool:
    """Whether the tenant asks for other credentials than it has."""
    return tenant.spec.database.rotation not in ("", credentials.rotation)


def _is_active(pod: Json) -> bool:
    return pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")


def _version_of(pod: Json) -> str:
    """The version of the credentials that a pod started with; empty for one of a Job, which says nothing of it."""
    return str((pod["metadata"].get("annotations") or {}).get(CREDENTIALS_VERSION, ""))
