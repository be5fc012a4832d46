"""What counts as a difference between what is asked for and what is there."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from desired_objects import desired_objects
from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.drift import details, differences, digest, digest_of, immutable, normal, replacement, seen
from tenantry_operator.exceptions import ALL, DEFAULTS, KEPT, OTHERS, QUANTITIES, RULES

Place = tuple[str | int, ...]

RANCHERS = ("metadata", "annotations")
OBJECTS = {body["kind"]: body for body in desired_objects()}
leaves = st.booleans() | st.integers() | st.text(max_size=5)
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def _places(document: Any, here: Place = ()) -> list[Place]:
    """Where a document has something, maps and lists too."""
    entries: list[tuple[str | int, Any]] = []
    if isinstance(document, dict):
        entries = list(document.items())
    elif isinstance(document, list):
        entries = list(enumerate(document))
    return [here, *(place for key, value in entries for place in _places(value, (*here, key)))]


def _at(document: Any, place: Place) -> Any:
    for key in place:
        document = document[key]
    return document


def _put(document: Any, place: Place, value: Any) -> None:
    """Puts a value at a place, and in every entry of a list where the place says so."""
    *above, last = place
    for index, key in enumerate(above):
        if key == "[]":
            for entry in document:
                _put(entry, place[index + 1 :], value)
            return
        if isinstance(document, dict) and key not in document:
            return
        document = document[key]
    document.setdefault(last, value)


def _with_defaults(body: dict[str, Any]) -> dict[str, Any]:
    live = copy.deepcopy(body)
    for path, value in DEFAULTS.get(body["kind"], {}).items():
        _put(live, tuple(path.split(".")), value)
    return live


kinds = st.sampled_from(sorted(OBJECTS))


@pytest.mark.parametrize("kind", OBJECTS)
def test_what_kubernetes_fills_in_is_no_difference(kind: str) -> None:
    live = _with_defaults(OBJECTS[kind]) | {"status": {"observedGeneration": 1}}
    live["metadata"] |= {
        "uid": "8f1f1f0e",
        "resourceVersion": "1",
        "generation": 1,
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "managedFields": [{"manager": "tenantry-operator"}],
        "finalizers": ["example.com/other"],
    }

    assert differences(OBJECTS[kind], live) == []
    assert digest(live) == digest(OBJECTS[kind])


@pytest.mark.parametrize("kind", OBJECTS)
def test_an_entry_of_a_list_does_not_say_its_kind(kind: str) -> None:
    body = {key: value for key, value in OBJECTS[kind].items() if key not in ("apiVersion", "kind")}
    body["metadata"] = body["metadata"] | {"uid": "8f1f1f0e", "resourceVersion": "1"}

    assert seen(body, kind).digest == digest(OBJECTS[kind])


@given(kinds, st.data())
def test_a_key_more_is_a_difference_wherever_it_is(kind: str, data: st.DataObject) -> None:
    live = copy.deepcopy(OBJECTS[kind])
    maps = [place for place in _places(live) if isinstance(_at(live, place), dict) and not _is_a_namespaces_map(kind, place)]
    place = data.draw(st.sampled_from(maps))
    _at(live, place)["something else"] = data.draw(documents)

    assert digest(live) != digest(OBJECTS[kind])
    assert differences(OBJECTS[kind], live) != []


@given(kinds, st.data())
def test_an_entry_more_is_a_difference_in_every_list(kind: str, data: st.DataObject) -> None:
    live = copy.deepcopy(OBJECTS[kind])
    lists = [place for place in _places(live) if isinstance(_at(live, place), list)]
    if lists:
        found = _at(live, data.draw(st.sampled_from(lists)))
        found.insert(data.draw(st.integers(0, len(found))), data.draw(documents))
        assert digest(live) != digest(OBJECTS[kind])
        assert differences(OBJECTS[kind], live) != []


@given(kinds, st.data())
def test_whatever_is_changed_is_a_difference_wherever_it_is(kind: str, data: st.DataObject) -> None:
    live = copy.deepcopy(OBJECTS[kind])
    place = data.draw(st.sampled_from([place for place in _places(live) if place and place not in ALL and place != ("kind",)]))
    before = _at(live, place)
    after = data.draw(documents.filter(lambda value: value != before or type(value) is not type(before)))
    _at(live, place[:-1])[place[-1]] = after

    if kind == "Namespace" and place[0] == "metadata" and not isinstance(_at(live, place[:2]), dict):
        return
    assert digest(live, kind) != digest(OBJECTS[kind])
    assert differences(OBJECTS[kind], live) != []


@given(kinds, st.data())
def test_whatever_is_removed_is_a_difference_unless_it_is_a_default(kind: str, data: st.DataObject) -> None:
    live = copy.deepcopy(OBJECTS[kind])
    place = data.draw(st.sampled_from([place for place in _places(live) if place and place not in ALL and place != ("kind",)]))
    # A copy, for to ask for a rule that there is not makes one.
    rule = copy.deepcopy(RULES[kind]).at(tuple("[]" if isinstance(key, int) else key for key in place))
    value = _at(live, place)
    del _at(live, place[:-1])[place[-1]]

    assert (digest(live) == digest(OBJECTS[kind])) == (value in rule.defaults)


def _is_a_namespaces_map(kind: str, place: Place) -> bool:
    return kind == "Namespace" and place in (("metadata", "labels"), ("metadata", "annotations"))


@pytest.mark.parametrize(
    ("kind", "place", "value"),
    [
        ("Deployment", ("spec", "paused"), True),
        ("Deployment", ("spec", "minReadySeconds"), 3600),
        ("Deployment", ("spec", "template", "spec", "nodeSelector"), {"disk": "none"}),
        ("Deployment", ("spec", "template", "spec", "hostNetwork"), True),
        ("Deployment", ("spec", "template", "spec", "terminationGracePeriodSeconds"), 0),
        ("Deployment", ("spec", "template", "spec", "serviceAccount"), "other"),
        ("Deployment", ("metadata", "ownerReferences"), [{"kind": "ConfigMap", "name": "gone"}]),
        ("Service", ("spec", "selector", "more"), "x"),
        ("Service", ("spec", "sessionAffinity"), "ClientIP"),
        ("Service", ("spec", "externalIPs"), ["192.0.2.1"]),
        ("Service", ("spec", "clusterIP"), "None"),
        ("Service", ("spec", "ipFamilyPolicy"), "PreferDualStack"),
        ("Service", ("spec", "ipFamilies"), ["IPv4", "IPv6"]),
        ("Ingress", ("metadata", "annotations"), {"nginx.ingress.kubernetes.io/server-snippet": "return 200;"}),
        ("Namespace", ("metadata", "labels", "pod-security.kubernetes.io/warn"), "privileged"),
        ("Namespace", ("metadata", "labels", "pod-security.kubernetes.io/enforce-version"), "v1.20"),
        ("Namespace", ("metadata", "annotations"), {"tenantry.dev/decommissioned": "Delete"}),
    ],
)
def test_what_breaks_a_service_and_nobody_asked_for_is_a_difference(kind: str, place: Place, value: Any) -> None:
    live = copy.deepcopy(OBJECTS[kind])
    _at(live, place[:-1])[place[-1]] = value

    assert digest(live) != digest(OBJECTS[kind])


@pytest.mark.parametrize(
    ("kind", "place", "value"),
    [
        ("Namespace", ("metadata", "labels", "kubernetes.io/metadata.name"), "tenant-northwind"),
        ("Namespace", ("metadata", "labels", "istio-injection"), "enabled"),
        ("Namespace", ("metadata", "annotations"), {"scheduler.alpha.kubernetes.io/node-selector": "x"}),
        ("Namespace", ("spec",), {"finalizers": ["kubernetes"]}),
        ("Deployment", ("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"), "2026-01-01T00:00:00Z"),
        ("Deployment", ("metadata", "annotations", "deployment.kubernetes.io/revision"), "7"),
        ("Deployment", ("spec", "template", "metadata", "creationTimestamp"), None),
        ("Deployment", ("spec", "template", "spec", "serviceAccount"), "apiserver"),
        ("Deployment", ("spec", "template", "spec", "containers", 0, "resources", "requests", "cpu"), "0.05"),
        ("Deployment", ("spec", "template", "spec", "containers", 0, "resources", "limits", "memory"), "0.5Gi"),
        ("Deployment", ("spec", "template", "spec", "volumes", 0, "emptyDir", "sizeLimit"), 268435456),
        ("Service", ("spec", "clusterIP"), "10.0.0.7"),
        ("Service", ("spec", "clusterIPs"), ["10.0.0.7"]),
        ("Service", ("spec", "ipFamilies"), ["IPv6"]),
        ("Ingress", RANCHERS, {"field.cattle.io/publicEndpoints": "[]"}),
        ("Service", RANCHERS, {"field.cattle.io/publicEndpoints": "[]"}),
    ],
)
def test_what_is_others_by_design_or_means_the_same_is_none_and_outlives_a_replacement(kind: str, place: Place, value: Any) -> None:
    live = copy.deepcopy(OBJECTS[kind])
    _at(live, place[:-1])[place[-1]] = value

    assert digest(live) == digest(OBJECTS[kind])
    again = replacement(OBJECTS[kind], live)
    assert digest(again) == digest(OBJECTS[kind])
    if place in OTHERS.get(kind, ()) or kind == "Namespace" or place[-1] in ("clusterIP", "clusterIPs", "ipFamilies"):
        assert _at(again, place) == value


def test_an_ingress_keeps_the_class_that_the_cluster_gave_it_where_none_is_asked_for() -> None:
    live = copy.deepcopy(OBJECTS["Ingress"])
    live["spec"]["ingressClassName"] = "traefik"

    assert differences(OBJECTS["Ingress"], live) == ["spec.ingressClassName"]
    assert replacement(OBJECTS["Ingress"], live)["spec"]["ingressClassName"] == "traefik"
    asked = copy.deepcopy(OBJECTS["Ingress"])
    asked["spec"]["ingressClassName"] = "nginx"
    assert replacement(asked, live)["spec"]["ingressClassName"] == "nginx"


def test_a_number_is_not_the_text_of_that_number_and_true_is_not_1() -> None:
    assert digest_of({"port": 80}) != digest_of({"port": "80"})
    one, other = copy.deepcopy(OBJECTS["Deployment"]), copy.deepcopy(OBJECTS["Deployment"])
    one["spec"]["paused"], other["spec"]["paused"] = True, 1
    assert differences(one, other) == ["spec.paused"]


def test_a_default_is_told_from_another_value_of_the_same_number() -> None:
    live = copy.deepcopy(OBJECTS["Deployment"])
    live["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]["successThreshold"] = True

    assert digest(live) != digest(OBJECTS["Deployment"])


def test_a_difference_is_told_by_its_place_and_without_its_value() -> None:
    live = copy.deepcopy(OBJECTS["Deployment"])
    container = live["spec"]["template"]["spec"]["containers"][0]
    container["env"][-1] = {"name": "PGPASSWORD", "value": "secret"}
    live["metadata"]["labels"]["tenantry.dev/tenant"] = "acme"
    live["spec"]["template"]["spec"]["containers"].append({"name": "miner"})

    told = differences(OBJECTS["Deployment"], live)
    assert told == [
        "metadata.labels[tenantry.dev/tenant]",
        "spec.template.spec.containers[apiserver].env[PGPASSWORD].value",
        "spec.template.spec.containers[apiserver].env[PGPASSWORD].valueFrom",
        "spec.template.spec.containers[miner]",
    ]
    assert "secret" not in repr(details(OBJECTS["Deployment"], live))


def test_another_order_is_told_as_one_difference() -> None:
    live = copy.deepcopy(OBJECTS["Deployment"])
    live["spec"]["template"]["spec"]["containers"][0]["env"].reverse()

    assert differences(OBJECTS["Deployment"], live) == ["spec.template.spec.containers[apiserver].env"]


@given(kinds)
def test_nothing_differs_from_itself_and_what_counts_of_it_is_all_that_counts(kind: str) -> None:
    assert differences(OBJECTS[kind], copy.deepcopy(OBJECTS[kind])) == []
    assert normal(normal(OBJECTS[kind])) == normal(OBJECTS[kind])


def test_a_replacement_takes_the_place_of_the_object_that_was_read_and_of_no_other() -> None:
    live = _with_defaults(OBJECTS["Deployment"])
    live["metadata"] |= {"uid": "8f1f1f0e", "resourceVersion": "7", "finalizers": ["example.com/other"], "ownerReferences": [{}]}
    live["spec"]["paused"] = True
    before = copy.deepcopy(OBJECTS["Deployment"])

    body = replacement(OBJECTS["Deployment"], live)
    assert body["metadata"] == before["metadata"] | {"uid": "8f1f1f0e", "resourceVersion": "7", "finalizers": ["example.com/other"]}
    assert body["spec"] == before["spec"]
    assert OBJECTS["Deployment"] == before


def test_a_service_goes_back_to_one_address() -> None:
    live = copy.deepcopy(OBJECTS["Service"])
    live["spec"] |= {
        "clusterIP": "10.0.0.7",
        "clusterIPs": ["10.0.0.7", "fd00::7"],
        "ipFamilies": ["IPv4", "IPv6"],
        "ipFamilyPolicy": "RequireDualStack",
    }

    spec = replacement(OBJECTS["Service"], live)["spec"]
    assert (spec["clusterIPs"], spec["ipFamilies"], spec["ipFamilyPolicy"]) == (["10.0.0.7"], ["IPv4"], "SingleStack")


@pytest.mark.parametrize(
    ("kind", "place", "value", "field"),
    [
        ("Deployment", ("spec", "selector", "matchLabels", "more"), "x", "spec.selector"),
        ("Deployment", ("spec", "selector", "matchExpressions"), [], "spec.selector"),
        ("Deployment", ("spec", "replicas"), 7, None),
        ("RoleBinding", ("roleRef", "name"), "cluster-admin", "roleRef"),
        ("RoleBinding", ("subjects",), [], None),
        ("Service", ("spec", "clusterIP"), "None", "spec.clusterIP"),
        ("Service", ("spec", "clusterIP"), "10.0.0.7", None),
        ("Ingress", ("spec", "tls"), [], None),
    ],
)
def test_what_nobody_can_change_is_known(kind: str, place: Place, value: Any, field: str | None) -> None:
    live = copy.deepcopy(OBJECTS[kind])
    _at(live, place[:-1])[place[-1]] = value

    assert immutable(OBJECTS[kind], live) == field


def test_a_digest_is_the_same_in_every_process_and_version() -> None:
    # Were it another, nothing would be lost; it only must not depend on chance.
    assert digest_of({"metadata": {"name": "web"}, "spec": {"replicas": 2, "paused": False}}) == "361d75fab510addd"


@given(documents)
def test_a_digest_fits_into_a_label_too(document: Any) -> None:
    text = digest_of(document)

    assert len(text) == 16
    assert set(text) <= set("0123456789abcdef")


def test_every_exception_is_about_a_kind_that_there_is() -> None:
    assert {*OTHERS, *KEPT, *DEFAULTS, *QUANTITIES} <= RULES.keys() == OBJECTS.keys()
