"""What a tenant's Secret says, and what is kept of it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from example_tenant import example_tenant
from lightkube.resources.core_v1 import Secret
from live_object import live_object

from tenantry_operator.credentials_secret import copy_of, login_in, new_secret, seen_secret, version_of
from tenantry_operator.labels import labels_of
from tenantry_operator.problems import Stalled

TENANT = example_tenant()


def _live(
    data: dict[str, bytes], uid: str = "1", annotations: dict[str, str] | None = None, labels: dict[str, str] | None = None
) -> Secret:
    """A Secret as the API server returns it."""
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    metadata: dict[str, Any] = {"name": "tenantry-credentials", "uid": uid, "resourceVersion": "7"}
    metadata |= {"annotations": annotations or {}, "labels": labels or {}}
    return live_object(Secret, {"metadata": metadata, "data": encoded})


def _usable(uid: str = "1", password: bytes = b"s3cret", **more: Any) -> Secret:
    return _live({"username": b"tenant_northwind", "password": password}, uid, **more)


def _returned(made: Secret, uid: str) -> Secret:
    """What was made, as the API server returns it."""
    body: dict[str, Any] = made.to_dict()
    body["metadata"] |= {"uid": uid}
    return live_object(Secret, body)


def test_the_password_is_that_of_the_secret() -> None:
    assert login_in(TENANT, _usable(password="pässword".encode()))[1] == "pässword"


def test_the_version_is_the_same_while_the_secret_is() -> None:
    assert version_of(_usable()) == version_of(_usable())


def test_the_version_changes_with_the_password_and_with_the_secret() -> None:
    assert len({version_of(_usable()), version_of(_usable(password=b"another")), version_of(_usable(uid="2"))}) == 3


def test_the_version_is_that_of_operators_before_this_one() -> None:
    # Or all pods of all tenants would start again at once, with the operator's upgrade.
    assert version_of(_usable()) == "45f750ff61fb56cf"


def test_every_secret_has_a_version_whether_it_can_be_used_or_not() -> None:
    versions = {version_of(_live(one)) for one in ({}, {"password": b"\xff"}, {"username": b"\xff\0"})} | {version_of(Secret())}

    assert all(len(one) == 16 for one in versions)


def test_a_secret_that_is_brought_over_says_the_same_in_the_same_version() -> None:
    former = _usable(uid="of old", labels={"team": "blue"})

    copy = _returned(copy_of(TENANT, former), uid="new")

    assert version_of(copy) == version_of(former)
    assert login_in(TENANT, copy)[1] == "s3cret"
    assert copy.metadata is not None
    assert (copy.metadata.name, copy.metadata.namespace) == ("tenantry-credentials", "tenant-northwind")
    assert copy.metadata.labels == {"team": "blue"} | labels_of("northwind")


def test_the_version_of_one_that_was_brought_over_changes_with_its_password() -> None:
    assert version_of(_usable(annotations={"tenantry.dev/former-uid": "0"})) == version_of(_usable(uid="0"))
    assert version_of(_usable(annotations={"tenantry.dev/former-uid": "0"}, password=b"another")) != version_of(_usable(uid="0"))


def test_a_secret_that_was_seen_serves_the_tenant_whose_it_is_alone() -> None:
    seen = seen_secret(_usable(labels=labels_of("northwind")))

    assert (seen.uid, seen.resource_version, seen.version) == ("1", "7", version_of(_usable()))
    assert seen.serves(TENANT)
    assert not seen.serves(example_tenant(metadata={"name": "southwind"}))


def test_a_secret_serves_with_either_role_of_the_tenant_and_tells_by_which_word_it_came() -> None:
    data = {"username": b"login2_northwind", "password": b"s3cret"}
    seen = seen_secret(_live(data, annotations={"tenantry.dev/rotation": "2026-11"}, labels=labels_of("northwind")))

    assert (seen.serves(TENANT), seen.username, seen.rotation) == (True, "login2_northwind", "2026-11")
    assert login_in(TENANT, _live(data)) == ("login2_northwind", "s3cret")


def test_the_version_is_no_other_for_another_word() -> None:
    assert version_of(_usable(annotations={"tenantry.dev/rotation": "2026-11"})) == version_of(_usable())


def test_a_new_secret_has_the_word_that_is_asked_for_and_none_where_none_is() -> None:
    asked = example_tenant({"database": {"name": "tenant_northwind", "deletionPolicy": "Retain", "rotation": "2026-11"}})
    annotations = [made.metadata.annotations for made in (new_secret(asked), new_secret(TENANT)) if made.metadata]

    assert annotations == [{"tenantry.dev/rotation": "2026-11"}, None]


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(_usable(), id="no labels"),
        pytest.param(_usable(labels={"tenantry.dev/tenant": "northwind"}), id="half of the labels"),
        pytest.param(_usable(labels=labels_of("southwind")), id="another's labels"),
        pytest.param(_usable(labels=labels_of("northwind"), password=b""), id="no password"),
        pytest.param(_live({"username": b"postgres", "password": b"s3cret"}, labels=labels_of("northwind")), id="another user"),
    ],
)
def test_a_secret_that_lacks_something_is_read_again(secret: Secret) -> None:
    assert not seen_secret(secret).serves(TENANT)


def test_no_password_is_kept_of_a_secret_that_was_seen() -> None:
    assert "s3cret" not in repr(seen_secret(_usable()))


UNUSABLE_PASSWORD = {
    "no password": {"username": b"tenant_northwind"},
    "an empty password": {"username": b"tenant_northwind", "password": b""},
    "a password that PostgreSQL does not take": {"username": b"tenant_northwind", "password": b"s3\0cret"},
    "a password that is no text": {"username": b"tenant_northwind", "password": b"\xff\xfe"},
    "nothing": {},
}
WRONG_USERNAME = {
    "another user": {"username": b"postgres", "password": b"s3cret"},
    "no user": {"password": b"s3cret"},
    "a user that is no text": {"username": b"\xff\xfe", "password": b"s3cret"},
}


@pytest.mark.parametrize("data", [pytest.param(data, id=what) for what, data in (UNUSABLE_PASSWORD | WRONG_USERNAME).items()])
def test_a_secret_that_cannot_be_used_stalls_without_telling_what_it_says(data: dict[str, bytes]) -> None:
    with pytest.raises(Stalled) as stalled:
        login_in(TENANT, _live(data))

    assert stalled.value.reason == "CredentialsInvalid"
    assert "Restore it from a backup, or " in stalled.value.message
    assert "kubectl --namespace tenant-northwind patch secret tenantry-credentials --patch" in stalled.value.message
    assert "s3cret" not in str(stalled.value)


@pytest.mark.parametrize("data", [pytest.param(data, id=what) for what, data in WRONG_USERNAME.items()])
def test_a_password_that_can_be_used_is_kept_where_the_user_is_wrong(data: dict[str, bytes]) -> None:
    with pytest.raises(Stalled) as stalled:
        login_in(TENANT, _live(data))

    assert stalled.value.message.endswith('--patch \'{"stringData": {"username": "tenant_northwind"}}\'')


def test_every_password_is_another_and_long_enough() -> None:
    made = [new_secret(TENANT).stringData or {} for _ in range(3)]

    assert len({one["password"] for one in made}) == 3
    assert all(len(one["password"]) >= 40 and one["username"] == "tenant_northwind" for one in made)
