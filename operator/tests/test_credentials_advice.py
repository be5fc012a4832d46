"""What is pasted into a shell: as it stands in the message, with a `kubectl` that writes down what it was told."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from example_tenant import example_tenant

from tenantry_operator.credentials_advice import missing, missing_but_former, unusable_password, wrong_username

TENANT = example_tenant()
FORMER = """it's "$HOME" \\\\ `id` """
CREATE = ["--namespace", "tenant-northwind", "create", "secret", "generic", "tenantry-credentials", "--type=kubernetes.io/basic-auth"]
PATCH = ["--namespace", "tenant-northwind", "patch", "secret", "tenantry-credentials", "--patch"]


@pytest.fixture
def paste(tmp_path: Path) -> Callable[[str], list[str]]:
    """Runs the command at the end of a message, and tells the arguments of the last kubectl."""
    told = tmp_path / "told"
    password = base64.b64encode(FORMER.encode()).decode()
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(
        "#!/usr/bin/env python3\nimport json, pathlib, sys\n"
        f"pathlib.Path({str(told)!r}).write_text(json.dumps(sys.argv[1:]))\n"
        f"print({password!r} if 'get' in sys.argv else '', end='')\n"
    )
    kubectl.chmod(0o755)

    def run(message: str) -> list[str]:
        command = message[message.index(": kubectl") + 2 :]
        subprocess.run(["bash", "-euc", command], check=True, env={"PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin"})
        arguments: list[str] = json.loads(told.read_text())
        return arguments

    return run


def test_a_lost_password_is_replaced_by_one_that_is_made_where_the_command_is_pasted(paste: Callable[[str], list[str]]) -> None:
    first, second = paste(missing(TENANT)), paste(missing(TENANT))

    assert first[:-1] == [*CREATE, "--from-literal=username=tenant_northwind"]
    assert re.fullmatch("--from-literal=password=[0-9a-f]{64}", first[-1])
    assert first[-1] != second[-1]


def test_the_password_of_the_former_secret_is_taken_as_it_is(paste: Callable[[str], list[str]]) -> None:
    assert paste(missing_but_former(TENANT)) == [
        *CREATE,
        "--from-literal=username=tenant_northwind",
        f"--from-literal=password={FORMER}",
    ]


def test_a_wrong_user_is_put_right_and_the_password_is_left_alone(paste: Callable[[str], list[str]]) -> None:
    *command, patch = paste(wrong_username(TENANT, "tenantry-credentials"))

    assert command == PATCH
    assert json.loads(patch) == {"stringData": {"username": "tenant_northwind"}}


def test_a_password_that_is_none_is_replaced_in_the_secret_that_is_there(paste: Callable[[str], list[str]]) -> None:
    *command, patch = paste(unusable_password(TENANT, "tenantry-credentials"))

    assert command == PATCH
    data = json.loads(patch)["stringData"]
    assert data.keys() == {"username", "password"}
    assert data["username"] == "tenant_northwind"
    assert re.fullmatch("[0-9a-f]{64}", data["password"])


def test_no_advice_deletes_anything() -> None:
    told = [missing(TENANT), missing_but_former(TENANT), wrong_username(TENANT, "database"), unusable_password(TENANT, "database")]

    assert [one for one in told if "delete" in one] == []
