"""What the operator is told of a PostgreSQL server."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.database_server import WrongServer, read_server
from tenantry_operator.pod_template import DatabaseAddress


def _refused(folder: Path) -> str:
    with pytest.raises(WrongServer) as refused:
        read_server(folder, "")
    return str(refused.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgresql://admin:s3cret@db.example.com/postgres", DatabaseAddress("db.example.com", 5432, "prefer")),
        ("postgres://admin:s3cret@db.example.com:6432/postgres?sslmode=require\n", DatabaseAddress("db.example.com", 6432, "require")),
        ("host=db.example.com user=admin password=s3cret", DatabaseAddress("db.example.com", 5432, "prefer")),
    ],
)
def test_the_tenants_find_the_server_where_the_operator_does(url: str, address: DatabaseAddress, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(url)

    assert read_server(tmp_path, "").address == address


def test_what_is_written_anew_is_what_holds(tmp_path: Path) -> None:
    for password in ("first", "second"):
        (tmp_path / "url").write_text(f"postgresql://admin:{password}@db.example.com/postgres")

        assert read_server(tmp_path, "").administrator["password"] == password


def test_without_a_url_the_message_says_what_to_give(tmp_path: Path) -> None:
    missing = _refused(tmp_path)

    assert f"{tmp_path}/url is missing: postgresql://" in missing
    assert "CREATEROLE and CREATEDB" in missing
    (tmp_path / "url").write_text(" \n")
    assert _refused(tmp_path) == missing
    (tmp_path / "url").write_bytes(b"\xff\xfe")
    assert _refused(tmp_path) == missing


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("db.example.com", id="a host alone"),
        pytest.param("mysql://admin:s3cret-w0rd@db.example.com/postgres", id="another kind of database"),
        pytest.param("postgresql://admin:s3cret-w0rd%@db.example.com/postgres", id="a percent sign that is not encoded"),
        pytest.param("postgresql://admin:s3cret-w0rd@db.example.com/postgres?nonsense=1", id="an option that there is not"),
        pytest.param("postgresql://admin:s3cret-w0rd@[::1/postgres", id="half an address"),
        pytest.param("postgresql:///postgres?user=admin&password=s3cret-w0rd", id="no host"),
        pytest.param("postgresql://admin:s3cret-w0rd@/postgres?host=/run/postgresql", id="a socket of the operator's own machine"),
        pytest.param("postgresql://admin:s3cret-w0rd@one.example.com,two.example.com/postgres", id="two hosts"),
        pytest.param("host=one.example.com,two.example.com port=5432 password=s3cret-w0rd", id="two hosts on one port"),
        pytest.param("host=db.example.com port=5432,5433 password=s3cret-w0rd", id="two ports"),
        pytest.param("host=db.example.com port=postgresql password=s3cret-w0rd", id="a port by its name"),
    ],
)
def test_a_server_that_the_tenants_could_not_reach_is_refused_without_telling_the_password(url: str, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(url)
    message = _refused(tmp_path)

    assert f"{tmp_path}/url" in message
    assert "s3cret-w0rd" not in message


@pytest.fixture(name="pem", scope="module")
def _pem(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("authority")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=ca -keyout key -out crt"
    subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)
    return (folder / "crt").read_text()


@pytest.mark.parametrize(("asked", "mode"), [("", "verify-full"), ("?sslmode=verify-ca", "verify-ca"), ("?sslmode=require", "require")])
def test_certificates_beside_the_url_verify_the_server_for_the_operator_and_for_tenants(
    asked: str, mode: str, tmp_path: Path, pem: str
) -> None:
    (tmp_path / "url").write_text(f"postgresql://admin:s3cret@db.example.com/postgres{asked}")
    (tmp_path / "ca.crt").write_text(pem)
    server = read_server(tmp_path, "")

    assert (server.administrator["sslmode"], server.administrator["sslrootcert"]) == (mode, str(tmp_path / "ca.crt"))
    assert server.address == DatabaseAddress("db.example.com", 5432, mode, "/etc/tenantry-database/ca.crt")
    assert server.ca == pem


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_to_verify_the_server_by_nothing_is_refused(mode: str, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"postgresql://admin:s3cret@db.example.com/postgres?sslmode={mode}")

    assert f"says sslmode={mode}, and {tmp_path}/ca.crt is missing" in _refused(tmp_path)


@pytest.mark.parametrize("elsewhere", ["/etc/ssl/root.crt", "system"])
def test_certificates_elsewhere_are_refused_for_tenants_would_not_have_them(elsewhere: str, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"postgresql://admin:s3cret@db.example.com/postgres?sslmode=verify-full&sslrootcert={elsewhere}")

    assert f"put the certificates into {tmp_path}/ca.crt" in _refused(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no certificate"),
        ("-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n", "has no certificate"),
        ("\xff", "has no certificate"),
        ("-----BEGIN PRIVATE KEY-----\n", "has a private key"),
        ("x" * 40_000, "has more than 32 KiB"),
    ],
)
def test_what_is_no_certificates_is_refused(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://admin:s3cret@db.example.com/postgres")
    (tmp_path / "ca.crt").write_text(content)

    assert f"{tmp_path}/ca.crt {said}" in _refused(tmp_path)


def test_tenants_find_it_elsewhere_where_that_is_said_such_as_through_a_pooler(tmp_path: Path, pem: str) -> None:
    (tmp_path / "url").write_text("postgresql://admin:s3cret@db.example.com:5433/postgres?sslmode=require")
    (tmp_path / "tenants-url").write_text("postgresql://pooler.example.com:6432")
    assert read_server(tmp_path, "").address == DatabaseAddress("pooler.example.com", 6432, "require")
    assert read_server(tmp_path, "").administrator["host"] == "db.example.com"

    (tmp_path / "tenants-url").write_text("postgresql://pooler.example.com?sslmode=verify-ca")
    assert f"{tmp_path}/tenants-url says sslmode=verify-ca" in _refused(tmp_path)
    (tmp_path / "ca.crt").write_text(pem)
    assert read_server(tmp_path, "").address == DatabaseAddress("pooler.example.com", 5432, "verify-ca", "/etc/tenantry-database/ca.crt")


def test_what_each_tenant_has_of_its_own_is_refused_where_tenants_find_it(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://admin:s3cret@db.example.com/postgres")
    (tmp_path / "tenants-url").write_text("postgresql://user:s3cret-w0rd@pooler.example.com/app")
    message = _refused(tmp_path)

    assert "says dbname, password, user too" in message
    assert "s3cret-w0rd" not in message


def test_several_servers_are_told_apart_by_their_names(tmp_path: Path, pem: str) -> None:
    (tmp_path / "url").write_text("postgresql://admin:s3cret@db.example.com/postgres")
    (tmp_path / "eu-2.url").write_text("postgresql://admin:other@eu-2.example.com/postgres")
    (tmp_path / "eu-2.ca.crt").write_text(pem)
    (tmp_path / "eu-2.tenants-url").write_text("postgresql://pooler.example.com")

    assert read_server(tmp_path, "").address == DatabaseAddress("db.example.com", 5432, "prefer")
    second = read_server(tmp_path, "eu-2")
    assert second.administrator["sslrootcert"] == str(tmp_path / "eu-2.ca.crt")
    assert second.address == DatabaseAddress("pooler.example.com", 5432, "verify-full", "/etc/tenantry-database/ca.crt")
    with pytest.raises(WrongServer, match=r"eu-3\.url is missing"):
        read_server(tmp_path, "eu-3")


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_message_has_the_password_in_it_wherever_the_url_is_wrong(before: str, after: str) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "url").write_text(f"{before}s3cret-w0rd{after}", encoding="utf-8", errors="replace")
        try:
            read_server(Path(folder), "")
        except WrongServer as refused:
            assert "s3cret-w0rd" not in str(refused)
