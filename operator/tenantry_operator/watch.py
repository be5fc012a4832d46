"""One kind of object as the API server has it: a paged LIST, then a watch, handed on in the order of the stream.

Kopf hands each event to a task of the object's own, so that a later event of one object may be handled before an earlier one of another.
What decides about a tenant by what it sees of others needs the order of the stream: see `rings`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

import httpx2
import msgspec

from tenantry_operator.rights import right_missing

#: Objects of one page of a LIST. Between two pages others have their turn.
PAGE = 250
#: A page is read faster than the API server compresses it, which it does for whoever lets it, and for large answers alone:
#: k8s.io/apiserver v0.34.4, pkg/endpoints/handlers/responsewriters/writers.go
PLAIN = {"accept-encoding": "identity"}
#: Seconds after which the API server ends a watch, and a new one goes on where it was.
SERVER_TIMEOUT = 300
#: Seconds without a word after which a watch may be deaf, and is made anew. A bookmark comes every minute, but for a kind of which nothing
#: has changed since the watch began: k8s.io/apiserver v0.34.4, pkg/storage/cacher/cache_watcher.go, process
SILENCE = 75.0
#: Seconds that a watch lasts at least, if the server means it. One that ends before and says nothing is a failure.
SHORTEST = 1.0
#: Seconds to wait after a failure: doubled each time, up to the longest.
FIRST_RETRY, LAST_RETRY = 0.5, 30.0
#: Refusals in a row after which it is no more the moment in which rights are written and not known everywhere yet: about 4 seconds.
CERTAIN = 4

logger = logging.getLogger(__name__)


class Gone(Exception):
    """Thrown when the API server no longer has what happened since: only a new LIST tells."""


class Unknown(Exception):
    """Thrown when the API server has no such kind, or does not show it."""


class Forbidden(Exception):
    """Thrown when the operator may not list or watch the kind, with what the API server says."""


class Sink(Protocol):
    """Takes what a watch hears. Never waits, so that the order stays."""

    def slim(self, body: Mapping[str, Any]) -> Any:
        """What is kept of an object."""

    def replace(self, items: Sequence[Any], version: int, is_back: bool) -> None:
        """All that there was at a version: what is not among it, and is not newer, is gone.

        `is_back`: versions begin again before what was seen, for etcd was restored from a backup. Then nothing newer is true either.
        """

    def unknown(self) -> bool:
        """The cluster has no such kind, or does not show it, as to an operator that is newer than its rights. False where it must, so that
        this is a failure."""

    def forbidden(self, said: str) -> bool:
        """The operator may not see the kind, by what the API server says. False where nobody may go on without it."""

    def shown(self) -> None:
        """The kind can be seen."""

    def put(self, body: Mapping[str, Any]) -> None:
        """An object was made, or is another than before."""

    def remove(self, body: Mapping[str, Any]) -> None:
        """An object is gone; this is the last that was seen of it."""


class Watch:
    """Follows one kind for ever. A watch that ends, fails, goes deaf or falls behind is made anew."""

    def __init__(self, http: httpx2.AsyncClient, path: str, query: Mapping[str, str], sink: Sink, relist_every: float) -> None:
        """`path` is the kind's, for all namespaces. `relist_every` seconds a LIST repairs what no event told of."""
        self._http = http
        self._path = path
        self._query = dict(query)
        self._sink = sink
        self._relist_every = relist_every
        #: Set once the first LIST is there.
        self.synced = asyncio.Event()
        #: Up to where everything was heard.
        self._version = ""
        #: The newest version that any LIST or event had.
        self._newest = 0
        #: Whether anything was heard since the last failure.
        self._hears = False
        #: Whether the API server has begun to answer a watch.
        self._answers = False
        #: Refusals in a row.
        self._refusals = 0
        #: Why nothing is seen now; empty while all is.
        self.trouble = ""

    async def run(self) -> None:
        """Goes on until it is cancelled."""
        failures = 0
        while True:
            self._hears = False
            try:
                version = await self._list()
                self.synced.set()
                await self._follow(version)
            except Unknown:
                self.synced.set()
                await asyncio.sleep(LAST_RETRY)
            except Gone:
                logger.info("the watch of %s fell behind, and lists anew", self._path)
            except Forbidden as error:
                self._refusals += 1
                self.trouble = right_missing([str(error)])
                if self._refusals >= CERTAIN and self._sink.forbidden(str(error)):
                    self.synced.set()
                logger.error("cannot list or watch %s, and tries again: %s", self._path, self.trouble)
                await asyncio.sleep(_backoff(self._refusals))
            except Exception as error:
                failures = 1 if self._hears else failures + 1
                # Of a kind that a cluster need not have, nobody waits to hear while its own API fails, such as its conversion webhook.
                if not self.synced.is_set() and self._sink.unknown():
                    self.synced.set()
                self.trouble = f"cannot list or watch {self._path}: {error!r}"
                logger.warning("cannot list or watch %s, and tries again: %r", self._path, error)
                await asyncio.sleep(_backoff(failures))

    async def _list(self) -> str:
        """Hands on all that there is, at once; returns the version at which it was."""
        items: list[Any] = []
        query = self._query | {"limit": str(PAGE)}
        while True:
            answer = await self._http.get(self._path, params=query, headers=PLAIN)
            if answer.status_code in (403, 404) and self._sink.unknown():
                raise Unknown
            _raise_for(answer)
            page = msgspec.json.decode(answer.content)
            for body in page["items"]:
                items.append(self._sink.slim(body))
            metadata = page["metadata"]
            if not metadata.get("continue"):
                break
            query["continue"] = metadata["continue"]
            del page, answer
            await asyncio.sleep(0)
        version: str = metadata["resourceVersion"]
        # A LIST that names no version is of the newest there is, so it never goes back by itself.
        is_back = int(version) < self._newest
        if is_back:
            logger.warning("%s is at version %s, after %d: what was restored is the truth", self._path, version, self._newest)
        self._newest = int(version)
        self._sink.replace(items, int(version), is_back)
        return version

    async def _follow(self, version: str) -> None:
        """Hands on what happens from there, until the next LIST is due."""
        until = time.monotonic() + self._relist_every * random.uniform(0.9, 1.1)  # noqa: S311, no secret
        failures = 0
        while time.monotonic() < until:
            seconds = max(1, int(min(SERVER_TIMEOUT, until - time.monotonic())))
            began, before = time.monotonic(), version
            try:
                version = await self._stream(version, seconds)
                is_well = version != before or time.monotonic() - began >= SHORTEST
                failures = 0 if is_well else failures + 1
                if not is_well:
                    await asyncio.sleep(_backoff(failures))
            except httpx2.ReadTimeout as error:
                # Nothing happened, or nothing is heard any more: the next watch goes on where this one was.
                version = self._version
                if not self._answers:
                    failures += 1
                    logger.warning("the watch of %s is not answered: %r", self._path, error)
                    await asyncio.sleep(_backoff(failures))
            except httpx2.HTTPError as error:
                if isinstance(error, httpx2.HTTPStatusError) and error.response.status_code != 410:
                    raise
                if isinstance(error, httpx2.HTTPStatusError):
                    raise Gone from error
                # The connection broke: the next one goes on where this one was.
                failures += 1
                if failures > 1:
                    logger.warning("the watch of %s breaks off: %r", self._path, error)
                    await asyncio.sleep(_backoff(failures - 1))
                version = self._version

    async def _stream(self, version: str, seconds: int) -> str:
        self._version = version
        self._answers = False
        query = self._query | {
            "watch": "1",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(seconds),
        }
        timeout = httpx2.Timeout(10, read=SILENCE)
        async with self._http.stream("GET", self._path, params=query, timeout=timeout) as answer:
            if answer.is_error:
                await answer.aread()
            _raise_for(answer)
            self._answers = True
            self._refusals, self.trouble = 0, ""
            self._sink.shown()
            async for line in _lines(answer):
                self._hear(msgspec.json.decode(line))
        return self._version

    def _hear(self, event: Mapping[str, Any]) -> None:
        kind, body = event["type"], event["object"]
        if kind == "ERROR":
            if body.get("code") == 410:
                raise Gone
            raise RuntimeError(body.get("message"))
        if kind == "DELETED":
            self._sink.remove(body)
        elif kind != "BOOKMARK":
            self._sink.put(body)
        self._version = body["metadata"]["resourceVersion"]
        self._newest = max(self._newest, int(self._version))
        self._hears = True


def _raise_for(answer: httpx2.Response) -> None:
    if answer.status_code != 403:
        answer.raise_for_status()
        return
    try:
        said = str(msgspec.json.decode(answer.content)["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        said = f"{answer.request.url.path} is forbidden"
    raise Forbidden(said)


async def _lines(answer: httpx2.Response) -> AsyncIterator[bytes]:
    """Split where JSON ends a line, at no other character that Unicode has for that: the API server writes those as they are."""
    rest = b""
    async for chunk in answer.aiter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line:
                yield line


def _backoff(failures: int) -> float:
    seconds: float = min(FIRST_RETRY * 2 ** min(failures - 1, 10), LAST_RETRY)
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311, no secret
