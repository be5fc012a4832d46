"""Is what is there what should be there?"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

#: What an object was made from, so that a field that is no longer asked for is noticed too.
FINGERPRINT = "tenantry.dev/fingerprint"


def fingerprint(desired: Mapping[str, Any]) -> str:
    """16 hexadecimal digits that stand for an object as it is asked for."""
    text = json.dumps(desired, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def differs(desired: Any, live: Any) -> bool:
    """Whether `live` lacks something of `desired`, both plain JSON.

    A live object has more than was asked for: defaults, and what others write. So maps may have keys besides those asked for.
    Lists may not: a container, a port or a rule that nobody asked for is a difference.
    """
    if isinstance(desired, Mapping):
        return not isinstance(live, Mapping) or any(differs(value, live.get(key)) for key, value in desired.items())
    if isinstance(desired, list):
        if not isinstance(live, list) or len(desired) != len(live):
            return True
        return any(differs(one, other) for one, other in zip(desired, live, strict=True))
    return bool(desired != live)
