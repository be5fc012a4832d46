"""The role and the database of a tenant in PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString

from psycopg import AsyncConnection, Error, OperationalError, errors, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from tenantry_operator.metrics import SQL_STATEMENTS
from tenantry_operator.problems import Pending, Problem, Stalled
from tenantry_operator.tenant import Tenant
from tenantry_operator.workload import DatabaseAddress

#: Connections at the same time: a server has few, and most belong to the tenants.
CONCURRENCY = 4
#: As in libpq. What does not answer within these seconds is tried again later.
CONNECT_TIMEOUT = 5
STATEMENTS_WITHIN = "-c statement_timeout=30s -c lock_timeout=10s"
OLDEST_SERVER = 160000

Connection = AsyncConnection[TupleRow]


class Databases:
    """The databases of all tenants on one PostgreSQL server, 16 or newer. Its administrator needs CREATEROLE and CREATEDB alone.

    Raises Pending while the server does not answer, and Stalled when what is there belongs to somebody else.
    """

    def __init__(self, url: str) -> None:
        """`url` is the administrator's: postgresql://user:password@host:port/database, or any other that libpq takes."""
        self._conninfo: dict[str, Any] = conninfo_to_dict(url)
        self._slots = asyncio.Semaphore(CONCURRENCY)
        #: What the server's not answering looked like, and until when it is not asked again.
        self._away = ("", 0.0)

    @property
    def address(self) -> DatabaseAddress:
        """Where the tenants find the server: where the operator does."""
        host, port, sslmode = (self._conninfo.get(key) for key in ("host", "port", "sslmode"))
        return DatabaseAddress(host=host or "localhost", port=int(port or 5432), sslmode=sslmode or "prefer")

    async def has_role(self, tenant: Tenant) -> bool:
        """Whether the tenant's role exists."""
        async with self._administrator() as connection:
            return await _mark_of_role(connection, tenant) is not None

    async def ensure(self, tenant: Tenant, password: str) -> bool:
        """Makes role and database, or finds them; then logs in as the tenant would. True if the database was made now.

        The password is the truth: a role that does not take it gets it.
        """
        async with self._administrator() as connection:
            await _ensure_role(connection, tenant, password)
            created = await _ensure_database(connection, tenant)
            if not await self._can_log_in(tenant, password):
                await _execute(
                    connection,
                    "ALTER ROLE {} PASSWORD {}",
                    sql.Identifier(tenant.role),
                    _verifier(connection, tenant, password),
                )
                if not await self._can_log_in(tenant, password):
                    raise Pending(
                        "LoginRefused", f"the role {tenant.role} was just given the password of its Secret, and is refused with it"
                    )
        return created

    async def drop(self, tenant: Tenant) -> bool:
        """Drops the tenant's database with all that is in it, then its role; what is not the tenant's stays.

        True if no database of that name is left.
        """
        async with self._administrator() as connection:
            owner = await _owner(connection, tenant)
            # The role goes last, for it says whose the database is.
            if await _mark_of_role(connection, tenant) == _mark(tenant):
                if owner == tenant.role:
                    await _execute(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", sql.Identifier(tenant.spec.database.name))
                    owner = None
                await _drop_role(connection, tenant)
        return owner is None

    async def _can_log_in(self, tenant: Tenant, password: str) -> bool:
        own: dict[str, Any] = {"user": tenant.role, "password": password, "dbname": tenant.spec.database.name}
        try:
            connection = await AsyncConnection.connect(**(self._parameters() | own))
        except OperationalError as error:
            # libpq keeps no SQLSTATE of a refused connection, only its text.
            if "password authentication failed" in str(error):
                return False
            raise
        await connection.close()
        return True

    @asynccontextmanager
    async def _administrator(self) -> AsyncIterator[Connection]:
        """A connection for a moment: what is looked at once in a quarter of an hour needs no pool that could go stale."""
        async with self._slots:
            try:
                async with await self._connect() as connection:
                    if connection.info.server_version < OLDEST_SERVER:
                        raise Stalled("DatabaseTooOld", "the PostgreSQL server is older than version 16. Upgrade it")
                    yield connection
            except Error as error:
                raise self._problem(error) from error

    async def _connect(self) -> Connection:
        """As the administrator. A server that was waited for in vain is left alone for as long: not every tenant must find out anew."""
        said, until = self._away
        began = time.monotonic()
        if began < until:
            raise OperationalError(said)
        try:
            return await AsyncConnection.connect(**(self._conninfo | self._parameters()), autocommit=True)
        except OperationalError as error:
            ended = time.monotonic()
            self._away = (str(error), ended + (ended - began))
            raise

    def _parameters(self) -> dict[str, Any]:
        """What the tenants' connections share with the administrator's: all but who and where to."""
        shared = {key: value for key, value in self._conninfo.items() if key not in ("user", "password", "dbname")}
        timeouts = {"connect_timeout": CONNECT_TIMEOUT, "options": STATEMENTS_WITHIN}
        return timeouts | shared | {"application_name": "tenantry-operator"}

    def _problem(self, error: Error) -> Problem:
        said = str(error).strip().partition("\n")[0]
        server = f"the PostgreSQL server at {self.address.host}:{self.address.port}"
        if isinstance(error, errors.InsufficientPrivilege):
            message = f"{server} refuses the operator: {said}. Its role needs CREATEROLE and CREATEDB, and must own what it made"
            return Stalled("DatabaseForbidden", message)
        if isinstance(error, OperationalError):
            return Pending("DatabaseUnavailable", f"{server} does not answer as expected: {said}")
        return Pending("DatabaseFailed", f"{server} reports {error.sqlstate}: {said}")


async def _ensure_role(connection: Connection, tenant: Tenant, password: str) -> None:
    mark = await _mark_of_role(connection, tenant)
    if mark is not None and mark != _mark(tenant):
        message = (
            f"the role {tenant.role} exists and was not made for this tenant. Rename or drop it, or, to hand it over: "
            f"COMMENT ON ROLE {tenant.role} IS '{_mark(tenant)}'"
        )
        raise Stalled("RoleConflict", message)
    role = sql.Identifier(tenant.role)
    if mark is None:
        # All of it or nothing: a role without its mark would be somebody else's.
        async with connection.transaction():
            verifier = _verifier(connection, tenant, password)
            await _execute(connection, "CREATE ROLE {} LOGIN PASSWORD {}", role, verifier)
            await _execute(connection, "COMMENT ON ROLE {} IS {}", role, sql.Literal(_mark(tenant)))
    # Only who can act as a role may make a database for it, and only who has its rights may close that to others: a REVOKE without them
    # changes nothing, and is no error. Not every administrator inherits the rights of roles that are granted to it.
    query: LiteralString = (
        "SELECT pg_has_role(oid, 'SET') AND pg_has_role(oid, 'USAGE'), rolcanlogin AND coalesce(rolvaliduntil > now(), true) "
        "FROM pg_roles WHERE rolname = %s"
    )
    is_ours, may_log_in = await _row(connection, query, tenant.role) or (False, True)
    if not is_ours:
        await _execute(connection, "GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE", role)
    if not may_log_in:
        message = (
            f"the role {tenant.role} may not log in: somebody made it NOLOGIN, or its VALID UNTIL is over. To let it in again: "
            f"ALTER ROLE {tenant.role} LOGIN VALID UNTIL 'infinity'"
        )
        raise Stalled("LoginForbidden", message)


async def _drop_role(connection: Connection, tenant: Tenant) -> None:
    try:
        await _execute(connection, "DROP ROLE IF EXISTS {}", sql.Identifier(tenant.role))
    except errors.DependentObjectsStillExist as error:
        where = "; ".join((error.diag.message_detail or "").splitlines())
        message = (
            f"the role {tenant.role} has something outside of its database, so it can't be dropped: {where}. Drop what that names, or give "
            f"it to another role, in the database where it is: REASSIGN OWNED BY {tenant.role} TO ...; DROP OWNED BY {tenant.role}"
        )
        raise Stalled("RoleInUse", message) from error


async def _ensure_database(connection: Connection, tenant: Tenant) -> bool:
    database = sql.Identifier(tenant.spec.database.name)
    owner = await _owner(connection, tenant)
    created = owner is None
    if created:
        if tenant.had_database:
            raise Stalled("DatabaseMissing", _missing(tenant))
        try:
            await _execute(connection, "CREATE DATABASE {} OWNER {} TEMPLATE template0", database, sql.Identifier(tenant.role))
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            # Somebody was quicker; whose it is now is looked at like any other.
            created = False
        owner = await _owner(connection, tenant)
    if owner != tenant.role:
        message = (
            f"the database {tenant.spec.database.name} belongs to {owner}, not to {tenant.role}. A database's name never changes: remove "
            "this Tenant (decommission it first), and add it again with another database.name"
        )
        raise Stalled("DatabaseConflict", message)
    public = await _row(connection, "SELECT has_database_privilege('public', %s::name::text, 'CONNECT')", tenant.spec.database.name)
    if public and public[0]:
        # By default every role of the server may connect to every database.
        await _execute(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    return created


def _missing(tenant: Tenant) -> str:
    name, role = tenant.spec.database.name, tenant.role
    return (
        f"the database {name} was there and is not any more; no empty one is made in its place. Restore it from a backup, with the owner "
        f"{role}, or, to begin without any data: CREATE DATABASE {name} OWNER {role}"
    )


def _mark(tenant: Tenant) -> str:
    """The comment on a role that says whose it is."""
    return f"tenantry.dev/tenant={tenant.name}"


async def _mark_of_role(connection: Connection, tenant: Tenant) -> str | None:
    """What stands on the tenant's role; empty on a role without a comment, None if there is no such role."""
    query: LiteralString = "SELECT coalesce(shobj_description(oid, 'pg_authid'), '') FROM pg_roles WHERE rolname = %s"
    row = await _row(connection, query, tenant.role)
    return None if row is None else str(row[0])


async def _owner(connection: Connection, tenant: Tenant) -> str | None:
    """The role that owns the tenant's database; None if there is no such database."""
    query: LiteralString = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s"
    row = await _row(connection, query, tenant.spec.database.name)
    return None if row is None else str(row[0])


def _verifier(connection: Connection, tenant: Tenant, password: str) -> sql.Literal:
    """What PostgreSQL keeps of a password. Made here, so that the password itself stands in no statement and no log."""
    verifier = connection.pgconn.encrypt_password(password.encode(), tenant.role.encode(), b"scram-sha-256")
    return sql.Literal(verifier.decode())


async def _row(connection: Connection, query: LiteralString, parameter: str) -> TupleRow | None:
    SQL_STATEMENTS.labels(verb="SELECT").inc()
    return await (await connection.execute(query, [parameter])).fetchone()


async def _execute(connection: Connection, statement: LiteralString, *parts: sql.Composable) -> None:
    SQL_STATEMENTS.labels(verb=statement.partition(" ")[0]).inc()
    await connection.execute(sql.SQL(statement).format(*parts))
