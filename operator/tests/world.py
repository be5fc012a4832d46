"""The whole operator in one process: against an API server in memory, with time that passes by itself. PostgreSQL and hosts are doubles."""

from __future__ import annotations

import asyncio
import inspect
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from api_server import ApiServer, Json
from example_tenant import service_body, tenant_body
from lightkube.config.client_adapter import ConnectionParams
from lightkube.config.kubeconfig import KubeConfig
from virtual_time import run, use_virtual_time

from tenantry_operator import controller, parts, turns, workload
from tenantry_operator.controller import Controller
from tenantry_operator.database import Found
from tenantry_operator.database_server import DatabaseServer
from tenantry_operator.health_verdict import Question, Verdict
from tenantry_operator.pod_template import DatabaseAddress, pod_template
from tenantry_operator.problems import Problem
from tenantry_operator.settings import Settings
from tenantry_operator.tenant import Tenant, role_of, second_role_of

A_LONG_TIME = 2000.0
RESYNC = 900


def image(letter: str, service: str = "apiserver") -> str:
    """An image, told apart by one hexadecimal digit."""
    return f"registry.example.com/acme/{service}@sha256:" + letter * 64


def service(name: str = "apiserver", letter: str = "a", **changes: Any) -> Json:
    """A service on that image."""
    given: Json = {"name": name, "image": image(letter, name), "commit": letter * 40, "path": f"/{name}", "healthPath": None}
    return service_body(**(given | changes))


def after(ring: str = "canary", bake: int = 0, at_once: str = "100%", unproven: str = "Hold") -> Json:
    """When a tenant takes new images."""
    return {"after": [{"ring": ring, "bakeSeconds": bake}], "atOnce": at_once, "unproven": unproven}


class FakeDatabases:
    """What PostgreSQL would have. `away` is thrown for everything asked."""

    def __init__(self) -> None:
        self.server = DatabaseServer({}, DatabaseAddress("db.example.com", 5432, "require"))
        #: Password by role that may log in, and tenant by database.
        self.roles: dict[str, str] = {}
        self.databases: dict[str, str] = {}
        self.away: Problem | None = None
        #: Thrown where a role is to be let in.
        self.closed: Problem | None = None
        self.asked: list[str] = []

    async def _ask(self, what: str) -> None:
        self.asked.append(what)
        await asyncio.sleep(0.001)
        if self.away is not None:
            raise self.away

    async def has_role(self, tenant: str) -> bool:
        await self._ask(f"has_role {tenant}")
        return role_of(tenant) in self.roles or second_role_of(tenant) in self.roles

    async def is_role_marked(self, tenant: str) -> bool:
        await self._ask(f"is_role_marked {tenant}")
        return role_of(tenant) in self.roles

    async def ensure(self, tenant: Tenant, login: str, password: str) -> Found:
        await self._ask(f"ensure {tenant.name}")
        self.roles[login] = password
        is_new = tenant.spec.database.name not in self.databases
        self.databases[tenant.spec.database.name] = tenant.name
        return Found(is_new, tenant.other_login(login) in self.roles)

    async def open(self, tenant: Tenant, login: str, password: str) -> bool:
        await self._ask(f"open {login}")
        if self.closed is not None:
            raise self.closed
        if login in self.roles:
            return False
        self.roles[login] = password
        return True

    async def retire(self, tenant: str, login: str) -> None:
        await self._ask(f"retire {login}")
        self.roles.pop(login, None)

    async def drop(self, tenant: str, database: str) -> bool:
        await self._ask(f"drop {tenant} {database}")
        self.databases.pop(database, None)
        for role in (role_of(tenant), second_role_of(tenant)):
            self.roles.pop(role, None)
        return True


class FakeHealth:
    """Every host answers well, but those that are said not to."""

    def __init__(self) -> None:
        self.ill: set[str] = set()
        self.asked: list[str] = []

    async def ask(self, questions: Iterable[Question]) -> Verdict:
        tenant = next(iter(questions)).tenant
        self.asked.append(tenant)
        await asyncio.sleep(0.01)
        return Verdict(False, "BadStatus", "answers 503") if tenant in self.ill else Verdict(True, "Healthy", "all answer")


class World:
    """A cluster, its databases, and whoever runs the operator there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.server = ApiServer()
        self.databases = FakeDatabases()
        #: On servers that have a name.
        self.others: dict[str, FakeDatabases] = {}
        self.health = FakeHealth()
        self.operator: Controller | None = None
        #: How often each Tenant was looked at.
        self.looks: list[str] = []

    async def start(self) -> None:
        """An operator starts, and has seen all."""
        operator = self.operator = Controller(Settings(Path(), "", 1, 1, concurrency=16, resync_seconds=RESYNC))
        reconcile = operator._workers._reconcile

        async def look(name: str) -> Any:
            self.looks.append(name)
            return await reconcile(name)

        operator._workers._reconcile = look
        operator.start()
        await self.until(lambda: operator._has_seen_all)

    async def stop(self) -> None:
        """It ends, whatever it was at."""
        if self.operator is not None:
            await self.operator.stop()
            self.operator = None

    async def upgrade(self, version: str = "f" * 16) -> None:
        """An operator takes over that renders pod templates another way."""
        await self.stop()
        rendered = pod_template

        def render(*given: Any) -> Json:
            template = rendered(*given)
            template["metadata"]["annotations"]["rendered-by"] = version
            return template

        self._monkeypatch.setattr(workload, "pod_template", render)
        for module in (workload, parts, turns):
            self._monkeypatch.setattr(module, "TEMPLATE_VERSION", version)
        await self.start()

    @asynccontextmanager
    async def restarted(self) -> AsyncIterator[None]:
        """What happens while no operator runs, and then a new one does."""
        await self.stop()
        yield
        await self.start()

    def told_of(self) -> list[str]:
        """As DatabaseServers has it. What is left on servers is looked at on real ones alone."""
        return []

    def on(self, server: str) -> FakeDatabases:
        """As DatabaseServers has it."""
        return self.databases if server == "" else self.others.setdefault(server, FakeDatabases())

    # What people do.

    def deploy(self, name: str = "northwind", *services: Json, ring: str = "canary", **spec: Any) -> None:
        """Makes a Tenant, or changes its spec, as Terraform does: the whole of it."""
        if ring != "canary":
            spec.setdefault("rollout", after())
        whole = tenant_body(
            {
                "host": f"{name}.example.com",
                "ring": ring,
                "database": {"name": f"tenant_{name}", "deletionPolicy": "Retain"},
                "services": list(services) or [service()],
            }
            | spec
        )["spec"]
        if self.server.has("Tenant", name):
            self.server.edit("Tenant", name, lambda body: body.update(spec=whole))
        else:
            self.server.create("Tenant", {"apiVersion": "tenantry.dev/v1", "metadata": {"name": name}, "spec": whole})

    def edit(self, name: str = "northwind", **spec: Any) -> None:
        """Changes some of a Tenant's spec."""
        self.server.edit("Tenant", name, lambda body: body["spec"].update(spec))

    # What they see.

    def tenant(self, name: str = "northwind") -> Json:
        return self.server.get("Tenant", name)

    def ready(self, name: str = "northwind") -> tuple[str, str]:
        """Status and reason of its condition Ready; about its present generation alone."""
        body = self.tenant(name)
        found = [one for one in body.get("status", {}).get("conditions", []) if one["type"] == "Ready"]
        if not found or body["status"]["observedGeneration"] != body["metadata"]["generation"]:
            return ("Unknown", "")
        return (found[0]["status"], found[0]["reason"])

    def said(self, name: str = "northwind") -> str:
        """The message of its condition Ready."""
        return str(next(one for one in self.tenant(name)["status"]["conditions"] if one["type"] == "Ready")["message"])

    def image(self, name: str = "northwind", service: str = "apiserver") -> str | None:
        """The first digit of the digest in a Deployment; None where there is none."""
        if not self.server.has("Deployment", service, f"tenant-{name}"):
            return None
        body = self.server.get("Deployment", service, f"tenant-{name}")
        return str(body["spec"]["template"]["spec"]["containers"][0]["image"][-1])

    def taken(self) -> list[tuple[str, str]]:
        """Who took which image, in order: every pod template that became another."""
        steps = []
        for change in self.server.history("Deployment"):
            was, now = ((body or {"spec": {}})["spec"].get("template") for body in (change.before, change.after))
            if change.after is not None and was != now:
                digit = str(change.after["spec"]["template"]["spec"]["containers"][0]["image"])[-1]
                steps.append((change.after["metadata"]["namespace"].removeprefix("tenant-"), digit))
        return steps

    def backends(self, name: str = "northwind") -> dict[str, str]:
        """Which service each path leads to."""
        if not self.server.has("Ingress", "tenant", f"tenant-{name}"):
            return {}
        rules = self.server.get("Ingress", "tenant", f"tenant-{name}")["spec"]["rules"]
        return {one["path"]: one["backend"]["service"]["name"] for one in rules[0]["http"]["paths"]}

    async def until(self, holds: Callable[[], bool], within: float = A_LONG_TIME) -> None:
        """Waits until something holds; fails when it does not for long."""
        deadline = asyncio.get_running_loop().time() + within
        while not holds():
            if asyncio.get_running_loop().time() > deadline:
                states = {name: (self.ready(name), self.said(name) if self.ready(name)[1] else "") for name in self.names()}
                raise AssertionError(f"never: {inspect.getsource(holds).strip()}; {states}")
            await asyncio.sleep(0.05)

    async def until_ready(self, *names: str, within: float = A_LONG_TIME) -> None:
        for name in names or ("northwind",):
            await self.until(lambda name=name: self.ready(name)[0] == "True", within)  # type: ignore[misc]

    async def pass_by(self, seconds: float = 4.0) -> None:
        """Lets so much time pass. Less than any look that nobody called comes after, by default."""
        await asyncio.sleep(seconds)

    def names(self) -> list[str]:
        return [name for kind, _, name in self.server.objects if kind == "Tenant"]

    def begin_to_count(self) -> None:
        """Forgets what was asked until now."""
        self.server.asked.clear()
        self.server.lists.clear()
        self.databases.asked.clear()
        self.health.asked.clear()
        self.looks.clear()


Story = Callable[[World], Awaitable[None]]


def in_world(story: Story) -> Callable[[pytest.MonkeyPatch], None]:
    """Makes a test of a story that begins in an empty cluster, where an operator was just started."""

    def test(monkeypatch: pytest.MonkeyPatch) -> None:
        run_in_world(story, monkeypatch)

    test.__name__ = story.__name__
    return test


def run_in_world(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, for a test with parameters."""

    async def happen() -> None:
        random.seed(1)
        world = World(monkeypatch)
        use_virtual_time(monkeypatch)
        monkeypatch.setattr(ConnectionParams, "httpx_params", _connected_to(world.server))
        monkeypatch.setattr(controller, "KubeConfig", _AnyKubeConfig)
        monkeypatch.setattr(controller, "DatabaseServers", lambda _: world)
        monkeypatch.setattr(controller, "Health", lambda _: world.health)
        try:
            await world.start()
            await story(world)
        finally:
            await world.stop()

    run(happen())


class _AnyKubeConfig:
    @staticmethod
    def from_env() -> KubeConfig:
        return _config()


def _config() -> KubeConfig:
    cluster = {"server": "http://api"}
    context = {"cluster": "c", "user": "u"}
    return KubeConfig.from_dict(
        {
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": {"token": "none"}}],
            "contexts": [{"name": "x", "context": context}],
            "current-context": "x",
        }
    )


def _connected_to(server: ApiServer) -> Callable[..., Json]:
    def parameters(self: ConnectionParams, _: Any) -> Json:
        return {"base_url": "http://api", "transport": _Shared(server), "timeout": self.timeout}

    return parameters


class _Shared(httpx2.AsyncBaseTransport):
    """One server for many clients: it goes on when one of them is closed."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._server.handle_async_request(request)
