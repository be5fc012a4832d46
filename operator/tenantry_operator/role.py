"""The role of a tenant in PostgreSQL. Its comment says whose it is: what carries no such mark is never touched."""

from __future__ import annotations

from typing import LiteralString

from psycopg import errors, sql

from tenantry_operator.problems import Stalled
from tenantry_operator.role_rights import ensure_administers
from tenantry_operator.session import Session
from tenantry_operator.sql_text import sql_text
from tenantry_operator.tenant import role_of


async def has_role(session: Session, tenant: str) -> bool:
    """Whether there is a role of the tenant's name, whoever made it."""
    return await _mark_on(session, role_of(tenant)) is not None


async def is_role_ours(session: Session, tenant: str) -> bool:
    """Whether the role was made for this tenant."""
    return await _mark_on(session, role_of(tenant)) == _mark(tenant)


async def ensure_role(session: Session, tenant: str, password: str, had_database: bool) -> None:
    """Makes the tenant's role with this password, or finds one that is its own and may log in."""
    role = role_of(tenant)
    mark = await _mark_on(session, role)
    if mark is None:
        await _make(session, tenant, password)
    elif mark != _mark(tenant):
        raise Stalled("RoleConflict", _not_marked(tenant, had_database))
    elif not await _may_log_in(session, role):
        message = f"the role {role} may not log in: somebody made it NOLOGIN, or its VALID UNTIL is over. To let it in again: " + sql_text(
            "ALTER ROLE {} LOGIN VALID UNTIL 'infinity'", role
        )
        raise Stalled("LoginForbidden", message)


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


async def _make(session: Session, tenant: str, password: str) -> None:
    role = role_of(tenant)
    # All of it or nothing: a role without its mark would be somebody else's.
    async with session.transaction():
        await session.execute("CREATE ROLE {} LOGIN PASSWORD {}", sql.Identifier(role), session.verifier(role, password))
        await session.execute("COMMENT ON ROLE {} IS {}", sql.Identifier(role), sql.Literal(_mark(tenant)))


async def _may_log_in(session: Session, role: str) -> bool:
    query: LiteralString = "SELECT rolcanlogin AND coalesce(rolvaliduntil > now(), true) FROM pg_roles WHERE rolname = %s"
    row = await session.row(query, role)
    return row is None or bool(row[0])


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


async def _mark_on(session: Session, role: str) -> str | None:
    """What stands on a role; empty on a role without a comment, None if there is no such role."""
    query: LiteralString = "SELECT coalesce(shobj_description(oid, 'pg_authid'), '') FROM pg_roles WHERE rolname = %s"
    row = await session.row(query, role)
    return None if row is None else str(row[0])
