"""What the last look at each Tenant saw and left, so that what happens since can be told from news. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tenantry_operator.cache import Cache, Key
from tenantry_operator.drift import Seen
from tenantry_operator.last_run import LastRun, last_run
from tenantry_operator.records import CronJobRecord, DeploymentRecord, ExternalSecretRecord, JobRecord, NamespaceRecord, SecretRecord
from tenantry_operator.rollout import rollout
from tenantry_operator.tenant import Service
from tenantry_operator.workload import kind_of


class State(NamedTuple):
    """What matters of a tenant at a moment. What differs from the last look's is news."""

    tenant: tuple[object, ...]
    #: Objects that are not as they should be.
    differing: frozenset[Key]
    rollout: str
    migrations: tuple[object, ...]
    stored: tuple[object, ...]
    runs: tuple[LastRun | None, ...]
    namespace: tuple[object, ...]
    credentials: str | None


class Look(NamedTuple):
    """One look: what should be there by it, as digests, and what it saw of that at its end."""

    wanted: Mapping[Key, str]
    state: State


class Looks:
    """The last look at each Tenant."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._last: dict[str, Look] = {}
        #: What the look that goes on wants, as far as it got.
        self._wants: dict[str, Mapping[Key, str]] = {}
        #: Tenants of which somebody else changed something while they were looked at: that look may not have seen it.
        self._meddled: set[str] = set()
        self._removed: set[tuple[str, Key]] = set()

    def remember(self, name: str, wanted: Mapping[Key, str]) -> None:
        """A look has seen what there is now, and wants this."""
        self._last[name] = Look(wanted, self._state(name, wanted))

    def removed(self, name: str, key: Key) -> None:
        """The look itself is about to remove what should not be there."""
        self._removed.add((name, key))
        last = self._last.get(name)
        if last is not None:
            state = last.state._replace(differing=last.state.differing - {key})
            self._last[name] = last._replace(state=state)

    def forget(self, name: str) -> None:
        """Whatever happens next is news."""
        self._last.pop(name, None)
        self._wants.pop(name, None)
        self._meddled.discard(name)

    def wants(self, name: str, wanted: Mapping[Key, str]) -> None:
        """A look goes on, and wants what stands here, which grows."""
        self._wants[name] = wanted

    def heard(self, name: str, key: Key, before: Seen | None, now: Seen | None) -> None:
        """An object is other than before, by whomever. What a look wants of it is its own doing."""
        if (name, key) in self._removed and now is None:
            self._removed.discard((name, key))
            return
        if before is None or (now is not None and _content(now) == _content(before)):
            return
        if now is None or now.digest != self._wants.get(name, {}).get(key):
            self._meddled.add(name)

    def is_news(self, name: str) -> bool:
        """Whether a tenant is other than its last look saw it."""
        last = self._last.get(name)
        return last is None or name in self._meddled or self._state(name, last.wanted) != last.state

    def _state(self, name: str, wanted: Mapping[Key, str]) -> State:
        tenant, objects = self._cache.tenants.get(name), self._cache.objects(name)
        return State(
            tenant=() if tenant is None else (tenant.metadata.uid, tenant.metadata.generation, tenant.metadata.deletion_timestamp),
            differing=_differing(objects, wanted),
            rollout="" if tenant is None else _rollout(tenant.spec.services, objects),
            migrations=tuple(sorted((key[1], one.uid, one.state) for key, one in objects.items() if isinstance(one, JobRecord))),
            stored=tuple(
                sorted(
                    (key[1], one.state, one.is_current, one.message)
                    for key, one in objects.items()
                    if isinstance(one, ExternalSecretRecord)
                )
            ),
            runs=() if tenant is None else _runs(tenant.spec.services, objects),
            namespace=_namespace(objects),
            credentials=_credentials(objects),
        )


def _content(record: Seen) -> object:
    """What a person could change of it."""
    return record.secret.version if isinstance(record, SecretRecord) else record.digest


def _differing(objects: Mapping[Key, Seen], wanted: Mapping[Key, str]) -> frozenset[Key]:
    kinds = {kind for kind, _ in wanted}
    missing = {key for key, digest in wanted.items() if key not in objects or (digest and objects[key].digest != digest)}
    return frozenset(missing | {key for key in objects if key[0] in kinds and key not in wanted})


def _rollout(services: tuple[Service, ...], objects: Mapping[Key, Seen]) -> str:
    """One word for all services: what a look would say of them changes with it alone."""
    seen = [(service, objects.get((kind_of(service), service.name))) for service in services]
    rollouts = [rollout(service, live) for service, live in seen if isinstance(live, DeploymentRecord | CronJobRecord)]
    if any(one.is_stuck for one in rollouts):
        return "stuck"
    if not all(one.is_done for one in rollouts):
        return "going on"
    # Of one that goes by itself the number of pods is news as well: nothing else tells of it.
    moving = [f"{one.service.name} {one.ready}/{one.wanted}" for one in rollouts if one.service.max_replicas]
    return " ".join(["done", *moving])


def _runs(services: tuple[Service, ...], objects: Mapping[Key, Seen]) -> tuple[LastRun | None, ...]:
    seen = [objects.get(("CronJob", service.name)) for service in services if service.schedule]
    return tuple(last_run(one) for one in seen if isinstance(one, CronJobRecord))


def _namespace(objects: Mapping[Key, Seen]) -> tuple[object, ...]:
    return tuple((one.tenant, one.terminating, one.held, one.mark) for one in objects.values() if isinstance(one, NamespaceRecord))


def _credentials(objects: Mapping[Key, Seen]) -> str | None:
    for one in objects.values():
        if isinstance(one, SecretRecord):
            return one.secret.version
    return None
