"""The PostgreSQL servers that tenants may be on, by name."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tenantry_operator.database import Databases
from tenantry_operator.database_server import URL, read_server


class DatabaseServers:
    """Those of which files in a folder tell. Each is waited for by its own tenants alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Databases] = {}

    def told_of(self) -> list[str]:
        """Those that the folder has a URL of now, the default one first."""
        files = [one.name for one in self._folder.glob(f"*{URL}")]
        return sorted(name.removesuffix(URL).removesuffix(".") for name in files if name == URL or name.endswith(f".{URL}"))

    def on(self, name: str) -> Databases:
        """The databases on the server of this name; that of the default one is empty. Whether there is one shows when it is asked."""
        if name not in self._known:
            self._known[name] = Databases(partial(read_server, self._folder, name))
        return self._known[name]
