"""Somebody who undoes what the operator does, again and again, must not have it write for ever. Pure."""

from __future__ import annotations

from typing import NamedTuple

from tenantry_operator.accepted import MOST, Key
from tenantry_operator.drift import Seen

#: So many times within so many seconds an object is brought from one state to another. After that it is told, and done more seldom.
TIMES = 5
WITHIN = 60.0


class _Repair(NamedTuple):
    at: float
    #: From what to what.
    live: Seen
    wanted: str


class Fights:
    """Remembers what was put right lately."""

    def __init__(self) -> None:
        self._repairs: dict[Key, list[_Repair]] = {}

    def is_one(self, key: Key, live: Seen, now: float) -> bool:
        """Whether an object was put right so often lately that somebody must be undoing it."""
        same = {one.live.version for one in self._repairs.get(key, []) if one.at > now - WITHIN and one.live.digest == live.digest}
        # What is only seen late, at a version that was put right already, tells of nobody.
        return len(same - {live.version}) >= TIMES

    def record(self, key: Key, live: Seen, wanted: str, now: float) -> None:
        """An object in this state was made what is wanted. Another wish is no part of a fight about the last one."""
        before = [one for one in self._repairs.get(key, []) if one.at > now - WITHIN and one.wanted == wanted]
        self._repairs[key] = [*before, _Repair(now, live, wanted)]
        if len(self._repairs) > MOST:
            self._repairs = {key: repairs for key, repairs in self._repairs.items() if repairs[-1].at > now - WITHIN}
