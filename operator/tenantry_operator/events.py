"""Kubernetes Events about a Tenant: what `kubectl describe tenant` and `kubectl get events` show a person."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import Literal

from lightkube import AsyncClient
from lightkube.models.core_v1 import EventSource, ObjectReference
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Event

from tenantry_operator.labels import MANAGER
from tenantry_operator.tenant import Tenant

#: Where Kubernetes keeps the Events of objects that lie in no namespace.
NAMESPACE = "default"
LONGEST_MESSAGE = 1024

logger = logging.getLogger(__name__)


class Events:
    """Tells people what happened. What can't be told is not worth failing for."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def record(self, tenant: Tenant, kind: Literal["Normal", "Warning"], reason: str, message: str) -> None:
        """Tells of something that happened just now."""
        now = datetime.now(UTC)
        event = Event(
            metadata=ObjectMeta(name=f"{tenant.name}.{time.time_ns():x}", namespace=NAMESPACE),
            involvedObject=ObjectReference(apiVersion="tenantry.dev/v1", kind="Tenant", name=tenant.name, uid=tenant.metadata.uid),
            type=kind,
            reason=reason,
            message=message[:LONGEST_MESSAGE],
            source=EventSource(component=MANAGER),
            reportingComponent=MANAGER,
            reportingInstance=MANAGER,
            action=reason,
            firstTimestamp=now,
            lastTimestamp=now,
            count=1,
        )
        try:
            await self._client.create(event)
        except Exception as error:
            logger.info("an event could not be recorded: %s", error, extra={"tenant": tenant.name})
