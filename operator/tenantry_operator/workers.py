"""Looks after every Tenant: one task each, few of them at work at the same time."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tenantry_operator.outcome import Outcome

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How often a Tenant is looked at when nobody calls, in seconds."""

    #: A tenant that is ready.
    settled: float = 900.0
    #: One that needs a person: what the person does may be nothing that is watched, such as a Secret.
    stalled: float = 60.0
    #: One that goes on by itself, in case its news gets lost, and to say how far it is: later and later, up to `waiting`.
    progressing: float = 15.0
    #: One that may be done before anybody has to be told that it is not.
    brief: float = 5.0
    #: One that waits for others, in case nobody calls it, and to say what it waits for by now: later and later, up to this.
    waiting: float = 60.0
    #: One that failed: doubled each time, up to the longest.
    first_retry: float = 0.5
    last_retry: float = 60.0

    def after(self, outcome: Outcome, times: int) -> float:
        """Seconds until the next look, spread so that tenants do not march in step. `times`: how often in a row it has ended like this."""
        plain: dict[Outcome, float] = {
            Outcome.READY: self.settled,
            Outcome.STALLED: self.stalled,
            Outcome.PROGRESSING: min(self.progressing * 2 ** min(times - 1, 20), self.waiting),
            Outcome.BRIEF: self.brief,
            # The exponents are bounded too, or they would overflow in a year.
            Outcome.WAITING: min(self.brief * 2 ** min(times, 20), self.waiting),
        }
        retry: float = min(self.first_retry * 2 ** min(times - 1, 20), self.last_retry)
        return plain.get(outcome, retry) * random.uniform(0.9, 1.1)  # noqa: S311, no secret


@dataclass
class _Worker:
    #: Something changed that the tenant is made of.
    called: asyncio.Event = field(default_factory=asyncio.Event)
    #: The Tenant itself changed: worth a try even where the last ones failed.
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    #: Something happened during a look, which that look may have seen.
    noticed: bool = False
    task: asyncio.Task[None] | None = None


class Workers:
    """A task for each Tenant, which sleeps until somebody calls or its time has come."""

    def __init__(
        self,
        reconcile: Callable[[str], Awaitable[Outcome]],
        concurrency: int,
        pace: Pace,
        is_news: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """At most `concurrency` Tenants are worked on at once: one that is slow holds one place, and not for ever.

        `is_news` tells whether a Tenant is other than its last look saw and left it.
        """
        self._reconcile = reconcile
        self._is_news = is_news
        self._slots = asyncio.Semaphore(concurrency)
        self._pace = pace
        self._workers: dict[str, _Worker] = {}
        self._busy: dict[str, float] = {}

    def call(self, name: str, changed: bool) -> None:
        """Has a Tenant looked at soon. Many calls before that are one. `changed`: the Tenant itself is another than before."""
        worker = self._workers.get(name)
        if worker is None:
            worker = self._workers[name] = _Worker()
            worker.task = asyncio.create_task(self._attend(name, worker), name=f"tenant {name}")
        worker.called.set()
        if changed:
            worker.changed.set()

    def notice(self, name: str) -> None:
        """Has a Tenant looked at if something happened to it that no look has answered, or is about to answer."""
        worker = self._workers.get(name)
        if name in self._busy and worker is not None:
            worker.noticed = True
        elif self._is_news(name):
            self.call(name, changed=False)

    @property
    def longest(self) -> float:
        """Seconds for which the slowest look has been going on."""
        now = time.monotonic()
        return max((now - since for since in self._busy.values()), default=0.0)

    async def stop(self) -> None:
        """Ends all tasks. Whatever they were at is found by the next operator."""
        tasks = [worker.task for worker in self._workers.values() if worker.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _attend(self, name: str, worker: _Worker) -> None:
        before, times = Outcome.GONE, 0
        while True:
            async with self._slots:
                if worker.changed.is_set():
                    times = 0
                worker.called.clear()
                worker.changed.clear()
                worker.noticed = False
                outcome = await self._look(name)
            if worker.noticed and self._is_news(name):
                worker.called.set()
            if outcome is Outcome.GONE and not worker.called.is_set():
                del self._workers[name]
                return
            before, times = outcome, times + 1 if outcome is before else 1
            # A tenant that fails is left alone by its own noise, such as pods that come and go.
            signal = worker.changed if outcome is Outcome.FAILING else worker.called
            try:
                async with asyncio.timeout(self._pace.after(outcome, times)):
                    await signal.wait()
            except TimeoutError:
                pass

    async def _look(self, name: str) -> Outcome:
        self._busy[name] = time.monotonic()
        try:
            return await self._reconcile(name)
        except Exception as error:
            # Not even its status could be written, so the log is all there is.
            logger.warning("could not be looked at: %r", error, extra={"tenant": name})
            return Outcome.FAILING
        finally:
            del self._busy[name]
