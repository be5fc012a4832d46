"""The pod of a Job, beside that of the service."""

from __future__ import annotations

import msgspec
from example_tenant import example_tenant

from tenantry_operator.labels import JOB, SERVICE
from tenantry_operator.pod_template import DatabaseAddress, job_template, pod_template
from tenantry_operator.workload import asked

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
