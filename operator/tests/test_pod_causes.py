"""Why pods do not come up, told from their status. The bodies are as a kubelet and a scheduler of Kubernetes 1.34 write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tenantry_operator.pod_causes import LOG_BYTES, causes_of
from tenantry_operator.redaction import Redaction

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "x_Zb8-Kq0bJrT3mEw5nYhU2cVd9LfGaPsQ1oXi7RkzM"
HIDES = Redaction([PASSWORD])
IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/api@sha256:" + "b" * 64


def pod(container: dict[str, Any] | None = None, name: str = "api-7d4-x2x9q", spec: dict[str, Any] | None = None, **status: Any) -> Any:
    """A pod of a service with a health path. `container`: what its status has of its container."""
    asked = {"httpGet": {"path": "/api/v1/health", "port": "http"}}
    resources = {"limits": {"memory": "512Mi"}}
    own = {"name": "api", "image": IMAGE, "readinessProbe": asked, "livenessProbe": asked, "resources": resources}
    statuses = {} if container is None else {"containerStatuses": [{"name": "api", "ready": False, "restartCount": 0, **container}]}
    conditions = [
        {"type": "PodScheduled", "status": "True"},
        {
            "type": "Ready",
            "status": "False",
            "reason": "ContainersNotReady",
            "message": "containers with unready status: [api]",
        },
    ]
    return {
        "metadata": {"name": name, "creationTimestamp": "2026-03-01T11:00:00Z", "labels": {"git.sha": "b" * 40}},
        "spec": {"containers": [own], "restartPolicy": "Always", **(spec or {})},
        "status": {"phase": "Running", "conditions": conditions, **statuses, **status},
    }


def ended(code: int = 1, reason: str = "Error", message: str = "", at: str = "2026-03-01T11:58:00Z") -> dict[str, Any]:
    said = {"message": message} if message else {}
    return {"terminated": {"exitCode": code, "reason": reason, "startedAt": at, "finishedAt": at, "containerID": "containerd://1", **said}}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def found(*pods: Any, redaction: Redaction | None = HIDES) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.what, one.said) for one in causes_of(pods, redaction, NOW)]


BACK_OFF = waiting("CrashLoopBackOff", "back-off 2m40s restarting failed container=api pod=api-7d4-x2x9q_tenant-acme(8f1f)")
CRASH = ("its container ended with the exit code 1; it is started again and again", ("starting", "Error: connect ECONNREFUSED"))


@pytest.mark.parametrize(
    "container",
    [
        {"state": BACK_OFF, "lastState": ended(message="starting\nError: connect ECONNREFUSED\n"), "restartCount": 5},
        {"state": ended(message="starting\nError: connect ECONNREFUSED\n"), "restartCount": 0},
        {
            "state": {"running": {"startedAt": "2026-03-01T11:59:58Z"}},
            "lastState": ended(message="starting\nError: connect ECONNREFUSED\n"),
            "restartCount": 6,
        },
    ],
)
def test_one_that_crashes_again_and_again_is_said_to_in_each_state_that_it_goes_through(container: dict[str, Any]) -> None:
    assert found(pod(container)) == [CRASH]


@pytest.mark.parametrize(
    ("terminated", "what"),
    [
        (ended(137, "OOMKilled"), "its container took more memory than it may, which is 512Mi (OOMKilled)"),
        (ended(139), "its container ended with the exit code 139 (SIGSEGV)"),
        (ended(255), "its container ended with the exit code 255"),
        (
            ended(137),
            "its container ended with the exit code 137 (SIGKILL), as one does that does not answer at /api/v1/health in time",
        ),
        (ended(0, "Completed"), "its container ended with the exit code 0, as one does that does not answer at /api/v1/health in time"),
        (ended(128, "StartError", 'exec: "node": executable file not found in $PATH'), "its container can not be started"),
    ],
)
def test_how_it_ended_is_told(terminated: dict[str, Any], what: str) -> None:
    [(said, _)] = found(pod({"state": BACK_OFF, "lastState": terminated}))
    assert said == f"{what}; it is started again and again"


#: https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/kubelet/images/image_manager.go
PULL = f'failed to pull and unpack image "{IMAGE}": not found'


@pytest.mark.parametrize(
    "state",
    [waiting("ErrImagePull", PULL), waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}": ErrImagePull: {PULL}')],
)
def test_an_image_that_can_not_be_pulled_is_one_cause_whether_it_is_tried_or_waited_for(state: dict[str, Any]) -> None:
    assert found(pod({"state": state}, phase="Pending")) == [("the image of its container can not be pulled", (PULL,))]


def test_what_is_said_while_it_is_waited_for_and_says_nothing_is_left_out() -> None:
    state = waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}"')
    assert found(pod({"state": state}, phase="Pending")) == [("the image of its container can not be pulled", ())]


def test_a_secret_that_is_missing_is_named() -> None:
    state = waiting("CreateContainerConfigError", "couldn't find key api-key in Secret tenant-acme/stripe")
    what = "its container can not be made (CreateContainerConfigError)"
    assert found(pod({"state": state}, phase="Pending")) == [(what, ("couldn't find key api-key in Secret tenant-acme/stripe",))]


def test_one_for_which_no_node_has_room_says_what_the_scheduler_does() -> None:
    message = "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found."
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]
    assert found(pod(phase="Pending", conditions=conditions)) == [("no node takes a pod of it (Unschedulable)", (message,))]


def test_one_that_runs_and_does_not_answer_says_where_it_is_asked() -> None:
    container = {"state": {"running": {"startedAt": "2026-03-01T11:50:00Z"}}}
    assert found(pod(container)) == [("its container runs, and does not answer well at /api/v1/health", ())]


def test_one_that_ended_long_ago_and_does_not_answer_now_is_not_said_to_have_ended() -> None:
    container = {"state": {"running": {"startedAt": "2026-03-01T10:50:00Z"}}, "lastState": ended(message="yesterday")}
    assert found(pod(container)) == [("its container runs, and does not answer well at /api/v1/health", ())]


@pytest.mark.parametrize(("ready", "lacks"), [("True", "its image is being pulled"), ("False", "a volume or the network of its pod")])
def test_one_that_is_being_made_says_what_for(ready: str, lacks: str) -> None:
    conditions = [{"type": "PodReadyToStartContainers", "status": ready}]
    [(what, said)] = found(pod({"state": waiting("ContainerCreating")}, phase="Pending", conditions=conditions))
    assert lacks in what
    assert said == ()


def test_one_that_was_evicted_says_why() -> None:
    message = "The node was low on resource: ephemeral-storage."
    assert found(pod(phase="Failed", reason="Evicted", message=message)) == [("a pod was ended by Kubernetes: Evicted", (message,))]


def test_what_others_put_beside_it_is_named() -> None:
    beside = [{"name": "istio-proxy", "ready": False, "state": BACK_OFF, "lastState": ended(2)}]
    own = {"name": "api", "ready": True, "state": {"running": {"startedAt": "2026-03-01T11:00:00Z"}}}
    body = pod(containerStatuses=[own, *beside])
    assert [what for what, _ in found(body)] == [
        "the container istio-proxy beside it ended with the exit code 2; it is started again and again"
    ]


def test_a_readiness_gate_is_named() -> None:
    message = 'corresponding condition of pod readiness gate "target-health.elbv2.k8s.aws/x" does not exist.'
    conditions = [{"type": "Ready", "status": "False", "reason": "ReadinessGatesNotReady", "message": message}]
    container = {"ready": True, "state": {"running": {"startedAt": "2026-03-01T11:00:00Z"}}}
    assert found(pod(container, conditions=conditions)) == [
        ("its containers are ready, and a readiness gate of its pod is not", (message,))
    ]


def test_nothing_is_said_of_pods_that_are_ready_or_go() -> None:
    ready = pod({"ready": True, "lastState": ended()}, conditions=[{"type": "Ready", "status": "True"}])
    leaving = pod({"state": BACK_OFF, "lastState": ended()})
    leaving["metadata"]["deletionTimestamp"] = "2026-03-01T11:00:00Z"
    assert found(ready, leaving) == []


def test_a_job_says_how_it_failed_and_nothing_while_it_runs() -> None:
    spec = {"restartPolicy": "Never"}
    running = pod({"state": {"running": {"startedAt": "2026-03-01T11:00:00Z"}}}, spec=pod()["spec"] | spec)
    failed = pod({"state": ended(3, message="no table")}, spec=pod()["spec"] | spec, phase="Failed")
    assert found(running) == []
    assert found(failed) == [("its container ended with the exit code 3", ("no table",))]


def test_a_cause_that_many_pods_have_is_told_once_and_what_tells_most_comes_first() -> None:
    crash = {"state": BACK_OFF, "lastState": ended(message="no")}
    slow = {"state": {"running": {"startedAt": "2026-03-01T11:50:00Z"}}}
    causes = found(pod(slow, "a"), pod(crash, "b"), pod(crash, "c"))
    assert [what.partition(" ")[0::2][1][:14] for what, _ in causes] == ["container ende", "container runs"]


def test_a_password_in_a_line_is_hidden_also_where_a_colour_stands_in_it() -> None:
    said = f"url postgresql://u:{PASSWORD}@db\n\x1b[31m{PASSWORD[:9]}\x1b[0m{PASSWORD[9:]}\n\x1b]0;title\x07 tab\there"
    [(_, lines)] = found(pod({"state": BACK_OFF, "lastState": ended(message=said)}))
    assert lines == ("url postgresql://u:***@db", "***", "]0;title tab here")


@pytest.mark.parametrize("kept", [1, 20, 42])
def test_nor_is_the_rest_of_one_shown_where_the_kubelet_cut_the_log_in_its_middle(kept: int) -> None:
    said = (PASSWORD[-kept:] + " was wrong\n").ljust(LOG_BYTES, "x")
    [(_, lines)] = found(pod({"state": BACK_OFF, "lastState": ended(message=said)}))
    assert not any(PASSWORD[-kept:] in line for line in lines if kept > 1)
    assert not lines or not lines[0].startswith(PASSWORD[-kept:])


@pytest.mark.parametrize("behind", range(0, 120, 3))
def test_nor_a_part_of_one_that_stands_near_the_end_of_a_log_that_was_cut(behind: int) -> None:
    said = f"first\nPGPASSWORD={PASSWORD}\n{'y' * behind}\n"
    [(_, lines)] = found(pod({"state": BACK_OFF, "lastState": ended(message="x" * (LOG_BYTES - len(said)) + said)}))
    assert lines[0] == "PGPASSWORD=***"
    assert lines[1:] == (("y" * behind,) if behind else ())


@pytest.mark.parametrize("kept", [5, 20, 42])
def test_nor_the_beginning_of_one_where_a_text_was_cut_at_its_end(kept: int) -> None:
    said = "whole\n" * 400 + PASSWORD[:kept]
    [(_, lines)] = found(pod({"state": BACK_OFF, "lastState": ended(message=said)}))
    assert set(lines) == {"whole"}


def test_where_nobody_knows_what_to_hide_no_line_is_shown() -> None:
    [(what, lines)] = found(pod({"state": BACK_OFF, "lastState": ended(message="anything")}), redaction=None)
    assert what.startswith("its container ended")
    assert lines == ()


@pytest.mark.parametrize("body", [{"metadata": {"name": "bare"}}, {"metadata": {"name": "new"}, "spec": {"containers": []}, "status": {}}])
def test_of_a_pod_without_a_status_nothing_is_said(body: Any) -> None:
    assert found(body) == []
