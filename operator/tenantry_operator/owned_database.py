"""The database that a tenant's role owns. One that is there is the tenant's only if its role is the owner."""

from __future__ import annotations

from typing import LiteralString

from psycopg import errors, sql

from tenantry_operator.problems import Pending, Stalled
from tenantry_operator.role_rights import ensure_acts_as
from tenantry_operator.session import Session
from tenantry_operator.sql_text import sql_text


async def ensure_database(session: Session, name: str, role: str, had_database: bool) -> bool:
    """Makes the database, or finds it; closed to the roles of others. True if it was made now.

    Raises Stalled if it is somebody else's, or was there before and is gone.
    """
    owner = await owner_of(session, name)
    created = False
    if owner is None:
        if had_database:
            raise Stalled("DatabaseMissing", _missing(session.server, name, role))
        created = await _make(session, name, role)
        owner = await owner_of(session, name)
    if owner != role:
        raise Stalled("DatabaseConflict", _anothers(name, role, owner, had_database))
    public = await session.row("SELECT has_database_privilege('public', %s::name::text, 'CONNECT')", name)
    if public and public[0]:
        # By default every role of the server may connect to every database.
        await ensure_acts_as(session, role, f"the database {name} must be closed to the roles of others")
        await session.execute("REVOKE ALL ON DATABASE {} FROM PUBLIC", sql.Identifier(name))
    return created


async def drop_database(session: Session, name: str, role: str) -> None:
    """Drops the role's database, with all that is in it."""
    await ensure_acts_as(session, role, f"the database {name} is to be dropped")
    try:
        await session.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", sql.Identifier(name))
    except (errors.InsufficientPrivilege, errors.ObjectInUse) as error:
        # FORCE ends what whoever drops may end, which sessions of a superuser are not, and no prepared transaction:
        # https://www.postgresql.org/docs/current/sql-dropdatabase.html
        raise Pending("DatabaseInUse", await _in_use(session, name)) from error


async def owner_of(session: Session, name: str) -> str | None:
    """The role that owns a database; None if there is no such database."""
    query: LiteralString = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s"
    row = await session.row(query, name)
    return None if row is None else str(row[0])


async def _make(session: Session, name: str, role: str) -> bool:
    await ensure_acts_as(session, role, f"the database {name} must be made for it")
    try:
        await session.execute("CREATE DATABASE {} OWNER {} TEMPLATE template0", sql.Identifier(name), sql.Identifier(role))
    except (errors.DuplicateDatabase, errors.UniqueViolation):
        # Somebody was quicker; whose it is now is looked at like any other.
        return False
    return True


async def _in_use(session: Session, name: str) -> str:
    query: LiteralString = """
        SELECT coalesce(string_agg(DISTINCT coalesce(usename, backend_type), ', '), '') FROM pg_stat_activity
        WHERE datname = %s AND pid <> pg_backend_pid()
    """
    row = await session.row(query, name)
    who = f", such as those of {row[0]}" if row and row[0] else ""
    literal = sql.Literal(name)
    end = sql_text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}", literal)
    prepared = sql_text("SELECT gid FROM pg_prepared_xacts WHERE database = {}", literal)
    return (
        f"the database {name} is to be dropped, and others are at work in it whom the operator may not interrupt{who}. It is tried again "
        f"by itself. Prepared transactions, which somebody has to end: {prepared}. To end the sessions, as a superuser: {end}"
    )


def _missing(server: str, name: str, role: str) -> str:
    return (
        f"the database {name} was there and is not on {server}; no empty one is made in its place. Restore it from a backup, with the "
        f"owner {role}, or, to begin without any data: {sql_text('CREATE DATABASE {} OWNER {}', name, role)}"
    )


def _anothers(name: str, role: str, owner: str | None, had_database: bool) -> str:
    give = sql_text("ALTER DATABASE {} OWNER TO {}", name, role)
    said = f"the database {name} belongs to {owner}, not to {role}"
    if had_database:
        return f"{said}, whose it was. Give it back: {give}"
    return (
        f"{said}. A database's name never changes: remove this Tenant (decommission it first), and add it again with another "
        f"database.name. Or, if what is in it is this tenant's: {give}"
    )
