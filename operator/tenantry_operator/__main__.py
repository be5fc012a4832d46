"""Starts the operator: `python -m tenantry_operator`."""

import gc
import logging
import os
import sys
from typing import Any, cast

import kopf

from tenantry_operator.handlers import register
from tenantry_operator.labels import MANAGER
from tenantry_operator.settings import WrongSettings, read_settings


def main() -> None:
    """Runs until it is told to end. Its log is JSON, a line each."""
    try:
        settings = read_settings(os.environ)
    except WrongSettings as error:
        sys.exit(str(error))
    # Each page of a LIST is a hundred thousand containers without a cycle, which are gone a moment later. To search all that is kept for
    # garbage again and again because of them took half the time of a start beside thousands of tenants.
    gc.set_threshold(100_000, 10, 10)
    kopf.configure(log_format=kopf.LogFormat.JSON)
    # That an event was handled, or a request answered, is no news; what came of it is logged with the tenant's name.
    for chatty in ("httpx2", "aiohttp.access", "kopf.objects", "kopf.activities.startup", "kopf.activities.probe"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    registry = kopf.OperatorRegistry()
    register(settings, registry)
    kopf.run(
        registry=registry,
        # Kopf would make one from the user's name, which a container's user does not have, and end when there is none.
        identity=cast(Any, MANAGER),
        memo=kopf.Memo(),
        standalone=True,
        clusterwide=True,
        liveness_endpoint=f"http://{settings.listen_host}:{settings.health_port}/healthz",
    )


if __name__ == "__main__":
    main()
