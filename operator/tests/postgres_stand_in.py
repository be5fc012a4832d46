"""A server that speaks PostgreSQL's protocol, version 3, as far as one goes that is in trouble."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


def _message(kind: bytes, content: bytes = b"") -> bytes:
    return kind + struct.pack(">i", len(content) + 4) + content


_LET_IN = _message(b"R", struct.pack(">i", 0)) + _message(b"S", b"server_version\x0018.0\x00") + _message(b"Z", b"I")
_VERSION = (
    _message(b"1")
    + _message(b"2")
    + _message(b"T", struct.pack(">h", 1) + b"version\x00" + struct.pack(">ihihih", 0, 0, 23, 4, -1, 0))
    + _message(b"D", struct.pack(">hi", 1, 6) + b"180000")
    + _message(b"C", b"SELECT 1\x00")
    + _message(b"Z", b"I")
)


def _refusal(severity: str, code: str, text: str) -> bytes:
    """As https://www.postgresql.org/docs/current/protocol-error-fields.html has it."""
    return _message(b"E", f"S{severity}\0VFATAL\0C{code}\0M{text}\0Fauth.c\0L323\0Rauth_failed\0\0".encode())


_TOO_MANY = _refusal("FATAL", "53300", "sorry, too many clients already")


class PostgresStandIn:
    """Lets everybody in and answers the first query, with its version; then does as it is told."""

    def __init__(self) -> None:
        #: It accepts connections, and says nothing on them.
        self.is_deaf = False
        self.has_too_many_clients = False
        #: Roles that are not let in: with which severity, SQLSTATE and text.
        self.refuses: dict[str, tuple[str, str, str]] = {}
        #: What the last connection said of itself.
        self.started_with: dict[str, str] = {}
        #: How many queries of a connection are answered, and whether it breaks then, or hangs.
        self.answers = 1
        self.breaks = False
        #: How many connections were made in all, and how many of these at a time.
        self.connections = 0
        self.most_at_once = 0
        self._open = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Its URL for an administrator, while it runs."""
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            yield f"postgresql://admin:s3cret@127.0.0.1:{port}/postgres?connect_timeout=2&sslmode=disable"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_deaf:
            await reader.read(-1)
            return
        words = (await _read(reader))[4:].rstrip(b"\0").decode().split("\0")
        self.started_with = dict(zip(words[::2], words[1::2], strict=True))
        refused = self.refuses.get(self.started_with["user"])
        if self.has_too_many_clients or refused:
            writer.write(_refusal(*refused) if refused else _TOO_MANY)
            return
        writer.write(_LET_IN)
        answered = 0
        while True:
            kind = await reader.readexactly(1)
            await _read(reader)
            if kind == b"X":
                return
            if kind != b"S":
                continue
            if answered == self.answers:
                if not self.breaks:
                    await reader.read(-1)
                return
            answered += 1
            writer.write(_VERSION)


async def _read(reader: asyncio.StreamReader) -> bytes:
    """A message from its length on, which counts itself."""
    (length,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(length - 4)
