"""Where the tenants' PostgreSQL server is, and what its errors mean. What is done there: the end-to-end tests."""

from __future__ import annotations

import pytest
from psycopg import Error, OperationalError, errors

from tenantry_operator.pod_template import DatabaseAddress
from tenantry_operator.postgres_server import PostgresServer
from tenantry_operator.problems import Pending, Problem, Progressing, Stalled


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgresql://admin:s3cret@db.example.com/postgres", DatabaseAddress("db.example.com", 5432, "prefer")),
        ("postgres://admin:s3cret@db.example.com:6432/postgres?sslmode=require", DatabaseAddress("db.example.com", 6432, "require")),
        ("host=db.example.com user=admin password=s3cret", DatabaseAddress("db.example.com", 5432, "prefer")),
    ],
)
def test_the_tenants_find_the_server_where_the_operator_does(url: str, address: DatabaseAddress) -> None:
    assert PostgresServer(url).address == address


def _problem(error: Error) -> Problem:
    return PostgresServer("postgresql://admin:s3cret@db.example.com/postgres")._problem(error)


def test_a_server_that_does_not_answer_is_tried_again() -> None:
    problem = _problem(OperationalError("connection refused\n\tIs the server running?"))

    assert isinstance(problem, Pending)
    assert not isinstance(problem, Progressing), "nobody tells when it is back, so it is tried again by itself"
    assert problem.reason == "DatabaseUnavailable"
    assert problem.message == "the PostgreSQL server at db.example.com:5432 does not answer as expected: connection refused"


def test_a_role_with_too_few_rights_waits_for_a_person_and_says_which_it_needs() -> None:
    problem = _problem(errors.InsufficientPrivilege("permission denied to create role"))

    assert isinstance(problem, Stalled)
    assert problem.reason == "DatabaseForbidden"
    assert "permission denied to create role" in problem.message
    assert problem.message.endswith('needs CREATEROLE and CREATEDB: ALTER ROLE "admin" CREATEROLE CREATEDB')


def test_any_other_error_is_tried_again_and_told_with_its_code() -> None:
    problem = _problem(errors.DiskFull("could not extend file"))

    # Some errors of a server that is in trouble are those of a server that does not answer.
    assert isinstance(problem, Pending)
    assert "could not extend file" in problem.message
    assert _problem(errors.ReadOnlySqlTransaction("cannot execute CREATE ROLE")).message.endswith(
        "reports 25006: cannot execute CREATE ROLE"
    )
