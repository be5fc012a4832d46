"""Rolls out Deployments as Kubernetes does, but for images of which the test says that their pods don't come up."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api_server import ApiServer, Key

#: Seconds until a change is looked at, until pods are ready, and until Kubernetes gives up.
OBSERVED, READY, DEADLINE = 0.1, 1.0, 300.0


class DeploymentController:
    """`unready`: images whose pods are not ready, and perhaps never will be."""

    def __init__(self, server: ApiServer) -> None:
        self.unready: set[str] = set()
        self._server = server
        #: By uid: the pod template that all pods had last, and how many there were.
        self._whole: dict[str, tuple[str, int]] = {}
        #: How often the pods of a Deployment were replaced, by namespace and name.
        self.restarts: dict[tuple[str, str], int] = {}

    def changed(self, key: Key) -> None:
        """A Deployment was written."""
        body = self._server.objects[key]
        if body.get("status", {}).get("observedGeneration") != body["metadata"]["generation"]:
            self._later(OBSERVED, key, "observe")

    def heal(self, image: str) -> None:
        """The pods of an image become ready after all."""
        self.unready.discard(image)
        for key in [key for key in self._server.objects if key[0] == "Deployment"]:
            if _image(self._server.objects[key]) == image:
                self._later(READY, key, "finish")

    def fail(self, image: str) -> None:
        """Pods that were ready are so no more."""
        self.unready.add(image)
        for key in [key for key in self._server.objects if key[0] == "Deployment"]:
            body = self._server.objects[key]
            if _image(body) == image:
                self._status(key, {**body["status"], "readyReplicas": 0, "availableReplicas": 0})

    def _later(self, seconds: float, key: Key, what: str) -> None:
        body = self._server.objects[key]
        about = (body["metadata"]["uid"], body["metadata"]["generation"])
        asyncio.get_running_loop().call_later(seconds, self._do, key, about, what)

    def _do(self, key: Key, about: tuple[str, int], what: str) -> None:
        body = self._server.objects.get(key)
        if body is None or (body["metadata"]["uid"], body["metadata"]["generation"]) != about:
            return
        template, wanted = json.dumps(body["spec"]["template"], sort_keys=True), body["spec"].get("replicas", 1)
        former, pods = self._whole.get(about[0], ("", 0))
        observed: dict[str, Any] = {"observedGeneration": about[1], "conditions": []}
        if what == "observe":
            if template == former:
                self._status(key, {**observed, **_counts(pods, pods)})
            else:
                if former:
                    self.restarts[key[1:]] = self.restarts.get(key[1:], 0) + 1
                new = 1 if wanted else 0
                self._status(key, {**observed, **_counts(pods, pods), "replicas": pods + new, "updatedReplicas": new})
            self._later(READY, key, "finish")
        elif _image(body) not in self.unready or not wanted:
            self._whole[about[0]] = (template, wanted)
            self._status(key, {**observed, **_counts(wanted, wanted)})
        elif what == "finish":
            self._later(DEADLINE, key, "give up")
        else:
            said = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"}
            self._status(key, {**body["status"], "conditions": [said]})

    def _status(self, key: Key, status: dict[str, Any]) -> None:
        def say(body: dict[str, Any]) -> None:
            body["status"] = status

        self._server.edit("Deployment", key[2], say, key[1])


def _counts(pods: int, updated: int) -> dict[str, int]:
    return {"replicas": pods, "updatedReplicas": updated, "readyReplicas": pods, "availableReplicas": pods}


def _image(body: dict[str, Any]) -> str:
    return str(body["spec"]["template"]["spec"]["containers"][0]["image"])
