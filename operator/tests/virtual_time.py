"""Time that passes only when nothing else is left to do: an hour of waiting takes no longer than a second of it."""

from __future__ import annotations

import asyncio
import pkgutil
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, tzinfo
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

import tenantry_operator

#: 2026-03-01T00:00:00Z.
EPOCH = 1772323200.0
FOR_EVER = 100_000


class Loop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own. What it runs must do nothing that is not in memory."""

    def __init__(self) -> None:
        self._now = 0.0
        #: Rounds in which no time passed.
        self.rounds = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self._now

    def pass_by(self, seconds: float) -> None:
        """Nothing is left to do before then."""
        # A bit more, so that no rounding keeps what is due from being so.
        self._now += seconds + 1e-9
        self.rounds = 0


class _Selector(selectors.SelectSelector):
    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing will ever happen again")
        if timeout > 0:
            self._loop.pass_by(timeout)
        self._loop.rounds += 1
        if self._loop.rounds > FOR_EVER:
            raise RuntimeError("something goes on for ever without time passing")
        return super().select(0)


def now() -> float:
    """Seconds since the epoch."""
    return EPOCH + asyncio.get_running_loop().time()


def rfc3339() -> str:
    """The same, as Kubernetes has it."""
    return datetime.fromtimestamp(now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Datetime(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.fromtimestamp(now(), tz)


def use_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has every module of the operator read the clock of the loop."""
    clock = SimpleNamespace(time=now, monotonic=now, time_ns=lambda: int(now() * 1e9))
    for found in pkgutil.iter_modules(tenantry_operator.__path__):
        if found.name.startswith("__"):
            continue
        module = import_module(f"tenantry_operator.{found.name}")
        if hasattr(module, "time"):
            monkeypatch.setattr(module, "time", clock)
        if getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", _Datetime)


def run(story: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine to its end."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(story)
