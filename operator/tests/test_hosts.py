"""Whose a host is: claims follow what still answers."""

from __future__ import annotations

from tenantry_operator.hosts import Hosts

OLD, NEW = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


def test_nobody_has_a_host_that_nobody_asks_for() -> None:
    assert Hosts().holder("acme.example.com") is None


def test_the_older_of_two_tenants_that_ask_has_it() -> None:
    hosts = Hosts()
    hosts.ask("newcomer", ["acme.example.com"], NEW)
    hosts.ask("old", ["acme.example.com"], OLD)

    assert hosts.holder("acme.example.com") == "old"


def test_who_answers_there_keeps_it_however_young() -> None:
    hosts = Hosts()
    hosts.ask("newcomer", ["acme.example.com"], NEW)
    hosts.answer("newcomer", ["acme.example.com"])
    hosts.ask("old", ["acme.example.com"], OLD)

    assert hosts.holder("acme.example.com") == "newcomer"


def test_who_moved_away_or_has_no_tenant_any_more_holds_it_until_it_stops_answering() -> None:
    hosts = Hosts()
    hosts.ask("leaving", ["acme.example.com"], OLD)
    hosts.answer("leaving", ["acme.example.com"])
    hosts.ask("leaving", [])
    hosts.ask("coming", ["acme.example.com"], NEW)
    assert hosts.holder("acme.example.com") == "leaving"

    assert hosts.answer("leaving", []) == {"coming"}
    assert hosts.holder("acme.example.com") == "coming"


def test_of_two_that_answer_the_one_that_asks_for_it_has_it() -> None:
    hosts = Hosts()
    hosts.ask("asks", ["acme.example.com"], NEW)
    for tenant in ("moved", "asks"):
        hosts.answer(tenant, ["acme.example.com"])
    hosts.ask("moved", ["other.example.com"], OLD)

    assert hosts.holder("acme.example.com") == "asks"


def test_who_waits_for_another_host_stays_where_it_answers_until_somebody_asks_for_that() -> None:
    hosts = Hosts()
    hosts.ask("acme", ["acme.example.com"], OLD)
    hosts.answer("acme", ["acme.example.com"])
    assert not hosts.may_stay("acme", "acme.example.com"), "it is what it asks for"
    hosts.ask("acme", ["taken.example.com"], OLD)
    assert hosts.may_stay("acme", "acme.example.com")
    assert not hosts.may_stay("acme", "taken.example.com"), "it does not answer there"

    assert hosts.ask("newcomer", ["acme.example.com"], NEW) == {"acme"}
    assert not hosts.may_stay("acme", "acme.example.com")


def test_an_older_tenant_that_shows_up_while_another_is_about_to_answer_does_not_get_it() -> None:
    hosts = Hosts()
    hosts.ask("quick", ["acme.example.com"], NEW)
    assert hosts.take("quick", "acme.example.com") == "quick"

    hosts.ask("old", ["acme.example.com"], OLD)
    assert hosts.take("old", "acme.example.com") == "quick"

    hosts.answer("quick", ["acme.example.com"])
    assert hosts.settle("quick", ["acme.example.com"]) == set()
    assert hosts.holder("acme.example.com") == "quick"


def test_a_host_that_was_taken_and_came_to_nothing_is_free_and_the_others_are_told() -> None:
    hosts = Hosts()
    hosts.ask("quick", ["acme.example.com"], NEW)
    hosts.take("quick", "acme.example.com")
    hosts.ask("old", ["acme.example.com"], OLD)

    assert hosts.settle("quick", ["acme.example.com"]) == {"old"}
    assert hosts.holder("acme.example.com") == "old"


def test_who_moves_to_another_host_frees_the_first_and_those_who_ask_for_it_are_told() -> None:
    hosts = Hosts()
    hosts.ask("mover", ["acme.example.com"], OLD)
    hosts.ask("waiting", ["acme.example.com"], NEW)

    assert hosts.ask("mover", ["new.example.com"], OLD) == {"waiting"}
    assert hosts.holder("acme.example.com") == "waiting"


def test_each_of_several_hosts_is_claimed_by_itself() -> None:
    hosts = Hosts()
    hosts.ask("old", ["old.example.com", "shop.example.com"], OLD)
    hosts.ask("new", ["new.example.com", "shop.example.com", "pay.example.com"], NEW)

    owners = [hosts.holder(f"{name}.example.com") for name in ("old", "shop", "new", "pay")]
    assert owners == ["old", "old", "new", "new"]


def test_who_asks_for_one_host_less_frees_that_alone() -> None:
    hosts = Hosts()
    hosts.ask("leaving", ["leaving.example.com", "shop.example.com"], OLD)
    hosts.answer("leaving", ["leaving.example.com", "shop.example.com"])
    hosts.ask("covets", ["leaving.example.com"], NEW)
    hosts.ask("coming", ["coming.example.com", "shop.example.com"], NEW)

    assert hosts.ask("leaving", ["leaving.example.com"], OLD) == {"coming"}
    assert hosts.holder("shop.example.com") == "leaving", "it answers there"
    assert hosts.answer("leaving", ["leaving.example.com"]) == {"coming"}
    assert hosts.holder("shop.example.com") == "coming"
    assert hosts.holder("leaving.example.com") == "leaving"


def test_of_what_was_taken_only_what_came_to_nothing_is_free() -> None:
    hosts = Hosts()
    both = ["acme.example.com", "shop.example.com"]
    hosts.ask("quick", both, NEW)
    for host in both:
        hosts.take("quick", host)
    hosts.ask("old", ["acme.example.com"], OLD)
    hosts.ask("older", ["shop.example.com"], OLD)
    hosts.answer("quick", ["acme.example.com"])

    assert hosts.settle("quick", both) == {"older"}
    assert [hosts.holder(host) for host in both] == ["quick", "older"]


def test_nothing_is_kept_of_a_tenant_that_is_gone() -> None:
    hosts = Hosts()
    hosts.ask("acme", ["acme.example.com"], OLD)
    hosts.answer("acme", ["acme.example.com"])
    hosts.ask("acme", [])
    hosts.answer("acme", [])

    assert hosts.holder("acme.example.com") is None
    assert not hosts._askers and not hosts._answerers and not hosts._asked and not hosts._answered
