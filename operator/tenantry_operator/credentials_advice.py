"""What a person is told to do about a tenant's Secret: commands that can be pasted, and lose nothing that is still there."""

from __future__ import annotations

import json
import shlex

from tenantry_operator.pod_template import CREDENTIALS
from tenantry_operator.tenant import Tenant
from tenantry_operator.workload import FORMER_CREDENTIALS

#: Made where the command is pasted: it has no character that a shell or JSON would take for anything else.
NEW_PASSWORD = "$(openssl rand -hex 32)"  # noqa: S105, no password but how to make one


def missing(tenant: Tenant) -> str:
    """The role is there, and no Secret."""
    return (
        f"the Secret {tenant.namespace}/{CREDENTIALS} is gone, and the role {tenant.role} exists: its password is lost, and no new one "
        f"is made by itself. Restore the Secret from a backup, or give the role a new password: {_create(tenant, NEW_PASSWORD)}"
    )


def missing_but_former(tenant: Tenant) -> str:
    """The Secret of the former name is there, and says something else than what the pods log in with."""
    read = shlex.join(["kubectl", "--namespace", tenant.namespace, "get", "secret", FORMER_CREDENTIALS, "--output"])
    password = f"$({read} 'jsonpath={{.data.password}}' | base64 --decode)"
    return (
        f"the Secret {tenant.namespace}/{CREDENTIALS} is gone, and {FORMER_CREDENTIALS}, which was there before it, has not what the "
        f"tenant's pods log in with. Restore the Secret from a backup; or, if {FORMER_CREDENTIALS} is right: {_create(tenant, password)}"
    )


def wrong_username(tenant: Tenant, name: str) -> str:
    """The Secret is for somebody else."""
    patch = shlex.quote(json.dumps({"stringData": {"username": tenant.role}}))
    return (
        f'the Secret {tenant.namespace}/{name} must have "username", which is {tenant.role}. Restore it from a backup, or correct it: '
        f"{_patch(tenant, name)} {patch}"
    )


def unusable_password(tenant: Tenant, name: str) -> str:
    """The Secret has no password that PostgreSQL would take."""
    data = json.dumps({"stringData": {"username": tenant.role, "password": NEW_PASSWORD}})
    # In double quotes, for the shell makes the password.
    patch = '"' + data.replace('"', '\\"') + '"'
    return (
        f'the Secret {tenant.namespace}/{name} must have "password", which is some text. Restore it from a backup, or give the role a new '
        f"password: {_patch(tenant, name)} {patch}"
    )


def _create(tenant: Tenant, password: str) -> str:
    """`password` is for the shell to make, within double quotes."""
    command = ["kubectl", "--namespace", tenant.namespace, "create", "secret", "generic", CREDENTIALS]
    return f"{shlex.join([*command, '--type=kubernetes.io/basic-auth', f'--from-literal=username={tenant.role}'])} " + (
        f'--from-literal=password="{password}"'
    )


def _patch(tenant: Tenant, name: str) -> str:
    return shlex.join(["kubectl", "--namespace", tenant.namespace, "patch", "secret", name, "--patch"])
