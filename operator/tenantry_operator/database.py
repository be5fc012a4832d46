"""What a tenant has in PostgreSQL: a role, and a database that the role owns."""

from __future__ import annotations

from collections.abc import Callable

from tenantry_operator.database_server import DatabaseServer
from tenantry_operator.owned_database import drop_database, ensure_database, owner_of
from tenantry_operator.postgres_server import PostgresServer
from tenantry_operator.problems import Pending
from tenantry_operator.role import drop_role, ensure_role, give_password, has_role, is_role_ours
from tenantry_operator.tenant import Tenant, role_of


class Databases:
    """The databases of all tenants on one PostgreSQL server. Its administrator needs CREATEROLE and CREATEDB alone, and may be another
    than the one that made a tenant's role, as long as nothing has to be done.

    Raises Pending while the server does not answer, and Stalled when what is there belongs to somebody else.
    """

    def __init__(self, read: Callable[[], DatabaseServer]) -> None:
        """`read` tells where the server is and how its administrator logs in, as that is now."""
        self._server = PostgresServer(read)

    @property
    def server(self) -> DatabaseServer:
        """The server as it is told of now: where the tenants find it, and by which certificates they verify it."""
        return self._server.told()

    async def has_role(self, tenant: str) -> bool:
        """Whether the role of the tenant with this name exists."""
        async with self._server.administrator() as session:
            return await has_role(session, tenant)

    async def ensure(self, tenant: Tenant, password: str) -> bool:
        """Makes role and database, or finds them; then logs in as the tenant would. True if the database was made now.

        The password is the truth: a role that does not take it gets it.
        """
        database = tenant.spec.database.name
        async with self._server.administrator() as session:
            await ensure_role(session, tenant, password)
            created = await ensure_database(session, database, tenant.role, tenant.had_database)
            if not await self._server.lets_in(tenant.role, password, database):
                await give_password(session, tenant.name, password)
                if not await self._server.lets_in(tenant.role, password, database):
                    raise Pending(
                        "LoginRefused", f"the role {tenant.role} was just given the password of its Secret, and is refused with it"
                    )
        return created

    async def drop(self, tenant: str, database: str) -> bool:
        """Drops the database of the tenant with this name, with all that is in it, then its role; what is not the tenant's stays.

        True if no database of that name is left.
        """
        role = role_of(tenant)
        async with self._server.administrator() as session:
            owner = await owner_of(session, database)
            # The role goes last, for it says whose the database is.
            if await is_role_ours(session, tenant):
                if owner == role:
                    await drop_database(session, database, role)
                    owner = None
                await drop_role(session, tenant)
        return owner is None
