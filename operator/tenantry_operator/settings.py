"""What the operator is told by its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from psycopg import Error
from psycopg.conninfo import conninfo_to_dict


class WrongSettings(Exception):
    """Thrown when the environment says what can't be used. The message names every variable, and no secret."""


@dataclass(frozen=True)
class Settings:
    """All settings, checked."""

    #: The PostgreSQL server of all tenants, as an administrator that may make roles and databases.
    database_url: str
    listen_host: str
    #: Port of /healthz.
    health_port: int
    #: Port of /metrics.
    metrics_port: int
    #: Tenants that are worked on at the same time.
    concurrency: int
    #: Seconds after which a tenant that is ready is looked at again.
    resync_seconds: int
    #: Where tenants' hosts are asked for their health instead of where DNS says that they are.
    ingress: str | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises WrongSettings with all problems at once."""
    problems: list[str] = []

    def number(name: str, default: int, highest: int) -> int:
        text = environment.get(name, str(default))
        if text.isdecimal() and 1 <= int(text) <= highest:
            return int(text)
        problems.append(f"{name} must be a whole number from 1 to {highest}, and is {text!r}")
        return default

    settings = Settings(
        database_url=environment.get("DATABASE_URL", ""),
        listen_host=environment.get("LISTEN_HOST", "0.0.0.0"),  # noqa: S104, a pod's probes come from outside of it
        health_port=number("HEALTH_PORT", 8080, 65535),
        metrics_port=number("METRICS_PORT", 9090, 65535),
        concurrency=number("CONCURRENCY", 16, 1000),
        resync_seconds=number("RESYNC_SECONDS", 900, 86400),
        ingress=environment.get("INGRESS") or None,
    )
    problems += _database_problems(settings.database_url) + _ingress_problems(settings.ingress)
    if problems:
        raise WrongSettings("The operator can't start:\n" + "\n".join(f"  {problem}" for problem in problems))
    return settings


def _ingress_problems(address: str | None) -> list[str]:
    if address is None:
        return []
    problem = "INGRESS must be http:// or https:// with a host and no path, such as https://10.0.0.1, or unset"
    try:
        url = urlsplit(address)
        is_origin = url.scheme in {"http", "https"} and url.hostname and url.port != 0 and not url.username and url.path in {"", "/"}
    except ValueError:
        return [problem]
    return [] if is_origin and not (url.query or url.fragment) and address.isprintable() and " " not in address else [problem]


def _database_problems(url: str) -> list[str]:
    if not url:
        return ["DATABASE_URL is missing: postgresql://user:password@host:5432/postgres, of a role with CREATEROLE and CREATEDB"]
    try:
        parameters = conninfo_to_dict(url)
    except Error:
        # What libpq says quotes the URL, and with it the password.
        return ["DATABASE_URL is not what PostgreSQL's clients take: postgresql://user:password@host:5432/postgres"]
    host, port = str(parameters.get("host") or ""), str(parameters.get("port") or "5432")
    if not host or "," in host or host.startswith("/") or not port.isdecimal():
        return ["DATABASE_URL must name one host, and one port at most: the tenants' services connect to it too"]
    return []
