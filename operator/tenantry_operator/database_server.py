"""What the operator is told of a PostgreSQL server: files in a folder, where a Secret is mounted. They are read whenever they are needed,
so that what rotates is taken without a restart. A kubelet brings them up to date within a minute or two:
https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import Error
from psycopg.conninfo import conninfo_to_dict

from tenantry_operator.pod_template import DatabaseAddress

URL = "url"


class WrongServer(Exception):
    """Thrown when what a file says can't be used. The message names the file, and no secret."""


@dataclass(frozen=True)
class DatabaseServer:
    """One PostgreSQL server, as its files tell of it now."""

    #: How its administrator gets there, as libpq has it.
    administrator: dict[str, Any] = field(repr=False)
    #: Where the tenants find it.
    address: DatabaseAddress


def read_server(folder: Path) -> DatabaseServer:
    """The server that a folder tells of. Raises WrongServer."""
    administrator = _parameters(folder / URL)
    host, port, sslmode = (administrator.get(key) for key in ("host", "port", "sslmode"))
    return DatabaseServer(administrator, DatabaseAddress(host=host or "", port=int(port or 5432), sslmode=sslmode or "prefer"))


def _parameters(file: Path) -> dict[str, Any]:
    try:
        url = file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        url = ""
    if not url:
        raise WrongServer(f"{file} is missing: postgresql://user:password@host:5432/postgres, of a role with CREATEROLE and CREATEDB")
    try:
        parameters: dict[str, Any] = conninfo_to_dict(url)
    except Error:
        # What libpq says quotes the URL, and with it the password.
        raise WrongServer(f"{file} is not what PostgreSQL's clients take: postgresql://user:password@host:5432/postgres") from None
    host, port = str(parameters.get("host") or ""), str(parameters.get("port") or "5432")
    if not host or "," in host or host.startswith("/") or not port.isdecimal():
        raise WrongServer(f"{file} must name one host, and one port at most: the tenants' services connect to it too")
    return parameters
