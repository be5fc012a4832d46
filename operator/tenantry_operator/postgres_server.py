"""The PostgreSQL server of all tenants: who gets through to it, for how long it is waited for, and what its errors mean."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, LiteralString

from psycopg import Error, OperationalError, errors

from tenantry_operator.absence import Absence
from tenantry_operator.database_server import DatabaseServer, WrongServer
from tenantry_operator.login import CONNECT_TIMEOUT, NOT_AUTHORIZED, TOO_MANY_CONNECTIONS, WRONG_PASSWORD, Connection, log_in, refusal
from tenantry_operator.problems import Pending, Problem, Stalled
from tenantry_operator.session import Session
from tenantry_operator.sql_text import sql_text

#: Tenants that are at the server at the same time, with two connections each: it has few, and most belong to the tenants.
CONCURRENCY = 4
#: Seconds in which a tenant's turn must come. One that waits holds a place among the tenants that are looked at.
TURN_WITHIN = 10.0
OLDEST_SERVER = 160000
#: The version of the server, with a limit for each statement to come. Not by `options` at the start, which poolers refuse:
#: https://www.pgbouncer.org/config.html#ignore_startup_parameters
BEGIN: LiteralString = """
    SELECT current_setting(%s)::int, set_config('statement_timeout', '30s', false), set_config('lock_timeout', '10s', false)
"""


class PostgresServer:
    """One PostgreSQL server, 16 or newer."""

    def __init__(self, read: Callable[[], DatabaseServer]) -> None:
        """`read` tells where it is and how its administrator logs in, as that is now."""
        self._read = read
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._absence = Absence()

    def told(self) -> DatabaseServer:
        """What the server is by now. Raises Pending where nobody can tell."""
        try:
            return self._read()
        except WrongServer as error:
            raise Pending(
                "DatabaseUnknown", f"{error}. Correct it in the Secret tenantry-system/tenantry-database: it is read anew by itself"
            ) from error

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
            connection = await log_in(self._parameters() | {"user": role, "password": password, "dbname": database})
        except OperationalError as error:
            why = refusal(error)
            if why in WRONG_PASSWORD:
                return False
            # So full a server tells nothing of the password.
            if why == TOO_MANY_CONNECTIONS:
                return True
            if why is not None:
                raise Pending("LoginRefused", f"{self._name} does not let in the role {role}: {_first_line(error)}") from error
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
        told = self.told()
        with self._absence.asking():
            connection = await log_in(told.administrator | self._parameters())
            session = Session(connection, self._name)
            try:
                # A proxy before the server lets in whoever comes: that the server is there is known by its first answer.
                row = await session.row(BEGIN, "server_version_num")
            except BaseException:
                await connection.close()
                raise
        if row is None or row[0] < OLDEST_SERVER:
            await connection.close()
            raise Stalled("DatabaseTooOld", "the PostgreSQL server is older than version 16. Upgrade it")
        session.version = int(row[0])
        return connection, session

    def _parameters(self) -> dict[str, Any]:
        """What the tenants' connections share with the administrator's: all but who and where to."""
        shared = {key: value for key, value in self.told().administrator.items() if key not in ("user", "password", "dbname")}
        return {"connect_timeout": CONNECT_TIMEOUT} | shared | {"application_name": "tenantry-operator"}

    @property
    def _name(self) -> str:
        told = self.told().administrator
        return f"the PostgreSQL server at {told.get('host')}:{told.get('port') or 5432}"

    def _problem(self, error: Error) -> Problem:
        said = _first_line(error)
        user = self.told().administrator.get("user")
        if isinstance(error, errors.InsufficientPrivilege):
            remedy = "" if user is None else f": {sql_text('ALTER ROLE {} CREATEROLE CREATEDB', user)}"
            message = f"{self._name} refuses the operator: {said}. Its role needs CREATEROLE and CREATEDB{remedy}"
            return Stalled("DatabaseForbidden", message)
        if isinstance(error, OperationalError) and refusal(error) in WRONG_PASSWORD | {NOT_AUTHORIZED}:
            message = (
                f"{self._name} does not let in {user}, as whom the operator logs in: {said}. Put the URL with the right password into the "
                f"Secret that the operator has it from: {_rotate(self.told().url)}. It is read anew at each login"
            )
            return Pending("AdministratorRefused", message)
        if isinstance(error, OperationalError):
            # What has a code comes from the server, which was verified before.
            advice = self._certificate_advice() if refusal(error) is None else ""
            return Pending("DatabaseUnavailable", f"{self._name} does not answer as expected: {said}{advice}")
        return Pending("DatabaseFailed", f"{self._name} reports {error.sqlstate}: {said}")

    def _certificate_advice(self) -> str:
        """For who reads that a certificate does not verify, which the texts of libpq and OpenSSL alone say."""
        told = self.told()
        if not told.ca:
            return ""
        host, port = told.administrator.get("host"), told.administrator.get("port") or 5432
        look = f"openssl s_client -starttls postgres -connect {host}:{port} </dev/null | openssl x509 -noout -issuer -dates -ext"
        return f". If it is about its certificate, look at it: {look} subjectAltName"


def _rotate(key: str) -> str:
    """For people, who have the URL in a variable of their shell: no placeholder becomes one."""
    patch = json.dumps({"stringData": {key: "${DATABASE_URL:?}"}}).replace('"', '\\"')
    return f'kubectl --namespace tenantry-system patch secret tenantry-database --patch "{patch}"'


def _first_line(error: Error) -> str:
    return str(error).strip().partition("\n")[0]
