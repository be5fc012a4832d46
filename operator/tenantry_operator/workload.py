"""What runs a service of a tenant: ServiceAccount, Deployment and Service. Desired objects, from the Tenant alone."""

import msgspec
from lightkube.models.apps_v1 import DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment
from lightkube.models.core_v1 import (
    Capabilities,
    Container,
    ContainerPort,
    EmptyDirVolumeSource,
    EnvVar,
    EnvVarSource,
    HTTPGetAction,
    PodSecurityContext,
    PodSpec,
    PodTemplateSpec,
    Probe,
    ResourceRequirements,
    SeccompProfile,
    SecretKeySelector,
    SecurityContext,
    ServicePort,
    ServiceSpec,
    Volume,
    VolumeMount,
)
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Service as KubernetesService
from lightkube.resources.core_v1 import ServiceAccount

from tenantry_operator.labels import COMMIT, RELEASE, SERVICE, TENANT, labels_of, release_label
from tenantry_operator.tenant import Service, Tenant

#: Name of the Secret with the database's credentials, in every tenant's namespace.
CREDENTIALS = "tenantry-credentials"
#: Its name in the pods of older templates, and of an operator before this one. A name that others may use too is nothing to watch.
FORMER_CREDENTIALS = "database"
#: Changes when the credentials do, so that pods start again with the new ones.
CREDENTIALS_VERSION = "tenantry.dev/credentials"


class DatabaseAddress(msgspec.Struct, frozen=True):
    """Where tenants find their PostgreSQL server."""

    host: str
    port: int
    sslmode: str


def service_account(tenant: Tenant, service: Service) -> ServiceAccount:
    """An identity of its own for each service, that can do nothing in the cluster."""
    return ServiceAccount(metadata=_metadata(tenant, service), automountServiceAccountToken=False)


def kubernetes_service(tenant: Tenant, service: Service) -> KubernetesService:
    """The service's name in the namespace, on the port that its pods listen on."""
    return KubernetesService(
        metadata=_metadata(tenant, service),
        spec=ServiceSpec(
            selector=_selector(tenant, service),
            ports=[ServicePort(name="http", port=service.port, targetPort="http")],
        ),
    )


def deployment(tenant: Tenant, service: Service, address: DatabaseAddress, credentials_version: str) -> Deployment:
    """The pods of a service, on exactly the pinned digest; none for a tenant that is decommissioned."""
    selector = _selector(tenant, service)
    labels = labels_of(tenant.name) | selector | {COMMIT: service.commit, RELEASE: release_label(service.release)}
    return Deployment(
        metadata=_metadata(tenant, service),
        spec=DeploymentSpec(
            replicas=0 if tenant.spec.decommission else service.replicas,
            selector=LabelSelector(matchLabels=selector),
            # A new pod must be ready before an old one goes.
            strategy=DeploymentStrategy(type="RollingUpdate", rollingUpdate=RollingUpdateDeployment(maxUnavailable=0, maxSurge="25%")),
            progressDeadlineSeconds=300,
            revisionHistoryLimit=3,
            template=PodTemplateSpec(
                metadata=ObjectMeta(labels=labels, annotations={CREDENTIALS_VERSION: credentials_version}),
                spec=PodSpec(
                    serviceAccountName=service.name,
                    automountServiceAccountToken=False,
                    enableServiceLinks=False,
                    securityContext=PodSecurityContext(runAsNonRoot=True, seccompProfile=SeccompProfile(type="RuntimeDefault")),
                    containers=[_container(tenant, service, address)],
                    volumes=[Volume(name="tmp", emptyDir=EmptyDirVolumeSource(sizeLimit="256Mi"))],
                ),
            ),
        ),
    )


def finds_database_at(deployment: Deployment, address: DatabaseAddress) -> bool:
    """Whether the pods of a live Deployment look for their database there."""
    template = deployment.spec.template.spec if deployment.spec else None
    told = {(one.name, one.value) for container in (template.containers if template else []) for one in container.env or []}
    return told >= _server(address).items()


def credentials_version_of(deployment: Deployment) -> str | None:
    """The version of the credentials that the pods of a live Deployment run with."""
    metadata = deployment.spec.template.metadata if deployment.spec else None
    return ((metadata.annotations if metadata else None) or {}).get(CREDENTIALS_VERSION)


def _metadata(tenant: Tenant, service: Service) -> ObjectMeta:
    labels = labels_of(tenant.name) | {SERVICE: service.name}
    return ObjectMeta(name=service.name, namespace=tenant.namespace, labels=labels)


def _selector(tenant: Tenant, service: Service) -> dict[str, str]:
    return {SERVICE: service.name, TENANT: tenant.name}


def _container(tenant: Tenant, service: Service, address: DatabaseAddress) -> Container:
    return Container(
        name=service.name,
        image=service.image,
        ports=[ContainerPort(name="http", containerPort=service.port)],
        env=_environment(tenant, service, address),
        resources=ResourceRequirements(requests={"cpu": "50m", "memory": "128Mi"}, limits={"memory": "512Mi"}),
        securityContext=SecurityContext(
            allowPrivilegeEscalation=False, readOnlyRootFilesystem=True, capabilities=Capabilities(drop=["ALL"])
        ),
        volumeMounts=[VolumeMount(name="tmp", mountPath="/tmp")],  # noqa: S108, the only place that a service can write to
        # Two minutes to start, in which the others are not asked.
        startupProbe=_probe(service, period=2, failures=60, timeout=2),
        readinessProbe=_probe(service, period=5, failures=2, timeout=2),
        # Patient: what does not answer gets no requests, and only what does not answer for long is started again.
        livenessProbe=_probe(service, period=10, failures=6, timeout=5),
    )


def _environment(tenant: Tenant, service: Service, address: DatabaseAddress) -> list[EnvVar]:
    """What a service is told: its port, who and what it is, and PostgreSQL's own variables, which every client reads."""
    plain = {
        "PORT": str(service.port),
        "TENANT": tenant.name,
        "HOST": tenant.spec.host,
        "GIT_SHA": service.commit,
        **_server(address),
        "PGDATABASE": tenant.spec.database.name,
    }
    secret = {"PGUSER": "username", "PGPASSWORD": "password"}
    return [
        *(EnvVar(name=name, value=value) for name, value in plain.items()),
        *(
            EnvVar(name=name, valueFrom=EnvVarSource(secretKeyRef=SecretKeySelector(name=CREDENTIALS, key=key)))
            for name, key in secret.items()
        ),
    ]


def _server(address: DatabaseAddress) -> dict[str, str]:
    return {"PGHOST": address.host, "PGPORT": str(address.port), "PGSSLMODE": address.sslmode}


def _probe(service: Service, period: int, failures: int, timeout: int) -> Probe | None:
    """Asks for the health path every `period` seconds; none for a service that answers no HTTP."""
    if service.health_path is None:
        return None
    get = HTTPGetAction(path=service.health_path, port="http")
    return Probe(httpGet=get, periodSeconds=period, failureThreshold=failures, timeoutSeconds=timeout)
