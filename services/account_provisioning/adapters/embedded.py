"""The directory of an office that has none yet: a table in the service's own database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Boolean, Column, Connection, Engine, MetaData, String, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from services.account_provisioning.ports import CANNOT_TELL, NO_QUOTA, Away, Conflict, Entry, Refused, Wanted, agreed

HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
METADATA = MetaData()
ENTRIES = Table(
    "directory_entries",
    METADATA,
    Column("agency", String(32), primary_key=True),
    Column("address", String(254), primary_key=True),
    Column("account_id", String(36), nullable=False, unique=True),
    Column("name", String(500), nullable=False),
    Column("unit", String(500), nullable=False),
    Column("login", Boolean, nullable=False),
    Column("receives", Boolean, nullable=False),
    Column("secret", String(200), nullable=False),
)
ALIASES = Table(
    "directory_aliases",
    METADATA,
    Column("agency", String(32), primary_key=True),
    Column("address", String(254), primary_key=True),
    Column("account_id", String(36), nullable=False, index=True),
)


class EmbeddedDirectory:
    """Of one agency."""

    keeps_aliases = True

    def __init__(self, engine: Engine, agency: str) -> None:
        self._engine = engine
        self._agency = agency

    def find(self, address: str) -> Entry | None:
        with self._asked() as connection:
            row = self._row(connection, address)
            aliases = self._aliases(connection, row["account_id"]) if row else ()
        return _entry(row, aliases) if row else None

    def leads(self, _address: str) -> tuple[str, ...]:
        """It has accounts alone, and nobody is logged in to it."""
        return ()

    def ensure(self, wanted: Wanted) -> Entry:
        if wanted.quota:
            raise Refused(NO_QUOTA)
        with self._asked() as connection:
            row = self._row(connection, wanted.address)
            if row is None:
                self._add(connection, wanted)
            elif row["account_id"] != str(wanted.account_id):
                raise Conflict("foreign-entry")
            else:
                changes: dict[str, Any] = {"login": wanted.login, "receives": wanted.receives}
                changes |= {"name": wanted.name} if wanted.name else {}
                changes |= {"unit": wanted.unit} if wanted.unit else {}
                changes |= {"secret": ""} if wanted.revoke else {}
                connection.execute(update(ENTRIES).where(*self._place(wanted.address)).values(**changes))
            self._alias(connection, wanted)
        return agreed(wanted, self.find(wanted.address))

    def remove(self, account_id: UUID, address: str) -> None:
        with self._asked() as connection:
            ours = (*self._place(address), ENTRIES.c.account_id == str(account_id))
            if connection.execute(delete(ENTRIES).where(*ours)).rowcount:
                connection.execute(delete(ALIASES).where(*self._aliases_of(str(account_id))))

    def set_secret(self, account_id: UUID, address: str, secret: str) -> None:
        hashed = HASHER.hash(secret)
        with self._asked() as connection:
            row = self._row(connection, address)
            if row is None:
                raise Refused("entry-missing")
            if row["account_id"] != str(account_id):
                raise Conflict("foreign-entry")
            if not row["login"]:
                raise Refused("no-login")
            connection.execute(update(ENTRIES).where(*self._place(address)).values(secret=hashed))

    def accepts(self, address: str, secret: str) -> bool:
        with self._asked() as connection:
            row = self._row(connection, address)
        if row is None or not row["login"]:
            return False
        try:
            return HASHER.verify(row["secret"], secret)
        except (VerificationError, InvalidHashError):
            return False

    def last_login(self, _address: str) -> datetime | None:
        """Nobody logs in to it: it is a list."""
        raise Refused(CANNOT_TELL)

    def close(self) -> None:
        """The engine is its maker's."""

    def _add(self, connection: Connection, wanted: Wanted) -> None:
        if not wanted.create:
            raise Refused("entry-missing")
        if self._alias_at(connection, wanted.address) is not None:
            raise Conflict("address-in-directory")
        row = {"agency": self._agency, "address": wanted.address, "account_id": str(wanted.account_id)}
        row |= {"name": wanted.name, "unit": wanted.unit, "secret": ""}
        connection.execute(insert(ENTRIES).values(**row, login=wanted.login, receives=wanted.receives))

    def _alias(self, connection: Connection, wanted: Wanted) -> None:
        mine = str(wanted.account_id)
        if wanted.unalias:
            connection.execute(delete(ALIASES).where(*self._aliases_of(mine), ALIASES.c.address.in_(wanted.unalias)))
        if not wanted.alias:
            return
        if self._row(connection, wanted.alias) is not None:
            raise Conflict("foreign-entry")
        owner = self._alias_at(connection, wanted.alias)
        if owner is None:
            row = {"agency": self._agency, "address": wanted.alias, "account_id": mine}
            connection.execute(insert(ALIASES).values(**row))
        elif owner != mine:
            raise Conflict("address-in-directory")

    def _alias_at(self, connection: Connection, address: str) -> str | None:
        here = (ALIASES.c.agency == self._agency, ALIASES.c.address == address)
        return connection.scalar(select(ALIASES.c.account_id).where(*here))

    def _aliases(self, connection: Connection, account_id: str) -> tuple[str, ...]:
        found = select(ALIASES.c.address).where(*self._aliases_of(account_id)).order_by(ALIASES.c.address)
        return tuple(connection.scalars(found))

    def _aliases_of(self, account_id: str) -> tuple[Any, ...]:
        return ALIASES.c.agency == self._agency, ALIASES.c.account_id == account_id

    def _place(self, address: str) -> tuple[Any, ...]:
        return ENTRIES.c.agency == self._agency, ENTRIES.c.address == address

    def _row(self, connection: Connection, address: str) -> dict[str, Any] | None:
        found = connection.execute(select(ENTRIES).where(*self._place(address))).mappings().first()
        return dict(found) if found else None

    @contextmanager
    def _asked(self) -> Iterator[Connection]:
        """An insert that lost a race is a conflict: somebody has the address, or the account another one."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError as taken:
            raise Conflict("foreign-entry") from taken
        except SQLAlchemyError as away:
            raise Away("database-away") from away


def _entry(row: dict[str, Any], aliases: tuple[str, ...]) -> Entry:
    return Entry(
        marker=UUID(row["account_id"]),
        address=row["address"],
        name=row["name"],
        unit=row["unit"],
        login=row["login"],
        receives=row["receives"],
        secret=bool(row["secret"]),
        aliases=aliases,
    )
