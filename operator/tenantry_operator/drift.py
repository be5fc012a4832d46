"""Is what is there what should be there? What the desired object does not say must not be, but for `exceptions`. Pure, on plain JSON."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tenantry_operator.exceptions import KEPT, NAMESPACE_ANNOTATIONS, NAMESPACE_LABELS, OTHERS, RULES, Place, Rule
from tenantry_operator.quantity import canonical_quantity

Json = dict[str, Any]

NO_RULE = Rule()


class Seen(msgspec.Struct, frozen=True, gc=False):
    """What is kept of an object that was seen."""

    uid: str
    version: int
    #: Equal to that of the desired object if nothing differs.
    digest: str


def seen(body: Mapping[str, Any], kind: str | None = None) -> Seen:
    """The record of an object. In a list, objects don't say their kind."""
    return Seen(body["metadata"]["uid"], int(body["metadata"]["resourceVersion"]), digest(body, kind))


def digest(body: Mapping[str, Any], kind: str | None = None) -> str:
    """16 hexadecimal digits: the same for two objects if and only if nothing that counts differs between them."""
    return digest_of(normal(body, kind))


def digest_of(document: Any) -> str:
    """16 hexadecimal digits that stand for any JSON, whatever the order of its keys."""
    return hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()[:16]


def normal(body: Mapping[str, Any], kind: str | None = None) -> Json:
    """What counts of an object, desired or live."""
    kind = kind or str(body["kind"])
    document = {**body, "kind": kind}
    if kind == "Namespace":
        document["metadata"] = _own(body.get("metadata") or {})
    elif kind == "Service":
        document["spec"] = _without_addresses(body.get("spec") or {})
    elif kind == "Deployment":
        document["spec"] = _without_alias(body.get("spec") or {})
    elif kind == "CronJob":
        document["spec"] = _without_alias_of_job(body.get("spec") or {})
    kept: Json = _kept(document, RULES[kind])
    return kept


def differences(desired: Mapping[str, Any], live: Mapping[str, Any]) -> list[str]:
    """Where two objects differ, for people. Without the values, which may be secret."""
    return [path for path, _ in details(desired, live)]


def details(desired: Mapping[str, Any], live: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The same, with what stands for the live value in each place."""
    kind = str(desired["kind"])
    return [(path, digest_of(value)) for path, value in _differing("", normal(desired), normal(live, kind))]


def replacement(desired: Mapping[str, Any], live: Mapping[str, Any]) -> Json:
    """The desired object as it can be put in place of a live one: with what the API server assigned, and what is others' by design."""
    body: Json = copy.deepcopy(dict(desired))
    metadata = live["metadata"]
    # With its version and identity, so that it takes the place of this object and of no other state of it.
    body["metadata"] |= {key: metadata[key] for key in ("uid", "resourceVersion", "finalizers") if key in metadata}
    kind = str(desired["kind"])
    for place in (*OTHERS.get(kind, ()), *KEPT.get(kind, ())):
        _carry(body, live, place)
    if kind == "Namespace":
        for field, ours in (("labels", NAMESPACE_LABELS), ("annotations", NAMESPACE_ANNOTATIONS)):
            theirs = {key: value for key, value in (metadata.get(field) or {}).items() if not key.startswith(ours)}
            body["metadata"][field] = theirs | (body["metadata"].get(field) or {})
    if kind == "Service":
        _carry_addresses(body["spec"], live.get("spec") or {})
    return body


def immutable(desired: Mapping[str, Any], live: Mapping[str, Any]) -> str | None:
    """The field that differs and that Kubernetes lets nobody change, if there is one."""
    kind = desired["kind"]
    if kind == "Service":
        return "spec.clusterIP" if (live.get("spec") or {}).get("clusterIP") == "None" else None
    field = {"Deployment": "spec.selector", "RoleBinding": "roleRef", "ResourceQuota": "spec.scopes"}.get(kind)
    if field is None:
        return None
    return field if any(path.startswith(field) for path in differences(desired, live)) else None


def _kept(value: Any, rule: Rule) -> Any:
    """Written for speed: an operator that starts does this for every object of every tenant."""
    if type(value) is dict:
        kept = {}
        below = rule.below
        # Most places have no rule of their own, nor anything below them.
        other = below.get("*", NO_RULE) if below else NO_RULE
        for key, one in value.items():
            # Nothing said is the same as null.
            if one is None:
                continue
            its = below.get(key, other)
            if its.is_left_out:
                continue
            kind = type(one)
            inner = _kept(one, its) if kind is dict or kind is list or its.is_quantity else one
            for default in its.defaults:
                if _same(inner, default):
                    break
            else:
                kept[key] = inner
        return kept
    if type(value) is list:
        each = rule.below.get("[]", NO_RULE)
        return [_kept(one, each) if type(one) is dict or type(one) is list else one for one in value]
    return canonical_quantity(value) if rule.is_quantity else value


def _same(one: Any, other: Any) -> bool:
    # To Python, True is 1.
    return type(one) is type(other) and bool(one == other)


def _own(metadata: Mapping[str, Any]) -> Json:
    """What of a namespace's metadata is the operator's."""
    own = dict(metadata)
    for field, ours in (("labels", NAMESPACE_LABELS), ("annotations", NAMESPACE_ANNOTATIONS)):
        own[field] = {key: value for key, value in (metadata.get(field) or {}).items() if key.startswith(ours)}
    return own


#: Assigned by the API server. "None" is no address, but a Service of another sort.
_ADDRESSES = {"clusterIP": "None", "clusterIPs": ["None"]}
#: Which of the two a Service with one address gets is the cluster's choice.
_FAMILIES = (["IPv4"], ["IPv6"])


def _without_addresses(spec: Mapping[str, Any]) -> Json:
    rest = {key: value for key, value in spec.items() if key not in _ADDRESSES or value == _ADDRESSES[key]}
    if rest.get("ipFamilies") in _FAMILIES:
        del rest["ipFamilies"]
    return rest


def _carry_addresses(spec: Json, live: Mapping[str, Any]) -> None:
    # Said, because the API server would otherwise keep the policy of the live one, and with it a second address.
    spec["ipFamilyPolicy"] = "SingleStack"
    if "clusterIP" in live:
        spec["clusterIP"] = live["clusterIP"]
    for key in ("clusterIPs", "ipFamilies"):
        if live.get(key):
            spec[key] = live[key][:1]


def _without_alias(spec: Mapping[str, Any]) -> Json:
    """The API server writes the account's name a second time, under the name that the field once had."""
    template = spec.get("template")
    pod = template.get("spec") if isinstance(template, Mapping) else None
    if not isinstance(template, Mapping) or not isinstance(pod, Mapping) or pod.get("serviceAccount") != pod.get("serviceAccountName"):
        return dict(spec)
    pod = {key: value for key, value in pod.items() if key != "serviceAccount"}
    return {**spec, "template": {**template, "spec": pod}}


def _without_alias_of_job(spec: Mapping[str, Any]) -> Json:
    job = spec.get("jobTemplate")
    inner = job.get("spec") if isinstance(job, Mapping) else None
    if not isinstance(job, Mapping) or not isinstance(inner, Mapping):
        return dict(spec)
    return {**spec, "jobTemplate": {**job, "spec": _without_alias(inner)}}


def _carry(body: Json, live: Mapping[str, Any], place: Place) -> None:
    value: Any = live
    for key in place:
        value = value.get(key) if isinstance(value, Mapping) else None
    if value is None:
        return
    for key in place[:-1]:
        body = body.setdefault(key, {})
    body.setdefault(place[-1], value)


def _differing(path: str, desired: Any, live: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(desired, Mapping) and isinstance(live, Mapping):
        for key in sorted(desired.keys() | live.keys()):
            # A key such as tenantry.dev/tenant would look like three.
            inner = f"{path}[{key}]" if "." in key else f"{path}.{key}".removeprefix(".")
            yield from _differing(inner, desired.get(key), live.get(key))
    elif isinstance(desired, list) and isinstance(live, list):
        ours, theirs = _by_name(desired), _by_name(live)
        if ours.keys() == theirs.keys() and list(ours) != list(theirs):
            yield path, list(theirs)
        for name in dict.fromkeys([*ours, *theirs]):
            yield from _differing(f"{path}[{name}]", ours.get(name), theirs.get(name))
    elif not _same(desired, live):
        yield path, live


def _by_name(entries: list[Any]) -> dict[str, Any]:
    names = [str(one["name"]) if isinstance(one, Mapping) and "name" in one else str(index) for index, one in enumerate(entries)]
    if len(set(names)) < len(names):
        names = [str(index) for index in range(len(entries))]
    return dict(zip(names, entries, strict=True))
