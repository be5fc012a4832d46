"""What a tenant has in PostgreSQL: a database, the role that owns it, and, once its password has rotated, a second one that takes turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tenantry_operator.database_server import DatabaseServer
from tenantry_operator.marked_roles import Marked, marked_roles
from tenantry_operator.owned_database import drop_database, ensure_database, owner_of
from tenantry_operator.postgres_server import PostgresServer
from tenantry_operator.problems import Pending
from tenantry_operator.role import drop_role, ensure_roles, give_password, has_role, is_role_ours, open_role, retire_role
from tenantry_operator.role_rights import ensure_acts_as
from tenantry_operator.tenant import Tenant, role_of, second_role_of


@dataclass(frozen=True)
class Found:
    """What was found of a tenant's database, which is well."""

    #: It was made now.
    is_new: bool
    #: The role that its Secret does not name may log in, too.
    is_other_open: bool


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

    async def is_role_marked(self, tenant: str) -> bool:
        """Whether that role was made for this tenant."""
        async with self._server.administrator() as session:
            return await is_role_ours(session, tenant, role_of(tenant))

    async def marked_roles(self, other_than: Iterable[str]) -> list[Marked]:
        """The roles and databases of other tenants than these, on this server."""
        async with self._server.administrator() as session:
            return await marked_roles(session, other_than)

    async def ensure(self, tenant: Tenant, login: str, password: str) -> Found:
        """Makes roles and database, or finds them; then logs in as the tenant would, with that one of its roles.

        The password is the truth: a role that does not take it gets it.
        """
        database = tenant.spec.database.name
        async with self._server.administrator() as session:
            is_other_open = await ensure_roles(session, tenant, login, password)
            is_new = await ensure_database(session, database, tenant.role, tenant.had_database)
            if not await self._server.lets_in(login, password, database):
                await give_password(session, login, password)
                await self._log_in(login, password, database)
        return Found(is_new, is_other_open)

    async def open(self, tenant: Tenant, login: str, password: str) -> bool:
        """Lets in the one of a tenant's roles that nobody logs in with, with a new password, and logs in with it. False if it may log in
        already: then nobody knows who does."""
        async with self._server.administrator() as session:
            is_opened = await open_role(session, tenant, login, password)
            if is_opened:
                await self._log_in(login, password, tenant.spec.database.name)
        return is_opened

    async def retire(self, tenant: str, login: str) -> None:
        """Closes the one of a tenant's roles that nobody logs in with any more."""
        async with self._server.administrator() as session:
            await retire_role(session, tenant, login)

    async def drop(self, tenant: str, database: str) -> bool:
        """Drops the database of the tenant with this name, with all that is in it, then its roles; what is not the tenant's stays.

        True if no database of that name is left.
        """
        role, second = role_of(tenant), second_role_of(tenant)
        async with self._server.administrator() as session:
            owner = await owner_of(session, database)
            # The role goes last, for it says whose the database is.
            if await is_role_ours(session, tenant, role):
                has_second = await is_role_ours(session, tenant, second)
                if owner == role:
                    if has_second:
                        # Whoever drops a database by force ends sessions of those alone whose rights it has.
                        await ensure_acts_as(session, second, f"the database {database} is to be dropped")
                    await drop_database(session, database, role)
                    owner = None
                if has_second:
                    await drop_role(session, second)
                await drop_role(session, role)
        return owner is None

    async def _log_in(self, login: str, password: str, database: str) -> None:
        if not await self._server.lets_in(login, password, database):
            raise Pending("LoginRefused", f"the role {login} was just given the password of its Secret, and is refused with it")
