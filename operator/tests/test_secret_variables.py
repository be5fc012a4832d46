"""What is kept of a Secret that a service names, and what its pods are told of it."""

from __future__ import annotations

from typing import Any

import pytest
from example_tenant import example_tenant, service_body
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret

from tenantry_operator.pod_template import DatabaseAddress
from tenantry_operator.problems import Stalled
from tenantry_operator.secret_variables import keys_of, named_by, version_of
from tenantry_operator.tenant import Tenant
from tenantry_operator.workload import asked, deployment, secrets_version, with_secrets_version, with_template_of

STRIPE = {"name": "STRIPE_KEY", "secret": "stripe", "key": "api-key"}


def _tenant(*secrets: dict[str, str], **changes: Any) -> Tenant:
    return example_tenant({"services": [service_body(secrets=list(secrets), **changes)]})


def _secret(uid: str = "u", **data: str) -> Secret:
    return Secret(metadata=ObjectMeta(uid=uid, resourceVersion="7"), data={key.replace("_", "-"): value for key, value in data.items()})


def _version(secret: Secret, *variables: dict[str, str]) -> str:
    tenant = _tenant(*(variables or [STRIPE]))
    return version_of(tenant, tenant.spec.services[0], {"stripe": keys_of(secret)}, {})


def _deployment(version: str) -> dict[str, Any]:
    tenant = _tenant(STRIPE)
    service = tenant.spec.services[0]
    made = deployment(tenant, service, asked(service), DatabaseAddress("db.example.com", 5432, "verify-full"), "v1")
    return with_secrets_version(made, version)


def test_a_version_is_another_for_another_value_or_another_secret_alone() -> None:
    version = _version(_secret(api_key="b25l"))

    assert version == _version(_secret(api_key="b25l", other="eA=="))
    assert version != _version(_secret(api_key="dHdv"))
    assert version != _version(_secret("another", api_key="b25l"))


def test_a_value_can_not_be_tried_out_without_the_uid_and_is_not_kept() -> None:
    kept = keys_of(_secret(api_key="b25l"))

    assert kept.keys() == {"api-key"}
    assert kept != keys_of(_secret("another", api_key="b25l"))
    assert "b25l" not in repr(kept)


def test_a_service_without_secrets_has_no_version_and_the_pods_that_it_had() -> None:
    tenant = example_tenant()

    assert version_of(tenant, tenant.spec.services[0], {}, {}) == ""
    annotations = {"tenantry.dev/credentials": "v1"}
    assert _deployment("")["spec"]["template"]["metadata"]["annotations"] == annotations
    assert secrets_version(_deployment("")) == ""


@pytest.mark.parametrize("changes", [{"replicas": 0}, {"replicas": 2}], ids=["no pods", "some"])
def test_what_runs_no_pods_takes_nothing(changes: dict[str, int]) -> None:
    assert [one.secret for one in named_by(_tenant(STRIPE, **changes))] == ["stripe"] * min(changes["replicas"], 1)
    assert named_by(example_tenant({"services": [service_body(secrets=[STRIPE])], "decommission": True})) == []


@pytest.mark.parametrize("found", [None, {}, {"other": "0" * 16}])
def test_a_key_that_is_not_there_is_for_a_person_to_make(found: dict[str, str] | None) -> None:
    tenant = _tenant(STRIPE)
    with pytest.raises(Stalled) as stalled:
        version_of(tenant, tenant.spec.services[0], {"stripe": found}, {})

    assert stalled.value.reason == "SecretMissing"
    assert ("create secret" if found is None else "patch secret") in stalled.value.message


def test_pods_of_a_template_of_another_version_start_again_for_their_secrets() -> None:
    kept = with_template_of(_deployment("v1"), _deployment("v2"))
    assert secrets_version(kept) == "v2"

    # One that reads none has nothing to start again for.
    assert secrets_version(with_template_of(_deployment(""), _deployment("v2"))) == ""
    assert secrets_version(with_template_of(_deployment("v1"), _deployment(""))) == "v1"
