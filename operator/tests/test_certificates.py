"""The certificates in a tenant's Secret."""

from __future__ import annotations

import asyncio
import base64
from typing import cast

from example_tenant import example_tenant
from lightkube.resources.core_v1 import Secret
from live_object import live_object

from tenantry_operator.certificates import ensure_certificates
from tenantry_operator.cluster import Cluster
from tenantry_operator.credentials_secret import SeenSecret, ca_in, login_in, seen_secret, version_of
from tenantry_operator.labels import labels_of

TENANT = example_tenant()


class _Cluster:
    """One Secret, and what was asked of it."""

    def __init__(self) -> None:
        data = {"username": TENANT.role, "password": "s3cret"}
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        metadata = {"name": "tenantry-credentials", "uid": "1", "labels": labels_of(TENANT.name)}
        self.secret: Secret | None = live_object(Secret, {"metadata": metadata, "data": encoded})
        self.asked: list[str] = []

    async def find(self, kind: type, name: str, namespace: str) -> Secret | None:
        assert (kind, name, namespace) == (Secret, "tenantry-credentials", TENANT.namespace)
        self.asked.append("get")
        return self.secret

    async def put_into(self, live: Secret, key: str, value: str) -> None:
        self.asked.append(f"put {key}")
        live.data = (live.data or {}) | {key: base64.b64encode(value.encode()).decode()}


def _ensured(cluster: _Cluster, ca: str, seen: SeenSecret | None = None) -> list[str]:
    cluster.asked.clear()
    asyncio.run(ensure_certificates(cast(Cluster, cluster), TENANT, seen, ca))
    return cluster.asked


def test_they_are_put_beside_the_credentials_which_stay_as_they_are_and_of_the_same_version() -> None:
    cluster = _Cluster()
    assert cluster.secret is not None
    before = version_of(cluster.secret)

    assert _ensured(cluster, "of today") == ["get", "put ca.crt"]
    assert (version_of(cluster.secret), login_in(TENANT, cluster.secret)[1], ca_in(cluster.secret)) == (before, "s3cret", "of today")


def test_where_they_are_there_nothing_is_written_and_where_a_watch_told_of_them_nothing_is_asked() -> None:
    cluster = _Cluster()
    _ensured(cluster, "of today")
    assert cluster.secret is not None

    assert _ensured(cluster, "of today") == ["get"]
    assert _ensured(cluster, "of today", seen_secret(cluster.secret)) == []
    assert _ensured(cluster, "of tomorrow", seen_secret(cluster.secret)) == ["get", "put ca.crt"]


def test_the_last_ones_stay_where_there_are_none_any_more() -> None:
    cluster = _Cluster()
    _ensured(cluster, "of today")
    assert cluster.secret is not None

    assert _ensured(cluster, "") == []
    assert ca_in(cluster.secret) == "of today"


def test_a_secret_that_is_gone_is_left_to_who_makes_secrets() -> None:
    cluster = _Cluster()
    cluster.secret = None

    assert _ensured(cluster, "of today") == ["get"]
