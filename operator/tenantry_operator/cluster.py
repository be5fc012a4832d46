"""The Kubernetes API, as far as a tenant needs it: reads what is there, writes only what differs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import httpx2
from lightkube import ApiError, AsyncClient
from lightkube.core.resource import api_info
from lightkube.types import PatchType

from tenantry_operator.drift import Json, Seen
from tenantry_operator.kinds import KINDS
from tenantry_operator.labels import MANAGER
from tenantry_operator.metrics import KUBERNETES_REQUESTS
from tenantry_operator.objects import Objects
from tenantry_operator.tenant import FINALIZER, Tenant, TenantResource, parse_tenant

#: A class of lightkube's, such as `Deployment`: its instances are typed objects.
Kind = TypeVar("Kind")


class Cluster:
    """All requests of the operator itself; those of the watches are apart.

    Raises lightkube.ApiError for what the API server refuses, and httpx2.HTTPError when it does not answer.
    """

    def __init__(self, client: AsyncClient, http: httpx2.AsyncClient) -> None:
        """Both are of the same API server."""
        self._client = client
        self._http = http
        self._objects = Objects(client)

    async def tenant(self, name: str) -> Tenant | None:
        """The Tenant as it is now; None if there is none."""
        body = await self.find(TenantResource, name)
        return None if body is None else parse_tenant(cast(Mapping[str, Any], body))

    async def find(self, kind: type[Kind], name: str, namespace: str | None = None) -> Kind | None:
        """One object; None if there is none."""
        _count("get", kind)
        try:
            return cast(Kind, await cast(Any, self._client).get(kind, name, namespace=namespace))
        except ApiError as error:
            if error.status.code == 404:
                return None
            raise

    async def body(self, kind: str, name: str, namespace: str | None = None) -> Json | None:
        """One object as plain JSON; None if there is none."""
        return cast(Json | None, await self.find(KINDS[kind], name, namespace))

    async def ensure(self, desired: Json, live: Seen | None) -> Json | None:
        """Makes an object what it should be; returns it as it is then, or None where there was nothing to write.

        `live` is what is known of it, and may be old: whatever is written is looked at. Raises Problem too, for what takes a person
        or a moment.
        """
        return await self._objects.ensure(desired, live)

    async def apply(self, desired: Json) -> None:
        """Writes an object that nobody but the operator writes."""
        kind, metadata = KINDS[desired["kind"]], desired["metadata"]
        _count("apply", kind)
        await cast(Any, self._client).patch(
            kind, metadata["name"], desired, namespace=metadata["namespace"], patch_type=PatchType.APPLY, field_manager=MANAGER, force=True
        )

    async def pods(self, namespace: str, labels: str) -> list[Json]:
        """The pods that a selector of labels finds."""
        KUBERNETES_REQUESTS.labels(verb="list", kind="Pod").inc()
        answer = await self._http.get(f"api/v1/namespaces/{namespace}/pods", params={"labelSelector": labels})
        if answer.is_error:
            raise ApiError(request=answer.request, response=answer)
        return cast("list[Json]", answer.json()["items"])

    async def create(self, desired: Kind) -> Kind | None:
        """Makes an object that must not be there; None if it is."""
        _count("create", type(desired))
        try:
            return cast(Kind, await cast(Any, self._client).create(desired, field_manager=MANAGER))
        except ApiError as error:
            if error.status.reason == "AlreadyExists":
                return None
            raise

    async def label(self, live: Kind, labels: Mapping[str, str]) -> None:
        """Sets labels that an object lacks, and touches nothing else of it."""
        if not labels.items() <= (cast(Any, live).metadata.labels or {}).items():
            await self._merge(live, {"metadata": {"labels": dict(labels)}})

    async def put_into(self, live: Any, key: str, value: str) -> None:
        """Gives one key of a Secret another value, and touches nothing else of it."""
        await self._merge(live, {"data": {key: base64.b64encode(value.encode()).decode()}})

    async def renew(self, live: Any, annotations: Mapping[str, str], data: Mapping[str, str]) -> Any:
        """Gives a Secret other content, unless somebody has written to it since it was read: then the API server refuses (409)."""
        metadata = {"resourceVersion": live.metadata.resourceVersion, "annotations": dict(annotations)}
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        return await self._merge(live, {"metadata": metadata, "data": encoded})

    async def make(self, desired: Json) -> Json | None:
        """Makes an object that must not be there, from plain JSON; None if it is."""
        return cast("Json | None", await self.create(KINDS[desired["kind"]](desired)))

    async def delete(self, kind: str, name: str, namespace: str | None, uid: str) -> Json | None:
        """Deletes an object, the one of this identity and no successor of it; one that is gone already is no error.

        Returns it as it is if it stays for now, for others have finalizers on it; None if it is gone.
        """
        _count("delete", KINDS[kind])
        # lightkube sends no preconditions. The pods of a Job would stay if nothing was said, for the sake of old clients:
        # https://github.com/kubernetes/kubernetes: pkg/registry/batch/job/strategy.go, DefaultGarbageCollectionPolicy
        options = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        answer = await self._http.request("DELETE", _path(kind, name, namespace), json=options)
        # 409: what bears the name now is another.
        if answer.is_error and answer.status_code not in (404, 409):
            raise ApiError(request=answer.request, response=answer)
        body: Json = {} if answer.is_error else answer.json()
        # Where it is gone, the answer is a Status, or the object as it was.
        return body if body.get("metadata", {}).get("deletionTimestamp") and body["metadata"].get("finalizers") else None

    async def hold(self, tenant: Tenant) -> Tenant:
        """Keeps the Tenant from disappearing before its remains are cleared away."""
        if FINALIZER in tenant.metadata.finalizers:
            return tenant
        return await self._set_finalizers(tenant, [*tenant.metadata.finalizers, FINALIZER])

    async def let_go(self, tenant: Tenant) -> Tenant:
        """Lets the Tenant disappear when it is deleted."""
        if FINALIZER not in tenant.metadata.finalizers:
            return tenant
        return await self._set_finalizers(tenant, [name for name in tenant.metadata.finalizers if name != FINALIZER])

    async def write_status(self, tenant: Tenant, status: Mapping[str, Any]) -> Tenant:
        """Says what was seen of a Tenant."""
        _count("apply", TenantResource)
        body = {
            "apiVersion": "tenantry.dev/v1",
            "kind": "Tenant",
            "metadata": {"name": tenant.name},
            "status": dict(status),
        }
        answer = await cast(Any, self._client).patch(
            TenantResource.Status, tenant.name, body, patch_type=PatchType.APPLY, field_manager=MANAGER, force=True
        )
        return parse_tenant(answer)

    async def _merge(self, live: Any, patch: Json) -> Any:
        _count("patch", type(live))
        return await cast(Any, self._client).patch(
            type(live),
            live.metadata.name,
            patch,
            namespace=live.metadata.namespace,
            patch_type=PatchType.MERGE,
            field_manager=MANAGER,
        )

    async def _set_finalizers(self, tenant: Tenant, finalizers: list[str]) -> Tenant:
        # The version makes the API server refuse it when somebody else wrote meanwhile: a list is replaced whole.
        metadata = {"resourceVersion": tenant.metadata.resource_version, "finalizers": finalizers}
        _count("patch", TenantResource)
        body = await cast(Any, self._client).patch(
            TenantResource, tenant.name, {"metadata": metadata}, patch_type=PatchType.MERGE, field_manager=MANAGER
        )
        return parse_tenant(body)


def _path(kind: str, name: str, namespace: str | None) -> str:
    info = api_info(KINDS[kind])
    base = f"apis/{info.resource.group}" if info.resource.group else "api"
    inside = "" if namespace is None else f"namespaces/{namespace}/"
    return f"{base}/{info.resource.version}/{inside}{info.plural}/{name}"


def _count(verb: str, kind: type) -> None:
    KUBERNETES_REQUESTS.labels(verb=verb, kind=kind.__name__).inc()
