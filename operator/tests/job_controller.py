"""Runs Jobs as Kubernetes does, one pod each, but for images of which the test says that they fail, or take their time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api_server import ApiServer, Key

#: Seconds until a pod has ended.
TAKES = 1.0


class JobController:
    """`failing`: images whose pods fail, and what they say last. `endless`: those whose pods don't end. `refused`: those that get none."""

    def __init__(self, server: ApiServer) -> None:
        self.failing: dict[str, str] = {}
        self.endless: set[str] = set()
        self.refused: set[str] = set()
        self._server = server

    def made(self, key: Key) -> None:
        """There is a new Job."""
        body = self._server.objects[key]
        template, (_, namespace, name) = body["spec"]["template"], key
        if template["spec"]["containers"][0]["image"] in self.refused:
            return
        labels = template["metadata"]["labels"] | {"batch.kubernetes.io/job-name": name}
        metadata = {"name": f"{name}-{body['metadata']['uid'][-4:]}", "namespace": namespace, "labels": labels}
        self._server.create("Pod", {"metadata": metadata, "spec": template["spec"], "status": {"phase": "Running"}})
        self._later(key, body["metadata"]["uid"])

    def admit(self, image: str) -> None:
        """Those that got no pod get one."""
        self.refused.discard(image)
        for key in [key for key in self._server.objects if key[0] == "Job" and not self.pods(key)]:
            self.made(key)

    def removed(self, key: Key) -> None:
        """It is gone, and its pod with it."""
        for pod in self.pods(key):
            self._server.delete("Pod", pod[2], pod[1])

    def end(self, image: str) -> None:
        """Those that took their time end."""
        self.endless.discard(image)
        for key in [key for key in self._server.objects if key[0] == "Job"]:
            self._later(key, self._server.objects[key]["metadata"]["uid"])

    def pods(self, key: Key) -> list[Key]:
        """The pods of a Job."""
        label = "batch.kubernetes.io/job-name"
        found = [(one, body) for one, body in self._server.objects.items() if one[:2] == ("Pod", key[1])]
        return [one for one, body in found if body["metadata"]["labels"].get(label) == key[2]]

    def _later(self, key: Key, uid: str) -> None:
        asyncio.get_running_loop().call_later(TAKES, self._end, key, uid)

    def _end(self, key: Key, uid: str) -> None:
        body = self._server.objects.get(key)
        if body is None or body["metadata"]["uid"] != uid or body.get("status"):
            return
        image = body["spec"]["template"]["spec"]["containers"][0]["image"]
        if image in self.endless:
            return
        said = self.failing.get(image)
        ended: dict[str, Any] = {"exitCode": 0} if said is None else {"exitCode": 1, "message": said}
        status = {"phase": "Succeeded" if said is None else "Failed", "containerStatuses": [{"state": {"terminated": ended}}]}
        for pod in self.pods(key):
            self._server.edit("Pod", pod[2], lambda body: body.update(status=status), pod[1])
        condition = {"type": "Complete" if said is None else "Failed", "status": "True"}
        self._server.edit("Job", key[2], lambda body: body.update(status={"conditions": [condition]}), key[1])
