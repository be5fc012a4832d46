"""The roles on a server that say of themselves whose they are, and what they own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import LiteralString, NamedTuple

from tenantry_operator.session import Session

#: What the comment on the role of a tenant begins with.
MARK = "tenantry.dev/tenant="


class Marked(NamedTuple):
    """A role of a tenant, and one of its databases."""

    tenant: str
    role: str
    #: None for a role that owns none.
    database: str | None
    #: In bytes; None where the administrator may not know.
    size: int | None


async def marked_roles(session: Session, other_than: Iterable[str]) -> list[Marked]:
    """All of other tenants than these, by tenant, role and database."""
    query: LiteralString = """
        WITH marked AS (
            SELECT oid, rolname::text AS role, substr(shobj_description(oid, 'pg_authid'), length(%(mark)s::text) + 1) AS tenant
            FROM pg_roles WHERE starts_with(shobj_description(oid, 'pg_authid'), %(mark)s)
        )
        SELECT tenant, role, datname::text,
            CASE WHEN has_database_privilege(pg_database.oid, 'CONNECT') THEN pg_database_size(pg_database.oid) END
        FROM marked LEFT JOIN pg_database ON datdba = marked.oid
        WHERE tenant <> ALL (%(known)s::text[]) ORDER BY 1, 2, 3
    """
    return [Marked(*row) for row in await session.rows(query, {"mark": MARK, "known": list(other_than)})]
