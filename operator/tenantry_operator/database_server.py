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
#: Where the tenants find the server, where that is elsewhere: a pooler, say.
TENANTS_URL = "tenants-url"
#: Each tenant has a copy, and the API server all of them. The certificates of a region of RDS are 8 KiB, those of all regions 160.
LARGEST_CA = 32 * 1024
VERIFYING = ("verify-ca", "verify-full")


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
    #: The file that says how the administrator gets there.
    url: str = URL


def read_server(folder: Path, name: str) -> DatabaseServer:
    """The server of this name, which its files begin with; of the default one it is empty. Raises WrongServer."""
    url, tenants_url, ca_file = (folder / (f"{name}.{key}" if name else key) for key in (URL, TENANTS_URL, CA))
    administrator, ca = _parameters(url, ca_file), _ca(ca_file)
    if ca:
        # Who brings a certificate wants it verified; a URL may say otherwise.
        administrator = {"sslmode": "verify-full"} | administrator | {"sslrootcert": str(ca_file)}
    told = {key: administrator.get(key) for key in ("host", "port", "sslmode")}
    if tenants_url.exists():
        told = told | {"port": None} | _tenants_parameters(tenants_url, ca_file)
    for file, parameters in ((url, administrator), (tenants_url, told)):
        if parameters.get("sslmode") in VERIFYING and not ca:
            raise WrongServer(f"{file} says sslmode={parameters['sslmode']}, and {ca_file} is missing, by which the server is verified")
    address = DatabaseAddress(
        host=told["host"] or "",
        port=int(told["port"] or 5432),
        sslmode=told["sslmode"] or "prefer",
        sslrootcert=CA_FILE if ca else "",
    )
    return DatabaseServer(administrator, address, ca, url.name)


def _tenants_parameters(file: Path, ca_file: Path) -> dict[str, Any]:
    parameters = _parameters(file, ca_file)
    more = parameters.keys() - {"host", "port", "sslmode"}
    if more:
        raise WrongServer(
            f"{file} may say host, port and sslmode alone, as postgresql://pooler.example.com:6432?sslmode=require does, and says "
            f"{', '.join(sorted(more))} too: each tenant has a user, a password and a database of its own"
        )
    return parameters


def _parameters(file: Path, ca_file: Path) -> dict[str, Any]:
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
    if "sslrootcert" in parameters:
        raise WrongServer(f"{file} must not say sslrootcert: put the certificates into {ca_file}, for the tenants too")
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
