"""What is known of a server that does not answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import OperationalError

#: Seconds for which even a server that refuses at once is left alone.
SHORTEST = 0.25


class Absence:
    """Spares tenants the wait for a server that one of them has waited for in vain: it is left alone for as long as that took, and then
    asked by one at a time until it answers. All others are told at once.
    """

    def __init__(self) -> None:
        self._said: str | None = None
        self._until = 0.0
        self._is_asked = False

    @property
    def is_known(self) -> bool:
        """Whether the server has not answered since it was away."""
        return self._said is not None

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around what finds out whether the server answers. Raises OperationalError without asking while it is known that it does not."""
        self.check()
        was_away = self._is_asked = self.is_known
        began = time.monotonic()
        try:
            yield
        except OperationalError as error:
            self.note(error, time.monotonic() - began)
            raise
        else:
            self._said = None
        finally:
            if was_away:
                self._is_asked = False

    def check(self) -> None:
        """Raises OperationalError if there is no use in asking now."""
        if self._said is not None and (self._is_asked or time.monotonic() < self._until):
            raise OperationalError(self._said)

    def note(self, error: OperationalError, took: float) -> None:
        """The server was waited for in vain, for `took` seconds."""
        self._said, self._until = str(error), time.monotonic() + max(took, SHORTEST)
