"""When a Tenant is looked at. No clock: a look begins and ends when the test says, and nothing else is going on meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.outcome import Outcome
from tenantry_operator.workers import Pace, Workers

#: Nobody is looked at again because time has passed.
PATIENT = Pace(*[9e6] * 7)
#: Everybody is looked at again at once.
HASTY = Pace(*[1e-3] * 7)
#: Seconds after which a test that waits for what never comes is ended.
FOR_EVER = 30


@dataclass(frozen=True)
class Look:
    """A look at a Tenant that goes on until the test ends it."""

    name: str
    _end: asyncio.Future[Outcome]

    @property
    def is_ended(self) -> bool:
        """Whether the test ended it, even if nobody noticed yet."""
        return self._end.done()

    async def ended(self) -> Outcome:
        """How the test had it end, as soon as it has."""
        return await self._end

    def end(self, outcome: Outcome) -> None:
        """Ends it well."""
        self._end.set_result(outcome)

    def fail(self, error: Exception) -> None:
        """Ends it with what even the status could not say."""
        self._end.set_exception(error)


class Bench:
    """Workers whose looks the test ends."""

    def __init__(self, pace: Pace, concurrency: int) -> None:
        self.workers = Workers(self._reconcile, concurrency, pace, lambda name: name in self.news)
        #: Tenants that are other than their last look saw them.
        self.news: set[str] = set()
        #: Looks that go on.
        self.open: list[Look] = []
        #: How many looks at each tenant have begun.
        self.looks: Counter[str] = Counter()
        self.most_at_once = 0
        #: The most looks at the same tenant that went on at once.
        self.most_at_one = 0
        self._begun: asyncio.Queue[Look] = asyncio.Queue()

    async def _reconcile(self, name: str) -> Outcome:
        look = Look(name, asyncio.get_running_loop().create_future())
        self.open.append(look)
        self.looks[name] += 1
        self.most_at_once = max(self.most_at_once, len(self.open))
        self.most_at_one = max(self.most_at_one, [one.name for one in self.open].count(name))
        self._begun.put_nowait(look)
        try:
            return await look.ended()
        finally:
            self.open.remove(look)

    async def next(self) -> Look:
        """The next look, however long it takes to begin."""
        return await self._begun.get()

    async def looked(self, name: str, *outcomes: Outcome) -> None:
        """Sees looks at a Tenant through that end like this."""
        for outcome in outcomes:
            look = await self.next()
            assert look.name == name
            look.end(outcome)
        await self.idle()

    async def idle(self) -> list[str]:
        """Lets everything happen that can without time passing; then who is being looked at, in the order in which they began."""
        for _ in range(20):
            await asyncio.sleep(0)
        return [look.name for look in self.open]


def on_bench(pace: Pace = PATIENT, concurrency: int = 4) -> Callable[[Callable[[Bench], Coroutine[Any, Any, None]]], Callable[[], None]]:
    """Makes a test of what is to happen on a bench."""

    def decorate(story: Callable[[Bench], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        def test() -> None:
            run(story, pace, concurrency)

        test.__name__ = story.__name__
        return test

    return decorate


def run(story: Callable[[Bench], Awaitable[None]], pace: Pace, concurrency: int) -> None:
    """Has a story happen, and leaves no task behind."""

    async def happen() -> None:
        bench = Bench(pace, concurrency)
        async with asyncio.timeout(FOR_EVER):
            try:
                await story(bench)
            finally:
                await bench.workers.stop()

    asyncio.run(happen())


@on_bench()
async def test_a_tenant_is_looked_at_when_somebody_calls(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)

    assert await bench.idle() == ["acme"]


@on_bench()
async def test_many_calls_before_a_look_are_one(bench: Bench) -> None:
    for _ in range(10):
        bench.workers.call("acme", changed=True)
    await bench.looked("acme", Outcome.READY)

    assert await bench.idle() == []


@on_bench()
async def test_many_calls_during_a_look_are_one_more(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    first = await bench.next()
    for _ in range(10):
        bench.workers.call("acme", changed=False)

    assert await bench.idle() == ["acme"], "never two looks at one tenant at a time"
    first.end(Outcome.READY)
    await bench.looked("acme", Outcome.READY)
    assert await bench.idle() == []


@pytest.mark.parametrize("outcome", [Outcome.READY, Outcome.PROGRESSING, Outcome.BRIEF, Outcome.WAITING, Outcome.STALLED])
@pytest.mark.parametrize("changed", [True, False])
def test_whoever_does_not_fail_is_looked_at_again_at_every_call(outcome: Outcome, changed: bool) -> None:
    async def story(bench: Bench) -> None:
        bench.workers.call("acme", changed=True)
        await bench.looked("acme", outcome)
        assert await bench.idle() == []

        bench.workers.call("acme", changed=changed)
        assert await bench.idle() == ["acme"]

    run(story, PATIENT, concurrency=1)


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.GONE])
def test_whoever_is_not_called_is_looked_at_again_all_the_same(outcome: Outcome) -> None:
    async def story(bench: Bench) -> None:
        bench.workers.call("acme", changed=True)
        for _ in range(3):
            (await bench.next()).end(outcome)

    run(story, HASTY, concurrency=1)


@on_bench()
async def test_a_tenant_that_fails_is_left_alone_by_its_own_noise(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    await bench.looked("acme", Outcome.FAILING)

    bench.workers.call("acme", changed=False)
    assert await bench.idle() == []


@on_bench()
async def test_a_change_of_a_tenant_that_fails_is_worth_a_try_at_once(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    await bench.looked("acme", Outcome.FAILING)

    bench.workers.call("acme", changed=True)
    assert await bench.idle() == ["acme"]


@on_bench()
async def test_a_change_during_a_look_that_fails_is_worth_a_try_at_once(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    look = await bench.next()
    bench.workers.call("acme", changed=True)
    look.end(Outcome.FAILING)

    assert await bench.idle() == ["acme"]


@on_bench()
async def test_a_tenant_that_failed_and_recovered_is_looked_at_again_at_every_call(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    await bench.looked("acme", Outcome.FAILING)
    bench.workers.call("acme", changed=True)
    await bench.looked("acme", Outcome.READY)

    bench.workers.call("acme", changed=False)
    assert await bench.idle() == ["acme"]


@on_bench()
async def test_what_happens_to_a_tenant_is_looked_at_if_it_is_news(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    await bench.looked("acme", Outcome.READY)

    bench.workers.notice("acme")
    assert await bench.idle() == []

    bench.news.add("acme")
    bench.workers.notice("acme")
    assert await bench.idle() == ["acme"]


@on_bench()
async def test_what_happens_during_a_look_is_looked_at_again_only_if_it_is_still_news_after_it(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    look = await bench.next()
    bench.news.add("acme")
    bench.workers.notice("acme")
    bench.news.clear()
    look.end(Outcome.READY)
    assert await bench.idle() == []

    bench.workers.call("acme", changed=True)
    look = await bench.next()
    bench.news.add("acme")
    bench.workers.notice("acme")
    look.end(Outcome.READY)
    assert await bench.idle() == ["acme"]


@on_bench()
async def test_what_happens_to_whoever_nobody_has_looked_at_yet_is_looked_at(bench: Bench) -> None:
    bench.news.add("acme")
    bench.workers.notice("acme")

    assert await bench.idle() == ["acme"]


@on_bench(HASTY)
async def test_a_look_that_ends_with_an_error_is_tried_again(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    (await bench.next()).fail(RuntimeError("the API server is away"))

    assert (await bench.next()).name == "acme"


def test_an_error_that_no_status_tells_of_is_logged_with_the_tenants_name(caplog: pytest.LogCaptureFixture) -> None:
    async def story(bench: Bench) -> None:
        bench.workers.call("acme", changed=True)
        (await bench.next()).fail(RuntimeError("the API server is away"))
        await bench.idle()

    run(story, PATIENT, concurrency=1)
    assert [(vars(record)["tenant"], "the API server is away" in record.getMessage()) for record in caplog.records] == [("acme", True)]


@on_bench(concurrency=2)
async def test_one_that_hangs_does_not_hold_up_others(bench: Bench) -> None:
    bench.workers.call("hangs", changed=True)
    hanging = await bench.next()
    for name in ("acme", "globex", "initech"):
        bench.workers.call(name, changed=True)
        await bench.looked(name, Outcome.READY)

    assert bench.open == [hanging]


@on_bench(concurrency=3)
async def test_no_more_are_looked_at_at_once_than_there_are_places(bench: Bench) -> None:
    names = [f"t{number}" for number in range(10)]
    for name in names:
        bench.workers.call(name, changed=True)

    began: list[str] = []
    while await bench.idle():
        assert len(bench.open) == min(3, len(names) - len(began))
        began.append(bench.open[0].name)
        bench.open[0].end(Outcome.READY)
    assert began == names, "everybody gets a place, in turn"


@on_bench(concurrency=1)
async def test_one_that_only_waits_for_its_time_takes_no_place(bench: Bench) -> None:
    for name, outcome in (("acme", Outcome.FAILING), ("globex", Outcome.PROGRESSING), ("initech", Outcome.STALLED)):
        bench.workers.call(name, changed=True)
        await bench.looked(name, outcome)


@on_bench(HASTY)
async def test_one_that_is_gone_is_not_looked_at_again(bench: Bench) -> None:
    before = asyncio.all_tasks()
    bench.workers.call("acme", changed=True)
    await bench.looked("acme", Outcome.GONE)

    assert asyncio.all_tasks() == before


@on_bench()
async def test_a_call_after_one_is_gone_starts_anew(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    await bench.looked("acme", Outcome.GONE)

    bench.workers.call("acme", changed=True)
    await bench.looked("acme", Outcome.READY)
    bench.workers.call("acme", changed=False)
    assert await bench.idle() == ["acme"]


@on_bench()
async def test_one_that_comes_back_while_it_is_found_gone_is_looked_at_again(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    look = await bench.next()
    bench.workers.call("acme", changed=True)
    look.end(Outcome.GONE)

    assert await bench.idle() == ["acme"]


@on_bench()
async def test_after_the_end_nobody_is_looked_at_and_no_task_is_left(bench: Bench) -> None:
    before = asyncio.all_tasks()
    for name in ("acme", "globex"):
        bench.workers.call(name, changed=True)
    await bench.looked("acme", Outcome.READY)
    assert await bench.idle() == ["globex"]

    await bench.workers.stop()
    bench.workers.call("acme", changed=True)
    assert await bench.idle() == []
    assert asyncio.all_tasks() == before


@on_bench()
async def test_the_longest_look_is_none_when_nobody_is_looked_at(bench: Bench) -> None:
    bench.workers.call("acme", changed=True)
    await bench.idle()
    assert bench.workers.longest > 0

    await bench.looked("acme", Outcome.READY)
    assert bench.workers.longest == 0


calls = st.tuples(st.just("call"), st.sampled_from(["a", "b", "c"]))
ends = st.tuples(st.just("end"), st.sampled_from([Outcome.READY, Outcome.STALLED, Outcome.FAILING, Outcome.GONE]))
moments = st.tuples(st.just("let things happen"), st.none())


@given(st.lists(calls | ends | moments, max_size=30), st.integers(1, 3))
def test_whatever_happens_a_look_begins_after_every_change(happens: list[tuple[str, Any]], concurrency: int) -> None:
    async def story(bench: Bench) -> None:
        #: By tenant, the looks that had begun when the last call came.
        looks_before: dict[str, int] = {}
        for what, about in happens:
            if what == "call":
                bench.workers.call(about, changed=True)
                looks_before[about] = bench.looks[about]
            elif what == "end" and bench.open and not bench.open[0].is_ended:
                bench.open[0].end(about)
            else:
                await bench.idle()
        while await bench.idle():
            bench.open[0].end(Outcome.READY)
        assert all(bench.looks[name] > before for name, before in looks_before.items())
        assert bench.most_at_once <= concurrency
        assert bench.most_at_one <= 1

    run(story, PATIENT, concurrency)


@dataclass(frozen=True)
class Diary(Pace):
    """A hasty pace that keeps what it was asked."""

    asked: list[tuple[Outcome, int]] = field(default_factory=list)

    def after(self, outcome: Outcome, failures: int) -> float:
        """Soon, whatever happened."""
        self.asked.append((outcome, failures))
        return 1e-3


def test_failures_in_a_row_are_counted_and_forgotten_once_it_does_not_fail() -> None:
    diary = Diary()

    async def story(bench: Bench) -> None:
        bench.workers.call("acme", changed=True)
        for outcome in (Outcome.FAILING, Outcome.FAILING, Outcome.STALLED, Outcome.FAILING, Outcome.READY):
            (await bench.next()).end(outcome)
        await bench.next()

    run(story, diary, concurrency=1)
    assert [failures for outcome, failures in diary.asked if outcome is Outcome.FAILING] == [1, 2, 1]


PACE = Pace(settled=900, stalled=60, progressing=15, brief=5, waiting=120, first_retry=0.5, last_retry=300)
SECONDS = {Outcome.READY: 900, Outcome.STALLED: 60, Outcome.PROGRESSING: 15, Outcome.BRIEF: 5, Outcome.WAITING: 10}


@pytest.mark.parametrize(("outcome", "seconds"), SECONDS.items(), ids=str)
def test_the_time_until_the_next_look_depends_on_how_the_last_one_ended(outcome: Outcome, seconds: float) -> None:
    assert 0.9 * seconds <= PACE.after(outcome, times=1) <= 1.1 * seconds


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.5), (2, 1), (3, 2), (10, 256), (11, 300), (12, 300), (10**9, 300)])
def test_one_that_fails_is_tried_later_and_later_but_not_for_ever(failures: int, seconds: float) -> None:
    assert 0.9 * seconds <= PACE.after(Outcome.FAILING, failures) <= 1.1 * seconds


@pytest.mark.parametrize(("times", "seconds"), [(1, 10), (2, 20), (4, 80), (5, 120), (10**9, 120)])
def test_one_that_waits_says_what_for_later_and_later_but_not_never(times: int, seconds: float) -> None:
    assert 0.9 * seconds <= PACE.after(Outcome.WAITING, times) <= 1.1 * seconds


def test_tenants_do_not_march_in_step() -> None:
    assert len({PACE.after(Outcome.READY, times=1) for _ in range(10)}) > 1
