"""The roles of a tenant in PostgreSQL. One owns the database, and logs in. When the password has to rotate, a second one logs in instead,
which acts as the owner from its first moment on, so that all that it makes is the owner's; then the two take turns. The comment on a
role says whose it is: what carries no such mark is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from psycopg import errors, sql

from tenantry_operator.marked_roles import MARK
from tenantry_operator.owned_database import owner_of
from tenantry_operator.problems import Stalled
from tenantry_operator.role_rights import ensure_administers
from tenantry_operator.session import Session
from tenantry_operator.sql_text import sql_text
from tenantry_operator.tenant import Tenant, role_of

#: Of the major versions that had it otherwise, the first minor one on which a role keeps the role that is set for its logins. Before 16.5
#: and 17.1, DISCARD ALL ended that; with these two it was not set at all: https://www.postgresql.org/docs/release/16.6/
#: (tried with 16.2, 16.4 to 16.6, and 17.0 to 17.2).
KEEPS_OWNER = {16: 6, 17: 2}


@dataclass(frozen=True)
class _Found:
    """A role that is there."""

    #: The comment on it; empty if there is none.
    mark: str
    #: As LOGIN or NOLOGIN says.
    can_log_in: bool
    #: Its VALID UNTIL is over.
    is_over: bool
    #: -1 for none.
    connection_limit: int
    #: Who logs in as it becomes the owner, with all the rights of that.
    becomes_owner: bool


async def has_role(session: Session, tenant: str) -> bool:
    """Whether there is a role of the tenant's name, whoever made it."""
    return await _find(session, role_of(tenant)) is not None


async def is_role_ours(session: Session, tenant: str, role: str) -> bool:
    """Whether a role was made for this tenant."""
    found = await _find(session, role)
    return found is not None and found.mark == _mark(tenant)


async def ensure_roles(session: Session, tenant: Tenant, login: str, password: str) -> bool:
    """Makes the tenant's role and the one of the two that logs in, with this password, or finds them, and limits their connections.

    True if the other one may log in, too. Raises Stalled if one of those that it needs is somebody else's, or may not log in.
    """
    (role, second), other = tenant.logins, tenant.other_login(login)
    owner = await _find(session, role)
    if owner is None:
        if tenant.had_database and await owner_of(session, tenant.spec.database.name) is None:
            raise Stalled("DatabaseMissing", _nothing_there(session.server, tenant))
        await _make(session, tenant, role, password)
        owner = await _find(session, role)
    elif owner.mark != _mark(tenant.name):
        raise Stalled("RoleConflict", _not_marked(tenant, role))
    both = {role: owner, second: await _find(session, second, role)}
    found, idle = both[login], both[other]
    is_other_open = idle is not None and idle.mark == _mark(tenant.name) and idle.can_log_in
    if found is None:
        await _make(session, tenant, login, password)
    elif found.mark != _mark(tenant.name):
        raise Stalled("RoleConflict", _not_marked(tenant, login))
    elif not found.can_log_in and not found.is_over and is_other_open:
        # The Secret names the one that was retired, as one from a backup does. Where neither may log in, somebody wants it so.
        await _let_in(session, tenant, login, password, f"the role {login}, which the tenant's Secret names again, must be let in")
    elif not found.can_log_in or found.is_over:
        raise Stalled("LoginForbidden", _may_not_log_in(login))
    elif login == second and not found.becomes_owner:
        await _ensure_may(session, tenant, login, f"the role {login} must act as {role}")
        async with session.transaction():
            await _become_owner(session, tenant, login)
    for name, one in ((login, found), (other, idle if is_other_open else None)):
        if one is not None and one.connection_limit != _limit(tenant):
            await ensure_administers(session, name, f"the role {name} must have a connection limit of {_limit(tenant)}")
            await session.execute("ALTER ROLE {} CONNECTION LIMIT {}", sql.Identifier(name), sql.Literal(_limit(tenant)))
    return is_other_open


async def open_role(session: Session, tenant: Tenant, role: str, password: str) -> bool:
    """Lets in the one of the two roles with which nobody logs in, with a new password; makes it if there is none yet.

    False if it may log in already: then nobody knows who does. Raises Stalled if it is somebody else's.
    """
    found = await _find(session, role)
    if found is None:
        await _make(session, tenant, role, password)
        return True
    if found.mark != _mark(tenant.name):
        raise Stalled("RoleConflict", _not_marked(tenant, role))
    if found.can_log_in:
        return False
    if found.is_over:
        raise Stalled("LoginForbidden", _may_not_log_in(role))
    await _let_in(session, tenant, role, password, f"the role {role} must be let in with a new password, for the tenant's password rotates")
    return True


async def retire_role(session: Session, tenant: str, role: str) -> None:
    """Closes the one of the two roles with which nobody logs in any more: its password is dead."""
    found = await _find(session, role)
    if found is not None and found.mark == _mark(tenant) and found.can_log_in:
        await ensure_administers(session, role, f"the role {role} must not log in any more, for the tenant has other credentials")
        await session.execute("ALTER ROLE {} NOLOGIN PASSWORD NULL", sql.Identifier(role))


async def give_password(session: Session, role: str, password: str) -> None:
    """Gives a tenant's role this password."""
    await ensure_administers(session, role, f"the role {role} does not take the password of its Secret, and must be given it")
    await session.execute("ALTER ROLE {} PASSWORD {}", sql.Identifier(role), session.verifier(role, password))


async def drop_role(session: Session, role: str) -> None:
    """Drops a tenant's role, which is there and its own."""
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


async def _make(session: Session, tenant: Tenant, role: str, password: str) -> None:
    if role != tenant.role:
        await _ensure_may(session, tenant, None, f"the role {role} must be made, which acts as {tenant.role}")
    # All of it or nothing: a role without its mark would be somebody else's.
    async with session.transaction():
        limit, verifier = sql.Literal(_limit(tenant)), session.verifier(role, password)
        await session.execute("CREATE ROLE {} LOGIN CONNECTION LIMIT {} PASSWORD {}", sql.Identifier(role), limit, verifier)
        await session.execute("COMMENT ON ROLE {} IS {}", sql.Identifier(role), sql.Literal(_mark(tenant.name)))
        if role != tenant.role:
            await _become_owner(session, tenant, role)


async def _let_in(session: Session, tenant: Tenant, role: str, password: str, purpose: str) -> None:
    await _ensure_may(session, tenant, role, purpose)
    async with session.transaction():
        limit, verifier = sql.Literal(_limit(tenant)), session.verifier(role, password)
        await session.execute("ALTER ROLE {} LOGIN CONNECTION LIMIT {} PASSWORD {}", sql.Identifier(role), limit, verifier)
        if role != tenant.role:
            await _become_owner(session, tenant, role)


async def _become_owner(session: Session, tenant: Tenant, role: str) -> None:
    """Has the second role be the owner from its login on: what it makes is the owner's, and DISCARD ALL, as poolers send it, leaves that so
    where the server is no older than `KEEPS_OWNER` says."""
    # To connect, it needs the right that the owner has: the role to act as is set after that was looked at.
    await session.execute("GRANT {} TO {} WITH INHERIT TRUE, SET TRUE", sql.Identifier(tenant.role), sql.Identifier(role))
    await session.execute("ALTER ROLE {} SET role TO {}", sql.Identifier(role), sql.Literal(tenant.role))


async def _ensure_may(session: Session, tenant: Tenant, role: str | None, purpose: str) -> None:
    """Raises Stalled if the administrator may not change a role, or have the second one act as the owner, or if that does not last on this
    server. None: it is not made yet."""
    if role is not None:
        await ensure_administers(session, role, purpose)
    if role != tenant.role:
        _ensure_lasts(session, tenant)
        await ensure_administers(session, tenant.role, purpose)


def _ensure_lasts(session: Session, tenant: Tenant) -> None:
    """Raises Stalled on a server on which who logs in as the second role does not stay the owner."""
    major, minor = divmod(session.version, 10000)
    first = KEEPS_OWNER.get(major, 0)
    if minor >= first:
        return
    owner, second = tenant.logins
    message = (
        f"{session.server} is PostgreSQL {major}.{minor}. Before {major}.{first}, what the role {second} makes does not always belong to "
        f"{owner}, which then can't use it. So no second role logs in there. Upgrade the server to {major}.{first} or newer; until then, "
        f"take the word out of `database.rotation`"
    )
    raise Stalled("DatabaseTooOld", message)


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


def _may_not_log_in(role: str) -> str:
    remedy = sql_text("ALTER ROLE {} LOGIN VALID UNTIL 'infinity'", role)
    return f"the role {role} may not log in: somebody made it NOLOGIN, or its VALID UNTIL is over. To let it in again: {remedy}"


def _not_marked(tenant: Tenant, role: str) -> str:
    comment = sql_text("COMMENT ON ROLE {} IS {}", role, sql.Literal(_mark(tenant.name)))
    if role == tenant.role and tenant.had_database:
        return f"the comment on the role {role} does not say any more that it is this tenant's. Put it back: {comment}"
    # A name has 63 bytes at most.
    rename = sql_text("ALTER ROLE {} RENAME TO {}", role, f"{role[:56]}_before")
    return f"the role {role} exists and was not made for this tenant. Give it another name: {rename}; or, to hand it over: {comment}"


def _mark(tenant: str) -> str:
    """The comment on a role that says whose it is."""
    return MARK + tenant


async def _find(session: Session, role: str, owner: str = "") -> _Found | None:
    """`owner`: whom it may act as."""
    query: LiteralString = """
        SELECT coalesce(shobj_description(oid, 'pg_authid'), ''), rolcanlogin, coalesce(rolvaliduntil <= now(), false), rolconnlimit,
        coalesce(%s = ANY(rolconfig), false) AND EXISTS (
            SELECT FROM pg_auth_members JOIN pg_roles owner ON owner.oid = roleid
            WHERE owner.rolname = %s AND member = pg_roles.oid AND inherit_option AND set_option
        )
        FROM pg_roles WHERE rolname = %s
    """
    row = await session.row(query, f"role={owner}", owner, role)
    return None if row is None else _Found(str(row[0]), bool(row[1]), bool(row[2]), int(row[3]), bool(row[4]))
