"""The secrets of a service that could be read where it wrote them: what must be hidden of its last lines."""

from __future__ import annotations

import base64

import httpx2
from lightkube import ApiError
from lightkube.resources.core_v1 import Secret

from tenantry_operator.cache import Cache
from tenantry_operator.cluster import Cluster
from tenantry_operator.pod_template import CREDENTIALS
from tenantry_operator.records import SecretRecord
from tenantry_operator.redaction import Redaction
from tenantry_operator.tenant import Service, Tenant


async def redaction_of(cache: Cache, cluster: Cluster, tenant: Tenant, service: Service) -> Redaction | None:
    """Hides the password of its database, and the values of the Secrets that it names, which are read for this and not kept.

    None where one of them is not there, or can't be read: then nobody can tell what to hide.
    """
    credentials = cache.objects(tenant.name).get(("Secret", CREDENTIALS))
    if not isinstance(credentials, SecretRecord) or not credentials.secret.password:
        return None
    values = [credentials.secret.password]
    for name in dict.fromkeys(one.secret for one in service.secrets):
        try:
            secret = await cluster.find(Secret, name, tenant.namespace)
        except (ApiError, httpx2.HTTPError):
            secret = None
        if secret is None:
            return None
        values += [base64.b64decode(value).decode(errors="replace") for value in (secret.data or {}).values()]
    return Redaction(values)
