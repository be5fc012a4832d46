"""What is told in Kubernetes Events. That it is told: the end-to-end tests."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import pytest
from example_tenant import example_tenant
from lightkube import AsyncClient
from lightkube.resources.core_v1 import Event

from tenantry_operator.events import Events

TENANT = example_tenant()


class _Cluster:
    """Takes Events, or none."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.events: list[Event] = []
        self._refusal = refusal

    async def create(self, event: Event) -> None:
        if self._refusal is not None:
            raise self._refusal
        self.events.append(event)


def _record(cluster: _Cluster, *messages: str) -> None:
    events = Events(cast(AsyncClient, cluster))

    async def happen() -> None:
        for message in messages:
            await events.record(TENANT, "Warning", "CredentialsMissing", message)

    asyncio.run(happen())


def _recorded(*messages: str) -> list[dict[str, Any]]:
    cluster = _Cluster()
    _record(cluster, *messages)
    return [event.to_dict() for event in cluster.events]


def test_an_event_is_about_the_tenant_and_lies_where_those_of_objects_without_a_namespace_do() -> None:
    (event,) = _recorded("the Secret is gone")

    assert event["involvedObject"] == {
        "apiVersion": "tenantry.dev/v1",
        "kind": "Tenant",
        "name": "northwind",
        "uid": TENANT.metadata.uid,
    }
    assert event["metadata"]["namespace"] == "default"
    assert (event["type"], event["reason"], event["message"]) == ("Warning", "CredentialsMissing", "the Secret is gone")


def test_no_two_events_have_the_same_name() -> None:
    names = {event["metadata"]["name"] for event in _recorded(*["the Secret is gone"] * 20)}

    assert len(names) == 20


def test_a_message_is_cut_where_kubernetes_would_refuse_it() -> None:
    (event,) = _recorded("x" * 5000)

    assert len(event["message"]) == 1024


def test_what_cannot_be_told_is_logged_and_nothing_to_fail_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    _record(_Cluster(RuntimeError("the API server is away")), "the Secret is gone")

    (record,) = caplog.records
    assert "the API server is away" in record.getMessage()
    assert vars(record)["tenant"] == "northwind"
