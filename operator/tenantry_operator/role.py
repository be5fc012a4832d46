"""The role of a tenant in PostgreSQL. Its comment says whose it is: what carries no such mark is never touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from psycopg import errors, sql

from tenantry_operator.owned_database import owner_of
from tenantry_operator.problems import Stalled
from tenantry_operator.role_rights import ensure_administers
from tenantry_operator.session import Session
from tenantry_operator.sql_text import sql_text
from tenantry_operator.tenant import Tenant, role_of


@dataclass(frozen=True)
class _Found:
    """A role that is there."""

    #: The comment on it; empty if there is none.
    mark: str
    may_log_in: bool
    #: -1 for none.
    connection_limit: int


async def has_role(session: Session, tenant: str) -> bool:
    """Whether there is a role of the tenant's name, whoever made it."""
    return await _find(session, role_of(tenant)) is not None


async def is_role_ours(session: Session, tenant: str) -> bool:
    """Whether the role was made for this tenant."""
    found = await _find(session, role_of(tenant))
    return found is not None and found.mark == _mark(tenant)


async def ensure_role(session: Session, tenant: Tenant, password: str) -> None:
    """Makes the tenant's role with this password, or finds one that is its own and may log in, and limits its connections."""
    found = await _find(session, tenant.role)
    if found is None:
        if tenant.had_database and await owner_of(session, tenant.spec.database.name) is None:
            raise Stalled("DatabaseMissing", _nothing_there(session.server, tenant))
        await _make(session, tenant, password)
    elif found.mark != _mark(tenant.name):
        raise Stalled("RoleConflict", _not_marked(tenant.name, tenant.had_database))
    elif not found.may_log_in:
        remedy = sql_text("ALTER ROLE {} LOGIN VALID UNTIL 'infinity'", tenant.role)
        message = (
            f"the role {tenant.role} may not log in: somebody made it NOLOGIN, or its VALID UNTIL is over. To let it in again: {remedy}"
        )
        raise Stalled("LoginForbidden", message)
    elif found.connection_limit != _limit(tenant):
        await ensure_administers(session, tenant.role, f"the role {tenant.role} must have a connection limit of {_limit(tenant)}")
        await session.execute("ALTER ROLE {} CONNECTION LIMIT {}", sql.Identifier(tenant.role), sql.Literal(_limit(tenant)))


async def give_password(session: Session, tenant: str, password: str) -> None:
    """Gives the tenant's role this password."""
    role = role_of(tenant)
    await ensure_administers(session, role, f"the role {role} does not take the password of its Secret, and must be given it")
    await session.execute("ALTER ROLE {} PASSWORD {}", sql.Identifier(role), session.verifier(role, password))


async def drop_role(session: Session, tenant: str) -> None:
    """Drops the tenant's role, which is there and its own."""
    role = role_of(tenant)
    await ensure_administers(session, role, f"the role {role} is to be dropped")
    try:
        await session.execute("DROP ROLE IF EXISTS {}", sql.Identifier(role))
    except errors.DependentObjectsStillExist as error:
        where = "; ".join((error.diag.message_detail or "").splitlines())
        # DROP OWNED drops nothing any more where REASSIGN OWNED came before it; alone it would drop what it finds.
        remedy = sql_text("BEGIN; REASSIGN OWNED BY {} TO CURRENT_USER; DROP OWNED BY {}; COMMIT", role, role)
        message = (
            f"the role {role} has something outside of its database, so it can't be dropped: {where}. To keep what that names, and take it "
            f"over together with the rights, in the database where it is: {remedy}"
        )
        raise Stalled("RoleInUse", message) from error


async def _make(session: Session, tenant: Tenant, password: str) -> None:
    role, limit = sql.Identifier(tenant.role), sql.Literal(_limit(tenant))
    # All of it or nothing: a role without its mark would be somebody else's.
    async with session.transaction():
        verifier = session.verifier(tenant.role, password)
        await session.execute("CREATE ROLE {} LOGIN CONNECTION LIMIT {} PASSWORD {}", role, limit, verifier)
        await session.execute("COMMENT ON ROLE {} IS {}", role, sql.Literal(_mark(tenant.name)))


def _limit(tenant: Tenant) -> int:
    """As PostgreSQL has it, to which 0 is none at all."""
    return tenant.spec.database.connection_limit or -1


def _nothing_there(server: str, tenant: Tenant) -> str:
    role, database = tenant.role, tenant.spec.database.name
    grant = sql_text("GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE", role)
    make = sql_text("CREATE ROLE {} LOGIN; COMMENT ON ROLE {} IS {}", role, role, sql.Literal(_mark(tenant.name)))
    return (
        f"neither the database {database} nor the role {role}, which were there before, is on {server}. If that is the wrong server, "
        f"correct its address. If it is a new one, restore the database there, with the owner {role}, for which make the role first, as "
        f"the operator's administrator: {make}; {grant}"
    )


def _not_marked(tenant: str, had_database: bool) -> str:
    role = role_of(tenant)
    comment = sql_text("COMMENT ON ROLE {} IS {}", role, sql.Literal(_mark(tenant)))
    if had_database:
        return f"the comment on the role {role} does not say any more that it is this tenant's. Put it back: {comment}"
    # A name has 63 bytes at most.
    rename = sql_text("ALTER ROLE {} RENAME TO {}", role, f"{role[:56]}_before")
    return f"the role {role} exists and was not made for this tenant. Give it another name: {rename}; or, to hand it over: {comment}"


def _mark(tenant: str) -> str:
    """The comment on a role that says whose it is."""
    return f"tenantry.dev/tenant={tenant}"


async def _find(session: Session, role: str) -> _Found | None:
    query: LiteralString = """
        SELECT coalesce(shobj_description(oid, 'pg_authid'), ''), rolcanlogin AND coalesce(rolvaliduntil > now(), true), rolconnlimit
        FROM pg_roles WHERE rolname = %s
    """
    row = await session.row(query, role)
    return None if row is None else _Found(mark=str(row[0]), may_log_in=bool(row[1]), connection_limit=int(row[2]))
