"""What the operator takes from its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenantry_operator.settings import Settings, WrongSettings, read_settings

URL = "postgresql://admin:s3cret-w0rd@db.example.com:5433/postgres"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> str:
    (tmp_path / "url").write_text(URL)
    return str(tmp_path)


def _refused(environment: dict[str, str]) -> str:
    with pytest.raises(WrongSettings) as refused:
        read_settings(environment)
    return str(refused.value)


def test_only_the_database_must_be_told(folder: str) -> None:
    assert read_settings({"DATABASE_FOLDER": folder}) == Settings(
        database_folder=Path(folder), listen_host="0.0.0.0", health_port=8080, metrics_port=9090, concurrency=16, resync_seconds=900
    )


def test_what_is_told_is_taken(folder: str) -> None:
    told = {
        "DATABASE_FOLDER": folder,
        "LISTEN_HOST": "127.0.0.1",
        "HEALTH_PORT": "1",
        "METRICS_PORT": "65535",
        "CONCURRENCY": "1000",
        "RESYNC_SECONDS": "86400",
        "PATH": "/usr/bin",
    }

    assert read_settings(told) == Settings(
        database_folder=Path(folder), listen_host="127.0.0.1", health_port=1, metrics_port=65535, concurrency=1000, resync_seconds=86400
    )


@pytest.mark.parametrize("name", ["HEALTH_PORT", "METRICS_PORT", "CONCURRENCY", "RESYNC_SECONDS"])
@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "many", "100000", "8 0", "²"])
def test_a_number_that_cannot_be_is_refused_with_its_name_and_what_it_may_be(name: str, text: str, folder: str) -> None:
    assert f"{name} must be a whole number from 1 to " in _refused({"DATABASE_FOLDER": folder, name: text})


def test_all_problems_are_told_at_once_a_line_each() -> None:
    message = _refused({"HEALTH_PORT": "http", "METRICS_PORT": "0", "CONCURRENCY": "all", "RESYNC_SECONDS": "-5"})

    lines = message.splitlines()
    assert lines[0] == "The operator can't start:"
    assert [line.split()[0] for line in lines[1:]] == [
        "HEALTH_PORT",
        "METRICS_PORT",
        "CONCURRENCY",
        "RESYNC_SECONDS",
        "/etc/tenantry-database/url",
    ]


@pytest.mark.parametrize("address", ["https://10.0.0.1", "http://127.0.0.1:8443/", "https://[::1]:8443", "https://gateway.example.com"])
def test_an_ingress_to_ask_for_health_is_taken(address: str, folder: str) -> None:
    assert read_settings({"DATABASE_FOLDER": folder, "INGRESS": address}).ingress == address


def test_no_ingress_is_none(folder: str) -> None:
    assert read_settings({"DATABASE_FOLDER": folder, "INGRESS": ""}).ingress is None


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
def test_an_ingress_that_cannot_be_asked_is_refused(address: str, folder: str) -> None:
    assert "INGRESS must be http:// or https:// with a host and no path" in _refused({"DATABASE_FOLDER": folder, "INGRESS": address})
