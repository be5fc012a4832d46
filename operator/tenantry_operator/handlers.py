"""What Kopf is asked to see to: to start and to end the operator, to log it in, and to answer probes.

It watches nothing: see `watch`.
"""

from __future__ import annotations

from typing import Any

import kopf
import prometheus_client

from tenantry_operator.controller import Controller
from tenantry_operator.reconcile import WITHIN
from tenantry_operator.settings import Settings


def register(given: Settings, registry: kopf.OperatorRegistry) -> None:
    """Registers all handlers."""

    @kopf.on.login(registry=registry)
    async def log_in(**given: Any) -> kopf.ConnectionInfo | None:
        return kopf.login_with_service_account(**given) or kopf.login_with_kubeconfig(**given)

    @kopf.on.startup(registry=registry)
    async def start(settings: kopf.OperatorSettings, memo: kopf.Memo, **_: Any) -> None:
        settings.posting.enabled = False
        # There is no resource that Kopf should look for.
        settings.scanning.disabled = True
        memo.controller = Controller(given)
        memo.controller.start()
        memo.metrics, _thread = prometheus_client.start_http_server(given.metrics_port, given.listen_host)

    @kopf.on.cleanup(registry=registry)
    async def stop(memo: kopf.Memo, **_: Any) -> None:
        await memo.controller.stop()
        memo.metrics.shutdown()

    @kopf.on.probe(registry=registry, id="slowest_look_seconds")
    async def slowest(memo: kopf.Memo, **_: Any) -> float:
        if memo.controller.has_failed:
            raise kopf.PermanentError("a part of the operator has ended; its log says which")
        longest: float = memo.controller.longest_look
        # Every look has a deadline. One that goes on past it will never end: the probe fails, and the kubelet starts anew.
        if longest > 2 * WITHIN:
            raise kopf.PermanentError(f"a look at a Tenant has been going on for {longest:.0f} s")
        return round(longest, 1)

    # No failure: to start anew would not give it what it lacks.
    @kopf.on.probe(registry=registry, id="cannot_see")
    async def cannot_see(memo: kopf.Memo, **_: Any) -> list[str]:
        troubles: list[str] = memo.controller.cannot_see
        return troubles
