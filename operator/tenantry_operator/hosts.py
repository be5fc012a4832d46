"""Whose a host is. Two tenants may ask for the same one; only one of them may answer there. Of several that a tenant asks for, each is
claimed by itself, and its main one as any other.

A claim follows what still answers, not what is asked for: a tenant that moved away or was decommissioned holds its old host as long as its
Ingress is there, and so does a namespace whose Tenant is gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

#: What a tenant asks for that asks for none.
_NOTHING: tuple[frozenset[str], str] = (frozenset(), "")


class Hosts:
    """Who asks for each host, and who answers there."""

    def __init__(self) -> None:
        #: What a tenant asks for, and when its Tenant was made, in RFC 3339.
        self._asked: dict[str, tuple[frozenset[str], str]] = {}
        self._askers: defaultdict[str, set[str]] = defaultdict(set)
        self._answered: dict[str, frozenset[str]] = {}
        self._answerers: defaultdict[str, set[str]] = defaultdict(set)
        #: Who is about to answer: its Ingress is on its way, and not seen yet.
        self._taken: dict[str, str] = {}

    def ask(self, tenant: str, hosts: Iterable[str], created: str = "") -> Collection[str]:
        """A tenant asks for exactly these hosts. Returns whom that may concern besides."""
        now = frozenset(hosts)
        before, _ = self._asked.pop(tenant, _NOTHING)
        for host in before - now:
            _discard(self._askers, host, tenant)
        for host in now:
            self._askers[host].add(tenant)
        if now:
            self._asked[tenant] = (now, created)
        # One that waits for another host may answer at one of these only as long as nobody asks for it.
        staying = {other for host in now for other in self._answerers.get(host, ()) if other != tenant}
        return {*self._concerned(tenant, before - now), *staying}

    def answer(self, tenant: str, hosts: Iterable[str]) -> Collection[str]:
        """A tenant's Ingress has exactly these hosts. Returns whom that may concern besides."""
        now = frozenset(hosts)
        before = self._answered.pop(tenant, frozenset())
        for host in before - now:
            _discard(self._answerers, host, tenant)
        for host in now:
            self._answerers[host].add(tenant)
        if now:
            self._answered[tenant] = now
        return self._concerned(tenant, before - now)

    def holder(self, host: str) -> str | None:
        """The tenant whose the host is: one that answers there keeps it, and else the oldest that asks has it; None if nobody does."""
        taken = self._taken.get(host)
        if taken is not None:
            return taken
        candidates = self._answerers.get(host) or self._askers.get(host) or ()
        return min(candidates, key=lambda tenant: self._rank(tenant, host), default=None)

    def may_stay(self, tenant: str, host: str) -> bool:
        """Whether a tenant that waits for another host may go on answering at this one: it does, and nobody asks for it."""
        return tenant in self._answerers.get(host, ()) and not self._askers.get(host)

    def take(self, tenant: str, host: str) -> str | None:
        """Has the host for this tenant, if it is its own, until `settle`: nobody else gets it meanwhile. Returns whose it is."""
        holder = self.holder(host)
        if holder == tenant:
            self._taken[host] = tenant
        return holder

    def settle(self, tenant: str, hosts: Iterable[str]) -> Collection[str]:
        """What was taken of these has become an Ingress by now, or nothing. Returns whom that may concern besides."""
        taken = {host for host in hosts if self._taken.get(host) == tenant}
        for host in taken:
            del self._taken[host]
        return self._concerned(tenant, {host for host in taken if self.holder(host) != tenant})

    def _rank(self, tenant: str, host: str) -> tuple[bool, str, str]:
        asked, created = self._asked.get(tenant, _NOTHING)
        return (host not in asked, created, tenant)

    def _concerned(self, tenant: str, freed: Iterable[str]) -> Collection[str]:
        return {other for host in freed for other in self._askers.get(host, ()) if other != tenant}


def _discard(index: defaultdict[str, set[str]], host: str, tenant: str) -> None:
    index[host].discard(tenant)
    if not index[host]:
        del index[host]
