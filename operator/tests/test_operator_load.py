"""The whole operator, with many tenants: what it keeps of each, and how it reads them."""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest
from world import World, after, run_in_world, service

from tenantry_operator import watch

#: Of one tenant with three services: its Tenant, its 16 objects, its last look, its place in the rings, its worker.
MOST_BYTES = 25_000


def _size(root: Any, known: set[int]) -> int:
    """Bytes of an object with all that it alone refers to. No RSS: that depends on the machine."""
    total, left = 0, [root]
    while left:
        one = left.pop()
        if id(one) in known or isinstance(one, type) or callable(one):
            continue
        known.add(id(one))
        total += sys.getsizeof(one)
        if isinstance(one, dict):
            left += [*one.keys(), *one.values()]
        elif hasattr(one, "__struct_fields__"):
            left += [getattr(one, name) for name in one.__struct_fields__]
        elif isinstance(one, (list, tuple, set, frozenset)):
            left += list(one)
        elif hasattr(one, "__dict__"):
            left.append(vars(one))
        elif hasattr(one, "__slots__"):
            left += [getattr(one, name) for name in one.__slots__]
    return total


def test_little_is_kept_of_each_tenant_so_that_thousands_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        names = [f"tenant-number-{number}" for number in range(20)]
        for name in names:
            world.deploy(name, service("web", path="/"), service(), service("worker", path=None))
        await world.until_ready(*names)
        operator = world.operator
        assert operator is not None
        gc.collect()
        # What all have in common counts once.
        kept = [operator._cache.tenants, operator._cache._objects, operator._looks._last, operator._turns._fleet, operator._hosts]
        known: set[int] = set()
        sizes = {type(one).__name__ + str(number): _size(one, known) for number, one in enumerate(kept)}
        each = sum(sizes.values()) / len(names)
        assert each < MOST_BYTES, f"5,000 tenants are {each * 5000 / 1e6:.0f} MB: {sizes}"

    run_in_world(story, monkeypatch)


def test_many_tenants_are_read_page_by_page_and_asked_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PAGE", 20)

    async def story(world: World) -> None:
        world.deploy("canary")
        await world.until_ready("canary")
        names = [f"t{number}" for number in range(50)]
        for name in names:
            world.deploy(name, ring="general")
        await world.until_ready(*names)
        async with world.restarted():
            world.begin_to_count()
        await world.pass_by(60)
        pages = [one for one in world.server.lists if one["kind"] == "Tenant"]
        assert [one["items"] for one in pages] == [20, 20, 11]
        assert all(one["items"] <= 20 for one in world.server.lists)
        assert (world.server.writes(), world.server.reads(), len(world.looks)) == ([], [], 51)

        # One of them changes, and costs what it costs alone.
        world.begin_to_count()
        world.deploy("t7", service(replicas=3), ring="general", rollout=after())
        await world.until_ready("t7")
        await world.pass_by()
        assert set(world.looks) == {"t7"}
        assert len(world.looks) <= 3
        assert len(world.server.writes()) == 2

    run_in_world(story, monkeypatch)
