"""What a PostgreSQL server that is in trouble costs: each tenant hears of it soon, and few wait for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from postgres_stand_in import PostgresStandIn

from tenantry_operator import postgres_server, session
from tenantry_operator.database_server import read_server
from tenantry_operator.postgres_server import CONCURRENCY, PostgresServer
from tenantry_operator.problems import Pending

#: More tenants than have a turn at the same time.
TENANTS = 5 * CONCURRENCY


@pytest.fixture(autouse=True)
def _short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LOOKS_WITHIN", 1.0)
    monkeypatch.setattr(session, "CHANGES_WITHIN", 1.0)


def _happen(tmp_path: Path, story: Callable[[PostgresStandIn, PostgresServer], Coroutine[Any, Any, None]]) -> None:
    async def happen() -> None:
        stand_in = PostgresStandIn()
        async with stand_in.running() as url:
            (tmp_path / "url").write_text(url)
            await story(stand_in, PostgresServer(partial(read_server, tmp_path, "")))

    asyncio.run(happen())


async def _asks(server: PostgresServer) -> tuple[str, float]:
    """One tenant's visit: what came of it, and after how many seconds."""
    began = time.monotonic()
    try:
        async with server.administrator() as its_session:
            await its_session.row("SELECT %s", "something")
    except Pending as problem:
        return problem.message, time.monotonic() - began
    return "", time.monotonic() - began


def _all_ask(server: PostgresServer, tenants: int = TENANTS) -> asyncio.Future[list[tuple[str, float]]]:
    return asyncio.gather(*(_asks(server) for _ in range(tenants)))


def test_a_server_that_is_deaf_is_not_waited_for_by_one_tenant_after_the_other(tmp_path: Path) -> None:
    # Places in which tenants wait for it are not there for those that do not need it.
    async def story(stand_in: PostgresStandIn, server: PostgresServer) -> None:
        stand_in.is_deaf = True
        answers = await _all_ask(server)

        assert all("does not answer as expected" in said for said, _ in answers)
        assert stand_in.connections == CONCURRENCY
        assert max(took for _, took in answers) < 2 * 2

    _happen(tmp_path, story)


def test_a_server_that_lets_in_and_says_nothing_more_is_like_one_that_is_deaf(tmp_path: Path) -> None:
    async def story(stand_in: PostgresStandIn, server: PostgresServer) -> None:
        stand_in.answers = 0
        answers = await _all_ask(server)

        assert {said.rpartition(": ")[2] for said, _ in answers} == {"no answer within 1 s"}
        assert stand_in.connections == CONCURRENCY
        assert max(took for _, took in answers) < 2

    _happen(tmp_path, story)


def test_a_server_that_hangs_in_the_middle_is_given_up_and_then_left_alone(tmp_path: Path) -> None:
    async def story(stand_in: PostgresStandIn, server: PostgresServer) -> None:
        said, took = await _asks(server)
        assert "no answer within 1 s" in said
        assert took < 2

        told = await _all_ask(server)
        assert all("no answer within 1 s" in said and took < 0.5 for said, took in told)
        assert stand_in.connections == 1

    _happen(tmp_path, story)


def test_a_connection_that_breaks_in_the_middle_is_told_at_once_and_the_next_tenant_is_served(tmp_path: Path) -> None:
    async def story(stand_in: PostgresStandIn, server: PostgresServer) -> None:
        stand_in.breaks = True
        said, took = await _asks(server)
        assert "does not answer as expected" in said
        assert took < 1

        stand_in.answers = 100
        assert {said for said, _ in await _all_ask(server)} == {""}
        assert stand_in.most_at_once <= CONCURRENCY

    _happen(tmp_path, story)


def test_a_server_with_too_many_clients_is_not_asked_by_every_tenant(tmp_path: Path) -> None:
    async def story(stand_in: PostgresStandIn, server: PostgresServer) -> None:
        stand_in.has_too_many_clients = True
        answers = await _all_ask(server)

        assert all("too many clients already" in said and took < 1 for said, took in answers)
        assert stand_in.connections <= 2 * CONCURRENCY

    _happen(tmp_path, story)


def test_a_server_that_refuses_is_asked_again_soon_for_it_may_be_back(tmp_path: Path) -> None:
    async def story(stand_in: PostgresStandIn, server: PostgresServer) -> None:
        stand_in.has_too_many_clients = True
        for _ in range(3):
            assert "too many clients" in (await _asks(server))[0]
            await asyncio.sleep(0.5)
        assert stand_in.connections == 3

        stand_in.has_too_many_clients, stand_in.answers = False, 100
        assert (await _asks(server))[0] == ""

    _happen(tmp_path, story)


def test_a_server_that_was_away_is_asked_by_one_tenant_and_by_all_once_it_is_back(tmp_path: Path) -> None:
    async def story(stand_in: PostgresStandIn, server: PostgresServer) -> None:
        stand_in.answers = 0
        await _all_ask(server)
        stand_in.connections = 0
        await asyncio.sleep(1.1)
        began = time.monotonic()
        answers = await _all_ask(server)
        assert stand_in.connections == 1
        assert sorted(took > 0.5 for _, took in answers) == [False] * (TENANTS - 1) + [True]

        stand_in.answers = 100
        while (await _asks(server))[0]:
            assert time.monotonic() - began < 10
            await asyncio.sleep(0.05)
        assert {said for said, _ in await _all_ask(server)} == {""}

    _happen(tmp_path, story)


def test_a_tenant_whose_turn_does_not_come_gives_its_place_to_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_server, "TURN_WITHIN", 0.2)

    async def story(stand_in: PostgresStandIn, server: PostgresServer) -> None:
        stand_in.answers = 100
        async with asyncio.TaskGroup() as group:
            is_over = asyncio.Event()

            async def stays() -> None:
                async with server.administrator():
                    await is_over.wait()

            for _ in range(CONCURRENCY):
                group.create_task(stays())
            await asyncio.sleep(0.1)
            said, took = await _asks(server)
            is_over.set()
        assert "is slow, and other tenants are before this one" in said
        assert took < 1
        assert (await _asks(server))[0] == ""

    _happen(tmp_path, story)


def test_a_visit_that_is_called_off_is_over_and_leaves_its_turn(tmp_path: Path) -> None:
    async def story(stand_in: PostgresStandIn, server: PostgresServer) -> None:
        visits = [asyncio.create_task(_asks(server)) for _ in range(CONCURRENCY)]
        await asyncio.sleep(0.3)
        for one in visits:
            one.cancel()
        assert all(isinstance(one, asyncio.CancelledError) for one in await asyncio.gather(*visits, return_exceptions=True))

        stand_in.answers = 100
        await asyncio.sleep(1.5)
        assert (await _asks(server))[0] == ""

    _happen(tmp_path, story)
