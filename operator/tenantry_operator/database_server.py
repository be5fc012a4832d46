"""What the operator is told of a PostgreSQL server: files in a folder, where a Secret is mounted. They are read whenever they are needed,
so that what rotates is taken without a restart. A kubelet brings them up to date within a minute or two:
https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from psycopg import Error
from psycopg.conninfo import conninfo_to_dict

from tenantry_operator.pod_template import CA, CA_FILE, DatabaseAddress

URL = "url"
#: Each tenant has a copy, and the API server all of them. The certificates of a region of RDS are 8 KiB, those of all regions 160.
LARGEST_CA = 32 * 1024
#: Where libpq finds the certificates that come with the system.
SYSTEM = "system"


class WrongServer(Exception):
    """Thrown when what a file says can't be used. The message names the file, and no secret."""


@dataclass(frozen=True)
class DatabaseServer:
    """One PostgreSQL server, as its files tell of it now."""

    #: How its administrator gets there, as libpq has it.
    administrator: dict[str, Any] = field(repr=False)
    #: Where the tenants find it.
    address: DatabaseAddress
    #: By whom its certificate must be signed, in PEM; empty where that is nobody in particular.
    ca: str = ""


def read_server(folder: Path) -> DatabaseServer:
    """The server that a folder tells of. Raises WrongServer."""
    administrator, ca = _parameters(folder / URL), _ca(folder / CA)
    if ca:
        # Who brings a certificate wants it verified; a URL may say otherwise.
        administrator = {"sslmode": "verify-full"} | administrator | {"sslrootcert": str(folder / CA)}
    host, port, sslmode = (administrator.get(key) for key in ("host", "port", "sslmode"))
    verified_by = CA_FILE if ca else administrator.get("sslrootcert", "")
    if sslmode in ("verify-ca", "verify-full") and not verified_by:
        raise WrongServer(f"{folder / URL} says sslmode={sslmode}, and {folder / CA} is missing, by which the server is verified")
    address = DatabaseAddress(host=host or "", port=int(port or 5432), sslmode=sslmode or "prefer", sslrootcert=verified_by)
    return DatabaseServer(administrator, address, ca)


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
    if parameters.get("sslrootcert", SYSTEM) != SYSTEM:
        raise WrongServer(f"{file} must name no file as sslrootcert: put the certificates into {file.with_name(CA)}, for the tenants too")
    return parameters


def _ca(file: Path) -> str:
    try:
        pem = file.read_text()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        raise WrongServer(f"{file} is no text") from None
    if len(pem) > LARGEST_CA:
        raise WrongServer(f"{file} has more than {LARGEST_CA // 1024} KiB: leave out the certificates of other regions")
    if "PRIVATE KEY" in pem:
        raise WrongServer(f"{file} has a private key, which each tenant would get. Put nothing into it but certificates")
    if not _has_certificates(pem):
        raise WrongServer(f"{file} has no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----")
    return pem


@lru_cache(maxsize=8)
def _has_certificates(pem: str) -> bool:
    try:
        # Between certificates there may be comments, of any text.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem.encode("ascii", "ignore").decode())
    except (ssl.SSLError, ValueError):
        return False
    return True
