"""The kinds of objects that the operator makes, as lightkube addresses them. Their bodies are plain JSON: all that the API server says."""

from __future__ import annotations

from typing import Any

from lightkube.generic_resource import create_global_resource, create_namespaced_resource

KINDS: dict[str, Any] = {
    "Namespace": create_global_resource("", "v1", "Namespace", "namespaces"),
    "ConfigMap": create_namespaced_resource("", "v1", "ConfigMap", "configmaps"),
    "RoleBinding": create_namespaced_resource("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
    "LimitRange": create_namespaced_resource("", "v1", "LimitRange", "limitranges"),
    "ResourceQuota": create_namespaced_resource("", "v1", "ResourceQuota", "resourcequotas"),
    "ExternalSecret": create_namespaced_resource("external-secrets.io", "v1", "ExternalSecret", "externalsecrets"),
    "ServiceAccount": create_namespaced_resource("", "v1", "ServiceAccount", "serviceaccounts"),
    "Service": create_namespaced_resource("", "v1", "Service", "services"),
    "Deployment": create_namespaced_resource("apps", "v1", "Deployment", "deployments"),
    "Job": create_namespaced_resource("batch", "v1", "Job", "jobs"),
    "CronJob": create_namespaced_resource("batch", "v1", "CronJob", "cronjobs"),
    "PodDisruptionBudget": create_namespaced_resource("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    "HorizontalPodAutoscaler": create_namespaced_resource("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    "Ingress": create_namespaced_resource("networking.k8s.io", "v1", "Ingress", "ingresses"),
    "NetworkPolicy": create_namespaced_resource("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
}
