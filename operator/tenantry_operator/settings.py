"""What the operator is told by its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tenantry_operator.database_server import WrongServer, read_server


class WrongSettings(Exception):
    """Thrown when the environment says what can't be used. The message names every variable, and no secret."""


@dataclass(frozen=True)
class Settings:
    """All settings, checked."""

    #: Where the Secret is mounted that tells of PostgreSQL servers, with an administrator of each that may make roles and databases.
    database_folder: Path
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
        database_folder=Path(environment.get("DATABASE_FOLDER") or "/etc/tenantry-database"),
        listen_host=environment.get("LISTEN_HOST", "0.0.0.0"),  # noqa: S104, a pod's probes come from outside of it
        health_port=number("HEALTH_PORT", 8080, 65535),
        metrics_port=number("METRICS_PORT", 9090, 65535),
        concurrency=number("CONCURRENCY", 16, 1000),
        resync_seconds=number("RESYNC_SECONDS", 900, 86400),
        ingress=environment.get("INGRESS") or None,
    )
    problems += _database_problems(settings.database_folder) + _ingress_problems(settings.ingress)
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


def _database_problems(folder: Path) -> list[str]:
    try:
        read_server(folder, "")
    except WrongServer as error:
        return [str(error)]
    return []
