"""Statements for people, who paste them: every name quoted, since a tenant's may be a keyword, such as `user`."""

from __future__ import annotations

from typing import LiteralString

from psycopg import sql


def sql_text(statement: LiteralString, *names: str | sql.Composable) -> str:
    """The statement with a name in each place of `{}`; what is no name is given as a sql.Literal."""
    parts = [sql.Identifier(one) if isinstance(one, str) else one for one in names]
    return sql.SQL(statement).format(*parts).as_string(None)
