"""What the pods of a tenant may connect to: the NetworkPolicy of that direction. Desired object, from the Tenant and its database's ports.

It is one object, written and removed whole. Policies add up, but the first one in a direction takes away all that it does not allow
(https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation): of two, the one that came first
would cut pods off from what the other allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any

from tenantry_operator.drift import Json
from tenantry_operator.labels import TENANT, labels_of
from tenantry_operator.routing import NAMESPACE_NAME
from tenantry_operator.tenant import Tenant

#: Name of the NetworkPolicy.
EGRESS = "egress"

Network = IPv4Network | IPv6Network


def _networks(*ranges: str) -> list[Network]:
    return [ip_network(one) for one in ranges]


#: Where pods find their node: metadata of clouds with the node's own role, agents. Ranges that hold them are allowed without them.
LINK_LOCAL = _networks("169.254.0.0/16", "fe80::/10")
#: AWS tells a node its role there, also by IPv6, at an address that is not link-local:
#: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
METADATA = _networks("169.254.169.254/32", "fd00:ec2::254/128")
#: IPv4 that is written as IPv6. The API server and plugins take it for the IPv4 range: https://pkg.go.dev/net#ParseCIDR. So no exception of
#: a wider IPv6 range can name it.
[MAPPED] = _networks("::ffff:0:0/96")
#: All addresses that are allocated to the internet: https://www.iana.org/assignments/ipv6-address-space
INTERNET = _networks("0.0.0.0/0", "2000::/3")
#: Of those, what is not public ("Globally Reachable: False"), by https://www.iana.org/assignments/iana-ipv4-special-registry and
#: https://www.iana.org/assignments/iana-ipv6-special-registry; multicast; and IPv6 with an IPv4 address in it (Teredo, 6to4).
#: IPv4-mapped addresses, unique local ones (fc00::/7) and NAT64's (64:ff9b::/96) lie outside of 2000::/3.
NOT_PUBLIC = _networks(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
)

#: Caches of a node listen at a link-local address, so at any: https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
DNS: Json = {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}
OWN_NAMESPACE: Json = {"to": [{"podSelector": {}}]}


def _blocks(networks: Iterable[Network], without: Sequence[Network]) -> list[Json]:
    """Each network without what lies in it of others; none that is left out whole. What is `except` must be a strict part of the range:
    pkg/apis/networking/validation/validation.go of Kubernetes, ValidateIPBlock."""
    # Together, two halves that are left out are the whole.
    fewest: list[Network] = [
        *collapse_addresses(one for one in without if isinstance(one, IPv4Network)),
        *collapse_addresses(one for one in without if isinstance(one, IPv6Network)),
    ]
    left = [one for one in networks if not any(one == other or _is_part(one, other) for other in fewest)]
    return [_block(one, [other for other in fewest if _is_part(other, one)]) for one in left]


def _block(network: Network, without: Sequence[Network]) -> Json:
    return {"ipBlock": {"cidr": str(network)} | ({"except": [str(one) for one in without]} if without else {})}


def _is_part(one: Network, other: Network) -> bool:
    return one.version == other.version and one != other and one.subnet_of(other)  # type: ignore[arg-type]


#: Where a database may be. A policy knows no names, and the address of a server that others run is another after each failover; so any
#: address, on the server's port. Pods as well, for some plugins take no range for pods:
#: https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based
DATABASE: list[Json] = [
    *_blocks(_networks("0.0.0.0/0", "::/0"), [*LINK_LOCAL, *METADATA]),
    {"namespaceSelector": {"matchExpressions": [{"key": TENANT, "operator": "DoesNotExist"}]}},
]


def egress_policy(tenant: Tenant, database_ports: Iterable[int]) -> Json | None:
    """None where there is no limit. `database_ports`: where pods find their database, or still do."""
    if not tenant.spec.egress:
        return None
    ports = [{"protocol": "TCP", "port": port} for port in sorted(set(database_ports))]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": EGRESS, "namespace": tenant.namespace, "labels": labels_of(tenant.name)},
        "spec": {
            "podSelector": {},
            "policyTypes": ["Egress"],
            "egress": [DNS, OWN_NAMESPACE, *([{"to": DATABASE, "ports": ports}] if ports else []), *_rules(tenant.spec.egress)],
        },
    }


def ports_of(policy: Mapping[str, Any]) -> tuple[int, ...]:
    """The database's ports that a live policy allows."""
    rules = policy["spec"].get("egress") or ()
    return tuple(one["port"] for rule in rules if rule.get("to") == DATABASE for one in rule.get("ports") or () if "port" in one)


def _rules(entries: Sequence[str]) -> list[Json]:
    without = [ip_network(one.removeprefix("not "), strict=False) for one in entries if one.startswith("not ")]
    reached = [one for one in entries if not one.startswith("not ") and one != "none"]
    return [rule for one in reached if (rule := _rule(one, without)) is not None]


def _rule(entry: str, without: Sequence[Network]) -> Json | None:
    if entry == "internet":
        public = _blocks(INTERNET, [*NOT_PUBLIC, *without])
        return {"to": public} if public else None
    # A namespace's name has no "/".
    if "/" not in entry:
        return {"to": [{"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: entry}}}]}
    written, port = _parts(entry)
    network = ip_network(written, strict=False)
    if network == MAPPED or _is_part(network, MAPPED):
        return None
    # A link-local address that is named is meant, such as that of an agent of the node.
    blocks = _blocks([network], [*(one for one in LINK_LOCAL if _is_part(one, network)), *METADATA, *without])
    if not blocks:
        return None
    return {"to": blocks} | ({"ports": [{"protocol": "TCP", "port": port}]} if port is not None else {})


def _parts(entry: str) -> tuple[str, int | None]:
    """A range, and its port: IPv6 has colons too, but none after the slash."""
    address, _, rest = entry.partition("/")
    length, _, port = rest.partition(":")
    return f"{address}/{length}", int(port) if port else None
