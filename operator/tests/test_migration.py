"""The Job of a migration, and what is said of one that failed."""

from __future__ import annotations

import msgspec
import pytest
from example_tenant import IMAGE, example_tenant

from tenantry_operator.migration import job, name_of
from tenantry_operator.migrations import last_words
from tenantry_operator.parts import Access
from tenantry_operator.pod_template import DatabaseAddress
from tenantry_operator.records import JobRecord, record_of
from tenantry_operator.redaction import Redaction
from tenantry_operator.workload import asked

ACCESS = Access(DatabaseAddress("database", 5432, "require"), "0" * 16)


def _job() -> dict[str, object]:
    tenant = example_tenant()
    service = msgspec.structs.replace(tenant.spec.services[0], migrate=("migrate",), job_seconds=90)
    body = job(tenant, service, asked(service), ACCESS)
    body["metadata"] |= {"uid": "1", "resourceVersion": "1"}
    return body


def test_its_name_stands_for_service_and_digest_alone_and_is_never_too_long() -> None:
    digest = IMAGE.partition("@")[2]
    assert name_of("apiserver", IMAGE) == name_of("apiserver", f"elsewhere.example.com/moved@{digest}")
    longest = "a" * 62
    names = {name_of(one, image) for one in ("apiserver", longest + "b", longest + "c") for image in (IMAGE, IMAGE[:-1] + "b")}
    assert len(names) == 6
    assert max(len(name) for name in names) == 63


@pytest.mark.parametrize(
    ("status", "deletion", "state"),
    [
        ({}, False, "running"),
        ({"conditions": [{"type": "FailureTarget", "status": "True"}]}, False, "running"),
        ({"conditions": [{"type": "Failed", "status": "True", "message": "DeadlineExceeded"}]}, False, "failed"),
        ({"conditions": [{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}]}, False, "succeeded"),
        ({"conditions": [{"type": "Complete", "status": "True"}]}, True, "running"),
    ],
)
def test_it_has_ended_when_kubernetes_says_that_all_its_pods_have(status: dict[str, object], deletion: bool, state: str) -> None:
    body = _job() | {"status": status}
    if deletion:
        body["metadata"]["deletionTimestamp"] = "2026-01-02T03:04:05Z"  # type: ignore[index]
    record = record_of("Job", body)
    assert isinstance(record, JobRecord)
    assert (record.service, record.state) == ("apiserver", state)


def test_of_what_it_said_the_last_lines_are_told_without_colours_or_anything_that_is_no_text() -> None:
    said = "".join(f"line {number}\r\n" for number in range(9)) + "\x1b[31mERROR\x1b[0m:\tno\x00 table\n\n" + "x" * 500
    pods = [{"status": {"containerStatuses": [{"state": {"terminated": {"exitCode": 1, "message": said}}}]}}]
    assert last_words(pods, Redaction([])) == f"line 6 | line 7 | line 8 | ERROR: no table | {'x' * 199}…"
    assert last_words(pods, Redaction(["no table"])) == f"line 6 | line 7 | line 8 | ERROR: *** | {'x' * 199}…"
    assert last_words(pods, None) == ""


@pytest.mark.parametrize("status", [{}, {"containerStatuses": [{"state": {"terminated": {"exitCode": 137}}}]}, {"containerStatuses": [{}]}])
def test_one_that_said_nothing_is_told_of_without(status: dict[str, object]) -> None:
    assert last_words([{"status": status}], Redaction([])) == ""
