"""What a live object may have that nobody asked for: what Kubernetes fills in, and what is others' by design. Everything else counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: Where something stands in an object. `[]` is each entry of a list.
Place = tuple[str, ...]

#: In every object: written by the API server alone, or about the writing itself. Not `ownerReferences`: none of these objects has an owner,
#: and one that is named would have Kubernetes' garbage collector delete the object with it.
ALL: tuple[Place, ...] = (
    ("apiVersion",),
    ("status",),
    ("metadata", "uid"),
    ("metadata", "resourceVersion"),
    ("metadata", "generation"),
    ("metadata", "creationTimestamp"),
    ("metadata", "deletionTimestamp"),
    ("metadata", "deletionGracePeriodSeconds"),
    ("metadata", "managedFields"),
    ("metadata", "selfLink"),
    ("metadata", "generateName"),
    # Whoever set one wants to be told before the object goes. To take it away would break that, and it changes nothing until then.
    ("metadata", "finalizers"),
)

#: Where Rancher notes at which addresses something is reached, for its own pages: pkg/controllers/managementagent/endpoints of
#: https://github.com/rancher/rancher. It writes that again each time that it is gone.
_RANCHER: Place = ("metadata", "annotations", "field.cattle.io/publicEndpoints")

#: By kind: written by others by design, whatever it says. A replacement keeps it.
OTHERS: dict[str, tuple[Place, ...]] = {
    # The namespace controller's, by which it finishes what is in a namespace that goes.
    "Namespace": (("spec", "finalizers"),),
    "Deployment": (
        # The Deployment controller counts its ReplicaSets by it.
        ("metadata", "annotations", "deployment.kubernetes.io/revision"),
        # `kubectl rollout restart`. To take it away would restart the pods once more.
        ("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"),
        _RANCHER,
    ),
    # Set by whoever wants the store asked at once: https://external-secrets.io/latest/introduction/faq/
    "ExternalSecret": (("metadata", "annotations", "force-sync"),),
    "Service": (_RANCHER,),
    "Ingress": (_RANCHER,),
}

#: By kind: counts, but is others' where nothing is said of it, so that a replacement keeps it there.
KEPT: dict[str, tuple[Place, ...]] = {
    # Filled by the admission plugin DefaultIngressClass, when the Ingress is made and never again; so whoever runs the cluster also moves
    # an Ingress to another controller by it.
    "Ingress": (("spec", "ingressClassName"),),
}

_CONTAINER: dict[str, Any] = {
    "imagePullPolicy": "IfNotPresent",
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "resources": {},
    # An empty text is left out when the API server answers.
    "env.[].value": "",
    "ports.[].protocol": "TCP",
} | {
    f"{probe}.{name}": value
    for probe in ("startupProbe", "readinessProbe", "livenessProbe")
    for name, value in {
        "httpGet.scheme": "HTTP",
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }.items()
}

_POD: dict[str, Any] = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "securityContext": {},
} | {f"containers.[].{name}": value for name, value in _CONTAINER.items()}

#: By kind: what the API server writes where nothing is said, from 1.29 to 1.35. With any other value it counts.
#: https://github.com/kubernetes/kubernetes: pkg/apis/{core/v1,apps/v1,batch/v1,networking/v1,autoscaling/v2}/defaults.go
DEFAULTS: dict[str, dict[str, Any]] = {
    "Deployment": {
        "spec.replicas": 1,
        "spec.progressDeadlineSeconds": 600,
        "spec.minReadySeconds": 0,
        "spec.revisionHistoryLimit": 10,
        "spec.strategy.type": "RollingUpdate",
        "spec.strategy.rollingUpdate.maxSurge": "25%",
        "spec.strategy.rollingUpdate.maxUnavailable": "25%",
    }
    | {f"spec.template.spec.{name}": value for name, value in _POD.items()},
    "CronJob": {
        "spec.concurrencyPolicy": "Allow",
        "spec.suspend": False,
        "spec.successfulJobsHistoryLimit": 3,
        "spec.failedJobsHistoryLimit": 1,
    }
    | {f"spec.jobTemplate.spec.template.spec.{name}": value for name, value in _POD.items()},
    "Service": {
        "spec.type": "ClusterIP",
        "spec.sessionAffinity": "None",
        "spec.internalTrafficPolicy": "Cluster",
        "spec.ipFamilyPolicy": "SingleStack",
        "spec.ports.[].protocol": "TCP",
    },
    "HorizontalPodAutoscaler": {"spec.minReplicas": 1},
    # By its definition: config/crds/bases/external-secrets.io_externalsecrets.yaml of External Secrets.
    "ExternalSecret": {
        "spec.dataFrom.[].extract.conversionStrategy": "Default",
        "spec.dataFrom.[].extract.decodingStrategy": "None",
        "spec.dataFrom.[].extract.metadataPolicy": "None",
        # Of 2.3 to 2.6.
        "spec.dataFrom.[].extract.nullBytePolicy": "Ignore",
    },
    "RoleBinding": {"subjects.[].apiGroup": ""},
    # What is left of it without the finalizers.
    "Namespace": {"spec": {}},
}

_POD_QUANTITIES = (
    "containers.[].resources.requests.*",
    "containers.[].resources.limits.*",
    "volumes.[].emptyDir.sizeLimit",
)

#: By kind: amounts, which the API server writes its own way.
QUANTITIES: dict[str, tuple[str, ...]] = {
    "Deployment": tuple(f"spec.template.spec.{path}" for path in _POD_QUANTITIES),
    "CronJob": tuple(f"spec.jobTemplate.spec.template.spec.{path}" for path in _POD_QUANTITIES),
    "ResourceQuota": ("spec.hard.*",),
    "LimitRange": ("spec.limits.[].default.*", "spec.limits.[].defaultRequest.*"),
}

#: Labels of a namespace that are the operator's; all others are others': policies, meshes and people choose namespaces by theirs, and
#: Kubernetes sets `kubernetes.io/metadata.name`. What pods may do there is decided by Pod Security's alone.
NAMESPACE_LABELS = ("pod-security.kubernetes.io/", "tenantry.dev/", "app.kubernetes.io/managed-by")
#: Annotations of a namespace that are the operator's.
NAMESPACE_ANNOTATIONS = ("tenantry.dev/",)


@dataclass(slots=True)
class Rule:
    """What holds at one place of an object, and below it."""

    below: dict[str, Rule] = field(default_factory=dict)
    is_left_out: bool = False
    is_quantity: bool = False
    defaults: list[Any] = field(default_factory=list)

    def at(self, place: Place) -> Rule:
        """The rule for a place below, made if there is none."""
        here = self
        for key in place:
            here = here.below.setdefault(key, Rule())
        return here


def _rules(kind: str) -> Rule:
    rules = Rule()
    for place in (*ALL, *OTHERS.get(kind, ())):
        rules.at(place).is_left_out = True
    for path, value in DEFAULTS.get(kind, {}).items():
        rules.at(tuple(path.split("."))).defaults.append(value)
    for path in QUANTITIES.get(kind, ()):
        rules.at(tuple(path.split("."))).is_quantity = True
    # A map from which all was left out is none.
    for path in (
        "metadata.labels",
        "metadata.annotations",
        "spec.template.metadata.annotations",
        "spec.jobTemplate.metadata.annotations",
        "spec.jobTemplate.spec.template.metadata.annotations",
    ):
        rules.at(tuple(path.split("."))).defaults.append({})
    return rules


#: Of every kind that the operator makes, but Secrets: what is in one is nobody's business here.
RULES = {
    kind: _rules(kind)
    for kind in (
        "Namespace",
        "RoleBinding",
        "LimitRange",
        "ResourceQuota",
        "ExternalSecret",
        "ServiceAccount",
        "Service",
        "Deployment",
        "CronJob",
        "PodDisruptionBudget",
        "HorizontalPodAutoscaler",
        "Ingress",
        "NetworkPolicy",
    )
}
