"""The same chaos with Secrets that come, change and go meanwhile: in the end the pods of each service run with what is there."""

from __future__ import annotations

from typing import Any, cast

import pytest
from lightkube.resources.core_v1 import Secret
from test_operator_chaos import CANARIES, LATER, Chaos, _is_ready_or_seen_to
from world import World, after, run_in_world, service

from tenantry_operator.secret_variables import keys_of, version_of
from tenantry_operator.tenant import parse_tenant
from tenantry_operator.workload import secrets_version

STRIPE = {"name": "STRIPE_KEY", "secret": "stripe", "key": "api-key"}
HOOK = {"name": "HOOK", "secret": "stripe", "key": "hook"}


class ChaosOfSecrets(Chaos):
    """One service of two takes a variable or two."""

    def deploy(self, name: str, letter: str, **spec: Any) -> None:
        secrets = [STRIPE, HOOK][: self.dice.randint(1, 2)]
        services = [service(letter=letter, secrets=secrets), service("web", letter, path="/")]
        later = {"ring": "general", "rollout": after(at_once="1", bake=self.last_bake)} if name in LATER else {"ring": "canary"}
        self.world.deploy(name, *services, **(later | spec))

    async def step(self) -> None:
        if self.dice.random() < 0.3:
            self.meddle(self.dice.choice([*CANARIES, *LATER]))
        await super().step()

    def meddle(self, name: str, all_of_it: bool = False) -> None:
        """A Secret is made, changed or deleted."""
        server, namespace = self.world.server, f"tenant-{name}"
        data = {
            key: self.dice.choice(["b25l", "dHdv"]) for key in ("api-key", "hook", "unrelated") if all_of_it or self.dice.random() < 0.8
        }
        if not server.has("Namespace", namespace) or "deletionTimestamp" in server.get("Namespace", namespace)["metadata"]:
            return
        if not server.has("Secret", "stripe", namespace):
            server.create("Secret", {"metadata": {"name": "stripe", "namespace": namespace}, "data": data})
        elif self.dice.random() < 0.3 and not all_of_it:
            server.delete("Secret", "stripe", namespace)
        else:
            server.edit("Secret", "stripe", lambda body: body.update(data=data), namespace)


def _has_namespace(world: World, name: str) -> bool:
    """Not one that is about to go with a Tenant of this name that was deleted."""
    if not world.server.has("Namespace", f"tenant-{name}"):
        return False
    metadata = world.server.get("Namespace", f"tenant-{name}")["metadata"]
    return "deletionTimestamp" not in metadata and "tenantry.dev/decommissioned" not in metadata.get("annotations", {})


def _runs_with_what_is_there(world: World, name: str) -> bool:
    namespace = f"tenant-{name}"
    tenant = parse_tenant(world.tenant(name))
    secret = cast(Any, Secret).from_dict(world.server.get("Secret", "stripe", namespace))
    versions = [version_of(tenant, one, {"stripe": keys_of(secret)}, {}) for one in tenant.spec.services]
    live = [secrets_version(world.server.get("Deployment", one.name, namespace)) for one in tenant.spec.services]
    return versions == live and live[0] != "" == live[1]


@pytest.mark.parametrize("seed", range(4))
def test_in_the_end_all_pods_run_with_the_values_that_there_are(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        chaos, names = ChaosOfSecrets(world, seed), [*CANARIES, *LATER]
        chaos.run_deploy(healthy=True)
        world.server.interfere = chaos.fail
        for _ in range(50):
            await chaos.step()
        await chaos.calm()
        await world.until(lambda: all(_has_namespace(world, name) for name in names))
        for name in names:
            chaos.meddle(name, all_of_it=True)
        await world.until(lambda: all(_is_ready_or_seen_to(world, name) for name in names))
        await world.pass_by(10)
        for name in names:
            assert _runs_with_what_is_there(world, name)
            assert world.image(name) == world.image(name, "web") == chaos.letter
        await world.until(lambda: all(world.ready(name)[0] == "True" for name in names))
        world.begin_to_count()
        await world.pass_by(300)
        assert world.server.writes() == []
        assert {(one.kind, one.name) for one in world.server.asked} == {("Secret", "stripe")}

    run_in_world(story, monkeypatch)
