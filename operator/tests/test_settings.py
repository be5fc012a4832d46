"""What the operator takes from its environment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.settings import Settings, WrongSettings, read_settings

URL = "postgresql://admin:s3cret-w0rd@db.example.com:5433/postgres"


def _refused(environment: dict[str, str]) -> str:
    with pytest.raises(WrongSettings) as refused:
        read_settings(environment)
    return str(refused.value)


def test_only_the_database_must_be_told() -> None:
    assert read_settings({"DATABASE_URL": URL}) == Settings(
        database_url=URL, listen_host="0.0.0.0", health_port=8080, metrics_port=9090, concurrency=16, resync_seconds=900
    )


def test_what_is_told_is_taken() -> None:
    told = {
        "DATABASE_URL": URL,
        "LISTEN_HOST": "127.0.0.1",
        "HEALTH_PORT": "1",
        "METRICS_PORT": "65535",
        "CONCURRENCY": "1000",
        "RESYNC_SECONDS": "86400",
        "PATH": "/usr/bin",
    }

    assert read_settings(told) == Settings(
        database_url=URL, listen_host="127.0.0.1", health_port=1, metrics_port=65535, concurrency=1000, resync_seconds=86400
    )


@pytest.mark.parametrize("name", ["HEALTH_PORT", "METRICS_PORT", "CONCURRENCY", "RESYNC_SECONDS"])
@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "many", "100000", "8 0", "²"])
def test_a_number_that_cannot_be_is_refused_with_its_name_and_what_it_may_be(name: str, text: str) -> None:
    assert f"{name} must be a whole number from 1 to " in _refused({"DATABASE_URL": URL, name: text})


def test_all_problems_are_told_at_once_a_line_each() -> None:
    message = _refused({"HEALTH_PORT": "http", "METRICS_PORT": "0", "CONCURRENCY": "all", "RESYNC_SECONDS": "-5"})

    lines = message.splitlines()
    assert lines[0] == "The operator can't start:"
    assert [line.split()[0] for line in lines[1:]] == ["HEALTH_PORT", "METRICS_PORT", "CONCURRENCY", "RESYNC_SECONDS", "DATABASE_URL"]


@pytest.mark.parametrize("environment", [{}, {"DATABASE_URL": ""}])
def test_without_a_database_the_message_says_what_to_give(environment: dict[str, str]) -> None:
    message = _refused(environment)

    assert "DATABASE_URL is missing: postgresql://" in message
    assert "CREATEROLE and CREATEDB" in message


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
def test_a_database_that_the_tenants_could_not_reach_is_refused_without_telling_the_password(url: str) -> None:
    message = _refused({"DATABASE_URL": url})

    assert "DATABASE_URL" in message
    assert "s3cret-w0rd" not in message


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_message_has_the_password_in_it_wherever_the_url_is_wrong(before: str, after: str) -> None:
    try:
        read_settings({"DATABASE_URL": f"{before}s3cret-w0rd{after}"})
    except WrongSettings as refused:
        assert "s3cret-w0rd" not in str(refused)


@pytest.mark.parametrize("address", ["https://10.0.0.1", "http://127.0.0.1:8443/", "https://[::1]:8443", "https://gateway.example.com"])
def test_an_ingress_to_ask_for_health_is_taken(address: str) -> None:
    assert read_settings({"DATABASE_URL": URL, "INGRESS": address}).ingress == address


def test_no_ingress_is_none() -> None:
    assert read_settings({"DATABASE_URL": URL, "INGRESS": ""}).ingress is None


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "ftp://10.0.0.1",
        "https://",
        "https://10.0.0.1/path",
        "https://10.0.0.1?a=b",
        "https://a:b@10.0.0.1",
        "https://a b",
        "http://[::1",
        "http://a:x",
    ],
)
def test_an_ingress_that_cannot_be_asked_is_refused(address: str) -> None:
    assert "INGRESS must be http:// or https:// with a host and no path" in _refused({"DATABASE_URL": URL, "INGRESS": address})
