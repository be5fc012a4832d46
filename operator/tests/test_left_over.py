"""What tenants that are gone have left, as people are told of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tenantry_operator.database_servers import DatabaseServers
from tenantry_operator.left_over import left_over
from tenantry_operator.marked_roles import Marked

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
FOUND = [
    Marked("acme", "tenant_acme", "tenant_acme", 8000),
    Marked("select", "tenant_select", "user", None),
    Marked("select", "x", None, None),
]


def test_every_name_in_a_statement_is_quoted_and_no_database_is_dropped_by_force() -> None:
    assert [one["drop"] for one in left_over(FOUND, None, NOW)] == [
        ['DROP DATABASE "tenant_acme"', 'DROP ROLE "tenant_acme"'],
        ['DROP DATABASE "user"', 'DROP ROLE "tenant_select"', 'DROP ROLE "x"'],
    ]


def test_it_is_told_since_when_something_is_known_and_how_large_it_is() -> None:
    (first, second) = left_over(FOUND[:2], {"tenants": [{"tenant": "acme", "since": "2026-01-01T00:00:00Z"}]}, NOW)
    assert (first["since"], first["databases"]) == ("2026-01-01T00:00:00Z", [{"name": "tenant_acme", "bytes": 8000}])
    assert (second["since"], second["databases"]) == ("2026-11-27T12:00:00Z", [{"name": "user", "bytes": None}])


def test_the_servers_that_the_operator_is_told_of_are_those_that_its_folder_has_a_url_of(tmp_path: Path) -> None:
    for name in ("url", "ca.crt", "tenants-url", "eu-2.url", "eu-2.tenants-url", "other.ca.crt"):
        (tmp_path / name).write_text("x")
    assert DatabaseServers(tmp_path).told_of() == ["", "eu-2"]
