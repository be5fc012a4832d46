"""What the errors of the tenants' PostgreSQL server mean. What is done there: the end-to-end tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from postgres_stand_in import PostgresStandIn
from psycopg import Error, OperationalError, errors

from tenantry_operator.database_server import DatabaseServer, read_server
from tenantry_operator.pod_template import DatabaseAddress
from tenantry_operator.postgres_server import PostgresServer
from tenantry_operator.problems import Pending, Problem, Progressing, Stalled

SERVER = DatabaseServer(
    {"host": "db.example.com", "user": "admin", "password": "s3cret"}, DatabaseAddress("db.example.com", 5432, "prefer")
)


def _problem(error: Error) -> Problem:
    return PostgresServer(lambda: SERVER)._problem(error)


def test_a_server_that_does_not_answer_is_tried_again() -> None:
    problem = _problem(OperationalError("connection refused\n\tIs the server running?"))

    assert isinstance(problem, Pending)
    assert not isinstance(problem, Progressing), "nobody tells when it is back, so it is tried again by itself"
    assert problem.reason == "DatabaseUnavailable"
    assert problem.message == "the PostgreSQL server at db.example.com:5432 does not answer as expected: connection refused"


def test_where_the_server_is_verified_it_is_told_how_to_look_at_its_certificate() -> None:
    verified = DatabaseServer(SERVER.administrator, SERVER.address, ca="-----BEGIN CERTIFICATE-----")
    problem = PostgresServer(lambda: verified)._problem(OperationalError("SSL error: certificate verify failed"))

    assert "certificate verify failed. If it is about its certificate, look at it: openssl s_client -starttls postgres" in problem.message


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


#: As servers say them, by `lc_messages`; the word before a code is translated as well.
WRONG_PASSWORD = {
    "English": ("FATAL", 'password authentication failed for user "tenant_northwind"'),
    "German": ("FATAL", "Passwort-Authentifizierung für Benutzer »tenant_northwind« fehlgeschlagen"),
    "Russian": ("ВАЖНО", 'пользователь "tenant_northwind" не прошёл проверку подлинности (по паролю)'),
}


def _at(stand_in: PostgresStandIn, tmp_path: Path, story: Callable[[PostgresServer, str], Awaitable[Any]]) -> Any:
    async def happen() -> Any:
        async with stand_in.running() as url:
            (tmp_path / "url").write_text(url)
            return await story(PostgresServer(partial(read_server, tmp_path, "")), url)

    return asyncio.run(happen())


async def _tenant_logs_in(server: PostgresServer, _: str) -> bool:
    return await server.lets_in("tenant_northwind", "password", "tenant_northwind")


@pytest.mark.parametrize("language", WRONG_PASSWORD)
def test_a_wrong_password_is_known_in_whatever_language_the_server_says_so(language: str, tmp_path: Path) -> None:
    severity, said = WRONG_PASSWORD[language]
    stand_in = PostgresStandIn()
    assert _at(stand_in, tmp_path, _tenant_logs_in) is True

    stand_in.refuses["tenant_northwind"] = (severity, "28P01", said)
    assert _at(stand_in, tmp_path, _tenant_logs_in) is False


def test_a_wrong_password_is_known_through_a_pooler_too_whose_code_says_less(tmp_path: Path) -> None:
    stand_in = PostgresStandIn()
    stand_in.refuses["tenant_northwind"] = ("FATAL", "08P01", "SASL authentication failed")

    assert _at(stand_in, tmp_path, _tenant_logs_in) is False


def test_a_role_that_has_all_its_connections_is_not_taken_for_one_with_a_wrong_password(tmp_path: Path) -> None:
    stand_in = PostgresStandIn()
    stand_in.refuses["tenant_northwind"] = ("FATAL", "53300", "zu viele Verbindungen für Rolle »tenant_northwind«")

    assert _at(stand_in, tmp_path, _tenant_logs_in) is True


def test_a_role_that_is_kept_out_for_another_reason_is_told_with_what_the_server_says(tmp_path: Path) -> None:
    stand_in = PostgresStandIn()
    stand_in.refuses["tenant_northwind"] = ("FATAL", "28000", "kein pg_hba.conf-Eintrag für Host")

    with pytest.raises(Pending, match=r"does not let in the role tenant_northwind: .*kein pg_hba\.conf-Eintrag") as refused:
        _at(stand_in, tmp_path, _tenant_logs_in)
    assert refused.value.reason == "LoginRefused"


def test_an_administrator_whose_password_has_changed_is_told_and_let_in_once_the_new_one_is_there(tmp_path: Path) -> None:
    stand_in = PostgresStandIn()
    stand_in.answers = 100
    stand_in.refuses["admin"] = ("ВАЖНО", "28P01", 'пользователь "admin" не прошёл проверку подлинности')

    async def rotates(server: PostgresServer, url: str) -> Pending:
        with pytest.raises(Pending) as refused:
            async with server.administrator():
                pass
        (tmp_path / "url").write_text(url.replace("admin:s3cret", "other:n3w"))
        await asyncio.sleep(0.3)
        async with server.administrator() as session:
            assert await session.row("SELECT %s", "something") is not None
        return refused.value

    problem = _at(stand_in, tmp_path, rotates)
    assert problem.reason == "AdministratorRefused"
    assert "does not let in admin, as whom the operator logs in" in problem.message
    assert "kubectl --namespace tenantry-system patch secret tenantry-database" in problem.message
    assert "s3cret" not in problem.message


def test_a_file_that_can_not_be_used_is_told_and_read_anew(tmp_path: Path) -> None:
    stand_in = PostgresStandIn()
    stand_in.answers = 100

    async def breaks(server: PostgresServer, url: str) -> None:
        (tmp_path / "url").write_text("nonsense")
        with pytest.raises(Pending, match="is not what PostgreSQL's clients take") as refused:
            async with server.administrator():
                pass
        assert refused.value.reason == "DatabaseUnknown"
        (tmp_path / "url").write_text(url)
        async with server.administrator() as session:
            assert await session.row("SELECT %s", "something") is not None

    _at(stand_in, tmp_path, breaks)


def test_nothing_is_asked_of_the_start_of_a_connection_that_a_pooler_refuses(tmp_path: Path) -> None:
    stand_in = PostgresStandIn()
    _at(stand_in, tmp_path, _tenant_logs_in)

    assert stand_in.started_with.keys() <= {"user", "database", "application_name"}
