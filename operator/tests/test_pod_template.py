"""The pods of a service, and that of a Job of it."""

from __future__ import annotations

import msgspec
import pytest
from example_tenant import example_tenant

from tenantry_operator.labels import JOB, SERVICE
from tenantry_operator.pod_template import DatabaseAddress, job_template, pod_template, selector
from tenantry_operator.tenant import Volume
from tenantry_operator.workload import asked, service_account

ADDRESS = DatabaseAddress("database", 5432, "require")


def test_the_pod_of_a_job_has_the_environment_of_the_service_and_runs_its_own_command_once() -> None:
    tenant = example_tenant()
    service = msgspec.structs.replace(tenant.spec.services[0], command=("serve",), args=("--fast",))
    pod = job_template(tenant, service, asked(service), ADDRESS, ("migrate", "--all"))["spec"]
    [container] = pod["containers"]
    [serving] = pod_template(tenant, service, asked(service), ADDRESS, "")["spec"]["containers"]
    assert container["command"] == ["migrate", "--all"]
    assert "args" not in container
    assert pod["restartPolicy"] == "Never"
    assert not container.keys() & {"ports", "readinessProbe", "livenessProbe", "startupProbe", "lifecycle"}
    assert container["env"] == [one for one in serving["env"] if one["name"] != "PORT"]
    assert {name: container[name] for name in ("image", "resources", "securityContext")} == {
        name: serving[name] for name in ("image", "resources", "securityContext")
    }


def test_no_service_leads_to_the_pod_of_a_job() -> None:
    tenant = example_tenant()
    service = tenant.spec.services[0]
    labels = job_template(tenant, service, asked(service), ADDRESS)["metadata"]["labels"]
    assert SERVICE not in labels
    assert labels[JOB] == service.name


@pytest.mark.parametrize("replicas", [1, 5])
def test_the_pods_of_a_service_lie_apart_as_far_as_there_is_room_and_a_second_one_does_not_restart_the_first(replicas: int) -> None:
    tenant = example_tenant()
    service = msgspec.structs.replace(tenant.spec.services[0], replicas=replicas, max_replicas=0)
    constraints = pod_template(tenant, service, asked(service), ADDRESS, "")["spec"]["topologySpreadConstraints"]
    assert [(one["topologyKey"], one["whenUnsatisfiable"]) for one in constraints] == [
        ("topology.kubernetes.io/zone", "ScheduleAnyway"),
        ("kubernetes.io/hostname", "ScheduleAnyway"),
    ]
    for one in constraints:
        assert one["labelSelector"] == {"matchLabels": selector(tenant, service)}
        assert one["matchLabelKeys"] == ["pod-template-hash"]
    assert "topologySpreadConstraints" not in job_template(tenant, service, asked(service), ADDRESS)["spec"]


def test_a_service_can_write_to_its_volumes_and_to_nothing_else_and_so_can_a_job_of_it() -> None:
    tenant = example_tenant()
    service = msgspec.structs.replace(tenant.spec.services[0], volumes=(Volume("cache", "/var/cache", "1Gi"),))
    for template in (pod_template(tenant, service, asked(service), ADDRESS, ""), job_template(tenant, service, asked(service), ADDRESS)):
        [container] = template["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}, {"name": "cache", "mountPath": "/var/cache"}]
        assert template["spec"]["volumes"] == [
            {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}},
            {"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}},
        ]


def test_a_role_is_the_accounts_and_its_pods_begin_again_with_another_one() -> None:
    tenant = example_tenant()
    plain = tenant.spec.services[0]
    templates = []
    for role in ("", "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"):
        service = msgspec.structs.replace(plain, role=role)
        account = service_account(tenant, service)
        assert account["metadata"].get("annotations", {}) == ({"eks.amazonaws.com/role-arn": role} if role else {})
        assert account["automountServiceAccountToken"] is False
        templates.append(pod_template(tenant, service, asked(service), ADDRESS, ""))
        assert templates[-1]["spec"]["automountServiceAccountToken"] is False
    assert len({str(one["metadata"]["annotations"]) for one in templates}) == 3
