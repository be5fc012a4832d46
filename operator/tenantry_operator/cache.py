"""The Tenants and all that the operator made for them, as its watches see it. Nothing here waits, and nothing asks the API server.

A record that is newer than what a watch tells stays: it is the answer to a write of the operator's own.
"""

from __future__ import annotations

import logging
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import msgspec

from tenantry_operator.drift import Seen
from tenantry_operator.records import Body, following, record_of
from tenantry_operator.tenant import Tenant, parse_tenant, tenant_of_namespace

#: The kind of an object and its name.
Key = tuple[str, str]

#: Kinds that a cluster need not have.
OPTIONAL = frozenset({"ExternalSecret"})

logger = logging.getLogger(__name__)


class Cache:
    """`tenant_changed` and `object_changed` hear of what is other than before: what was kept of it, and what is. `kind_changed`: that a
    kind can be seen by now, or no more."""

    def __init__(
        self,
        tenant_changed: Callable[[str, Tenant | None, Tenant | None], None],
        object_changed: Callable[[str, Key, Seen | None, Seen | None], None],
        kind_changed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.tenants: dict[str, Tenant] = {}
        #: Kinds that the cluster has no definition of, or does not show.
        self.unknown_kinds: set[str] = set()
        #: Kinds that the operator must see and may not, with what the API server says. What is known of their objects is old.
        self.forbidden: dict[str, str] = {}
        self._objects: defaultdict[str, dict[Key, Seen]] = defaultdict(dict)
        self._tenant_changed = tenant_changed
        self._object_changed = object_changed
        self._kind_changed = kind_changed

    def objects(self, tenant: str) -> Mapping[Key, Seen]:
        """All that was made for a tenant and is there."""
        return self._objects.get(tenant, {})

    def names(self) -> set[str]:
        """Every tenant that has a Tenant or something left."""
        return self.tenants.keys() | self._objects.keys()

    def set_known(self, kind: str, is_known: bool) -> None:
        """Whether the cluster has a definition of this kind, and shows its objects."""
        if is_known == (kind not in self.unknown_kinds):
            return
        self.unknown_kinds ^= {kind}
        self._kind_changed(kind)

    def set_forbidden(self, kind: str, said: str) -> None:
        """The operator may not see this kind; with an empty text, it may."""
        before = self.forbidden.pop(kind, "")
        if said:
            self.forbidden[kind] = said
        if bool(before) != bool(said):
            self._kind_changed(kind)

    def put_tenant(self, tenant: Tenant) -> None:
        """A Tenant is like this now."""
        before = self.tenants.get(tenant.name)
        if before is not None and before.metadata.uid == tenant.metadata.uid and before.version >= tenant.version:
            return
        self.tenants[tenant.name] = tenant
        self._tenant_changed(tenant.name, before, tenant)

    def answered(self, tenant: Tenant) -> None:
        """A write of the operator's own was answered with this. A spec that the watch has not told of is left to it: what was written to
        others before it must be seen before it (`rings`).
        """
        known = self.tenants.get(tenant.name)
        if known is not None and known.asked_for == tenant.asked_for:
            self.put_tenant(tenant)

    def drop_tenant(self, name: str) -> None:
        """There is no Tenant of that name."""
        before = self.tenants.pop(name, None)
        if before is not None:
            self._tenant_changed(name, before, None)

    def put_object(self, tenant: str, key: Key, record: Seen) -> None:
        """An object is like this now."""
        before = self._objects[tenant].get(key)
        if before is not None and before.uid == record.uid and before.version >= record.version:
            return
        record = following(record, before)
        self._objects[tenant][key] = record
        self._object_changed(tenant, key, before, record)

    def drop_object(self, tenant: str, key: Key) -> None:
        """There is no such object."""
        objects = self._objects.get(tenant, {})
        before = objects.pop(key, None)
        if not objects:
            self._objects.pop(tenant, None)
        if before is not None:
            self._object_changed(tenant, key, before, None)


class TenantSink:
    """Feeds the cache with Tenants."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def slim(self, body: Body) -> Tenant | None:
        """The Tenant; None for one that does not follow the definition, which the API server lets no longer in."""
        try:
            return parse_tenant(body)
        except msgspec.ValidationError as error:
            logger.error("a Tenant that this operator can't read is left alone: %s", error, extra={"tenant": body["metadata"]["name"]})
            return None

    def replace(self, items: Sequence[Tenant | None], version: int, is_back: bool) -> None:
        found = {tenant.name: tenant for tenant in items if tenant is not None}
        for name, known in list(self._cache.tenants.items()):
            if (name not in found and known.version <= version) or (is_back and known.version > version):
                self._cache.drop_tenant(name)
        for tenant in found.values():
            self._cache.put_tenant(tenant)

    def unknown(self) -> bool:
        return False

    def forbidden(self, said: str) -> bool:
        # What has a Tenant that can't be seen would be taken for left over.
        return False

    def shown(self) -> None:
        pass

    def put(self, body: Body) -> None:
        tenant = self.slim(body)
        if tenant is not None:
            self._cache.put_tenant(tenant)

    def remove(self, body: Body) -> None:
        known = self._cache.tenants.get(body["metadata"]["name"])
        if known is not None and known.version <= int(body["metadata"]["resourceVersion"]):
            self._cache.drop_tenant(known.name)


class ObjectSink:
    """Feeds the cache with the objects of one kind."""

    def __init__(self, cache: Cache, kind: str) -> None:
        self._cache = cache
        self._kind = kind

    def slim(self, body: Body) -> tuple[str, Key, Seen | None] | None:
        """Whose it is, and what is kept of it; None for what lies in no tenant's namespace."""
        metadata = body["metadata"]
        tenant = tenant_of_namespace(metadata["name"] if self._kind == "Namespace" else metadata["namespace"])
        if tenant is None:
            return None
        return tenant, (self._kind, metadata["name"]), self._record(body)

    def _record(self, body: Body) -> Seen | None:
        """None for one that this operator can't read. It counts as none, so that it is written anew; and the others are heard of."""
        try:
            return record_of(self._kind, body)
        except Exception:
            metadata = body["metadata"]
            logger.exception("cannot read the %s %s/%s", self._kind, metadata.get("namespace", ""), metadata["name"])
            return None

    def replace(self, items: Sequence[tuple[str, Key, Seen | None] | None], version: int, is_back: bool) -> None:
        self._replace({(tenant, key): record for tenant, key, record in filter(None, items) if record is not None}, version, is_back)
        self._cache.set_known(self._kind, True)

    def _replace(self, found: Mapping[tuple[str, Key], Seen], version: int, is_back: bool) -> None:
        for tenant in self._cache.names():
            for key, known in list(self._cache.objects(tenant).items()):
                is_gone = (tenant, key) not in found and known.version <= version
                if key[0] == self._kind and (is_gone or (is_back and known.version > version)):
                    self._cache.drop_object(tenant, key)
        for (tenant, key), record in found.items():
            self._cache.put_object(tenant, key, record)

    def unknown(self) -> bool:
        if self._kind not in OPTIONAL:
            return False
        # With its definition, all objects of a kind are gone; those that are not shown are none of its business.
        self._replace({}, sys.maxsize, is_back=False)
        self._cache.set_known(self._kind, False)
        return True

    def forbidden(self, said: str) -> bool:
        self._cache.set_forbidden(self._kind, said)
        return True

    def shown(self) -> None:
        self._cache.set_forbidden(self._kind, "")

    def put(self, body: Body) -> None:
        found = self.slim(body)
        if found is None:
            return
        tenant, key, record = found
        if record is None:
            self._cache.drop_object(tenant, key)
        else:
            self._cache.put_object(tenant, key, record)

    def remove(self, body: Body) -> None:
        found = self.slim(body)
        if found is None:
            return
        tenant, key, _ = found
        known = self._cache.objects(tenant).get(key)
        if known is not None and known.version <= int(body["metadata"]["resourceVersion"]):
            self._cache.drop_object(tenant, key)
