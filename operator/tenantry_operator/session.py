"""A connection to PostgreSQL on which no answer is waited for without end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, LiteralString

from psycopg import OperationalError, sql
from psycopg.rows import TupleRow

from tenantry_operator.login import Connection
from tenantry_operator.metrics import SQL_STATEMENTS

#: Seconds for a look into the catalogs.
LOOKS_WITHIN = 5.0
#: Seconds for what changes something: a little longer than the server itself takes for it.
CHANGES_WITHIN = 35.0


class Session:
    """Runs statements, each within its time. One that has none left is hung up on: a server that is stopped, or a proxy that has lost it,
    keeps a connection open and ends no statement, whatever its own limits are.
    """

    def __init__(self, connection: Connection, server: str) -> None:
        self._connection = connection
        #: The server as people know it.
        self.server = server
        #: Of the server, as `server_version_num` has it; 0 before it was asked.
        self.version = 0
        #: Seconds for which the server was waited for in vain; 0 while it answers.
        self.overdue = 0.0

    async def row(self, query: LiteralString, *parameters: str) -> TupleRow | None:
        """The first row of what a query finds."""
        SQL_STATEMENTS.labels(verb="SELECT").inc()
        with self._within(LOOKS_WITHIN):
            return await (await self._connection.execute(query, parameters)).fetchone()

    async def rows(self, query: LiteralString, parameters: Mapping[str, Any]) -> list[TupleRow]:
        """All rows of a query that may take longer than a look into the catalogs: the server ends it before it is hung up on."""
        SQL_STATEMENTS.labels(verb="SELECT").inc()
        with self._within(CHANGES_WITHIN):
            return await (await self._connection.execute(query, parameters)).fetchall()

    async def execute(self, statement: LiteralString, *parts: sql.Composable) -> None:
        """Runs a statement that changes something."""
        SQL_STATEMENTS.labels(verb=statement.partition(" ")[0]).inc()
        with self._within(CHANGES_WITHIN):
            await self._connection.execute(sql.SQL(statement).format(*parts))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All of it or nothing."""
        with self._within(CHANGES_WITHIN):
            async with self._connection.transaction():
                yield

    def verifier(self, role: str, password: str) -> sql.Literal:
        """What PostgreSQL keeps of a password. Made here, so that the password itself stands in no statement and no log."""
        verifier = self._connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
        return sql.Literal(verifier.decode())

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        timer = asyncio.get_running_loop().call_later(seconds, self._hang_up, seconds)
        try:
            yield
        except OperationalError as error:
            if self.overdue:
                raise OperationalError(f"no answer within {self.overdue:.0f} s") from error
            raise
        finally:
            timer.cancel()

    def _hang_up(self, seconds: float) -> None:
        # Not by cancelling the task: psycopg then asks the server to cancel, and waits for that server for 10 s more. Not by closing
        # the file either: its number may be another connection's before the event loop has forgotten it.
        self.overdue = seconds
        with socket.socket(fileno=socket.dup(self._connection.fileno())) as copy:
            copy.shutdown(socket.SHUT_RDWR)
