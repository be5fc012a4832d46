"""Makes the namespace of a tenant, the operator's access to it, and the wall around it."""

from __future__ import annotations

import asyncio
from typing import cast

from lightkube import ApiError

from tenantry_operator.cache import Cache, Key
from tenantry_operator.cluster import Cluster
from tenantry_operator.drift import Json
from tenantry_operator.problems import Pending, Progressing, Stalled
from tenantry_operator.records import NamespaceRecord, record_of
from tenantry_operator.routing import network_policy
from tenantry_operator.tenant import Tenant
from tenantry_operator.tenant_namespace import access, foreign, mark_of, namespace, terminating

#: Seconds between two tries with a right that was just granted: it reaches the API server's authorizer a moment later.
GRANTED_AFTER = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)


class Namespaces:
    """Raises Progressing while a former namespace goes, and Stalled where it is somebody else's."""

    def __init__(self, cache: Cache, cluster: Cluster) -> None:
        self._cache = cache
        self._cluster = cluster

    async def ensure(self, tenant: Tenant) -> bool:
        """Makes the namespace. True if it was made now."""
        live = cast("NamespaceRecord | None", self._cache.objects(tenant.name).get(("Namespace", tenant.namespace)))
        is_new = False
        if live is None:
            live, is_new = await self._make(tenant)
        if live.tenant != tenant.name:
            raise Stalled("NamespaceConflict", foreign(tenant))
        if live.terminating:
            raise Progressing("NamespaceTerminating", terminating(tenant.namespace, live.held))
        return is_new

    async def open(self, tenant: Tenant) -> None:
        """Has the namespace say what no pod in it may do, and gives the operator its access, before anything else is written there."""
        await self.mark(tenant)
        if await self._ensure(tenant, access(tenant)):
            await self._once_granted(tenant)

    def is_marked(self, tenant: Tenant) -> bool:
        """Whether the namespace says already what is to become of it when the Tenant is gone: what the Tenant says now."""
        live = cast("NamespaceRecord | None", self._cache.objects(tenant.name).get(("Namespace", tenant.namespace)))
        return live is not None and live.mark is not None and live.mark == mark_of(namespace(tenant))

    async def mark(self, tenant: Tenant) -> None:
        """Has the namespace say whose it is, and what is to become of it when the Tenant is gone."""
        await self._ensure(tenant, namespace(tenant))

    async def _make(self, tenant: Tenant) -> tuple[NamespaceRecord, bool]:
        """One without the operator's label is not in the cache. What is there is not taken over."""
        made = await self._cluster.make(namespace(tenant))
        body = made or await self._cluster.body("Namespace", tenant.namespace)
        if body is None:
            raise Progressing("NamespaceTerminating", f"the namespace {tenant.namespace} comes and goes")
        record = cast(NamespaceRecord, record_of("Namespace", body))
        if record.tenant == tenant.name:
            self._cache.put_object(tenant.name, ("Namespace", tenant.namespace), record)
        return record, made is not None

    async def _ensure(self, tenant: Tenant, desired: Json) -> bool:
        """True if it was made or made anew."""
        key: Key = (desired["kind"], desired["metadata"]["name"])
        before = self._cache.objects(tenant.name).get(key)
        body = await self._cluster.ensure(desired, before)
        if body is None:
            return False
        self._cache.put_object(tenant.name, key, record_of(key[0], body))
        return before is None or before.uid != body["metadata"]["uid"]

    async def _once_granted(self, tenant: Tenant) -> None:
        """The wall is the first thing that is written in a namespace: until it may be, nothing else may."""
        said = ""
        for seconds in GRANTED_AFTER:
            try:
                await self._ensure(tenant, network_policy(tenant))
                return
            except ApiError as error:
                if error.status.code != 403:
                    # It may be written, and is refused for what it is: whoever writes all walls says so.
                    return
                said = error.status.message or ""
            await asyncio.sleep(seconds)
        raise Pending("AccessPending", f"the API server does not grant access to the namespace {tenant.namespace} yet: {said}")
