"""The operator as it is started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_without_settings_it_ends_at_once_with_one_readable_message() -> None:
    package = Path(__file__).parent.parent
    ended = subprocess.run(
        [sys.executable, "-B", "-m", "tenantry_operator"], check=False, cwd=package, env={}, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        "The operator can't start:",
        "  DATABASE_URL is missing: postgresql://user:password@host:5432/postgres, of a role with CREATEROLE and CREATEDB",
    ]
