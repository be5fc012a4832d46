"""How far a service is on its way to its pinned image, told from its Deployment."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest
from example_tenant import COMMIT, IMAGE, example_tenant

from tenantry_operator.records import DeploymentRecord, following, record_of
from tenantry_operator.rollout import Rollout, rollout, rollout_problem

SERVICE = example_tenant().spec.services[0]
BEFORE, NOW = "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"
OUT_OF_TIME = {
    "type": "Progressing",
    "status": "False",
    "reason": "ProgressDeadlineExceeded",
    "message": 'ReplicaSet "apiserver-7d4" has timed out progressing.',
}
QUOTA = {
    "type": "ReplicaFailure",
    "status": "True",
    "reason": "FailedCreate",
    "message": 'pods "apiserver-7d4" is forbidden: exceeded quota',
}


def _seen(
    wanted: int = 2,
    observed: int = 5,
    conditions: list[dict[str, str]] | None = None,
    counts: dict[str, int] | None = None,
    is_held: bool = False,
) -> Rollout:
    """What is seen of a Deployment of generation 5. `counts` are as its status has them, where a zero is left out."""
    status = {"observedGeneration": observed, "conditions": conditions or [], **(counts or {})}
    return rollout(SERVICE, _record(5, wanted, {"status": status}), is_held)


def _free(wanted: int, counts: dict[str, int], observed: int = 5, templated: int = 5) -> Rollout:
    """The same of one whose number of pods goes by itself, from 2 to 6."""
    seen = _record(5, wanted, {"status": {"observedGeneration": observed, **counts}})
    return rollout(msgspec.structs.replace(SERVICE, max_replicas=6), msgspec.structs.replace(seen, templated=templated))


def _record(generation: int, wanted: int, status: dict[str, Any]) -> DeploymentRecord:
    body = {
        "metadata": {"name": "apiserver", "uid": "1", "resourceVersion": "1", "generation": generation},
        "spec": {"replicas": wanted, "selector": {}, "template": {"metadata": {}, "spec": {"containers": []}}},
    }
    return cast(DeploymentRecord, record_of("Deployment", body | status))


def _done(wanted: int) -> dict[str, int]:
    return {"replicas": wanted, "updatedReplicas": wanted, "readyReplicas": wanted, "availableReplicas": wanted}


def test_it_is_done_when_every_pod_is_available_on_the_pinned_image() -> None:
    seen = _seen(counts=_done(2))

    assert seen.is_done
    assert (seen.ready, seen.wanted, seen.lacks, seen.is_stuck) == (2, 2, "", False)


@pytest.mark.parametrize(
    ("counts", "lacks"),
    [
        pytest.param({"replicas": 2, "readyReplicas": 2, "availableReplicas": 2}, "0 of 2 pods have the new image", id="all pods are old"),
        pytest.param(_done(2) | {"updatedReplicas": 1}, "1 of 2 pods have the new image", id="one pod is old"),
        pytest.param(
            _done(2) | {"replicas": 3}, "pods of an older image still there, until the new ones are ready: 1", id="an old pod is left"
        ),
        pytest.param(_done(2) | {"availableReplicas": 1}, "1 of 2 pods are available", id="one is ready, not available"),
        pytest.param(_done(2) | {"readyReplicas": 1}, "1 of 2 pods are available", id="one that was available is not ready"),
        pytest.param({"replicas": 2, "updatedReplicas": 2}, "0 of 2 pods are available", id="none is ready"),
        pytest.param({}, "0 of 2 pods have the new image", id="there are none"),
    ],
)
def test_it_is_not_done_and_says_what_it_lacks_of_which_service(counts: dict[str, int], lacks: str) -> None:
    seen = _seen(counts=counts)

    assert not seen.is_done
    assert seen.lacks == f"apiserver: {lacks}"
    assert not seen.is_stuck


def test_a_status_about_an_older_generation_says_nothing() -> None:
    seen = _seen(observed=4, counts=_done(2))

    assert not seen.is_done
    assert seen.lacks == "apiserver: Kubernetes has not looked at its Deployment yet"
    assert seen.ready == 0


def test_a_deployment_that_was_just_made_has_no_status_yet() -> None:
    seen = rollout(SERVICE, _record(1, 1, {}))

    assert seen.lacks == "apiserver: Kubernetes has not looked at its Deployment yet"


def test_ready_pods_of_an_older_image_are_not_counted_as_ready() -> None:
    assert _seen(counts={"replicas": 3, "updatedReplicas": 1, "readyReplicas": 3, "availableReplicas": 3}).ready == 1


def test_a_service_without_pods_is_done_when_the_last_one_is_gone() -> None:
    assert _seen(wanted=0).is_done


@pytest.mark.parametrize("wanted", [0, 1])
def test_a_service_is_not_done_while_it_has_more_pods_than_are_asked_for(wanted: int) -> None:
    # Otherwise a tenant would be called stopped while its pods answer.
    seen = _seen(wanted=wanted, counts=_done(2))

    assert not seen.is_done
    assert f"{2 - wanted} pods" in seen.lacks


def test_it_is_stuck_when_kubernetes_gave_up_and_says_what_kubernetes_says_the_cause_first() -> None:
    seen = _seen(counts={"replicas": 3, "updatedReplicas": 1, "readyReplicas": 2, "availableReplicas": 2}, conditions=[OUT_OF_TIME, QUOTA])

    assert seen.is_stuck
    assert seen.lacks == f"apiserver: 1 of 2 pods have the new image; {QUOTA['message']}; {OUT_OF_TIME['message']}"


def test_pods_that_are_refused_are_told_before_kubernetes_gives_up() -> None:
    seen = _seen(conditions=[QUOTA])

    assert not seen.is_stuck
    assert "exceeded quota" in seen.lacks


def test_conditions_that_are_well_are_no_evidence() -> None:
    well = [
        {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated", "message": "is progressing"},
        {"type": "ReplicaFailure", "status": "False", "reason": "FailedCreate", "message": "was refused once"},
    ]

    assert _seen(conditions=well).lacks == "apiserver: 0 of 2 pods have the new image"


def test_a_deadline_that_the_former_rollout_missed_does_not_make_the_next_one_stuck() -> None:
    assert not _seen(observed=4, conditions=[OUT_OF_TIME]).is_stuck


def test_a_rollout_that_got_done_after_its_deadline_is_not_stuck() -> None:
    seen = _seen(conditions=[OUT_OF_TIME], counts=_done(2))

    assert seen.is_done
    assert not seen.is_stuck


REACHED = {"image": IMAGE, "commit": COMMIT, "release": "releases/0.0.2"}
FORMER = {"image": "acme/apiserver@sha256:" + "b" * 64, "commit": "b" * 40, "release": "releases/0.0.1", "since": BEFORE}
READY, ROLLING = {"readyReplicas": 2, "replicas": 2}, {"readyReplicas": 1, "replicas": 2}
HALF_WAY = {"replicas": 3, "updatedReplicas": 1, "readyReplicas": 3}


def test_the_status_of_a_service_has_its_image_and_since_when_once_the_rollout_is_done() -> None:
    assert _seen(counts=_done(2)).status(previous=None, now=NOW) == {"name": "apiserver", **REACHED, "since": NOW, **READY}


def test_image_and_commit_stay_those_of_the_last_rollout_that_was_done() -> None:
    status = _seen(counts=HALF_WAY).status({"name": "apiserver", **FORMER, **READY}, NOW)

    assert status == {"name": "apiserver", **FORMER, **ROLLING}


@pytest.mark.parametrize("previous", [None, {"name": "apiserver", "readyReplicas": 0, "replicas": 2}])
def test_the_first_rollout_has_no_image_until_it_is_done(previous: dict[str, Any] | None) -> None:
    status = _seen(counts={"replicas": 2, "updatedReplicas": 2}).status(previous, NOW)

    assert status == {"name": "apiserver", "readyReplicas": 0, "replicas": 2}


def test_one_that_waits_says_what_it_last_ran_whole_although_all_its_pods_are_available() -> None:
    status = _seen(counts=_done(2), is_held=True).status({"name": "apiserver", **FORMER, **READY}, NOW)

    assert status == {"name": "apiserver", **FORMER, **READY}


@pytest.mark.parametrize(
    ("before", "is_anew", "since"),
    [
        pytest.param(REACHED | {"since": BEFORE}, False, BEFORE, id="all the while"),
        pytest.param(REACHED | {"since": BEFORE, "commit": "f" * 40}, False, BEFORE, id="since before a second tag"),
        pytest.param(FORMER, False, NOW, id="now"),
        pytest.param(REACHED | {"since": BEFORE}, True, NOW, id="now, for its pods were rendered anew"),
        pytest.param(REACHED, False, NOW, id="now, for an operator before this one did not say"),
    ],
)
def test_an_image_was_reached(before: dict[str, Any], is_anew: bool, since: str) -> None:
    status = _seen(counts=_done(2)).status({"name": "apiserver", **before, **READY}, NOW, is_anew)

    assert status == {"name": "apiserver", **REACHED, "since": since, **READY}


def test_pods_that_went_away_and_came_back_are_no_new_rollout() -> None:
    missing = _seen(counts=_done(2) | {"availableReplicas": 1}).status({"name": "apiserver", **REACHED, "since": BEFORE, **READY}, NOW)
    back = _seen(counts=_done(2)).status(missing, "2026-03-03T00:00:00Z")

    assert back["since"] == BEFORE


@pytest.mark.parametrize(
    ("wanted", "counts"),
    [
        pytest.param(5, _done(2), id="more are on their way"),
        pytest.param(5, _done(5) | {"readyReplicas": 3, "availableReplicas": 3}, id="more are not ready yet"),
        pytest.param(2, _done(5), id="some are going"),
    ],
)
def test_one_that_goes_by_itself_is_done_with_the_fewest_that_it_may_have(wanted: int, counts: dict[str, int]) -> None:
    assert _free(wanted, counts).is_done


@pytest.mark.parametrize(
    ("wanted", "counts", "lacks"),
    [
        pytest.param(5, _done(1), "1 of 2 pods have the new image", id="too few"),
        pytest.param(5, _done(5) | {"availableReplicas": 1}, "1 of 2 pods are available", id="too few are available"),
        pytest.param(
            5, _done(5) | {"replicas": 6}, "pods of an older image still there, until the new ones are ready: 1", id="an old pod is left"
        ),
        pytest.param(0, _done(2), "2 pods that are no longer asked for are still there", id="it is stopped"),
    ],
)
def test_one_that_goes_by_itself_is_not_done_before_that(wanted: int, counts: dict[str, int], lacks: str) -> None:
    assert _free(wanted, counts).lacks == f"apiserver: {lacks}"


def test_what_is_counted_of_one_that_goes_by_itself_is_about_its_pods_since_these_were_last_rendered() -> None:
    # A new number of pods, which Kubernetes has not looked at yet.
    assert _free(5, _done(2), observed=4, templated=3).is_done
    assert _free(5, _done(2), observed=4, templated=3).ready == 2
    assert _free(5, _done(5), observed=4, templated=5).lacks == "apiserver: Kubernetes has not looked at its Deployment yet"
    assert _free(0, _done(2), observed=4, templated=3).lacks == "apiserver: Kubernetes has not looked at its Deployment yet"


def test_a_record_tells_since_when_a_deployment_has_its_pod_template() -> None:
    first, scaled = _record(3, 2, {}), _record(4, 5, {})
    followed = following(scaled, first)
    assert isinstance(followed, DeploymentRecord)
    assert (followed.generation, followed.templated) == (4, 3)
    assert cast(DeploymentRecord, following(scaled, None)).templated == 4
    other = msgspec.structs.replace(_record(5, 5, {}), template_digest="another")
    assert cast(DeploymentRecord, following(other, followed)).templated == 5
    assert cast(DeploymentRecord, following(msgspec.structs.replace(scaled, uid="2"), first)).templated == 4


def test_a_quota_that_is_used_up_is_told_with_what_to_do_and_not_as_an_images_fault() -> None:
    meanwhile, stuck = (rollout_problem([_seen(conditions=one)], "tenant-northwind") for one in ([QUOTA], [OUT_OF_TIME, QUOTA]))

    assert meanwhile is not None
    assert stuck is not None
    assert (meanwhile.reason, stuck.reason) == ("RolloutInProgress", "RolloutStuck")
    for problem in (meanwhile, stuck):
        assert 'The quota of the tenant is used up: say more in "quota" of its file' in str(problem)
    assert "push an image" not in str(stuck)
