"""The operator as it is started."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

import pytest

PACKAGE = Path(__file__).parent.parent
#: A cluster that does not answer, as one that is still starting.
KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: none, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: none, user: {token: none}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
current-context: none
"""
#: The operator, where the user has a number alone, as in a container.
WITHOUT_USER_NAME = """
import getpass, runpy
def no_name(): raise OSError("No username set in the environment")
getpass.getuser = no_name
runpy.run_module("tenantry_operator", run_name="__main__")
"""
#: The operator, a part of which has ended by a fault of its own.
WITH_A_FAULT = """
import runpy
from tenantry_operator.turns import Turns
async def fails(self): raise RuntimeError("a fault")
Turns.run = fails
runpy.run_module("tenantry_operator", run_name="__main__")
"""
#: The operator, where a look at a Tenant has been going on for so many seconds.
WITH_A_LOOK = """
import runpy
from tenantry_operator.workers import Workers
Workers.longest = {seconds}
runpy.run_module("tenantry_operator", run_name="__main__")
"""


def test_without_settings_it_ends_at_once_with_one_readable_message() -> None:
    command = [sys.executable, "-B", "-m", "tenantry_operator"]
    ended = subprocess.run(command, check=False, cwd=PACKAGE, env={}, capture_output=True, text=True)

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        "The operator can't start:",
        "  /etc/tenantry-database/url is missing: postgresql://user:password@host:5432/postgres, of a role with CREATEROLE and CREATEDB",
    ]


def test_as_a_user_without_a_name_it_starts_and_ends_well_when_it_is_told_to(tmp_path: Path) -> None:
    health, metrics = _free_ports(2)
    environment = _environment(tmp_path, health, metrics)
    with _running([sys.executable, "-B", "-c", WITHOUT_USER_NAME], environment) as operator:
        assert '"slowest_look_seconds": 0.0' in _answer(operator, f"http://127.0.0.1:{health}/healthz")
        assert 'tenantry_tenants{ready="True"} 0.0' in _answer(operator, f"http://127.0.0.1:{metrics}/metrics")
        operator.terminate()
        output, _ = operator.communicate()

    assert operator.returncode == 0, output
    assert "s3cret" not in output


@pytest.mark.parametrize(("seconds", "status"), [(119, 200), (121, 500)])
def test_its_probe_fails_when_a_look_goes_on_past_its_deadline_for_it_will_never_end(tmp_path: Path, seconds: int, status: int) -> None:
    health, metrics = _free_ports(2)
    command = [sys.executable, "-B", "-c", WITH_A_LOOK.format(seconds=seconds)]
    with _running(command, _environment(tmp_path, health, metrics)) as operator:
        url = f"http://127.0.0.1:{health}/healthz"
        try:
            _answer(operator, url)
            answered = 200
        except HTTPError as error:
            answered = error.code

    assert answered == status


def test_its_probe_fails_when_a_part_of_it_has_ended_for_it_misses_what_happens(tmp_path: Path) -> None:
    health, metrics = _free_ports(2)
    with _running([sys.executable, "-B", "-c", WITH_A_FAULT], _environment(tmp_path, health, metrics)) as operator:
        with pytest.raises(HTTPError) as failed:
            _answer(operator, f"http://127.0.0.1:{health}/healthz")
        operator.terminate()
        output, _ = operator.communicate()

    assert failed.value.code == 500
    assert "a part of the operator has ended, which none should" in output


class _Refuses(BaseHTTPRequestHandler):
    """An API server that lets the operator see nothing."""

    def do_GET(self) -> None:
        self.send_response(403)
        self.end_headers()
        self.wfile.write(json.dumps({"kind": "Status", "code": 403, "message": f"cannot list {self.path.partition('?')[0]}"}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_its_health_and_its_log_say_which_rights_it_lacks_and_who_gives_them(tmp_path: Path) -> None:
    health, metrics = _free_ports(2)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refuses) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        environment = _environment(tmp_path, health, metrics, f"http://127.0.0.1:{server.server_port}")
        with _running([sys.executable, "-B", "-m", "tenantry_operator"], environment) as operator:
            # What it answers is kept for ten seconds.
            while not (seen := json.loads(_answer(operator, f"http://127.0.0.1:{health}/healthz"))["cannot_see"]):
                time.sleep(0.1)
            operator.terminate()
            output, _ = operator.communicate()
        server.shutdown()

    advice = "A cluster administrator gives them: npx cdktf deploy operator"
    assert all(one.startswith("the operator lacks rights: cannot list /") and one.endswith(advice) for one in seen)
    assert f"cannot list /apis/tenantry.dev/v1/tenants. Its rights are older than it is, or were changed. {advice}" in output


def _environment(folder: Path, health: int, metrics: int, api: str = "http://127.0.0.1:1") -> dict[str, str]:
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(KUBECONFIG.replace("http://127.0.0.1:1", api))
    (folder / "url").write_text("postgresql://admin:s3cret@127.0.0.1:1/postgres")
    return {
        "KUBECONFIG": str(kubeconfig),
        "DATABASE_FOLDER": str(folder),
        "LISTEN_HOST": "127.0.0.1",
        "HEALTH_PORT": str(health),
        "METRICS_PORT": str(metrics),
    }


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, cwd=PACKAGE, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.kill()


def _answer(operator: subprocess.Popen[str], url: str) -> str:
    """What the operator answers, as soon as it does."""
    ask = build_opener(ProxyHandler({})).open
    while operator.poll() is None:
        try:
            with ask(url, timeout=10) as response:
                return str(response.read().decode())
        except HTTPError:
            raise
        except URLError:
            time.sleep(0.05)
    raise AssertionError(f"the operator ended:\n{operator.communicate()[0]}")


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, asked for all at once, so that they are different ones."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
