"""Why pods do not come up, told from their status as the kubelet and the scheduler write it. Pure.

What is said of a cause stays the same while it lasts: no numbers of restarts, and no times that grow. Only Kubernetes' events tell which
volume can't be mounted, and what a probe was answered; the operator has no right to them.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tenantry_operator.health_verdict import plain
from tenantry_operator.redaction import Redaction

Json = Mapping[str, Any]

#: Bytes of its log that a container's status has at most where it failed, and the kubelet begins with them in the middle of a line:
#: https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/kubelet/container/runtime.go, MaxContainerTerminationMessageLogLength
LOG_BYTES = 2048
#: Bytes from which on a text may have been cut: a pod with many containers has less for each of them, 12 KiB for all together
#: (pkg/kubelet/kuberuntime, and pkg/kubelet/status/generate.go).
CUT_FROM = 1000
#: Characters of a line, and of what a cause is called.
LINE, WHAT = 200, 300
#: Seconds. What runs for so long has come up again: the kubelet forgets by then how often it ended.
#: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
FORGIVEN = 600

#: https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/kubelet/images/types.go, and those of the image service in
#: staging/src/k8s.io/cri-api/pkg/errors/errors.go
NOT_PULLED = (
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
)
#: https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/kubelet/kubelet_pods.go: what a container waits for that nothing is wrong with
BEGINS = ("", "ContainerCreating", "PodInitializing")
#: Of a container that never ran: pkg/kubelet/kuberuntime, and what containerd and CRI-O call it
NOT_STARTED = ("StartError", "ContainerCannotRun", "RunContainerError")


class Cause(NamedTuple):
    """One thing that keeps pods from coming up."""

    #: Sorts causes: what tells most first.
    rank: int
    what: str
    #: The last lines that say more of it.
    said: tuple[str, ...] = ()


def causes_of(pods: Iterable[Json], redaction: Redaction | None, now: datetime) -> list[Cause]:
    """What keeps these pods from coming up, each cause once. `redaction`: None where nobody knows what to hide, so nothing is quoted."""
    found: dict[str, Cause] = {}
    for pod in sorted(pods, key=lambda one: (one["metadata"].get("creationTimestamp") or "", one["metadata"]["name"])):
        for cause in _of_pod(pod, redaction, now):
            before = found.get(cause.what)
            if before is None or (not before.said and cause.said):
                found[cause.what] = cause
    return sorted(found.values(), key=lambda one: (one.rank, one.what))


def lines_of(text: str, redaction: Redaction | None) -> tuple[str, ...]:
    """What others wrote, line by line: without secrets, and as text that does nothing to a terminal."""
    if redaction is None:
        return ()
    size = len(text.encode())
    # Colours first, of which the rest would stay; and once more, for a colour may stand in the middle of a secret.
    text = redaction.hide(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", redaction.hide(text)))
    if size >= CUT_FROM:
        # What is whole is hidden by now. At an end where it was cut, the rest of a secret would not be known for one: the first line goes,
        # and a last one that does not end, but in a log, of which the kubelet cuts the beginning alone.
        text = text.partition("\n")[2]
        text = text if size == LOG_BYTES else text.rpartition("\n")[0]
    lines = [redaction.hide(plain(line, 4000)) for line in text.splitlines()]
    return tuple(_cut(line, LINE) for line in lines if line)


def _of_pod(pod: Json, redaction: Redaction | None, now: datetime) -> Iterator[Cause]:
    status = pod.get("status", {})
    conditions = {one["type"]: one for one in status.get("conditions") or ()}
    if "deletionTimestamp" in pod["metadata"] or conditions.get("Ready", {}).get("status") == "True":
        return

    def cause(rank: int, what: str, said: str = "") -> Cause:
        return Cause(rank, _cut(plain(what), WHAT), lines_of(said, redaction))

    containers = list(_of_containers(pod, conditions, cause, now))
    if containers or status.get("phase") == "Succeeded":
        yield from containers
    elif status.get("phase") == "Failed":
        # Such as Evicted, or OutOfcpu.
        yield cause(8, f"a pod was ended by Kubernetes: {status.get('reason') or 'without a reason'}", status.get("message") or "")
    elif (scheduled := conditions.get("PodScheduled", {})).get("status") == "False":
        yield cause(1, f"no node takes a pod of it ({scheduled.get('reason') or 'Unschedulable'})", scheduled.get("message") or "")
    elif conditions.get("Ready", {}).get("reason") == "ReadinessGatesNotReady":
        yield cause(6, "its containers are ready, and a readiness gate of its pod is not", conditions["Ready"].get("message") or "")


def _of_containers(pod: Json, conditions: Mapping[str, Json], cause: Callable[..., Cause], now: datetime) -> Iterator[Cause]:
    spec, status = pod.get("spec", {}), pod.get("status", {})
    service = (spec.get("containers") or [{}])[0].get("name")
    specs = {one["name"]: one for one in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]}
    once = spec.get("restartPolicy") == "Never"
    for seen in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
        name = seen.get("name")
        whose = "its container" if name in (service, None) else f"the container {name} beside it"
        state, last = seen.get("state") or {}, (seen.get("lastState") or {}).get("terminated")
        waiting, ended, running = state.get("waiting"), state.get("terminated"), state.get("running")
        reason = (waiting or {}).get("reason") or ""
        said = (waiting or {}).get("message") or ""
        if reason in NOT_PULLED:
            yield cause(2, f"the image of {whose} can not be pulled", _pull_error(said))
        elif waiting and reason not in (*BEGINS, *NOT_STARTED, "CrashLoopBackOff"):
            yield cause(3, f"{whose} can not be made ({reason})", said)
        elif running and not seen.get("ready") and not once and not (last and _seconds(running.get("startedAt"), now) < FORGIVEN):
            if name in {one["name"] for one in spec.get("containers") or ()}:
                yield cause(5, _unready(whose, specs.get(name, {})))
        elif (end := ended or last) and (end.get("exitCode") or not once) and not (running and seen.get("ready")):
            if not _is_init_done(spec, name, end):
                yield cause(0, _end(whose, end, specs.get(name, {}), once), end.get("message") or "")
        elif reason in NOT_STARTED:
            yield cause(0, f"{whose} can not be started", said)
        elif reason == "ContainerCreating":
            # https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-has-network
            is_pulled = conditions.get("PodReadyToStartContainers", {}).get("status") == "True"
            lacks = "its image is being pulled" if is_pulled else "a volume or the network of its pod is not there"
            yield cause(7, f"{whose} is not made yet: {lacks}")


def _is_init_done(spec: Json, name: str | None, end: Json) -> bool:
    return end.get("exitCode") == 0 and name in {one["name"] for one in spec.get("initContainers") or ()}


def _pull_error(said: str) -> str:
    """Without what the kubelet puts before it while it waits, which it does half of the time: pkg/kubelet/images/image_manager.go."""
    return re.sub(r'^Back-off pulling image "[^"]*"(: ErrImagePull: )?', "", said)


def _unready(whose: str, container: Json) -> str:
    path = _asked_at(container, "readinessProbe")
    return f"{whose} runs, and does not answer well at {path}" if path else f"{whose} runs, and is not ready"


def _end(whose: str, end: Json, container: Json, once: bool) -> str:
    code, reason = end.get("exitCode", 0), end.get("reason")
    if reason == "OOMKilled":
        limit = ((container.get("resources") or {}).get("limits") or {}).get("memory")
        what = f"{whose} took more memory than it may{f', which is {limit}' if limit else ''} (OOMKilled)"
    elif reason in NOT_STARTED:
        what = f"{whose} can not be started"
    else:
        what = f"{whose} ended with the exit code {code}{_signal(code)}"
        path = _asked_at(container, "livenessProbe")
        # What is told to end ends so: whether the kubelet did it, only its events say.
        if path and code in (0, 137, 143):
            what += f", as one does that does not answer at {path} in time"
    return what if once else f"{what}; it is started again and again"


def _signal(code: int) -> str:
    try:
        return f" ({signal.Signals(code - 128).name})" if code > 128 else ""
    except ValueError:
        return ""


def _asked_at(container: Json, probe: str) -> str:
    return str(((container.get(probe) or {}).get("httpGet") or {}).get("path") or "")


def _seconds(since: str | None, now: datetime) -> float:
    return (now - datetime.fromisoformat(since.replace("Z", "+00:00"))).total_seconds() if since else 0


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
