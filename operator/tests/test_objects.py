"""How an object is made what it should be, where something comes between. On a real API server: `__tests__/operator/repair.test.ts`."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any, cast

import httpx2
import pytest
from desired_objects import desired_objects
from lightkube import ApiError, AsyncClient

from tenantry_operator import objects
from tenantry_operator.drift import Seen, seen
from tenantry_operator.fights import TIMES
from tenantry_operator.objects import Objects
from tenantry_operator.problems import Pending, Progressing, Stalled

DESIRED = {body["kind"]: body for body in desired_objects()}
OLD = Seen("old", 1, "0" * 16)

#: What the API server says to a request; an exception is thrown.
Said = dict[str, Any] | Exception


def _refusal(code: int, reason: str) -> ApiError:
    status = {"kind": "Status", "code": code, "reason": reason, "message": "no"}
    request = httpx2.Request("GET", "https://cluster.example.com")
    return ApiError(request=request, response=httpx2.Response(code, json=status, request=request))


def _live(kind: str, change: Callable[[dict[str, Any]], Any] = lambda _: None) -> dict[str, Any]:
    body = copy.deepcopy(DESIRED[kind])
    body["metadata"] |= {"uid": "1", "resourceVersion": "1"}
    change(body)
    return body


def _paused(body: dict[str, Any]) -> None:
    body["spec"]["paused"] = True


def _selector(body: dict[str, Any]) -> None:
    body["spec"]["selector"]["matchLabels"]["more"] = "x"


class _Scripted:
    """Answers each request with what was written down for it, and keeps the order of them."""

    def __init__(self, *script: tuple[str, Said]) -> None:
        self.script = list(script)
        self.bodies: list[Any] = []

    def _answer(self, verb: str, body: Any = None) -> Any:
        expected, said = self.script.pop(0)
        assert verb == expected
        self.bodies.append(body)
        if isinstance(said, Exception):
            raise said
        return said

    async def get(self, *_: Any, **__: Any) -> Any:
        return self._answer("get")

    async def patch(self, _: Any, __: str, body: Any, **___: Any) -> Any:
        return self._answer("apply", body)

    async def replace(self, body: Any, *_: Any, **__: Any) -> Any:
        return self._answer("replace", body)

    async def create(self, body: Any, *_: Any, **__: Any) -> Any:
        return self._answer("create", body)

    async def delete(self, *_: Any, cascade: Any, **__: Any) -> Any:
        return self._answer("delete", cascade.value)


def _ensure(kind: str, live: Seen | None, *script: tuple[str, Said]) -> tuple[Any, _Scripted]:
    client = _Scripted(*script)
    answer = asyncio.run(Objects(cast(AsyncClient, client)).ensure(DESIRED[kind], live))
    assert client.script == []
    return answer, client


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "GONE_AFTER", (0.0, 0.0))


def test_what_is_as_it_should_be_is_not_written() -> None:
    answer, _ = _ensure("Deployment", seen(_live("Deployment")))

    assert answer is None


def test_somebody_who_undoes_it_again_and_again_is_named_and_gets_no_more_writes() -> None:
    def undone(body: dict[str, Any]) -> None:
        _paused(body)
        body["metadata"]["managedFields"] = [{"manager": "other-controller"}, {"manager": "tenantry-operator"}]

    async def fight() -> None:
        client = _Scripted(*[("apply", _live("Deployment"))] * TIMES, ("get", _live("Deployment", undone)))
        writer = Objects(cast(AsyncClient, client))
        for version in range(TIMES):
            await writer.ensure(DESIRED["Deployment"], Seen("1", version, "paused"))
        await writer.ensure(DESIRED["Deployment"], Seen("1", TIMES, "paused"))

    with pytest.raises(Pending) as told:
        asyncio.run(fight())
    assert told.value.reason == "Contested"
    assert "spec.paused" in told.value.message
    assert "written to by other-controller" in told.value.message


@pytest.mark.parametrize("live", [None, OLD])
def test_one_write_is_enough_where_nobody_else_has_written(live: Seen | None) -> None:
    answer, client = _ensure("Deployment", live, ("apply", _live("Deployment")))

    assert answer == _live("Deployment")
    assert client.bodies == [DESIRED["Deployment"]]


def test_what_an_apply_leaves_is_replaced_at_the_version_that_was_seen() -> None:
    _, client = _ensure("Deployment", OLD, ("apply", _live("Deployment", _paused)), ("replace", _live("Deployment")))

    assert client.bodies[1]["metadata"]["resourceVersion"] == "1"
    assert "paused" not in client.bodies[1]["spec"]


@pytest.mark.parametrize(("code", "reason"), [(422, "Invalid"), (409, "Conflict"), (500, "InternalError"), (400, "BadRequest")])
def test_an_apply_that_is_refused_is_a_replacement(code: int, reason: str) -> None:
    refused = _refusal(code, reason)

    _ensure("Deployment", OLD, ("apply", refused), ("get", _live("Deployment", _paused)), ("replace", _live("Deployment")))


@pytest.mark.parametrize(("code", "reason"), [(403, "Forbidden"), (404, "NotFound"), (429, "TooManyRequests"), (503, "ServiceUnavailable")])
def test_what_a_replacement_would_not_change_is_told_at_once(code: int, reason: str) -> None:
    with pytest.raises(ApiError):
        _ensure("Deployment", OLD, ("apply", _refusal(code, reason)))


def test_an_object_that_is_refused_before_there_is_one_is_told() -> None:
    with pytest.raises(ApiError) as told:
        _ensure("Deployment", None, ("apply", _refusal(422, "Invalid")), ("get", _refusal(404, "NotFound")))
    assert told.value.status.code == 422


def test_somebody_who_writes_meanwhile_is_answered_once_more() -> None:
    live = ("get", _live("Deployment", _paused))
    conflict = ("replace", _refusal(409, "Conflict"))

    _ensure("Deployment", OLD, ("apply", live[1]), conflict, live, ("replace", _live("Deployment")))
    with pytest.raises(ApiError) as told:
        _ensure("Deployment", OLD, ("apply", live[1]), conflict, live, conflict)
    assert told.value.status.code == 409


def test_somebody_who_puts_it_right_meanwhile_is_left_alone() -> None:
    conflict = ("replace", _refusal(409, "Conflict"))

    _ensure("Deployment", OLD, ("apply", _live("Deployment", _paused)), conflict, ("get", _live("Deployment")))


def test_an_object_that_goes_meanwhile_is_made_again() -> None:
    gone = ("replace", _refusal(404, "NotFound"))

    _ensure(
        "Deployment",
        OLD,
        ("apply", _live("Deployment", _paused)),
        gone,
        ("get", _refusal(404, "NotFound")),
        ("apply", _live("Deployment")),
    )


EXISTS = ("create", _refusal(409, "AlreadyExists"))


@pytest.mark.parametrize(("label", "cascade"), [({"more": "x"}, "Orphan"), (None, "Background")])
def test_a_deployment_with_another_selector_is_made_anew_and_pods_that_serve_run_on(label: Any, cascade: str) -> None:
    live = _live("Deployment", _selector)
    labels = live["spec"]["template"]["metadata"]["labels"]
    live["spec"]["template"]["metadata"]["labels"] = labels | label if label else {"app": "other"}
    made = ("create", _live("Deployment"))

    _, client = _ensure("Deployment", OLD, ("apply", _refusal(422, "Invalid")), ("get", live), EXISTS, ("delete", {}), EXISTS, made)
    assert client.bodies[3] == cascade
    assert client.bodies[-1]["metadata"] == DESIRED["Deployment"]["metadata"]


def test_nothing_is_deleted_that_could_not_be_made_again() -> None:
    invalid = _refusal(422, "Invalid")

    with pytest.raises(ApiError):
        _ensure("Deployment", OLD, ("apply", invalid), ("get", _live("Deployment", _selector)), ("create", invalid))
    with pytest.raises(ApiError):
        _ensure("Deployment", OLD, ("apply", invalid), ("get", _live("Deployment", _paused)), ("replace", invalid))


def test_what_does_not_go_is_waited_for() -> None:
    live = ("get", _live("Deployment", _selector))

    with pytest.raises(Progressing) as told:
        _ensure("Deployment", OLD, ("apply", _refusal(422, "Invalid")), live, EXISTS, ("delete", {}), EXISTS, EXISTS)
    assert "the Deployment tenant-northwind/apiserver is made anew, for its spec.selector was changed" in told.value.message


def test_the_operators_own_role_is_given_anew() -> None:
    live = _live("RoleBinding", lambda body: body["roleRef"].update(name="view"))

    _ensure(
        "RoleBinding", OLD, ("apply", _refusal(422, "Invalid")), ("get", live), EXISTS, ("delete", {}), ("create", _live("RoleBinding"))
    )


def test_a_service_whose_requests_would_fail_is_left_to_a_person() -> None:
    headless = _live("Service", lambda body: body["spec"].update(clusterIP="None"))

    with pytest.raises(Stalled) as told:
        _ensure("Service", OLD, ("apply", headless))
    assert "kubectl --namespace tenant-northwind delete service apiserver" in told.value.message
