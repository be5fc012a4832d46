"""Makes an object what it should be, whoever else wrote to it: applied, else replaced, else made anew."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any, cast

from lightkube import ApiError, AsyncClient
from lightkube.types import CascadeType, PatchType

from tenantry_operator.accepted import Accepted, key_of
from tenantry_operator.drift import Json, Seen, differences, digest, immutable, replacement
from tenantry_operator.fights import Fights
from tenantry_operator.kinds import KINDS
from tenantry_operator.labels import MANAGER
from tenantry_operator.metrics import KUBERNETES_REQUESTS
from tenantry_operator.problems import Pending, Progressing, Stalled

#: Seconds between two tries to make an object whose predecessor is on its way out.
GONE_AFTER = (0.05, 0.1, 0.2, 0.4, 0.8)

#: What others wrote can make the operator's own apply invalid. Lists are merged by key: what then stands in them side by side may be
#: against the rules (422), and an entry without a key can't be merged, which the API server calls a fault of its own (500).
CANNOT_MERGE = (400, 409, 422, 500)

logger = logging.getLogger(__name__)


class Objects:
    """The one way to write what a tenant is made of.

    Raises lightkube.ApiError for what the API server refuses, httpx2.HTTPError when it does not answer, and Problem for what takes a
    person or a moment.
    """

    def __init__(self, client: AsyncClient) -> None:
        self._client = cast(Any, client)
        self._accepted = Accepted()
        self._fights = Fights()

    async def ensure(self, desired: Json, live: Seen | None) -> Json | None:
        """Makes an object what it should be; returns it as it is then, or None where there was nothing to write.

        `live` is what is known of it, and may be old: whatever is written is looked at.
        """
        if live is None:
            return await self._make(desired)
        key, wanted, now = key_of(desired), digest(desired), time.monotonic()
        if self._accepted.holds(desired, wanted, live.digest):
            return None
        if self._fights.is_one(key, live, now):
            await self._refuse_to_fight(desired)
        answer = await self._make(desired)
        self._fights.record(key, live, wanted, now)
        return answer

    async def _make(self, desired: Json) -> Json:
        try:
            answer = await self._apply(desired)
        except ApiError as error:
            if error.status.code not in CANNOT_MERGE:
                raise
            found = await self._get(desired)
            if found is None:
                raise
            answer = found
        for last in (False, True):
            if self._accepted.covers(desired, answer):
                return answer
            try:
                return await self._overwrite(desired, answer)
            except ApiError as error:
                # Somebody wrote meanwhile, or deleted it.
                if error.status.code not in (404, 409) or last:
                    raise
                answer = await self._get(desired) or await self._apply(desired)
        return answer

    async def _overwrite(self, desired: Json, live: Json) -> Json:
        field = immutable(desired, live)
        if field is not None:
            return await self._make_anew(desired, live, field)
        _log("replaced it", desired, live)
        answer = await self._put(replacement(desired, live))
        self._accepted.learn(desired, answer)
        return answer

    async def _make_anew(self, desired: Json, live: Json, field: str) -> Json:
        """For what Kubernetes lets nobody change."""
        kind, namespace, name = desired["kind"], desired["metadata"].get("namespace"), desired["metadata"]["name"]
        if kind == "Service":
            message = (
                f"the Service {namespace}/{name} must have another {field}, which nobody can change. Its requests fail for a moment "
                f"when it is made anew, so choose when: kubectl --namespace {namespace} delete service {name}"
            )
            raise Stalled("Immutable", message)
        body = replacement(desired, live)
        for key in ("uid", "resourceVersion", "finalizers"):
            body["metadata"].pop(key, None)
        # Nothing is deleted that can't be made again: an object that is invalid or not allowed is refused before it is found to exist.
        try:
            return await self._post(body)
        except ApiError as error:
            if error.status.reason != "AlreadyExists":
                raise
        _log("made it anew", desired, live)
        await self._delete(desired, _cascade(desired, live))
        for seconds in GONE_AFTER:
            try:
                return await self._post(body)
            except ApiError as error:
                if error.status.reason != "AlreadyExists":
                    raise
            await asyncio.sleep(seconds)
        raise Progressing("Replacing", f"the {_worded(desired)} is made anew, for its {field} was changed, once it is gone")

    async def _refuse_to_fight(self, desired: Json) -> None:
        """Names who else writes to an object, and what, if it is still not what it should be."""
        live = await self._get(desired) or desired
        places = differences(desired, live)
        if not places:
            return
        managers = {str(one.get("manager")) for one in live["metadata"].get("managedFields") or []} - {MANAGER}
        message = (
            f"somebody changes the {_worded(desired)} again each time that it is put right: {', '.join(places)}. "
            f"Stop whoever does; it was written to by {', '.join(sorted(managers)) or 'nobody who left a name'}"
        )
        raise Pending("Contested", message)

    async def _get(self, desired: Json) -> Json | None:
        kind, name, namespace = _address(desired)
        _count("get", desired)
        try:
            return cast(Json, await self._client.get(kind, name, namespace=namespace))
        except ApiError as error:
            if error.status.code == 404:
                return None
            raise

    async def _apply(self, desired: Json) -> Json:
        kind, name, namespace = _address(desired)
        _count("apply", desired)
        answer = await self._client.patch(
            kind, name, desired, namespace=namespace, patch_type=PatchType.APPLY, field_manager=MANAGER, force=True
        )
        return cast(Json, answer)

    async def _put(self, body: Json) -> Json:
        kind, name, namespace = _address(body)
        _count("replace", body)
        return cast(Json, await self._client.replace(kind(body), name, namespace=namespace, field_manager=MANAGER))

    async def _post(self, body: Json) -> Json:
        kind, _, namespace = _address(body)
        _count("create", body)
        return cast(Json, await self._client.create(kind(body), namespace=namespace, field_manager=MANAGER))

    async def _delete(self, body: Json, cascade: CascadeType) -> None:
        kind, name, namespace = _address(body)
        _count("delete", body)
        try:
            await self._client.delete(kind, name, namespace=namespace, cascade=cascade)
        except ApiError as error:
            if error.status.code != 404:
                raise


def _cascade(desired: Json, live: Mapping[str, Any]) -> CascadeType:
    """Pods that the new Deployment takes over run on. Those that it would not, the Service does not lead to either, and they go."""
    if desired["kind"] != "Deployment":
        return CascadeType.BACKGROUND
    wanted: dict[str, str] = desired["spec"]["selector"]["matchLabels"]
    labels: dict[str, str] = live["spec"]["template"]["metadata"].get("labels") or {}
    return CascadeType.ORPHAN if wanted.items() <= labels.items() else CascadeType.BACKGROUND


def _address(body: Json) -> tuple[Any, str, str | None]:
    return KINDS[body["kind"]], body["metadata"]["name"], body["metadata"].get("namespace")


def _worded(body: Json) -> str:
    name, namespace = body["metadata"]["name"], body["metadata"].get("namespace")
    return f"{body['kind']} {name}" if namespace is None else f"{body['kind']} {namespace}/{name}"


def _log(what: str, desired: Json, live: Json) -> None:
    logger.info("%s, for others had changed %s: %s", what, ", ".join(differences(desired, live)), _worded(desired))


def _count(verb: str, body: Json) -> None:
    KUBERNETES_REQUESTS.labels(verb=verb, kind=body["kind"]).inc()
