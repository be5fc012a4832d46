"""What counts as a difference between what is asked for and what is there."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.drift import differs, fingerprint

leaves = st.booleans() | st.integers() | st.text(max_size=5)
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=3), documents, min_size=1, max_size=4)

Place = tuple[str | int, ...]


def _leaf_places(document: Any, here: Place = ()) -> list[Place]:
    """Where a document has something that is no map or list with entries."""
    entries: list[tuple[str | int, Any]] = []
    if isinstance(document, dict):
        entries = list(document.items())
    elif isinstance(document, list):
        entries = list(enumerate(document))
    if not entries:
        return [here]
    return [place for key, value in entries for place in _leaf_places(value, (*here, key))]


def _changed(document: Any, place: Place, remove: bool) -> Any:
    changed = copy.deepcopy(document)
    holder = changed
    for key in place[:-1]:
        holder = holder[key]
    if remove:
        del holder[place[-1]]
    else:
        holder[place[-1]] = ["something else", holder[place[-1]]]
    return changed


def _with_more_keys(document: Any) -> Any:
    """What a cluster makes of it: defaults in every map, and no list longer than before."""
    if isinstance(document, dict):
        return {key: _with_more_keys(value) for key, value in document.items()} | {"a default": 1}
    if isinstance(document, list):
        return [_with_more_keys(one) for one in document]
    return document


def _shuffled(document: Any, order: random.Random) -> Any:
    if isinstance(document, dict):
        keys = list(document)
        order.shuffle(keys)
        return {key: _shuffled(document[key], order) for key in keys}
    if isinstance(document, list):
        return [_shuffled(one, order) for one in document]
    return document


def test_a_default_that_the_cluster_adds_is_no_difference() -> None:
    asked = {"spec": {"ports": [{"name": "http", "port": 80}]}}
    live = {"spec": {"ports": [{"name": "http", "port": 80, "protocol": "TCP"}], "type": "ClusterIP"}, "status": {}}

    assert not differs(asked, live)


def test_labels_and_annotations_of_others_are_no_difference() -> None:
    assert not differs({"metadata": {"labels": {"ours": "1"}}}, {"metadata": {"labels": {"ours": "1", "theirs": "2"}}})


@pytest.mark.parametrize(
    ("asked", "live"),
    [
        pytest.param([{"name": "web"}], [{"name": "web"}, {"name": "miner"}], id="a container more"),
        pytest.param([{"name": "web"}, {"name": "proxy"}], [{"name": "web"}], id="a container less"),
        pytest.param([{"name": "web"}, {"name": "proxy"}], [{"name": "proxy"}, {"name": "web"}], id="another order"),
        pytest.param([], [{"name": "web"}], id="one where none is asked for"),
        pytest.param([], None, id="no list at all"),
        pytest.param([{"name": "web"}], {"name": "web"}, id="a map in its place"),
    ],
)
def test_lists_are_compared_whole(asked: Any, live: Any) -> None:
    assert differs({"containers": asked}, {"containers": live})


@pytest.mark.parametrize("live", [None, "all", ["all"]])
def test_an_empty_map_that_is_asked_for_must_be_there(live: Any) -> None:
    assert differs({"emptyDir": {}}, {"emptyDir": live})


def test_a_number_is_not_the_text_of_that_number() -> None:
    assert differs({"port": 80}, {"port": "80"})


@given(documents)
def test_nothing_differs_from_itself(document: Any) -> None:
    assert not differs(document, copy.deepcopy(document))


@given(objects)
def test_keys_that_nobody_asked_for_are_no_difference_at_any_depth(document: Any) -> None:
    assert not differs(document, _with_more_keys(document))


@given(objects, st.booleans(), st.data())
def test_whatever_is_removed_or_changed_is_a_difference_at_any_depth(document: Any, remove: bool, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(_leaf_places(document)))

    assert differs(document, _changed(document, place, remove))


@given(objects, st.randoms(use_true_random=False))
def test_a_fingerprint_does_not_depend_on_the_order_of_keys(document: Any, order: random.Random) -> None:
    assert fingerprint(document) == fingerprint(_shuffled(document, order))


@given(objects, st.booleans(), st.data())
def test_a_fingerprint_changes_with_whatever_is_removed_or_changed(document: Any, remove: bool, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(_leaf_places(document)))

    assert fingerprint(document) != fingerprint(_changed(document, place, remove))


def test_a_fingerprint_is_the_same_in_every_process_and_version() -> None:
    # Were it another, an upgrade of the operator would write every object of every tenant once more.
    assert fingerprint({"metadata": {"name": "web"}, "spec": {"replicas": 2, "paused": False}}) == "361d75fab510addd"


@given(objects)
def test_a_fingerprint_fits_into_a_label_too(document: Any) -> None:
    text = fingerprint(document)

    assert len(text) == 16
    assert set(text) <= set("0123456789abcdef")
