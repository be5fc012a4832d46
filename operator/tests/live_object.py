"""Objects as the API server returns them."""

from __future__ import annotations

from typing import Any, TypeVar, cast

Kind = TypeVar("Kind")


def live_object(kind: type[Kind], body: dict[str, Any]) -> Kind:
    """An object of one of lightkube's classes, which don't say what their `from_dict` returns."""
    return cast(Kind, cast(Any, kind).from_dict(body))
