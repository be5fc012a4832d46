"""The whole operator, while everything happens at once: whatever comes in whatever order, in the end all is what was asked for last."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import httpx2
import pytest
from api_server import Asked, Refused
from world import World, after, image, run_in_world, service

from tenantry_operator.pod_template import CREDENTIALS
from tenantry_operator.problems import Pending
from tenantry_operator.tenant import role_of

CANARIES, LATER = ("c0", "c1"), ("g0", "g1", "g2")
DIGITS = "abcde"


class Chaos:
    """Does one thing after another, as the dice have it."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.dice = random.Random(seed)
        self.letter = "a"
        self.last_bake = 5

    def run_deploy(self, healthy: bool = False) -> None:
        """A run of the deployer: one image for all, earlier rings first; it may be cut anywhere."""
        letter = self.letter = self.dice.choice(DIGITS)
        names = [*CANARIES, *LATER][: 5 if healthy else self.dice.randint(1, 5)]
        for name in names:
            if not self.world.server.has("Tenant", name) or "deletionTimestamp" not in self.world.tenant(name)["metadata"]:
                self.deploy(name, letter)

    def deploy(self, name: str, letter: str, **spec: Any) -> None:
        """One tenant."""
        pods: Any = {"replicas": self.dice.randint(1, 3), "maxReplicas": self.dice.choice([0, 5])}
        services = [service(letter=letter, migrate=["migrate"], **pods), service("web", letter, path="/")]
        later = {"ring": "general", "rollout": after(at_once="1", bake=self.last_bake)} if name in LATER else {"ring": "canary"}
        self.world.deploy(name, *services, **(later | spec))

    async def step(self) -> None:
        """One thing."""
        name = self.dice.choice([*CANARIES, *LATER])
        await self.dice.choice(
            [
                *[self.run] * 3,
                self.delete_objects,
                self.edit_by_hand,
                *[self.autoscale] * 2,
                self.break_image,
                self.heal_images,
                self.break_migration,
                self.restart,
                self.break_watches,
                self.silence,
                self.lose_database,
                self.decommission,
                self.delete_tenant,
                self.move,
            ]
        )(name)
        await self.world.pass_by(self.dice.choice([0, 0.01, 0.3, 3, 20]))

    def is_there(self, name: str) -> bool:
        return self.world.server.has("Tenant", name)

    async def run(self, _: str) -> None:
        self.run_deploy()

    async def delete_objects(self, name: str) -> None:
        for kind, where, one in list(self.world.server.objects):
            is_its = where == f"tenant-{name}" and kind not in ("Secret", "Tenant") and self.world.server.has(kind, one, where)
            if is_its and self.dice.random() < 0.3:
                self.world.server.delete(kind, one, where)

    async def edit_by_hand(self, name: str) -> None:
        if self.world.image(name, "web"):
            change: Any = {"replicas": 9, "paused": True}
            self.world.server.edit("Deployment", "web", lambda body: body["spec"].update(change), f"tenant-{name}")

    async def autoscale(self, name: str) -> None:
        """What an autoscaler does, and what it never would."""
        if self.world.image(name):
            pods = self.dice.randint(0, 7)
            self.world.server.edit("Deployment", "apiserver", lambda body: body["spec"].update(replicas=pods), f"tenant-{name}")

    async def break_image(self, _: str) -> None:
        self.world.server.deployments.unready.add(image(self.dice.choice(DIGITS), self.dice.choice(["apiserver", "web"])))

    async def break_migration(self, _: str) -> None:
        digit = image(self.dice.choice(DIGITS))
        if self.dice.random() < 0.5:
            self.world.server.jobs.failing[digit] = "failed"
        else:
            self.world.server.jobs.endless.add(digit)

    async def heal_images(self, _: str) -> None:
        for digit in DIGITS:
            for one in ("apiserver", "web"):
                self.world.server.deployments.heal(image(digit, one))

    async def restart(self, _: str) -> None:
        async with self.world.restarted():
            await self.world.pass_by(self.dice.random() * 3)

    async def break_watches(self, _: str) -> None:
        self.world.server.break_watches()
        if self.dice.random() < 0.5:
            self.world.server.forget_history()

    async def silence(self, _: str) -> None:
        kind = self.dice.choice(["Tenant", "Deployment", "Job", "Ingress", "Namespace", "Secret"])
        (self.world.server.silent.add if self.dice.random() < 0.5 else self.world.server.speak)(kind)

    async def lose_database(self, _: str) -> None:
        self.world.databases.away = Pending("DatabaseUnavailable", "away") if self.dice.random() < 0.5 else None

    async def decommission(self, name: str) -> None:
        if self.is_there(name):
            self.world.edit(name, decommission=self.dice.random() < 0.5)

    async def delete_tenant(self, name: str) -> None:
        if self.is_there(name) and self.world.tenant(name)["spec"]["decommission"]:
            self.world.server.delete("Tenant", name)

    async def move(self, name: str) -> None:
        if self.is_there(name):
            main = self.dice.choice(["shared.example.com", f"{name}.example.com"])
            further = self.dice.sample(["shared.example.com", "shop.example.com", "pay.example.com"], self.dice.randint(0, 2))
            self.world.edit(name, host=main, hosts=further)

    async def fail(self, _: Asked) -> None:
        """Some requests fail, and some are slow."""
        roll = self.dice.random()
        if roll < 0.03:
            raise Refused(500, "InternalError")
        if roll < 0.05:
            raise httpx2.ReadTimeout("slow")
        if roll < 0.1:
            await self.world.pass_by(0.5)

    def heal_migrations(self) -> None:
        """No image is broken any more, and whoever was told to has deleted the Jobs that failed."""
        server = self.world.server
        server.jobs.failing.clear()
        for digit in list(server.jobs.endless):
            server.jobs.end(digit)
        for kind, where, name in list(server.objects):
            if kind == "Job" and server.get(kind, name, where).get("status", {}).get("conditions", [{}])[0].get("type") == "Failed":
                server.delete(kind, name, where)

    async def calm(self) -> None:
        """All that is broken is mended, and one more run goes through."""
        server = self.world.server
        server.interfere = None
        self.world.databases.away = None
        for kind in list(server.silent):
            server.speak(kind)
        await self.heal_images("")
        self.heal_migrations()
        self.last_bake = 0
        for name in [*CANARIES, *LATER]:
            if server.has("Tenant", name) and "deletionTimestamp" in self.world.tenant(name)["metadata"]:
                await self.world.until(lambda name=name: not server.has("Tenant", name), 300)  # type: ignore[misc]
        self.run_deploy(healthy=True)


def _no_image_ran_before_its_migration_had(world: World) -> None:
    """And of one service, no two ran at once."""
    events = [(one.version, one) for kind in ("Job", "Deployment") for one in world.server.history(kind)]
    migrated: set[tuple[str, str]] = set()
    running: dict[str, set[str]] = defaultdict(set)
    for version, change in sorted(events, key=lambda one: one[0]):
        body = change.after or change.before
        assert body is not None
        where, name = body["metadata"]["namespace"], body["metadata"]["name"]
        digit = body["spec"]["template"]["spec"]["containers"][0]["image"][-1]
        if body["kind"] == "Job":
            (running[where].discard if change.after is None or "status" in body else running[where].add)(name)
            assert len(running[where]) < 2, f"{where} at {version}: {running[where]}"
            if body.get("status", {}).get("conditions", [{}])[0].get("type") == "Complete":
                migrated.add((where, digit))
        elif change.after is not None and name == "apiserver":
            assert (where, digit) in migrated, f"{where} runs {digit} at {version}"


def _no_image_was_taken_before_an_earlier_ring_had_proved_it(world: World) -> None:
    """Or it is one that the tenant itself had run."""
    whole: dict[tuple[str, str], str] = {}
    proved: set[tuple[str, str]] = set()
    for change in world.server.history("Deployment"):
        body = change.after
        if body is None:
            continue
        tenant, name = body["metadata"]["namespace"].removeprefix("tenant-"), body["metadata"]["name"]
        digit, status = body["spec"]["template"]["spec"]["containers"][0]["image"][-1], body.get("status", {})
        before = None if change.before is None else change.before["spec"]["template"]["spec"]["containers"][0]["image"][-1]
        if tenant in LATER and digit != before:
            assert (name, digit) in proved or whole.get((tenant, name)) == digit, f"{tenant} takes {name} {digit} at {change.version}"
        counts = {status.get(field, 0) for field in ("replicas", "updatedReplicas", "availableReplicas")}
        if status.get("observedGeneration") == body["metadata"]["generation"] and counts == {body["spec"]["replicas"]} != {0}:
            whole[(tenant, name)] = digit
            if tenant in CANARIES:
                proved.add((name, digit))


def _is_ready_or_seen_to(world: World, name: str) -> bool:
    """Whether a tenant is ready. One that left, and came back to the database that it had, is given a new password by a person."""
    namespace = f"tenant-{name}"
    if world.ready(name)[1] == "CredentialsMissing" and not world.server.has("Secret", CREDENTIALS, namespace):
        texts = {"username": role_of(name), "password": "given anew"}
        world.server.create("Secret", {"metadata": {"name": CREDENTIALS, "namespace": namespace}, "stringData": texts})
    return world.ready(name)[0] == "True"


def _no_host_ever_led_to_two_tenants(world: World) -> None:
    answering: dict[str, str] = {}
    for change in world.server.history("Ingress"):
        if change.before is not None:
            for rule in change.before["spec"]["rules"]:
                answering.pop(rule["host"], None)
        if change.after is not None:
            for rule in change.after["spec"]["rules"]:
                assert rule["host"] not in answering, f"{rule['host']} at {change.version}"
                answering[rule["host"]] = change.after["metadata"]["namespace"]


@pytest.mark.parametrize("seed", range(8))
def test_in_the_end_all_is_as_it_was_asked_for_last(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        chaos = Chaos(world, seed)
        chaos.run_deploy(healthy=True)
        world.server.interfere = chaos.fail
        for _ in range(50):
            await chaos.step()
        await chaos.calm()
        names = [*CANARIES, *LATER]
        await world.until(lambda: all(_is_ready_or_seen_to(world, name) for name in names))
        for name in names:
            assert world.image(name) == world.image(name, "web") == chaos.letter
            assert world.backends(name) == {"/": "web", "/apiserver": "apiserver"}
            for one in ("apiserver", "web"):
                body = world.server.get("Deployment", one, f"tenant-{name}")
                asked = next(service for service in world.tenant(name)["spec"]["services"] if service["name"] == one)
                pods = body["spec"]["replicas"]
                assert asked["replicas"] <= pods <= max(asked["replicas"], asked.get("maxReplicas", 0))
                assert "paused" not in body["spec"]
                assert world.server.has("HorizontalPodAutoscaler", one, f"tenant-{name}") == (asked.get("maxReplicas", 0) > 0)
        await world.pass_by(10)
        _no_image_was_taken_before_an_earlier_ring_had_proved_it(world)
        _no_image_ran_before_its_migration_had(world)
        _no_host_ever_led_to_two_tenants(world)
        world.begin_to_count()
        await world.pass_by(300)
        assert (world.server.writes(), world.server.reads()) == ([], [])

    run_in_world(story, monkeypatch)
