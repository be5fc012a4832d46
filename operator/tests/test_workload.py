"""What runs a service of a tenant."""

from __future__ import annotations

from typing import Any

import pytest
from example_tenant import COMMIT, IMAGE, example_tenant, service_body

from tenantry_operator.parts import desired_ingress
from tenantry_operator.pod_template import TEMPLATE_VERSION, DatabaseAddress, Pinned
from tenantry_operator.tenant import Tenant
from tenantry_operator.workload import (
    address_of,
    asked,
    deployment,
    kubernetes_service,
    running,
    service_account,
    settled,
    template_version,
    with_template_of,
)

ADDRESS = DatabaseAddress(host="db.example.com", port=5433, sslmode="verify-full")


def _deployment(tenant: Tenant, credentials_version: str = "v1") -> dict[str, Any]:
    service = tenant.spec.services[0]
    return deployment(tenant, service, asked(service), ADDRESS, credentials_version)


def _pod(tenant: Tenant) -> dict[str, Any]:
    template: dict[str, Any] = _deployment(tenant)["spec"]["template"]
    return template


def _container(tenant: Tenant) -> dict[str, Any]:
    containers = _pod(tenant)["spec"]["containers"]
    assert len(containers) == 1
    found: dict[str, Any] = containers[0]
    return found


def test_it_runs_exactly_the_pinned_digest() -> None:
    assert _container(example_tenant())["image"] == IMAGE


def test_its_pods_say_which_commit_and_release_they_run() -> None:
    labels = _pod(example_tenant())["metadata"]["labels"]

    assert labels["git.sha"] == COMMIT
    assert labels["tenantry.dev/release"] == "releases-0.0.2"


def test_what_chooses_its_pods_stays_when_the_image_changes() -> None:
    # Kubernetes refuses to change a Deployment's selector, and a Service would lose its pods in between.
    newer = service_body(image=IMAGE.replace("a" * 64, "b" * 64), commit="b" * 40, release="releases/0.0.3")
    before, after = example_tenant(), example_tenant({"services": [newer]})

    selector = _deployment(before)["spec"]["selector"]
    assert _deployment(after)["spec"]["selector"] == selector
    assert selector["matchLabels"].items() <= _pod(after)["metadata"]["labels"].items()


def test_its_name_leads_to_its_pods_and_to_those_of_no_other_service() -> None:
    tenant = example_tenant({"services": [service_body(), service_body(name="worker")]})
    first, other = tenant.spec.services

    selector = kubernetes_service(tenant, first)["spec"]["selector"]
    labels = [deployment(tenant, one, asked(one), ADDRESS, "v1")["spec"]["template"]["metadata"]["labels"] for one in (first, other)]
    assert [selector.items() <= one.items() for one in labels] == [True, False]


def test_its_name_leads_to_the_port_on_which_it_listens() -> None:
    tenant = example_tenant()

    ports = kubernetes_service(tenant, tenant.spec.services[0])["spec"]["ports"]
    assert ports == [{"name": "http", "port": 8080, "targetPort": "http"}]
    assert _container(tenant)["ports"] == [{"name": "http", "containerPort": 8080}]


def test_a_service_without_a_port_is_told_of_none_and_answers_nobody() -> None:
    worker = example_tenant({"services": [service_body(port=0, path="", healthPath="", stopSeconds=60)]})
    container = _container(worker)

    assert not {"ports", "lifecycle", "startupProbe", "readinessProbe", "livenessProbe"} & container.keys()
    assert "PORT" not in [one["name"] for one in container["env"]]
    assert _pod(worker)["spec"]["terminationGracePeriodSeconds"] == 60


def test_a_pod_that_nobody_asks_is_ready_once_it_has_run_for_a_while() -> None:
    assert _deployment(example_tenant())["spec"]["minReadySeconds"] == 0
    assert _deployment(example_tenant({"services": [service_body(healthPath="")]}))["spec"]["minReadySeconds"] == 10


def test_as_many_pods_run_as_are_asked_for() -> None:
    assert _deployment(example_tenant())["spec"]["replicas"] == 2


def test_a_tenant_that_is_decommissioned_runs_none() -> None:
    assert _deployment(example_tenant({"decommission": True}))["spec"]["replicas"] == 0


def test_a_tenant_that_is_suspended_runs_none_and_keeps_its_way_in() -> None:
    tenant = example_tenant({"suspend": True})

    assert _deployment(tenant)["spec"]["replicas"] == 0
    assert desired_ingress(tenant, tenant.spec.host, None, {}) is not None


def test_a_new_pod_must_be_ready_before_an_old_one_goes() -> None:
    assert _deployment(example_tenant())["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"},
    }


def test_a_rollout_that_gets_nowhere_is_given_up() -> None:
    # Kubernetes then says so, which is what the operator calls stuck.
    assert _deployment(example_tenant())["spec"]["progressDeadlineSeconds"] == 300


def test_a_rollout_is_not_given_up_while_a_service_may_still_start() -> None:
    slow = example_tenant({"services": [service_body(startupSeconds=900)]})
    probe = _container(slow)["startupProbe"]

    assert probe["failureThreshold"] * probe["periodSeconds"] == 900
    assert _deployment(slow)["spec"]["progressDeadlineSeconds"] > 900


@pytest.mark.parametrize(("seconds", "failures"), [(None, 60), (1, 1), (3, 2), (4, 2)])
def test_a_service_may_take_as_long_to_start_as_it_is_given(seconds: int | None, failures: int) -> None:
    tenant = example_tenant({"services": [service_body(startupSeconds=seconds)]})

    assert _container(tenant)["startupProbe"]["failureThreshold"] == failures


@pytest.mark.parametrize(("seconds", "grace"), [(None, 30), (0, 5), (600, 605)])
def test_a_pod_that_goes_answers_until_no_request_comes_any_more_and_then_has_its_time_to_stop(seconds: int | None, grace: int) -> None:
    tenant = example_tenant({"services": [service_body(stopSeconds=seconds)]})

    assert _container(tenant)["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}
    assert _pod(tenant)["spec"]["terminationGracePeriodSeconds"] == grace


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_its_pods_are_asked_for_their_health_on_its_health_path(probe: str) -> None:
    assert _container(example_tenant())[probe]["httpGet"] == {"path": "/v1/health", "port": "http"}


def test_a_service_has_longer_to_start_than_one_that_runs_has_to_answer() -> None:
    container = _container(example_tenant())

    patience = {
        name: container[name]["periodSeconds"] * container[name]["failureThreshold"] for name in container if name.endswith("Probe")
    }
    assert patience["startupProbe"] > patience["livenessProbe"] > patience["readinessProbe"]


def test_a_service_that_answers_no_http_is_not_probed() -> None:
    container = _container(example_tenant({"services": [service_body(healthPath=None)]}))

    assert [name for name in container if name.endswith("Probe")] == []


def test_its_pods_keep_to_the_restricted_profile() -> None:
    # As the Pod Security Standards have it: what the tenant's namespace enforces.
    pod, container = _pod(example_tenant())["spec"], _container(example_tenant())

    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()


def test_it_writes_to_a_temporary_folder_alone() -> None:
    pod, container = _pod(example_tenant())["spec"], _container(example_tenant())

    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]
    assert pod["volumes"] == [{"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}}]


def test_it_has_an_identity_of_its_own_without_a_token() -> None:
    tenant = example_tenant()
    account = service_account(tenant, tenant.spec.services[0])

    assert account["automountServiceAccountToken"] is False
    assert _pod(tenant)["spec"]["automountServiceAccountToken"] is False
    assert _pod(tenant)["spec"]["serviceAccountName"] == account["metadata"]["name"] == "apiserver"


def test_it_asks_for_the_cpu_and_memory_that_it_is_given_and_may_not_take_all_memory() -> None:
    given = service_body(resources={"cpu": "0.5", "memory": "1Gi", "memoryLimit": "2Gi"})

    assert _container(example_tenant({"services": [given]}))["resources"] == {
        "requests": {"cpu": "0.5", "memory": "1Gi"},
        "limits": {"memory": "2Gi"},
    }


def test_it_asks_for_what_it_asked_for_before_there_was_a_choice() -> None:
    resources = _container(example_tenant())["resources"]

    assert resources["requests"] == {"cpu": "50m", "memory": "128Mi"}
    assert resources["limits"] == {"memory": "512Mi"}


def test_it_is_told_who_it_is_and_where_its_database_is() -> None:
    told = {one["name"]: one["value"] for one in _container(example_tenant())["env"] if "value" in one}

    assert told == {
        "PORT": "8080",
        "TENANT": "northwind",
        "HOST": "northwind.example.com",
        "GIT_SHA": COMMIT,
        "PGHOST": "db.example.com",
        "PGPORT": "5433",
        "PGSSLMODE": "verify-full",
        "PGDATABASE": "tenant_northwind",
    }


def test_it_verifies_the_database_server_by_a_file_that_its_pods_get_from_their_secret() -> None:
    tenant = example_tenant()
    service = tenant.spec.services[0]
    address = DatabaseAddress("db.example.com", 5432, "verify-full", "/etc/tenantry-database/ca.crt")
    live = deployment(tenant, service, asked(service), address, "v1")
    pod = live["spec"]["template"]["spec"]

    assert {"name": "PGSSLROOTCERT", "value": "/etc/tenantry-database/ca.crt"} in pod["containers"][0]["env"]
    assert pod["containers"][0]["volumeMounts"][-1] == {
        "name": "tenantry-database",
        "mountPath": "/etc/tenantry-database",
        "readOnly": True,
    }
    assert pod["volumes"][-1] == {
        "name": "tenantry-database",
        "secret": {"secretName": "tenantry-credentials", "items": [{"key": "ca.crt", "path": "ca.crt"}], "defaultMode": 0o444},
    }
    assert address_of(live) == address


@pytest.mark.parametrize("address", [ADDRESS, DatabaseAddress("other.example.com", 5432, "disable")])
def test_where_its_pods_find_their_database_can_be_told_from_a_deployment(address: DatabaseAddress) -> None:
    tenant = example_tenant()
    service = tenant.spec.services[0]

    assert address_of(deployment(tenant, service, asked(service), address, "v1")) == address


@pytest.mark.parametrize(("name", "value"), [("PGHOST", ""), ("PGHOST", None), ("PGPORT", "five"), ("PGSSLMODE", None)])
def test_an_address_that_was_edited_away_is_none(name: str, value: str | None) -> None:
    live = _deployment(example_tenant())
    env = live["spec"]["template"]["spec"]["containers"][0]["env"]
    env[:] = [one for one in env if one["name"] != name] + ([] if value is None else [{"name": name, "value": value}])

    assert address_of(live) is None


def test_it_is_told_of_no_other_service_by_itself() -> None:
    # Kubernetes would set <SERVICE>_PORT and others for each Service in the namespace.
    assert _pod(example_tenant())["spec"]["enableServiceLinks"] is False


def test_it_gets_user_and_password_from_the_secret_and_from_nowhere_else() -> None:
    secret = {one["name"]: one["valueFrom"] for one in _container(example_tenant())["env"] if "valueFrom" in one}

    assert secret == {
        "PGUSER": {"secretKeyRef": {"name": "tenantry-credentials", "key": "username"}},
        "PGPASSWORD": {"secretKeyRef": {"name": "tenantry-credentials", "key": "password"}},
    }


def test_its_own_variables_come_after_what_it_is_told_so_that_they_may_refer_to_that() -> None:
    own = [{"name": "URL", "value": "https://$(HOST)"}, {"name": "EMPTY", "value": ""}]
    without = _container(example_tenant())["env"]

    assert _container(example_tenant({"services": [service_body(env=own)]}))["env"] == [*without, *own]


def test_a_tenant_from_before_there_were_variables_has_the_pods_that_it_had() -> None:
    assert _deployment(example_tenant()) == _deployment(example_tenant({"services": [service_body(env=[])]}))


def test_it_starts_as_its_image_is_made_to_unless_it_is_told_otherwise() -> None:
    assert {"command", "args"} & _container(example_tenant({"services": [service_body(command=[], args=[])]})).keys() == set()
    container = _container(example_tenant({"services": [service_body(command=["node"], args=["worker.js", "$(HOST)"])]}))
    assert (container["command"], container["args"]) == (["node"], ["worker.js", "$(HOST)"])


def test_its_pods_start_again_when_the_credentials_change_and_not_otherwise() -> None:
    tenant = example_tenant()
    templates = [_deployment(tenant, version)["spec"]["template"] for version in ("v1", "v1", "v2")]

    assert templates[0] == templates[1]
    assert templates[1] != templates[2]


def test_everything_lies_in_the_tenants_namespace_and_says_whose_it_is() -> None:
    tenant = example_tenant()
    service = tenant.spec.services[0]
    made: list[Any] = [service_account(tenant, service), kubernetes_service(tenant, service), _deployment(tenant)]

    for metadata in [one["metadata"] for one in made]:
        assert metadata["namespace"] == "tenant-northwind"
        assert metadata["labels"] == {
            "app.kubernetes.io/managed-by": "tenantry-operator",
            "app.kubernetes.io/name": "apiserver",
            "tenantry.dev/tenant": "northwind",
        }


RUNNING = Pinned(IMAGE, COMMIT, "releases-0.0.2")


def test_what_a_deployment_runs_can_be_told_from_it() -> None:
    assert running(_deployment(example_tenant())) == RUNNING


def _edited(path: str, value: Any) -> dict[str, Any]:
    body = _deployment(example_tenant())
    *above, last = path.split("|")
    here: Any = body
    for key in above:
        here = here[int(key) if key.isdecimal() else key]
    here[last] = value
    return body


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec|template|spec|containers|0|image", "example.com/miner:latest"),
        ("spec|template|metadata|labels|git.sha", "0000000"),
        ("spec|template|metadata|labels|tenantry.dev/release", "other"),
        ("metadata|annotations|tenantry.dev/pinned", "0000000000000000 example.com/miner:latest 0000000 other"),
        ("metadata|annotations|tenantry.dev/pinned", "nonsense"),
        ("metadata|annotations", None),
    ],
)
def test_an_edit_by_hand_is_not_taken_for_what_was_pinned(path: str, value: Any) -> None:
    assert running(_edited(path, value)) == RUNNING


def test_a_deployment_without_the_services_container_tells_nothing() -> None:
    body = _edited("metadata|annotations", None)
    body["spec"]["template"]["spec"]["containers"][0]["name"] = "other"

    assert running(body) is None


def test_an_image_that_runs_already_is_not_started_again_for_another_tag_or_release() -> None:
    assert settled(Pinned(IMAGE, "f" * 40, "releases-0.0.3"), RUNNING) == RUNNING


@pytest.mark.parametrize("before", [None, Pinned(IMAGE.replace("a" * 64, "b" * 64), COMMIT, "releases-0.0.2")])
def test_another_image_is_pinned_with_all_that_is_said_of_it(before: Pinned | None) -> None:
    wanted = Pinned(IMAGE, "f" * 40, "releases-0.0.3")

    assert settled(wanted, before) == wanted


def test_a_deployment_says_how_its_pod_template_was_rendered() -> None:
    assert template_version(_deployment(example_tenant())) == TEMPLATE_VERSION
    assert template_version(_edited("metadata|annotations", None)) == ""
    assert template_version(_edited("metadata|annotations|tenantry.dev/template", "by hand")) == ""
    assert len(TEMPLATE_VERSION) == 16


def test_pod_templates_are_rendered_as_they_were() -> None:
    # Whoever changes this restarts the pods of every tenant, ring by ring. Do so on purpose.
    assert TEMPLATE_VERSION == "77ef59d16bc9bea5"


def test_a_tenant_that_has_to_wait_keeps_a_template_of_another_version_but_for_its_credentials() -> None:
    live = _deployment(example_tenant(), "v1")
    live["metadata"]["annotations"]["tenantry.dev/template"] = "0123456789abcdef"
    live["spec"]["template"]["spec"]["priorityClassName"] = "as it once was"
    newer = _deployment(example_tenant({"services": [service_body(image="example.com/newer", replicas=7)]}), "v2")

    kept = with_template_of(live, newer)
    assert kept["spec"]["replicas"] == 7
    assert running(kept) == RUNNING
    assert template_version(kept) == "0123456789abcdef"
    assert kept["spec"]["template"]["spec"] == live["spec"]["template"]["spec"]
    assert kept["spec"]["template"]["metadata"]["annotations"] == {"tenantry.dev/credentials": "v2"}
    assert running(newer) != RUNNING
