"""What a tenant's Secret says. That it is made first, once, and never anew: the end-to-end tests."""

from __future__ import annotations

import base64

import pytest
from example_tenant import example_tenant
from lightkube.resources.core_v1 import Secret
from live_object import live_object

from tenantry_operator.credentials import Credentials, _missing, _read, _secret
from tenantry_operator.problems import Stalled

TENANT = example_tenant()


def _live(uid: str = "1", **data: bytes) -> Secret:
    """A Secret as the API server returns it."""
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    return live_object(Secret, {"metadata": {"name": "database", "uid": uid}, "data": encoded})


def _credentials(uid: str = "1", username: bytes = b"tenant_northwind", password: bytes = b"s3cret") -> Credentials:
    return _read(TENANT, _live(uid, username=username, password=password))


def test_user_and_password_are_those_of_the_secret() -> None:
    credentials = _credentials(password="pässword".encode())

    assert (credentials.username, credentials.password) == ("tenant_northwind", "pässword")


def test_the_version_is_the_same_while_the_secret_is() -> None:
    assert _credentials().version == _credentials().version


def test_the_version_changes_with_the_password_and_with_the_secret() -> None:
    assert len({_credentials().version, _credentials(password=b"another").version, _credentials(uid="2").version}) == 3


def test_no_password_stands_in_what_is_printed_of_credentials() -> None:
    assert "s3cret" not in repr(_credentials())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"username": b"tenant_northwind"}, id="no password"),
        pytest.param({"username": b"tenant_northwind", "password": b""}, id="an empty password"),
        pytest.param({"username": b"tenant_northwind", "password": b"s3\0cret"}, id="a password that PostgreSQL does not take"),
        pytest.param({"username": b"tenant_northwind", "password": b"\xff\xfe"}, id="a password that is no text"),
        pytest.param({"username": b"postgres", "password": b"s3cret"}, id="another user"),
        pytest.param({"password": b"s3cret"}, id="no user"),
    ],
)
def test_a_secret_that_cannot_be_used_stalls_and_says_how_to_mend_it_without_what_it_says(data: dict[str, bytes]) -> None:
    with pytest.raises(Stalled) as stalled:
        _read(TENANT, _live("1", **data))

    assert stalled.value.reason == "CredentialsInvalid"
    assert "Restore it from a backup, or delete it" in stalled.value.message
    assert "kubectl --namespace tenant-northwind create secret generic database" in stalled.value.message
    assert "s3cret" not in str(stalled.value)


def test_a_secret_that_is_gone_is_told_with_what_to_do() -> None:
    message = _missing(TENANT)

    assert "Restore the Secret from a backup, or give the role a new password" in message
    assert "kubectl --namespace tenant-northwind create secret generic database" in message
    assert "--from-literal=username=tenant_northwind" in message


def test_every_password_is_another_and_long_enough() -> None:
    made = [_secret(TENANT).stringData or {} for _ in range(3)]

    assert len({one["password"] for one in made}) == 3
    assert all(len(one["password"]) >= 40 and one["username"] == "tenant_northwind" for one in made)
