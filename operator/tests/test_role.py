"""The second role of a tenant, on PostgreSQL 16 and 17 of former minor versions, of which the tests have no installation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from example_tenant import example_tenant
from psycopg import sql

from tenantry_operator.problems import Stalled
from tenantry_operator.role import ensure_roles, open_role
from tenantry_operator.session import Session

OWNER, SECOND = "tenant_northwind", "login2_northwind"


class _Server:
    """A session at a server of one version, on which the tenant has its first role alone."""

    server = "the PostgreSQL server at db:5432"

    def __init__(self, version: int) -> None:
        self.version = version
        self.executed: list[str] = []

    async def row(self, query: str, *parameters: str) -> tuple[Any, ...] | None:
        if "rolcanlogin" in query:
            return ("tenantry.dev/tenant=northwind", True, False, -1, False) if parameters[-1] == OWNER else None
        return (True, True, "tenantry_operator", [])

    async def execute(self, statement: str, *parts: sql.Composable) -> None:
        self.executed.append(statement)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        yield

    def verifier(self, role: str, password: str) -> sql.Literal:
        return sql.Literal(f"{role} {password}")


def _begins_to_rotate(version: int) -> list[str]:
    server = _Server(version)
    asyncio.run(open_role(cast(Session, server), example_tenant(), SECOND, "new"))
    return server.executed


@pytest.mark.parametrize("version", [160006, 170002, 180000, 190000])
def test_is_made_where_it_stays_the_owner(version: int) -> None:
    assert _begins_to_rotate(version)[-1] == "ALTER ROLE {} SET role TO {}"


@pytest.mark.parametrize(("version", "told"), [(160000, "16.0"), (160004, "16.4"), (160005, "16.5"), (170000, "17.0"), (170001, "17.1")])
def test_is_not_made_where_what_it_makes_would_not_be_the_owners(version: int, told: str) -> None:
    with pytest.raises(Stalled, match=rf"is PostgreSQL {told}\. Before 1[67]\.[62], .* Upgrade the server") as error:
        _begins_to_rotate(version)
    assert error.value.reason == "DatabaseTooOld"


def test_is_not_made_either_for_a_tenant_that_comes_to_such_a_server_with_it() -> None:
    server = _Server(160004)
    with pytest.raises(Stalled, match="Upgrade the server"):
        asyncio.run(ensure_roles(cast(Session, server), example_tenant(), SECOND, "p"))
    assert server.executed == []
