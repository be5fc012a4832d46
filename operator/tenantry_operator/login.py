"""Connections to PostgreSQL, and why a server refuses one. libpq hands on no SQLSTATE of that, only a text, which is in the language of the
server; but it has the SQLSTATE in it where libpq is asked for more:
https://www.postgresql.org/docs/current/libpq-control.html#LIBPQ-PQSETERRORVERBOSITY
"""

from __future__ import annotations

import asyncio
import ctypes
import re
import sys
from typing import Any, Self

from psycopg import AsyncConnection, OperationalError, pq
from psycopg.abc import PQGenConn
from psycopg.rows import TupleRow
from psycopg.waiting import Wait

#: Seconds for each address of the server, as in libpq, and for all of them together with finding them by name.
CONNECT_TIMEOUT = 5
CONNECTS_WITHIN = 15.0

#: The second is what PgBouncer says of that, seen with 1.18, and of much else that it refuses.
WRONG_PASSWORD = frozenset({"28P01", "08P01"})
NOT_AUTHORIZED = "28000"
TOO_MANY_CONNECTIONS = "53300"

#: psycopg has no function for it, so this is libpq's own, of the library that psycopg is linked with.
_set_verbosity = ctypes.CDLL(sys.modules[pq.PGconn.__module__].__file__).PQsetErrorVerbosity
_set_verbosity.argtypes = [ctypes.c_void_p, ctypes.c_int]
_DEFAULT, _VERBOSE = 1, 2

#: `FATAL:  28P01: password authentication failed`; also the word before the code is in the server's language.
_SQLSTATE = re.compile(r":  ([0-9A-Z]{5}): ")


class Connection(AsyncConnection[TupleRow]):
    """A connection; where the server refuses it, `refusal` tells why from the error."""

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        # As psycopg.generators.connect, with the verbosity besides.
        pgconn: Any = pq.PGconn.connect_start(conninfo.encode())
        _set_verbosity(pgconn.pgconn_ptr, _VERBOSE)
        status = pq.PollingStatus.FAILED if pgconn.status == pq.ConnStatus.BAD else pgconn.connect_poll()
        while status in (pq.PollingStatus.READING, pq.PollingStatus.WRITING):
            while not (yield pgconn.socket, Wait.R if status == pq.PollingStatus.READING else Wait.W):
                pass
            status = pgconn.connect_poll()
        if status != pq.PollingStatus.OK:
            said = pgconn.get_error_message()
            pgconn.finish()
            raise OperationalError(f"connection failed: {said}")
        _set_verbosity(pgconn.pgconn_ptr, _DEFAULT)
        pgconn.nonblocking = 1
        return cls(pgconn)


async def log_in(parameters: dict[str, Any]) -> Connection:
    """Connects, as libpq's parameters say. Raises OperationalError."""
    try:
        async with asyncio.timeout(CONNECTS_WITHIN):
            return await Connection.connect(**parameters, autocommit=True)
    except TimeoutError as error:
        raise OperationalError(f"no connection within {CONNECTS_WITHIN:.0f} s") from error


def refusal(error: OperationalError) -> str | None:
    """The SQLSTATE with which a server refused a connection; None where it was no server that did."""
    found = _SQLSTATE.search(str(error))
    return None if found is None else found[1]
