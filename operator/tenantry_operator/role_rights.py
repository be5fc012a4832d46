"""What the administrator may do with a tenant's role. Whoever made a role may do anything with it; another administrator need not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from tenantry_operator.problems import Stalled
from tenantry_operator.session import Session
from tenantry_operator.sql_text import sql_text


@dataclass(frozen=True)
class Rights:
    """Those of the session's user over one role."""

    #: It has the role's rights, and may become it.
    acts: bool
    #: It may grant the role, change its password, and drop it.
    administers: bool
    user: str
    #: Who else does administer it, superusers apart.
    administrators: tuple[str, ...]


async def ensure_acts_as(session: Session, role: str, purpose: str) -> None:
    """Sees to it that the administrator has a role's rights, which is there. Raises Stalled if it can't; `purpose` is why it must.

    Only who can act as a role may make a database for it, and only who has its rights may close that to others: a REVOKE without them
    changes nothing, and is no error. Not every administrator inherits the rights of roles that are granted to it.
    """
    rights = await _rights(session, role)
    if rights.acts:
        return
    if not rights.administers:
        raise _forbidden(role, rights, purpose)
    await session.execute("GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE", sql.Identifier(role))


async def ensure_administers(session: Session, role: str, purpose: str) -> None:
    """Raises Stalled if the administrator may not change a role, which is there; `purpose` is why it must."""
    rights = await _rights(session, role)
    if not rights.administers:
        raise _forbidden(role, rights, purpose)


async def _rights(session: Session, role: str) -> Rights:
    query: LiteralString = """
        SELECT pg_has_role(oid, 'SET') AND pg_has_role(oid, 'USAGE'), pg_has_role(oid, 'MEMBER WITH ADMIN OPTION'), current_user::text,
        ARRAY(
            SELECT DISTINCT one.rolname::text FROM pg_auth_members JOIN pg_roles one ON one.oid = member
            WHERE roleid = pg_roles.oid AND admin_option AND NOT one.rolsuper ORDER BY 1
        )
        FROM pg_roles WHERE rolname = %s
    """
    row = await session.row(query, role)
    if row is None:
        return Rights(acts=False, administers=True, user="", administrators=())
    acts, administers, user, administrators = row
    return Rights(acts, administers, user, tuple(administrators))


def _forbidden(role: str, rights: Rights, purpose: str) -> Stalled:
    grant = sql_text("GRANT {} TO {} WITH ADMIN TRUE, INHERIT TRUE, SET TRUE", role, rights.user)
    who = " or ".join([*rights.administrators, "a superuser"])
    message = f"{purpose}, and {rights.user}, as whom the operator logs in, may not: another administrator made the role. As {who}: {grant}"
    for other in rights.administrators[:1]:
        message += f". For all roles that {other} made, as a superuser: {sql_text('GRANT {} TO {}', other, rights.user)}"
    return Stalled("DatabaseForbidden", message)
