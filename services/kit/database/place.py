"""Where a service keeps its tables: one SQLite file, or one schema of the common PostgreSQL database.

The same engine serves every table that is not the event log: leases, checkpoints, dead letters, views, keys.
"""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DisconnectionError

from services.kit.settings import Settings

RESTED_SECONDS = 2.0
OVERFLOW = 4  # connections beyond an engine's pool, while they are needed
LOCK_SECONDS = 10  # a colleague's session that has forgotten its transaction holds nobody for ever


@dataclass(frozen=True, slots=True)
class Place:
    """One service's place: ``path`` on SQLite, or ``dsn`` and ``schema`` on PostgreSQL."""

    service: str
    path: Path | None
    dsn: str | None

    @property
    def schema(self) -> str:
        return self.service.replace("-", "_")

    @property
    def on_postgres(self) -> bool:
        return self.dsn is not None


def place_of(settings: Settings, service: str) -> Place:
    if settings.database_url is not None:
        return Place(service, None, settings.database_url.get_secret_value())
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Place(service, settings.data_dir / f"{service}.sqlite", None)


DERIVED = (
    "synchronous_commit = off",
    "plan_cache_mode = force_generic_plan",
    "jit = off",
    # Few rows by their keys, and a plan made while tables were empty has to serve them when they are full.
    "enable_seqscan = off",
    "enable_hashjoin = off",
    "enable_mergejoin = off",
)


def engine_of(place: Place, *, pool_size: int = 4, derived: bool = False) -> Engine:
    """An SQLAlchemy engine whose unqualified names are the service's own. SQLite: WAL, every commit synced.

    ``derived``: for writing what follows from a log, with the position that it reaches in the same transaction. When
    the power goes, the newest commits may be taken back, all that came after the last one kept: they are done again.
    """
    if place.dsn is not None:
        url = "postgresql+psycopg://" + place.dsn.split("://", 1)[1]
        engine = create_engine(
            url, pool_size=pool_size, max_overflow=OVERFLOW, pool_recycle=1800, pool_use_lifo=True, hide_parameters=True
        )
        _ping_the_rested(engine)
        _close_the_late(engine)

        @event.listens_for(engine, "connect")
        def own_schema(connection: Any, _record: object) -> None:
            # The driver would deallocate all that is prepared here at a rollback, also what `pipeline` has prepared;
            # what it prepares itself does not live long: every read ends with a rollback.
            connection.prepare_threshold = None
            with connection.cursor() as cursor:
                cursor.execute(f'SET search_path TO "{place.schema}"')
                cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
                for setting in DERIVED if derived else ():
                    cursor.execute(f"SET {setting}")
            connection.commit()

        return engine
    engine = create_engine(f"sqlite:///{place.path}", pool_size=pool_size, max_overflow=OVERFLOW, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def durable(connection: sqlite3.Connection, _record: object) -> None:
        synced = "synchronous=NORMAL" if derived else "synchronous=FULL"
        for pragma in ("journal_mode=WAL", synced, "busy_timeout=15000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    return engine


def _ping_the_rested(engine: Engine) -> None:
    """A connection that has rested is tried before it is handed out; one used a moment ago costs no round trip."""

    @event.listens_for(engine, "checkin")
    def returned(_connection: object, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def handed_out(connection: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() - record.info.get("used_at", 0.0) < RESTED_SECONDS:
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            connection.rollback()
        except psycopg.Error as broken:
            raise DisconnectionError from broken  # the pool makes a new one and hands that out


def _close_the_late(engine: Engine) -> None:
    """What comes back after `dispose` is closed: a thread that nobody waited for had it, or asked for it only then.

    A pool would keep it for ever: its own nobody has any more, and the one made at `dispose` nobody disposes of.
    """
    closing = False

    @event.listens_for(engine, "engine_disposed")
    def disposed(_engine: object) -> None:
        nonlocal closing
        closing = True

    @event.listens_for(engine, "checkin")
    def returned(_connection: object, record: Any) -> None:
        if closing:
            record.invalidate()


def make_schema(place: Place) -> None:
    """Creates the service's PostgreSQL schema where it is missing (migration only)."""
    if place.dsn is None:
        return
    engine = create_engine("postgresql+psycopg://" + place.dsn.split("://", 1)[1])
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7261001)"))
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{place.schema}"'))
    engine.dispose()
