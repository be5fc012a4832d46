"""The PostgreSQL server of all tenants: who gets through to it, for how long it is waited for, and what its errors mean."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, Error, OperationalError, errors
from psycopg.conninfo import conninfo_to_dict

from tenantry_operator.absence import Absence
from tenantry_operator.pod_template import DatabaseAddress
from tenantry_operator.problems import Pending, Problem, Stalled
from tenantry_operator.session import Connection, Session
from tenantry_operator.sql_text import sql_text

#: Tenants that are at the server at the same time, with two connections each: it has few, and most belong to the tenants.
CONCURRENCY = 4
#: Seconds in which a tenant's turn must come. One that waits holds a place among the tenants that are looked at.
TURN_WITHIN = 10.0
#: Seconds for each address of the server, as in libpq, and for all of them together with finding them by name.
CONNECT_TIMEOUT = 5
CONNECTS_WITHIN = 15.0
STATEMENTS_WITHIN = "-c statement_timeout=30s -c lock_timeout=10s"
OLDEST_SERVER = 160000


class PostgresServer:
    """One PostgreSQL server, 16 or newer."""

    def __init__(self, url: str) -> None:
        """`url` is the administrator's: postgresql://user:password@host:port/database, or any other that libpq takes."""
        self._conninfo: dict[str, Any] = conninfo_to_dict(url)
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._absence = Absence()

    @property
    def address(self) -> DatabaseAddress:
        """Where the tenants find the server: where the operator does."""
        host, port, sslmode = (self._conninfo.get(key) for key in ("host", "port", "sslmode"))
        return DatabaseAddress(host=host or "localhost", port=int(port or 5432), sslmode=sslmode or "prefer")

    @asynccontextmanager
    async def administrator(self) -> AsyncIterator[Session]:
        """The administrator's session, for a moment: what is looked at once in a quarter of an hour needs no pool that could go stale.

        Raises Pending, and soon, while the server does not answer, and Stalled when the administrator may not do what it must.
        """
        try:
            async with self._turn(), self._session() as session:
                yield session
        except Error as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise asyncio.CancelledError from error
            raise self._problem(error) from error

    async def lets_in(self, role: str, password: str, database: str) -> bool:
        """Whether a role can log in to a database with this password. For whoever has the administrator's session."""
        try:
            connection = await self._connect(self._parameters() | {"user": role, "password": password, "dbname": database})
        except OperationalError as error:
            # libpq keeps no SQLSTATE of a refused connection, only its text.
            if "password authentication failed" in str(error):
                return False
            raise
        await connection.close()
        return True

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        self._absence.check()
        try:
            async with asyncio.timeout(TURN_WITHIN):
                await self._slots.acquire()
        except TimeoutError as error:
            raise Pending("DatabaseBusy", f"{self._name} is slow, and other tenants are before this one") from error
        try:
            yield
        finally:
            self._slots.release()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        connection, session = await self._enter()
        async with connection:
            try:
                yield session
            except OperationalError as error:
                if session.overdue:
                    self._absence.note(error, session.overdue)
                raise

    async def _enter(self) -> tuple[Connection, Session]:
        with self._absence.asking():
            connection = await self._connect(self._conninfo | self._parameters())
            session = Session(connection)
            try:
                # A proxy before the server lets in whoever comes: that the server is there is known by its first answer.
                row = await session.row("SELECT current_setting(%s)::int", "server_version_num")
            except BaseException:
                await connection.close()
                raise
        if row is None or row[0] < OLDEST_SERVER:
            await connection.close()
            raise Stalled("DatabaseTooOld", "the PostgreSQL server is older than version 16. Upgrade it")
        return connection, session

    async def _connect(self, parameters: dict[str, Any]) -> Connection:
        try:
            async with asyncio.timeout(CONNECTS_WITHIN):
                return await AsyncConnection.connect(**parameters, autocommit=True)
        except TimeoutError as error:
            raise OperationalError(f"no connection within {CONNECTS_WITHIN:.0f} s") from error

    def _parameters(self) -> dict[str, Any]:
        """What the tenants' connections share with the administrator's: all but who and where to."""
        shared = {key: value for key, value in self._conninfo.items() if key not in ("user", "password", "dbname")}
        timeouts = {"connect_timeout": CONNECT_TIMEOUT, "options": STATEMENTS_WITHIN}
        return timeouts | shared | {"application_name": "tenantry-operator"}

    @property
    def _name(self) -> str:
        return f"the PostgreSQL server at {self.address.host}:{self.address.port}"

    def _problem(self, error: Error) -> Problem:
        said = str(error).strip().partition("\n")[0]
        if isinstance(error, errors.InsufficientPrivilege):
            user = self._conninfo.get("user")
            remedy = "" if user is None else f": {sql_text('ALTER ROLE {} CREATEROLE CREATEDB', user)}"
            message = f"{self._name} refuses the operator: {said}. Its role needs CREATEROLE and CREATEDB{remedy}"
            return Stalled("DatabaseForbidden", message)
        if isinstance(error, OperationalError):
            return Pending("DatabaseUnavailable", f"{self._name} does not answer as expected: {said}")
        return Pending("DatabaseFailed", f"{self._name} reports {error.sqlstate}: {said}")
