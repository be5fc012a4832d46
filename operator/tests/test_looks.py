"""What is news of a tenant since it was last looked at."""

from __future__ import annotations

from tenantry_operator.cache import Cache, Key
from tenantry_operator.drift import Seen
from tenantry_operator.looks import Looks

KEY: Key = ("NetworkPolicy", "tenant")
RIGHT, EDITED = "a" * 16, "b" * 16


class World:
    """A cache that tells the looks of every change, as the controller has it."""

    def __init__(self) -> None:
        self._version = 0
        self.cache = Cache(lambda *_: None, self._heard)
        self.looks = Looks(self.cache)
        self.wanted: dict[Key, str] = {}

    def _heard(self, name: str, key: Key, before: Seen | None, now: Seen | None) -> None:
        self.looks.heard(name, key, before, now)

    def put(self, digest: str) -> None:
        """The object is like this now."""
        self._version += 1
        self.cache.put_object("acme", KEY, Seen("uid", self._version, digest))

    def begin(self) -> None:
        """A look begins."""
        self.looks.forget("acme")
        self.wanted = {}
        self.looks.wants("acme", self.wanted)

    def end(self) -> None:
        """And ends."""
        self.looks.remember("acme", self.wanted)

    @property
    def is_news(self) -> bool:
        """Whether another look is needed."""
        return self.looks.is_news("acme")


def looked_at() -> World:
    """A tenant that was looked at, and all of it was right."""
    world = World()
    world.put(RIGHT)
    world.begin()
    world.wanted[KEY] = RIGHT
    world.end()
    return world


def test_nothing_is_news_of_a_tenant_that_is_as_its_look_left_it() -> None:
    assert not looked_at().is_news


def test_what_somebody_edits_after_a_look_is_news() -> None:
    world = looked_at()
    world.put(EDITED)

    assert world.is_news


def test_what_somebody_edits_during_a_look_that_had_passed_it_already_is_news() -> None:
    world = looked_at()
    world.begin()
    world.wanted[KEY] = RIGHT
    world.put(EDITED)
    world.end()

    assert world.is_news


def test_what_a_look_itself_puts_right_is_none() -> None:
    world = looked_at()
    world.put(EDITED)
    world.begin()
    world.wanted[KEY] = RIGHT
    world.put(RIGHT)
    world.end()

    assert not world.is_news


def test_what_a_look_itself_removes_is_none() -> None:
    world = looked_at()
    world.begin()
    world.end()
    world.looks.removed("acme", KEY)
    world.cache.drop_object("acme", KEY)

    assert not world.is_news


def test_what_somebody_else_removes_is_news() -> None:
    world = looked_at()
    world.cache.drop_object("acme", KEY)

    assert world.is_news
