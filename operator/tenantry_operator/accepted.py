"""What the API server makes of the operator's own writes, by admission webhooks or by defaults that nobody here knows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenantry_operator.drift import details, digest

#: A webhook that writes something new each time must not fill the memory.
MOST = 10_000

#: Kind, namespace and name.
Key = tuple[str, str | None, str]


def key_of(body: Mapping[str, Any]) -> Key:
    """What names an object."""
    return body["kind"], body["metadata"].get("namespace"), body["metadata"]["name"]


class Accepted:
    """Learns from the answers to full replacements: what those still have besides what was sent is there by design, and is left."""

    def __init__(self) -> None:
        #: Kind, path, and what stands for the value.
        self._details: set[tuple[str, str, str]] = set()
        #: By object: what was asked for, and what it came to.
        self._answers: dict[Key, tuple[str, str]] = {}

    def learn(self, desired: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Takes what the answer to a full replacement by `desired` has for what it should be."""
        if len(self._details) > MOST:
            self._details.clear()
        self._details |= {(desired["kind"], path, value) for path, value in details(desired, answer)}
        self._remember(desired, answer)

    def covers(self, desired: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
        """Whether an answer is what was asked for, but for what was learned."""
        found = {(desired["kind"], path, value) for path, value in details(desired, answer)}
        if not found <= self._details:
            return False
        if found:
            self._remember(desired, answer)
        else:
            self._answers.pop(key_of(desired), None)
        return True

    def holds(self, desired: Mapping[str, Any], wanted: str, live: str) -> bool:
        """Whether there is nothing to write: `wanted` and `live` are the digests of what is asked for and of what is there."""
        return wanted == live or self._answers.get(key_of(desired)) == (wanted, live)

    def _remember(self, desired: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        if len(self._answers) > MOST:
            self._answers.clear()
        self._answers[key_of(desired)] = digest(desired), digest(answer, desired["kind"])
