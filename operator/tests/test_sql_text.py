"""Statements that people paste."""

from __future__ import annotations

import pytest
from psycopg import sql

from tenantry_operator.sql_text import sql_text


@pytest.mark.parametrize("name", ["user", "order", "select", "Upper", "with space", "tenant_northwind"])
def test_a_name_means_itself_even_where_it_is_a_keyword(name: str) -> None:
    assert sql_text("CREATE DATABASE {} OWNER {}", name, "tenant_user") == f'CREATE DATABASE "{name}" OWNER "tenant_user"'


def test_what_would_end_a_name_or_a_text_does_not() -> None:
    statement = sql_text("COMMENT ON ROLE {} IS {}", 'a"b', sql.Literal("it's"))

    assert statement == """COMMENT ON ROLE "a""b" IS 'it''s'"""
