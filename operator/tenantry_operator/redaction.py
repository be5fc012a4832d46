"""Takes secrets out of what others wrote, in the forms in which programs write them down. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

#: What stands in place of a secret.
MARK = "***"
#: Characters. A shorter text is a word that logs are full of, such as `on` or `dev`, and no secret.
SHORTEST = 4
#: Characters of all secrets of which each form is known, the shortest first. Of what is beyond, such as a bundle of certificates, only
#: lines as they are: the forms of 67,000 characters took 8 s to build, and nobody else is looked at meanwhile.
FORMS_OF = 2048


class Redaction:
    """Hides some secrets: each of their lines as it is, URL-encoded, escaped in JSON, SQL or by Python, in Base64 and hexadecimal; of a URL
    its password too, and of JSON each text. Base64 that is broken into lines is not known for one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        lines = {line for secret in secrets for part in _parts(secret) for line in [part, *part.splitlines()] if len(line) >= SHORTEST}
        shortest_first = sorted(lines, key=lambda line: (len(line), line))
        known, left = [], FORMS_OF
        while shortest_first and len(shortest_first[0]) <= left:
            known.append(shortest_first.pop(0))
            left -= len(known[-1])
        # The longest first: what is a part of another would leave the rest of it.
        self._plain = shortest_first[::-1]
        forms = [form for line in reversed(known) for form in (_written(line), *map(re.escape, _base64(line.encode())), _hex(line))]
        self._pattern = re.compile("|".join(forms)) if forms else None

    def hide(self, text: str) -> str:
        """The text without the secrets."""
        for line in self._plain:
            text = text.replace(line, MARK)
        return self._pattern.sub(MARK, text) if self._pattern else text


def _parts(secret: str) -> Iterator[str]:
    """A secret, and those in it that programs write by themselves."""
    yield secret
    try:
        password = urlsplit(secret.strip()).password
    except ValueError:
        password = None
    if password:
        yield from (password, unquote(password))
    if secret.lstrip()[:1] in ("{", "["):
        with suppress(ValueError):
            yield from _texts(json.loads(secret))


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for one in document:
            yield from _texts(one)
    elif isinstance(document, dict):
        yield from _texts(list(document.values()))


def _written(secret: str) -> str:
    """A pattern for a secret in which a program escaped some of the characters, by whatever rules."""
    return "".join(map(_character, secret))


def _character(one: str) -> str:
    if one.isascii() and one.isalnum():
        return one
    percent = "".join(f"%{byte:02x}" for byte in one.encode("utf-8", "surrogatepass"))
    wide = one.encode("utf-16-be", "surrogatepass")
    unicode = "".join(rf"\\+u{wide[at : at + 2].hex()}" for at in range(0, len(wide), 2))
    ways = [rf"\\*{re.escape(one)}", f"(?i:{percent})", f"(?i:{unicode})"]
    if ord(one) < 256:
        ways.append(rf"(?i:\\+x{ord(one):02x})")
    more = {
        "'": ["''", "&#0*39;", "&apos;"],
        '"': ['""', "&#0*34;", "&quot;"],
        "&": ["&amp;"],
        "<": ["&lt;"],
        ">": ["&gt;"],
        " ": [r"\+"],
        "\n": [r"\\+n"],
        "\r": [r"\\+r"],
        "\t": [r"\\+t"],
    }
    return f"(?:{'|'.join([*more.get(one, []), *ways])})"


def _hex(secret: str) -> str:
    return f"(?i:{secret.encode().hex()})"


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
