"""A Tenant that asks for every kind of thing: each test changes what it is about."""

from __future__ import annotations

from typing import Any

from tenantry_operator.tenant import Tenant, parse_tenant

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/apiserver@sha256:" + "a" * 64
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def service_body(**changes: Any) -> dict[str, Any]:
    """A service as it stands in a Tenant's spec; None takes a field away."""
    service = {
        "name": "apiserver",
        "image": IMAGE,
        "commit": COMMIT,
        "release": "releases/0.0.2",
        "port": 8080,
        "path": "/api",
        "healthPath": "/v1/health",
        "replicas": 2,
    }
    return {key: value for key, value in (service | changes).items() if value is not None}


def tenant_body(
    spec: dict[str, Any] | None = None, metadata: dict[str, Any] | None = None, status: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A Tenant as the API server returns it; the arguments replace what stands in each part."""
    body: dict[str, Any] = {
        "apiVersion": "tenantry.dev/v1",
        "kind": "Tenant",
        "metadata": {
            "name": "northwind",
            "uid": "8f1f1f0e-1f2d-4f0a-9c62-6a1f3f0b7c11",
            "generation": 3,
            "resourceVersion": "4711",
            "creationTimestamp": "2026-01-02T03:04:05Z",
            "managedFields": [{"manager": "Terraform", "operation": "Apply", "fieldsV1": {"f:spec": {}}}],
        }
        | (metadata or {}),
        "spec": {
            "host": "northwind.example.com",
            "ring": "canary",
            "rollout": {"after": [], "atOnce": "10%", "unproven": "Hold"},
            "release": "releases/0.0.2",
            "decommission": False,
            "database": {"name": "tenant_northwind", "deletionPolicy": "Retain"},
            "services": [service_body()],
        }
        | (spec or {}),
    }
    return body if status is None else body | {"status": status}


def example_tenant(
    spec: dict[str, Any] | None = None, metadata: dict[str, Any] | None = None, status: dict[str, Any] | None = None
) -> Tenant:
    """The same, as the operator has it."""
    return parse_tenant(tenant_body(spec, metadata, status))
