"""Where a tenant's credentials come from. With a real API server and a real PostgreSQL: the end-to-end tests."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, cast

import pytest
from example_tenant import example_tenant
from lightkube.resources.core_v1 import Secret
from live_object import live_object

from tenantry_operator.cluster import Cluster
from tenantry_operator.credentials import Credentials, Known, ensure_credentials
from tenantry_operator.credentials_secret import seen_secret, version_of
from tenantry_operator.database import Databases
from tenantry_operator.labels import labels_of
from tenantry_operator.problems import LoginLost, Pending, Stalled

TENANT = example_tenant()
NOBODY_IS_ASKED = cast(Databases, None)


class _Cluster:
    """Secrets by name, and what was asked of them."""

    def __init__(self, *secrets: Secret) -> None:
        self.secrets = {one.metadata.name: one for one in secrets if one.metadata}
        self.asked: list[str] = []

    async def find(self, kind: type, name: str, namespace: str) -> Secret | None:
        assert (kind, namespace) == (Secret, "tenant-northwind")
        self.asked.append(f"get {name}")
        return self.secrets.get(name)

    async def create(self, secret: Secret) -> Secret | None:
        assert secret.metadata is not None
        name = secret.metadata.name or ""
        self.asked.append(f"create {name}")
        if name in self.secrets:
            return None
        body: dict[str, Any] = secret.to_dict()
        body["metadata"] |= {"uid": "of the copy"}
        texts = body.pop("stringData", {}) or {}
        body["data"] = body.get("data") or {key: base64.b64encode(value.encode()).decode() for key, value in texts.items()}
        self.secrets[name] = live_object(Secret, body)
        return self.secrets[name]

    async def label(self, live: Secret, labels: dict[str, str]) -> None:
        assert live.metadata is not None
        live.metadata.labels = (live.metadata.labels or {}) | labels


class _Roles:
    """Stands for PostgreSQL, which is asked for one thing."""

    def __init__(self, *tenants: str, marked: bool = True) -> None:
        self._tenants = tenants
        self._marked = marked

    async def has_role(self, tenant: str) -> bool:
        return tenant in self._tenants

    async def is_role_marked(self, tenant: str) -> bool:
        return self._marked and tenant in self._tenants


def _secret(name: str = "tenantry-credentials", password: str = "s3cret") -> Secret:
    data = {"username": "tenant_northwind", "password": password}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return live_object(Secret, {"metadata": {"name": name, "uid": "of old", "labels": labels_of("northwind")}, "data": encoded})


def _ensured(cluster: _Cluster, databases: object, known: Known | None = None) -> tuple[Credentials, bool]:
    return asyncio.run(ensure_credentials(cast(Cluster, cluster), cast(Databases, databases), TENANT, known or Known()))


def test_a_secret_that_a_watch_told_of_is_not_read() -> None:
    cluster = _Cluster()

    credentials, created = _ensured(cluster, NOBODY_IS_ASKED, Known(seen=seen_secret(_secret())))

    assert (credentials, created, cluster.asked) == (Credentials(version_of(_secret()), "tenant_northwind", "", "s3cret"), False, [])


def test_a_secret_that_is_there_needs_no_postgresql() -> None:
    credentials, created = _ensured(_Cluster(_secret()), NOBODY_IS_ASKED)

    assert (credentials, created) == (Credentials(version_of(_secret()), "tenant_northwind", "", "s3cret"), False)


def test_a_secret_that_lacks_its_labels_gets_them() -> None:
    cluster, bare = _Cluster(_secret()), _secret()
    assert bare.metadata is not None
    bare.metadata.labels = None
    cluster.secrets["tenantry-credentials"] = bare

    _ensured(cluster, NOBODY_IS_ASKED, Known(seen=seen_secret(bare)))

    assert bare.metadata.labels == labels_of("northwind")


def test_a_new_tenant_gets_one_and_nothing_is_read() -> None:
    cluster = _Cluster()

    credentials, created = _ensured(cluster, _Roles(), Known(is_new=True))

    assert created
    assert credentials.password
    assert cluster.asked == ["create tenantry-credentials"]


@pytest.mark.parametrize(("marked", "kind"), [(True, LoginLost), (False, Stalled)])
def test_where_the_role_is_there_and_the_secret_is_not_none_is_made(marked: bool, kind: type[Stalled]) -> None:
    cluster = _Cluster()

    with pytest.raises(Stalled) as stalled:
        _ensured(cluster, _Roles("northwind", marked=marked))

    assert (stalled.value.reason, type(stalled.value)) == ("CredentialsMissing", kind)
    assert cluster.secrets == {}


@pytest.mark.parametrize("running", [frozenset[str](), frozenset({version_of(_secret("database")), "another"})])
def test_a_secret_of_the_former_name_is_brought_over_without_postgresql_and_starts_no_pod_again(running: frozenset[str]) -> None:
    cluster = _Cluster(_secret("database"))
    before = cluster.secrets["database"].to_dict()

    credentials, created = _ensured(cluster, NOBODY_IS_ASKED, Known(running=running))

    assert (credentials, created) == (Credentials(version_of(_secret("database")), "tenant_northwind", "", "s3cret"), True)
    assert cluster.secrets["database"].to_dict() == before
    assert _ensured(cluster, NOBODY_IS_ASKED, Known(running=running)) == (credentials, False)


def test_one_of_the_former_name_is_not_brought_over_again_when_the_password_has_changed_since() -> None:
    cluster = _Cluster(_secret("database", "leaked"))

    with pytest.raises(Stalled) as stalled:
        _ensured(cluster, NOBODY_IS_ASKED, Known(running=frozenset({"0123456789abcdef"})))

    assert stalled.value.reason == "CredentialsMissing"
    assert "if database is right: kubectl" in stalled.value.message
    assert list(cluster.secrets) == ["database"]


def test_one_of_the_former_name_that_cannot_be_used_is_told_of_by_its_name() -> None:
    cluster = _Cluster(_secret("database", ""))

    with pytest.raises(Stalled, match="the Secret tenant-northwind/database must have") as stalled:
        _ensured(cluster, NOBODY_IS_ASKED)

    assert "patch secret database " in stalled.value.message
    assert list(cluster.secrets) == ["database"]


def test_a_secret_that_comes_and_goes_is_looked_for_again() -> None:
    class Vanishing(_Cluster):
        async def create(self, secret: Secret) -> Secret | None:
            return None

    with pytest.raises(Pending) as pending:
        _ensured(Vanishing(), _Roles())
    assert pending.value.reason == "CredentialsGone"


def test_somebody_who_makes_the_secret_first_is_right() -> None:
    class Quicker(_Cluster):
        async def create(self, secret: Secret) -> Secret | None:
            self.secrets["tenantry-credentials"] = _secret(password="theirs")
            return None

    credentials, created = _ensured(Quicker(), _Roles())

    assert (credentials.password, created) == ("theirs", False)


def test_no_password_stands_in_what_is_printed_of_credentials() -> None:
    assert "s3cret" not in repr(Credentials("version", "role", "", "s3cret"))
