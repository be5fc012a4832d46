"""Takes secrets out of what others wrote, in the forms in which programs write them down. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

#: What stands in place of a secret.
MARK = "***"
#: Characters. A shorter text is a word that logs are full of, such as `on` or `dev`, and no secret.
SHORTEST = 4


class Redaction:
    """Hides some secrets: as they are, URL-encoded, escaped in JSON or by Python, in Base64, and each of their lines."""

    def __init__(self, secrets: Iterable[str]) -> None:
        lines = {line for secret in secrets for line in [secret, *secret.splitlines()] if len(line) >= SHORTEST}
        # The longest first: what is a part of another would leave the rest of it.
        forms = sorted({form for line in lines for form in _forms(line)}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, forms))) if forms else None
        #: Characters of the longest form: where a text was cut, so many may be a part of a secret.
        self.longest = max(map(len, forms), default=0)

    def hide(self, text: str) -> str:
        """The text without the secrets."""
        return self._pattern.sub(MARK, text) if self._pattern else text


def _forms(secret: str) -> Iterator[str]:
    yield secret
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield re.sub("%[0-9A-F]{2}", lambda found: found.group().lower(), encoded)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield from _base64(secret.encode())


def _base64(secret: bytes) -> Iterator[str]:
    """Also within a longer text, such as `user:password` in a header: what it is there depends on where in three bytes it begins. Its first
    and last digit may be of what stands beside it."""
    yield base64.b64encode(secret).decode()
    yield base64.urlsafe_b64encode(secret).decode()
    for before in range(3):
        text = bytes(before) + secret
        first, last = -(-before * 8 // 6), len(text) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inner = encode(text).decode()[first:last]
            if len(inner) >= SHORTEST:
                yield inner
