"""A watch hands on what the API server says, in its order, and finds its way back whatever happens to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import httpx2
import pytest

from tenantry_operator import watch as module
from tenantry_operator.watch import Watch

FOR_EVER = 30


def body(name: str, version: int) -> dict[str, Any]:
    return {"metadata": {"name": name, "resourceVersion": str(version)}}


def event(kind: str, name: str, version: int) -> dict[str, Any]:
    return {"type": kind, "object": body(name, version)}


class Heard:
    """Takes what a watch hands on."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.names: set[str] = set()
        self.news = asyncio.Event()

    def slim(self, body: Mapping[str, Any]) -> str:
        return str(body["metadata"]["name"])

    def replace(self, items: Sequence[str], version: int, is_back: bool) -> None:
        self.names = set(items)
        self._say(f"all at {version}{', back' if is_back else ''}: {' '.join(sorted(items))}")

    def unknown(self) -> bool:
        return False

    def forbidden(self, said: str) -> bool:
        self._say(f"forbidden: {said}")
        return True

    def shown(self) -> None:
        pass

    def put(self, body: Mapping[str, Any]) -> None:
        self.names.add(self.slim(body))
        self._say(f"put {self.slim(body)}")

    def remove(self, body: Mapping[str, Any]) -> None:
        self.names.discard(self.slim(body))
        self._say(f"remove {self.slim(body)}")

    def _say(self, what: str) -> None:
        self.said.append(what)
        self.news.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            await self.news.wait()
            self.news.clear()


class Lines(httpx2.AsyncByteStream):
    """The lines of a watch. `end` is how it goes on after them: it ends, stays silent, or breaks."""

    def __init__(self, lines: Sequence[Any], end: str | Exception) -> None:
        self._lines = lines
        self._end = end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for line in self._lines:
            yield (line if isinstance(line, str) else json.dumps(line)).encode() + b"\n"
        if isinstance(self._end, Exception):
            raise self._end
        if self._end == "silence":
            await asyncio.sleep(FOR_EVER)


class Server:
    """Answers each LIST and each watch with the next thing that the test has for it, and remembers what it was asked."""

    def __init__(self, lists: Sequence[Any], watches: Sequence[Any]) -> None:
        self._lists = list(lists)
        self._watches = list(watches)
        self.asked: list[Mapping[str, str]] = []

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(dict(request.url.params))
        if "watch" in request.url.params:
            found = self._watches.pop(0) if self._watches else ([], "silence")
            if isinstance(found, int):
                return httpx2.Response(found, json={"code": found, "message": "no"})
            return httpx2.Response(200, stream=Lines(*found))
        found = self._lists.pop(0)
        if isinstance(found, Exception):
            raise found
        if isinstance(found, int):
            return httpx2.Response(found, json={"code": found, "message": "no"})
        items, version, rest = found
        metadata = {"resourceVersion": str(version)} | ({"continue": rest} if rest else {})
        return httpx2.Response(200, json={"items": [body(*one) for one in items], "metadata": metadata})


def hears(server: Server, holds: Callable[[Heard], bool], relist_every: float = 9e6) -> Heard:
    """Follows the server until that holds; then what was heard."""

    async def follow() -> Heard:
        heard = Heard()
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(server.answer), base_url="http://api") as http:
            task = asyncio.create_task(Watch(http, "apis/things", {"labelSelector": "x=y"}, heard, relist_every).run())
            try:
                async with asyncio.timeout(FOR_EVER):
                    await heard.until(lambda: holds(heard))
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        return heard

    return asyncio.run(follow())


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_backoff", lambda _: 0.0)


def test_it_lists_all_pages_first_and_then_follows_in_the_order_of_the_stream() -> None:
    server = Server(
        lists=[([("a", 1), ("b", 2)], 7, "more"), ([("c", 3)], 7, None)],
        watches=[([event("MODIFIED", "b", 8), event("ADDED", "d", 9), event("DELETED", "a", 10)], "silence")],
    )
    heard = hears(server, lambda heard: "remove a" in heard.said)

    assert heard.said == ["all at 7: a b c", "put b", "put d", "remove a"]
    assert [one.get("continue") for one in server.asked] == [None, "more", None]
    assert server.asked[2]["resourceVersion"] == "7"
    assert all(one["labelSelector"] == "x=y" for one in server.asked)


@pytest.mark.parametrize(
    "end",
    ["end", httpx2.ReadTimeout("deaf"), httpx2.RemoteProtocolError("cut")],
    ids=["that the server ends", "that has gone deaf", "whose connection breaks"],
)
def test_a_watch_is_made_anew_where_it_was(end: str | Exception) -> None:
    server = Server(
        lists=[([("a", 1)], 7, None)],
        watches=[
            ([event("MODIFIED", "a", 8), {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "20"}}}], end),
            ([event("ADDED", "b", 21)], "silence"),
        ],
    )
    heard = hears(server, lambda heard: "put b" in heard.said)

    assert heard.said == ["all at 7: a", "put a", "put b"]
    assert server.asked[-1]["resourceVersion"] == "20"


@pytest.mark.parametrize(
    "gone",
    [([{"type": "ERROR", "object": {"code": 410}}], "end"), 410],
    ids=["as an event", "as an answer"],
)
def test_one_that_fell_behind_lists_anew_and_forgets_what_is_gone(gone: Any) -> None:
    server = Server(lists=[([("a", 1), ("b", 2)], 7, None), ([("b", 2)], 30, None)], watches=[gone])

    assert hears(server, lambda heard: len(heard.said) == 2).names == {"b"}


@pytest.mark.parametrize(
    "broken",
    [(['{"type": "ADDED", "obj'], "end"), ([{"type": "ERROR", "object": {"code": 500, "message": "etcd"}}], "end"), 403, 500],
    ids=["half a line", "an error of the server", "a refusal", "a failure"],
)
def test_what_cannot_be_understood_ends_in_a_new_list(broken: Any) -> None:
    server = Server(lists=[([("a", 1)], 7, None), ([("b", 2)], 30, None)], watches=[broken])

    assert hears(server, lambda heard: len(heard.said) == 2).names == {"b"}


@pytest.mark.parametrize("failure", [httpx2.ConnectError("refused"), 500, 403, 404], ids=str)
def test_a_list_that_fails_is_tried_again(failure: Any) -> None:
    server = Server(lists=[failure, failure, ([("a", 1)], 7, None)], watches=[])

    assert hears(server, lambda heard: bool(heard.said)).said == ["all at 7: a"]


ALL: Any = ([("a", 1)], 7, None)


@pytest.mark.parametrize(
    ("lists", "watches", "said"),
    [
        ([403] * 4 + [ALL], [], ["forbidden: no", "all at 7: a"]),
        ([403] * 3 + [ALL], [], ["all at 7: a"]),
        ([403, 403, ALL, 403, 403, ALL], [([], httpx2.ReadError("cut")), 500], ["all at 7: a"] * 2),
        ([ALL] * 4, [403] * 4, [*["all at 7: a"] * 4, "forbidden: no"]),
    ],
    ids=["four times", "three times", "twice, and twice", "each time, of the watch"],
)
def test_a_refusal_is_taken_for_one_that_stays_when_it_comes_again_and_again(lists: Any, watches: Any, said: list[str]) -> None:
    assert hears(Server(lists, watches), lambda heard: len(heard.said) == len(said)).said == said


def test_a_watch_that_ends_at_once_again_and_again_is_made_anew_later_and_later(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []

    def wait(failures: int) -> float:
        waited.append(failures)
        return 0.0

    monkeypatch.setattr(module, "_backoff", wait)
    server = Server(
        lists=[([("a", 1)], 7, None)],
        watches=[*[([], "end")] * 3, ([event("ADDED", "b", 8)], "end"), ([event("ADDED", "c", 9)], "silence")],
    )
    hears(server, lambda heard: "put c" in heard.said)

    assert waited == [1, 2, 3]


def test_a_list_now_and_then_repairs_what_no_event_told_of() -> None:
    server = Server(
        lists=[([("a", 1), ("b", 2)], 7, None), ([("a", 1)], 7, None), *[([("a", 1)], 7, None)] * 50], watches=[([], "end")] * 50
    )

    assert hears(server, lambda heard: len(heard.said) > 1, relist_every=1e-3).names == {"a"}


def test_a_line_ends_where_json_ends_one_and_at_no_other_character() -> None:
    strange = event("MODIFIED", "b\u0085\u2028\x1e", 8)
    server = Server(lists=[([("a", 1)], 7, None)], watches=[([json.dumps(strange, ensure_ascii=False)], "silence")])

    assert hears(server, lambda heard: len(heard.said) > 1).said[1] == "put b\u0085\u2028\x1e"
    assert [one for one in server.asked if "watch" not in one] == [server.asked[0]]


def test_a_list_that_goes_back_says_so() -> None:
    server = Server(lists=[([("a", 1)], 7, None), ([("a", 1)], 5, None)], watches=[(["end of it"], "end")])

    assert hears(server, lambda heard: len(heard.said) > 1).said == ["all at 7: a", "all at 5, back: a"]
