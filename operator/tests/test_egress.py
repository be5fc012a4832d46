"""What the pods of a tenant may connect to."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from example_tenant import example_tenant
from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.egress import egress_policy, ports_of

#: One of each range that leads to no public host, by https://www.iana.org/assignments/iana-ipv4-special-registry and
#: https://www.iana.org/assignments/iana-ipv6-special-registry
PRIVATE = (
    "0.0.0.1",
    "10.96.0.1",
    "100.64.7.9",
    "127.0.0.1",
    "169.254.169.254",
    "169.254.170.23",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
    "2001::1",
    "2002:a00:1::1",
)
PUBLIC = ("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.128.0.1", "172.32.0.1", "223.255.255.255", "2606:4700::1111", "2a05:d014::1")


def _policy(*entries: str, ports: tuple[int, ...] = (5432,)) -> dict[str, Any]:
    found = egress_policy(example_tenant({"egress": list(entries)}), ports)
    assert found is not None
    return found


def _allows(policy: dict[str, Any], address: str, port: int = 443, protocol: str = "TCP") -> bool:
    """As https://kubernetes.io/docs/concepts/services-networking/network-policies/ has it, of an address of no pod."""
    return any(
        _is_port(rule, port, protocol) and ("to" not in rule or any(_holds(peer, address) for peer in rule["to"]))
        for rule in policy["spec"]["egress"]
    )


def _is_port(rule: dict[str, Any], port: int, protocol: str) -> bool:
    return "ports" not in rule or {"protocol": protocol, "port": port} in rule["ports"]


def _holds(peer: dict[str, Any], address: str) -> bool:
    block = peer.get("ipBlock")
    if block is None:
        return False
    return ip_address(address) in ip_network(block["cidr"]) and not any(
        ip_address(address) in ip_network(one) for one in block.get("except", ())
    )


def test_of_a_tenant_that_says_nothing_of_it_there_is_no_policy() -> None:
    assert egress_policy(example_tenant(), [5432]) is None
    assert egress_policy(example_tenant({"egress": []}), [5432]) is None


def test_it_lies_in_the_tenants_namespace_and_is_about_all_pods_and_this_direction_alone() -> None:
    policy = _policy("none")

    assert policy["metadata"] == {
        "name": "egress",
        "namespace": "tenant-northwind",
        "labels": {"app.kubernetes.io/managed-by": "tenantry-operator", "tenantry.dev/tenant": "northwind"},
    }
    assert policy["spec"]["podSelector"] == {}
    assert policy["spec"]["policyTypes"] == ["Egress"]


def test_with_none_names_are_looked_up_and_the_own_namespace_and_the_database_are_reached() -> None:
    policy = _policy("none")

    assert {"to": [{"podSelector": {}}]} in policy["spec"]["egress"]
    for protocol in ("UDP", "TCP"):
        assert _allows(policy, "169.254.20.10", 53, protocol)
        assert _allows(policy, "10.96.0.10", 53, protocol)
    for address in ("10.1.2.3", "52.29.1.1", "fd12::5", "2a05:d014::1"):
        assert _allows(policy, address, 5432)
        assert not _allows(policy, address, 5432, "UDP")
        assert not _allows(policy, address, 443)


@pytest.mark.parametrize("address", ["169.254.169.254", "169.254.170.23", "fe80::1", "fd00:ec2::254"])
def test_on_the_databases_port_no_address_of_the_node_is_reached(address: str) -> None:
    assert not _allows(_policy("internet", ports=(5432, 80)), address, 80)


def test_pods_that_are_no_tenants_are_reached_on_the_databases_port_also_where_ranges_hold_no_pods() -> None:
    [rule] = [rule for rule in _policy("none")["spec"]["egress"] if {"protocol": "TCP", "port": 5432} in rule.get("ports", [])]

    assert {"namespaceSelector": {"matchExpressions": [{"key": "tenantry.dev/tenant", "operator": "DoesNotExist"}]}} in rule["to"]


def test_where_nobody_knows_the_database_yet_there_is_no_rule_for_it() -> None:
    policy = _policy("none", ports=())

    assert len(policy["spec"]["egress"]) == 2
    assert not _allows(policy, "10.1.2.3", 5432)


def test_the_ports_of_the_database_are_told_from_the_policy_and_no_others() -> None:
    assert ports_of(_policy("internet", "10.0.0.0/8:6379", "0.0.0.0/0:22", ports=(6432, 5432))) == (5432, 6432)
    assert ports_of(_policy("internet", ports=())) == ()
    assert ports_of({"spec": {"egress": None}}) == ()


@pytest.mark.parametrize("address", PRIVATE)
def test_the_internet_is_no_address_that_is_not_public(address: str) -> None:
    assert not _allows(_policy("internet"), address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is_each_public_address_on_each_port(address: str) -> None:
    assert _allows(_policy("internet"), address)
    assert _allows(_policy("internet"), address, 443, "UDP")


@given(st.ip_addresses(v=4))
def test_the_internet_is_what_python_calls_global(address: Any) -> None:
    # Of what is reserved for protocols, Python knows more that is global: a few addresses of 192.0.0.0/24.
    is_public = address.is_global and not address.is_multicast and address not in ip_network("192.0.0.0/24")

    assert _allows(_policy("internet"), str(address)) is (is_public and address not in ip_network("192.88.99.0/24"))


def test_what_is_left_out_is_not_reached_and_what_lies_beside_it_is() -> None:
    policy = _policy("internet", "not 203.1.0.0/16", "10.0.0.0/8", "not 10.20.0.0/16", "not 2a05:d014::/32")

    assert not _allows(policy, "203.1.2.3")
    assert not _allows(policy, "10.20.0.1")
    assert not _allows(policy, "2a05:d014::1")
    assert all(_allows(policy, one) for one in ("203.2.0.1", "10.21.0.1", "2a05:d015::1"))


def test_a_range_that_is_left_out_whole_allows_nothing_rather_than_everything() -> None:
    for entries in (["10.0.0.0/16", "not 10.0.0.0/8"], ["10.0.0.0/8", "not 10.0.0.0/8"], ["internet", "not 0.0.0.0/0", "not ::/0"]):
        policy = _policy(*entries, ports=())
        assert len(policy["spec"]["egress"]) == 2
        assert not _allows(policy, "10.0.0.1")


def test_a_range_is_reached_on_its_port_or_on_each() -> None:
    policy = _policy("10.20.0.0/16", "10.30.0.5/32:6379", "fd12:3456::/32:443")

    assert _allows(policy, "10.20.1.1", 9)
    assert _allows(policy, "10.20.1.1", 9, "UDP")
    assert _allows(policy, "10.30.0.5", 6379)
    assert not _allows(policy, "10.30.0.5", 6380)
    assert not _allows(policy, "10.30.0.6", 6379)
    assert _allows(policy, "fd12:3456::1", 443)
    assert not _allows(policy, "fd12:3456::1", 80)


@pytest.mark.parametrize("wide", ["0.0.0.0/0", "128.0.0.0/1", "168.0.0.0/5", "169.254.0.0/15"])
def test_a_wide_range_has_no_address_of_the_node(wide: str) -> None:
    policy = _policy(wide)

    assert not _allows(policy, "169.254.170.23", 80)
    assert not _allows(policy, "169.254.169.254", 80)


def test_an_address_of_the_node_is_reached_where_it_is_named_but_not_its_metadata() -> None:
    policy = _policy("169.254.170.23/32:80", "169.254.169.0/24", "fd00:ec2::/32")

    assert _allows(policy, "169.254.170.23", 80)
    assert _allows(policy, "169.254.169.123", 123)
    assert not _allows(policy, "169.254.169.254", 80)
    assert not _allows(policy, "fd00:ec2::254", 80)
    assert not _allows(_policy("169.254.169.254/32"), "169.254.169.254", 80)


def test_a_range_by_an_address_in_its_middle_is_the_range() -> None:
    assert {"ipBlock": {"cidr": "10.0.0.0/8"}} in _policy("10.0.0.1/8")["spec"]["egress"][-1]["to"]


def test_a_namespace_is_reached_by_its_name() -> None:
    rules = _policy("monitoring")["spec"]["egress"]

    assert rules[-1] == {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]}


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["internet", "none", "monitoring", "not 10.0.0.0/8"]),
            st.ip_addresses(v=4).flatmap(lambda one: st.integers(0, 32).map(lambda length: f"{one}/{length}")),
            st.ip_addresses(v=6).flatmap(lambda one: st.integers(0, 128).map(lambda length: f"not {one}/{length}")),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_is_asked_for_each_exception_is_a_strict_part_of_its_range_and_none_is_there_twice(entries: list[str]) -> None:
    blocks = [peer["ipBlock"] for rule in _policy(*entries)["spec"]["egress"] for peer in rule.get("to", ()) if "ipBlock" in peer]

    for block in blocks:
        without = [ip_network(one) for one in block.get("except", ())]
        assert len(set(without)) == len(without)
        whole: Any = ip_network(block["cidr"])
        assert all(one.subnet_of(whole) and one != whole for one in without)
        assert not _holds({"ipBlock": block}, "169.254.169.254")


@pytest.mark.parametrize(
    "entries",
    [
        ["10.0.0.0/8", "not 10.0.0.0/9", "not 10.128.0.0/9"],
        ["169.254.169.254/31", "not 169.254.169.255/32"],
        ["::ffff:a9fe:a9fe/128"],
    ],
)
def test_what_is_left_out_in_parts_that_are_the_whole_is_no_rule(entries: list[str]) -> None:
    assert _policy(*entries, ports=())["spec"]["egress"] == _policy("none", ports=())["spec"]["egress"]


def test_of_the_internet_both_halves_may_be_left_out() -> None:
    policy = _policy("internet", "not 0.0.0.0/1", "not 128.0.0.0/1", ports=())
    assert not _allows(policy, "1.1.1.1")
    assert _allows(policy, "2606:4700::1111")
