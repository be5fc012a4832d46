"""What Prometheus can ask the operator."""

from collections.abc import Callable
from functools import partial

from prometheus_client import Counter, Gauge, Histogram

RECONCILES = Counter("tenantry_reconciles", "Times that a Tenant was looked at, by how it ended.", ["outcome"])
ERRORS = Counter("tenantry_errors", "Times that something stood in a Tenant's way, by reason.", ["reason"])
DURATION = Histogram(
    "tenantry_reconcile_seconds",
    "Time to look at a Tenant and mend what differs.",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
KUBERNETES_REQUESTS = Counter(
    "tenantry_kubernetes_requests", "Requests to the Kubernetes API, without those of the watches.", ["verb", "kind"]
)
SQL_STATEMENTS = Counter("tenantry_sql_statements", "Statements sent to PostgreSQL, by their first word.", ["verb"])
TENANTS = Gauge("tenantry_tenants", "Tenants, by whether they are ready.", ["ready"])


def count_tenants(ready: Callable[[str], int]) -> None:
    """Has the tenants counted when somebody asks: `ready` gets True, False or Unknown, as a condition has it."""
    for status in ("True", "False", "Unknown"):
        TENANTS.labels(ready=status).set_function(partial(ready, status))


ORPHANS = Gauge("tenantry_orphans", "Namespaces of tenants that run on without a Tenant, and that nobody decommissioned.")
