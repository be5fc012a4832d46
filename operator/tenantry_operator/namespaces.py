"""Makes the namespace of a tenant, and the operator's access to it."""

from __future__ import annotations

from typing import cast

from lightkube.resources.core_v1 import Namespace

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.problems import Progressing, Stalled
from tenantry_operator.records import NamespaceRecord, record_of
from tenantry_operator.tenant import Tenant
from tenantry_operator.tenant_namespace import access, foreign, namespace, terminating


class Namespaces:
    """Raises Progressing while a former namespace goes, and Stalled where it is somebody else's."""

    def __init__(self, cache: Cache, cluster: Cluster) -> None:
        self._cache = cache
        self._cluster = cluster

    async def ensure(self, tenant: Tenant) -> None:
        """Makes both, or what is missing of them."""
        key = ("Namespace", tenant.namespace)
        live = cast("NamespaceRecord | None", self._cache.objects(tenant.name).get(key))
        desired = namespace(tenant)
        if live is None:
            # One without the operator's label is not in the cache. What is there is not taken over.
            body = await self._cluster.create(desired)
            if body is None:
                body = await self._cluster.get(Namespace, tenant.namespace)
                if body is None:
                    raise Progressing("NamespaceTerminating", f"the namespace {tenant.namespace} comes and goes")
            live = cast(NamespaceRecord, record_of("Namespace", body))
            self._cache.put_object(tenant.name, key, live)
        if live.tenant != tenant.name:
            raise Stalled("NamespaceConflict", foreign(tenant))
        if live.terminating:
            raise Progressing("NamespaceTerminating", terminating(tenant.namespace, live.held))
        body = await self._cluster.ensure(desired, live)
        if body is not None:
            self._cache.put_object(tenant.name, key, record_of("Namespace", body))
        binding = access(tenant)
        key = ("RoleBinding", binding.metadata.name)
        body = await self._cluster.ensure(binding, self._cache.objects(tenant.name).get(key))
        if body is not None:
            self._cache.put_object(tenant.name, key, record_of("RoleBinding", body))
