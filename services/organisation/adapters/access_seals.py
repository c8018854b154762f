"""Every row that lets somebody in carries a seal that only the product can make, and names the fact that allowed it.

Whoever writes into the tables without the master key (another's hash in a person's row, a session of his own making)
opens nothing, and `caraka verify` names the row. Whoever has the key can seal; what he cannot make is the fact.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256

from sqlalchemy import Column, ColumnElement, Connection, MetaData, String, Table, delete, insert, select

from services.kit.sealing import load_keyring
from services.kit.settings import Settings

METADATA = MetaData()
SEALS = Table(
    "access_seals",
    METADATA,
    Column("agency", String(32), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("name", String(120), primary_key=True),
    Column("seal", String(64), nullable=False),
    Column("fact", String(36), nullable=False, doc="the id of the event that allowed it"),
)
PASSWORD, FIRST, TICKET, TOKEN, SESSION = "password", "first", "ticket", "token", "session"
DEMONSTRATION = "demonstration"
"""In place of a fact: the people of a demonstration, whose password stands in the data folder."""
BEFORE = "before seals"
"""In place of a fact: what was there when seals began."""
Place = tuple[str, str, str]
PENDING = {"agency": "", "kind": "pending", "name": "", "seal": "", "fact": ""}


def access_key(settings: Settings) -> Callable[[], bytes]:
    """Asked for when a row is sealed or read: who only makes the tables has no master key."""
    return lambda: load_keyring(settings).derive("access")


class Seals:
    """``key``: `access_key`. Called within the transaction that writes or reads the row itself."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key = cache(key)

    def keep(self, connection: Connection, place: tuple[str, str, str], fact: str, *content: object) -> None:
        """``place``: agency, kind, name. In place of the seal that was there."""
        self.drop(connection, place)
        agency, kind, name = place
        seal = self._of(place, fact, content)
        connection.execute(insert(SEALS).values(agency=agency, kind=kind, name=name, seal=seal, fact=fact))

    def await_begin(self, connection: Connection) -> None:
        """There are rows that were there before there were seals: who has the key seals them, once."""
        connection.execute(insert(SEALS).values(**PENDING))

    def begin(self, connection: Connection, rows: Iterable[tuple[Place, tuple[object, ...]]]) -> bool:
        """Seals them, where that is pending."""
        place = (PENDING["agency"], PENDING["kind"], PENDING["name"])
        if connection.execute(delete(SEALS).where(*_at(place))).rowcount != 1:
            return False
        for each, content in rows:
            if connection.execute(select(SEALS.c.fact).where(*_at(each))).first() is None:
                self.keep(connection, each, BEFORE, *content)
        return True

    def drop(self, connection: Connection, place: tuple[str, str, str]) -> None:
        connection.execute(delete(SEALS).where(*_at(place)))

    def fact(self, connection: Connection, place: tuple[str, str, str], *content: object) -> str | None:
        """What has allowed a row with this content; None: the product has not written it."""
        row = connection.execute(select(SEALS.c.seal, SEALS.c.fact).where(*_at(place))).first()
        if row is None or not hmac.compare_digest(row.seal, self._of(place, row.fact, content)):
            return None
        return str(row.fact)

    def _of(self, place: tuple[str, str, str], fact: str, content: tuple[object, ...]) -> str:
        said = json.dumps([*place, fact, *content]).encode()
        return hmac.new(self._key(), said, sha256).hexdigest()


def _at(place: tuple[str, str, str]) -> tuple[ColumnElement[bool], ...]:
    agency, kind, name = place
    return SEALS.c.agency == agency, SEALS.c.kind == kind, SEALS.c.name == name
