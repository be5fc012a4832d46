"""Server-side apply, simplified: https://kubernetes.io/docs/reference/using-api/server-side-apply/"""

from __future__ import annotations

import copy
from typing import Any

#: What tells the entries of a list apart that is merged; lists of anything else are replaced whole.
LIST_KEYS = {"containers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath", "ports": "name"}


def merge(live: Any, applied: Any, atomic: bool = False, field: str = "") -> Any:
    """What comes of applying, or with `atomic` lists, of a merge patch."""
    if isinstance(live, dict) and isinstance(applied, dict):
        merged = dict(live)
        for name, value in applied.items():
            merged[name] = merge(live.get(name), value, atomic, name)
        return merged
    key = LIST_KEYS.get(field)
    if not atomic and key and isinstance(live, list) and isinstance(applied, list):
        by_key = {one[key]: one for one in live}
        wanted = {one[key]: merge(by_key.get(one[key]), one, atomic) for one in applied}
        return [*wanted.values(), *(one for name, one in by_key.items() if name not in wanted)]
    return copy.deepcopy(applied)


def prune(live: Any, former: Any, applied: Any, field: str = "") -> Any:
    """What is left of an object without what its manager applied before, and applies no more."""
    if isinstance(live, dict) and isinstance(former, dict):
        applied = applied if isinstance(applied, dict) else {}
        left = {}
        for name, value in live.items():
            if name in former and name not in applied and not isinstance(value, dict):
                continue
            left[name] = prune(value, former.get(name), applied.get(name), name)
            if name in former and name not in applied and left[name] == {}:
                del left[name]
        return left
    key = LIST_KEYS.get(field)
    if key and isinstance(live, list) and isinstance(former, list):
        olds, news = ({one[key]: one for one in found or []} for found in (former, applied))
        return [prune(one, olds.get(one[key]), news.get(one[key])) for one in live if one[key] in news or one[key] not in olds]
    return live
