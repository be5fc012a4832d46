"""A service with a role of AWS, whose pods have to begin after it is known."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import pytest
from api_server import Asked
from world import World, run_in_world, service

from tenantry_operator.services import ROLE_LEARNED

NAMESPACE = "tenant-northwind"
ONE, TWO = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"


@pytest.mark.parametrize(("before", "after"), [(None, ONE), ("", ONE), (ONE, TWO), (ONE, "")])
def test_pods_begin_with_another_role_when_whoever_gives_it_to_them_has_heard_of_it(
    before: str | None, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        written: defaultdict[str, list[float]] = defaultdict(list)

        async def note(asked: Asked) -> None:
            written[asked.kind].append(asyncio.get_running_loop().time())

        if before is not None:
            world.deploy("northwind", service(role=before))
            await world.until_ready()
        world.server.interfere = note
        world.deploy("northwind", service(role=after))
        await world.until(lambda: bool(written["Deployment"]))
        await world.until_ready()
        [account], [deployment] = written["ServiceAccount"], written["Deployment"]
        assert deployment - account >= ROLE_LEARNED
        annotations = world.server.get("ServiceAccount", "apiserver", NAMESPACE)["metadata"].get("annotations", {})
        assert annotations == ({"eks.amazonaws.com/role-arn": after} if after else {})

    run_in_world(story, monkeypatch)


def test_without_a_role_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        written: dict[str, float] = {}

        async def note(asked: Asked) -> None:
            written[asked.kind] = asyncio.get_running_loop().time()

        world.server.interfere = note
        world.deploy()
        await world.until_ready()
        assert written["Deployment"] - written["ServiceAccount"] < ROLE_LEARNED / 10

    run_in_world(story, monkeypatch)
