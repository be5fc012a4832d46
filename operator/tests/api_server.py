"""A Kubernetes API server in memory, as far as the operator needs one, with a controller of Deployments whose rollouts the test steers.

It does what the real one is documented to do, in the order in which it is asked. What only the real one knows, such as what it fills in or
refuses, is tested on the real one: `__tests__/operator`.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx2
from deployment_controller import DeploymentController
from job_controller import JobController
from server_side_apply import merge, prune
from virtual_time import rfc3339

Json = dict[str, Any]
#: Kind, namespace (empty for what lies in none) and name.
Key = tuple[str, str, str]

KINDS = {
    "tenants": "Tenant",
    "namespaces": "Namespace",
    "secrets": "Secret",
    "externalsecrets": "ExternalSecret",
    "serviceaccounts": "ServiceAccount",
    "services": "Service",
    "events": "Event",
    "deployments": "Deployment",
    "jobs": "Job",
    "pods": "Pod",
    "cronjobs": "CronJob",
    "poddisruptionbudgets": "PodDisruptionBudget",
    "horizontalpodautoscalers": "HorizontalPodAutoscaler",
    "ingresses": "Ingress",
    "networkpolicies": "NetworkPolicy",
    "limitranges": "LimitRange",
    "resourcequotas": "ResourceQuota",
    "rolebindings": "RoleBinding",
}
#: Seconds between two bookmarks, and until a namespace that was deleted is gone.
BOOKMARK, CLEARING = 60.0, 1.0


class Asked(NamedTuple):
    """One request of the operator's."""

    verb: str
    kind: str
    namespace: str
    name: str
    part: str = ""

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.verb} {self.kind}{f'/{self.part}' if self.part else ''} {where}"


class Refused(Exception):
    """Thrown for what the API server answers with an error."""

    def __init__(self, code: int, reason: str, message: str = "no") -> None:
        super().__init__(message)
        self.code = code
        self.status = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}


@dataclass(frozen=True)
class Change:
    """What happened to one object; `before` and `after` are None where there was none, or is none any more."""

    version: int
    before: Json | None
    after: Json | None


class ApiServer(httpx2.AsyncBaseTransport):
    """Objects, their history, and all that was asked."""

    def __init__(self) -> None:
        self.objects: dict[Key, Json] = {}
        #: By object and manager: what it applied last.
        self.applied: dict[tuple[str, str], Json] = {}
        #: Reads and writes of single objects, in their order; LISTs and watches are apart.
        self.asked: list[Asked] = []
        self.lists: list[Json] = []
        #: Called before each of them is answered; may wait, and may throw.
        self.interfere: Callable[[Asked], Any] | None = None
        #: Kinds of which no watch says anything for now.
        self.silent: set[str] = set()
        #: Kinds of which there is no definition, those that the operator may not list, and those that nobody can be shown for now.
        self.undefined: set[str] = set()
        self.hidden: set[str] = set()
        self.failing: set[str] = set()
        self.keeps_namespaces = False
        self.deployments = DeploymentController(self)
        self.jobs = JobController(self)
        self._changes: defaultdict[str, list[Change]] = defaultdict(list)
        self._version = 100
        self._oldest = 0
        self._news = asyncio.Event()
        self._streams = 0
        self._cut = 0
        self.create("Namespace", {"metadata": {"name": "default"}})

    # What people, Terraform and other controllers do.

    def get(self, kind: str, name: str, namespace: str = "") -> Json:
        """One object, which must be there, as a copy."""
        return copy.deepcopy(self.objects[(kind, namespace, name)])

    def has(self, kind: str, name: str, namespace: str = "") -> bool:
        return (kind, namespace, name) in self.objects

    def create(self, kind: str, body: Json) -> Json:
        """Makes an object that must not be there."""
        metadata = body["metadata"]
        key = (kind, metadata.get("namespace", ""), metadata["name"])
        if key in self.objects:
            raise Refused(409, "AlreadyExists")
        self._check_namespace(key)
        new = copy.deepcopy(body) | {"kind": kind}
        new["metadata"] |= {"uid": f"uid-{self._version + 1}", "generation": 1, "creationTimestamp": rfc3339()}
        if kind == "Secret":
            texts = {name: base64.b64encode(text.encode()).decode() for name, text in new.pop("stringData", {}).items()}
            new["data"] = new.get("data", {}) | texts
        if kind == "Namespace":
            new["spec"] = {"finalizers": ["kubernetes"]}
        return self._store(key, new)

    def edit(self, kind: str, name: str, change: Callable[[Json], Any], namespace: str = "") -> Json:
        """Changes an object, as `kubectl edit` does."""
        body = self.get(kind, name, namespace)
        change(body)
        return self._store((kind, namespace, name), body)

    def delete(self, kind: str, name: str, namespace: str = "") -> None:
        """Deletes an object: at once, or as soon as its finalizers are gone."""
        key = (kind, namespace, name)
        body = self.get(*key[::2], namespace)
        if kind == "Namespace":
            if "deletionTimestamp" not in body["metadata"]:
                body["metadata"]["deletionTimestamp"] = rfc3339()
                self._store(key, body)
                asyncio.get_running_loop().call_later(CLEARING, self._clear, name)
        elif body["metadata"].get("finalizers"):
            body["metadata"].setdefault("deletionTimestamp", rfc3339())
            self._store(key, body)
        else:
            self._drop(key)

    def lose(self, kind: str, name: str, namespace: str = "") -> None:
        """An object is gone, and no watch will ever tell."""
        del self.objects[(kind, namespace, name)]
        self._version += 1

    def break_watches(self) -> None:
        """Every connection of a watch breaks."""
        self._cut += 1
        self._wake()

    def forget_history(self) -> None:
        """What happened until now can't be watched any more: 410."""
        self._oldest = self._version

    def backup(self) -> Any:
        """All that there is, for `restore`."""
        return copy.deepcopy((self.objects, self.applied, self._version))

    def restore(self, backup: Any) -> None:
        """All is as it was then, versions too, and nothing is known of what happened since."""
        self.objects, self.applied, self._version = copy.deepcopy(backup)
        self._changes.clear()
        self.break_watches()

    def speak(self, kind: str) -> None:
        """The watches of a kind say what they kept to themselves."""
        self.silent.discard(kind)
        self._wake()

    def history(self, kind: str) -> list[Change]:
        """All that happened to the objects of a kind."""
        return self._changes[kind]

    def writes(self) -> list[str]:
        return [str(one) for one in self.asked if one.verb != "get"]

    def reads(self) -> list[str]:
        return [str(one) for one in self.asked if one.verb == "get"]

    # What the operator asks.

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        parts = request.url.path.strip("/").split("/")
        parts = parts[2:] if parts[0] == "api" else parts[3:]
        namespace = ""
        if parts[0] == "namespaces" and len(parts) > 2:
            namespace, parts = parts[1], parts[2:]
        kind, name, part = KINDS[parts[0]], *[*parts[1:], "", ""][:2]
        content = await request.aread()
        # Whoever asks has its answer a moment later.
        await asyncio.sleep(0.001)
        try:
            if kind in self.hidden:
                raise Refused(403, "Forbidden", f"cannot list {kind}")
            if kind in self.undefined:
                raise Refused(404, "NotFound", "the server could not find the requested resource")
            if kind in self.failing:
                raise Refused(500, "InternalError", "conversion webhook failed")
            if request.method == "GET" and not name:
                return self._list_or_watch(kind, namespace, dict(request.url.params))
            return await self._answer(request, (kind, namespace, name), part, json.loads(content) if content else {})
        except Refused as refused:
            return httpx2.Response(refused.code, json=refused.status)

    async def _answer(self, request: httpx2.Request, key: Key, part: str, body: Json) -> httpx2.Response:
        kind, namespace, name = key
        verb = {"GET": "get", "POST": "create", "PUT": "replace", "DELETE": "delete"}.get(request.method, "")
        if request.method == "PATCH":
            verb = "apply" if "apply-patch" in request.headers["content-type"] else "patch"
        name = name or body["metadata"]["name"]
        asked, key = Asked(verb, kind, namespace, name, part), (kind, namespace, name)
        self.asked.append(asked)
        if self.interfere is not None:
            await self.interfere(asked)
        if verb != "get":
            self._check_access(key)
        if verb == "create":
            return httpx2.Response(201, json=self.create(kind, body))
        if key not in self.objects and (verb != "apply" or part):
            raise Refused(404, "NotFound", f"{kind} {name} not found")
        if verb == "delete":
            wanted = (body.get("preconditions") or {}).get("uid")
            if wanted and wanted != self.objects[key]["metadata"]["uid"]:
                raise Refused(409, "Conflict")
            self.delete(kind, name, namespace)
            # What stays for now is shown as it is.
            return httpx2.Response(200, json=self.objects.get(key, {"kind": "Status", "metadata": {}, "status": "Success"}))
        if verb == "get":
            return httpx2.Response(200, json=self.objects[key])
        return httpx2.Response(200, json=self._write(verb, key, part, body, request.url.params["fieldManager"]))

    def _write(self, verb: str, key: Key, part: str, body: Json, manager: str) -> Json:
        live = copy.deepcopy(self.objects.get(key))
        if verb == "replace":
            assert live is not None
            if body["metadata"].get("resourceVersion", live["metadata"]["resourceVersion"]) != live["metadata"]["resourceVersion"]:
                raise Refused(409, "Conflict")
            new = copy.deepcopy(body) | {"kind": key[0]}
            fixed = ("uid", "generation", "creationTimestamp", "deletionTimestamp")
            new["metadata"] |= {name: live["metadata"][name] for name in fixed if name in live["metadata"]}
        elif verb == "patch":
            assert live is not None
            version = body.get("metadata", {}).pop("resourceVersion", None)
            if version not in (None, live["metadata"]["resourceVersion"]):
                raise Refused(409, "Conflict")
            new = merge(live, body, atomic=True)
        elif live is None:
            self.applied[(repr(key), f"{manager}/{part}")] = copy.deepcopy(body)
            return self.create(key[0], body)
        else:
            former = self.applied.get((repr(key), f"{manager}/{part}"), {})
            self.applied[(repr(key), f"{manager}/{part}")] = copy.deepcopy(body)
            # The Tenant's lists are atomic, by its definition.
            new = merge(prune(live, former, body), body, atomic=key[0] == "Tenant")
        if part == "status":
            new = {**copy.deepcopy(self.objects[key]), "status": new.get("status", {})}
        elif live is not None and "status" in live:
            new["status"] = live["status"]
        return self._store(key, new)

    def _list_or_watch(self, kind: str, namespace: str, query: dict[str, str]) -> httpx2.Response:
        if "watch" in query:
            if int(query["resourceVersion"]) < self._oldest:
                raise Refused(410, "Expired")
            return httpx2.Response(200, stream=_Stream(self._watch(kind, query)))
        inside = (kind, namespace) if namespace else (kind,)
        found = sorted((key, body) for key, body in self.objects.items() if key[: len(inside)] == inside and _matches(body, query))
        first, limit = int(query.get("continue", "0")), int(query.get("limit", "0")) or len(found) or 1
        items = [{name: value for name, value in body.items() if name not in ("kind", "apiVersion")} for _, body in found]
        rest = {"continue": str(first + limit)} if first + limit < len(found) else {}
        self.lists.append({"kind": kind, "items": len(items[first : first + limit])})
        answer = {"items": items[first : first + limit], "metadata": {"resourceVersion": str(self._version), **rest}}
        return httpx2.Response(200, json=answer)

    async def _watch(self, kind: str, query: dict[str, str]) -> AsyncIterator[bytes]:
        loop, cut, version = asyncio.get_running_loop(), self._cut, int(query["resourceVersion"])
        until, bookmark = loop.time() + int(query["timeoutSeconds"]), loop.time() + BOOKMARK
        position = 0
        while loop.time() < until:
            if cut != self._cut:
                raise httpx2.RemoteProtocolError("the connection is gone")
            while kind not in self.silent and position < len(self._changes[kind]):
                change = self._changes[kind][position]
                position += 1
                if change.version > version and (event := _event(change, query)):
                    yield json.dumps(event).encode() + b"\n"
            if loop.time() >= bookmark:
                bookmark += BOOKMARK
                # None, where nothing is newer than what was asked for.
                if kind not in self.silent and self._version > version:
                    body = {"metadata": {"resourceVersion": str(self._version)}}
                    yield json.dumps({"type": "BOOKMARK", "object": body}).encode() + b"\n"
            try:
                async with asyncio.timeout(min(until, bookmark) - loop.time()):
                    await self._news.wait()
            except TimeoutError:
                pass

    # What both come to.

    def _store(self, key: Key, new: Json) -> Json:
        before = self.objects.get(key)
        metadata = new["metadata"]
        if before is not None:
            same = [{**one, "metadata": {**one["metadata"], "resourceVersion": ""}} for one in (before, new)]
            if same[0] == same[1]:
                return before
            changed = before.get("spec") != new.get("spec") or ("deletionTimestamp" in metadata) != (
                "deletionTimestamp" in before["metadata"]
            )
            metadata["generation"] = before["metadata"]["generation"] + (1 if changed else 0)
        self._version += 1
        metadata["resourceVersion"] = str(self._version)
        self.objects[key] = new
        self._tell(key, before, new)
        if "deletionTimestamp" in metadata and key[0] != "Namespace" and not metadata.get("finalizers"):
            self._drop(key)
        elif key[0] == "Deployment":
            self.deployments.changed(key)
        elif key[0] == "Job" and before is None:
            self.jobs.made(key)
        return new

    def _drop(self, key: Key) -> None:
        before = self.objects.pop(key)
        for applied in [one for one in self.applied if one[0] == repr(key)]:
            del self.applied[applied]
        self._version += 1
        self._tell(key, before, None)
        if key[0] == "Job":
            self.jobs.removed(key)

    def _tell(self, key: Key, before: Json | None, after: Json | None) -> None:
        self._changes[key[0]].append(Change(self._version, copy.deepcopy(before), copy.deepcopy(after)))
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _clear(self, namespace: str) -> None:
        if self.keeps_namespaces:
            asyncio.get_running_loop().call_later(CLEARING, self._clear, namespace)
            return
        for key in [key for key in self.objects if key[1] == namespace]:
            # With what it owns, others may have gone.
            if key in self.objects:
                self._drop(key)
        self._drop(("Namespace", "", namespace))

    def _check_namespace(self, key: Key) -> None:
        if not key[1]:
            return
        namespace = self.objects.get(("Namespace", "", key[1]))
        if namespace is None:
            raise Refused(404, "NotFound", f'namespaces "{key[1]}" not found')
        if "deletionTimestamp" in namespace["metadata"]:
            raise Refused(403, "Forbidden", f"the namespace {key[1]} is being terminated")

    def _check_access(self, key: Key) -> None:
        """What the operator may do in a namespace, its RoleBinding there says."""
        kind, namespace, _ = key
        may = not namespace or kind in ("RoleBinding", "Event") or ("RoleBinding", namespace, "tenantry-operator") in self.objects
        if not may and ("Namespace", "", namespace) in self.objects:
            raise Refused(403, "Forbidden", f"the operator may not write in {namespace}")


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        self._lines = lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for line in self._lines:
            yield line


def _event(change: Change, query: dict[str, str]) -> Json | None:
    was, now = (body is not None and _matches(body, query) for body in (change.before, change.after))
    if now:
        return {"type": "MODIFIED" if was else "ADDED", "object": change.after}
    if not was or change.before is None:
        return None
    # As the real one has it: the last that was seen, at the version of its end.
    last = change.before if change.after is None else change.after
    return {"type": "DELETED", "object": {**last, "metadata": {**last["metadata"], "resourceVersion": str(change.version)}}}


def _matches(body: Json, query: dict[str, str]) -> bool:
    labels = body["metadata"].get("labels") or {}
    for term in filter(None, query.get("labelSelector", "").split(",")):
        name, equals, value = term.partition("=")
        if name not in labels or (equals and labels[name] != value):
            return False
    field = query.get("fieldSelector", "")
    return not field or body["metadata"]["name"] == field.removeprefix("metadata.name=")
