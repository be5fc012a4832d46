"""The certificates by which a tenant's services verify the database server. They stand in the Secret with the credentials, and are all that
is the operator's to change there; pods have them as a file, which the kubelet keeps up to date.
"""

from __future__ import annotations

from lightkube.resources.core_v1 import Secret

from tenantry_operator.cluster import Cluster
from tenantry_operator.credentials_secret import SeenSecret, ca_in
from tenantry_operator.drift import digest_of
from tenantry_operator.pod_template import CA, CREDENTIALS
from tenantry_operator.tenant import Tenant


async def ensure_certificates(cluster: Cluster, tenant: Tenant, seen: SeenSecret | None, ca: str) -> None:
    """Puts them into the tenant's Secret, which is there. Where there are none any more, the last ones stay: pods may still mount them."""
    if not ca or (seen is not None and seen.ca == digest_of(ca)):
        return
    live = await cluster.find(Secret, CREDENTIALS, tenant.namespace)
    if live is not None and ca_in(live) != ca:
        await cluster.put_into(live, CA, ca)
