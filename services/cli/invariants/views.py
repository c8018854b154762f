"""I3: every view stands at the head of its sources, and equals what the logs give when it is built anew beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from services.cli.invariants.ground import Breaches, Finding, Source, Step, Tell, close_source, open_source
from services.cli.rebuild import alone
from services.kit.codec.envelope import decode
from services.kit.crash import crash_point
from services.kit.database.place import engine_of, place_of
from services.kit.projections.generations import POINTER, Generation, digest, drop, stale
from services.kit.projections.projector import Opening, checkpoints, serving
from services.kit.projections.rebuild import Progress, Rebuilder
from services.kit.projections.views import TEXT, View
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings
from services.kit.store.identity import StoreId
from services.kit.store.log import Log
from services.kit.store.recent import LogRow
from services.projections.views import VIEWS

CATCH_UP_SECONDS = 5.0
BUILDING = "views built anew"


@dataclass(frozen=True, slots=True)
class LookAtViews:
    """The check by itself, with all that it needs: it may be done in another process.

    ``heads``: of the logs, by service. ``build``: nobody else uses these stores, and the views that serve are missing:
    they are built anew and stay, instead of being built beside and compared.
    """

    settings: Settings
    heads: Mapping[str, int]
    running: bool
    build: bool = False

    def __call__(self, tell: Tell) -> Finding:
        if self.build:
            alone(self.settings, lambda step: tell(replace(step, stage=BUILDING)))
            crash_point("restore.views-built")
        with ExitStack() as stack:
            engine, keys = engine_of(place_of(self.settings, "projections")), open_keys(self.settings)
            stack.callback(engine.dispose)
            stack.callback(keys.dispose)
            sources = []
            for service, head in self.heads.items():
                source = open_source(self.settings, service)
                stack.callback(close_source, source)
                sources.append(replace(source, head=head))
            return compare_views(
                engine, sources, keys, lambda: datetime.now(UTC), tell, running=self.running, built_now=self.build
            )


@dataclass(frozen=True, slots=True)
class Until:
    """A log that ends where the views stand."""

    log: Log
    position: int

    @property
    def store_id(self) -> StoreId:
        return self.log.store_id

    def read(self, after: int, limit: int) -> Sequence[LogRow]:
        return [row for row in self.log.read(after, limit) if row.position <= self.position]

    def head(self) -> int:
        return self.position


def compare_views(  # noqa: PLR0913 - what a comparison is made of
    engine: Engine,
    sources: Sequence[Source],
    keys: Opening,
    clock: Callable[[], datetime],
    tell: Tell,
    *,
    running: bool,
    built_now: bool = False,
) -> Finding:
    """The live rows are read in one snapshot; the shadow is built to the same positions, compared, and dropped.

    ``built_now``: they have just been built anew from these logs, by nobody else: that is not done a second time.
    """
    if unfit := _unfit(engine):
        return Finding("I3", ok=False, sentence=unfit)
    breaches = Breaches()
    if running:
        _caught_up(engine, sources)
    postgres = engine.dialect.name == "postgresql"
    with engine.connect() as connection:
        if postgres:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901 - the same connection
        else:
            connection.exec_driver_sql("BEGIN")
        live = serving(connection, VIEWS)
        stands = checkpoints(connection, live)
        behind = 0
        for source in sources:
            standing = stands.get(source.service)
            name = source.store_id
            if standing is not None and (standing.store, standing.epoch) != (name.store, name.epoch):
                breaches.add(
                    f"tampilan dari {source.service}", "dibangun dari simpanan lain: jalankan `caraka rebuild all`"
                )
            late = source.head - (standing.position if standing else 0)
            behind += max(late, 0)
            if late > 0 and running:
                breaches.add(f"tampilan dari {source.service}", f"tertinggal {late} posisi padahal Caraka berjalan")
        poison = connection.scalar(sa.select(sa.func.count()).select_from(live["poison"])) or 0
        logs = {
            source.service: Until(source.log, stands[source.service].position if source.service in stands else 0)
            for source in sources
        }
        if built_now:
            figures: dict[str, int | str] = {"views": len(VIEWS.views), "behind": behind, "skipped events": int(poison)}
            left = _left(behind, poison)
            return breaches.finding(
                "I3", "setiap tampilan baru saja dibangun ulang dari catatan peristiwa", figures, left
            )
        before = digest(connection, VIEWS, live)
        shadow = Rebuilder(engine, VIEWS, logs, keys, decode, clock).build(_told(tell))
        try:
            with engine.connect() as other:
                anew = digest(other, VIEWS, shadow)
                for view in VIEWS.views:
                    if before[view.name] != anew[view.name]:
                        breaches.add(*_difference((connection, live), (other, shadow), view))
        finally:
            drop(engine, shadow)
    figures = {"views": len(before), "behind": behind, "skipped events": int(poison)}
    return breaches.finding(
        "I3",
        "setiap tampilan sama dengan yang dibangun ulang dari catatan peristiwa",
        figures,
        _left(behind, int(poison)),
    )


def _unfit(engine: Engine) -> str:
    """Why there is nothing to compare; empty: there is."""
    if not sa.inspect(engine).has_table(POINTER.name):
        return "belum ada tampilan: jalankan `caraka migrate`"
    return "tampilan dibuat untuk tabel lain: jalankan `caraka rebuild all`" if stale(engine, VIEWS) else ""


def _caught_up(engine: Engine, sources: Sequence[Source]) -> None:
    """What was written a moment ago is applied a moment later."""
    ends = time.monotonic() + CATCH_UP_SECONDS
    while time.monotonic() < ends:
        with engine.connect() as connection:
            stands = checkpoints(connection, serving(connection, VIEWS))
        if all(each.service in stands and stands[each.service].position >= each.head for each in sources if each.head):
            return
        time.sleep(0.1)


def _left(behind: int, poison: int) -> list[str]:
    left = [f"{behind} peristiwa yang belum masuk tampilan"] if behind else []
    return left + ([f"{poison} peristiwa yang tidak terbaca oleh tampilan"] if poison else [])


def _told(tell: Tell) -> Callable[[Progress], None]:
    return lambda progress: tell(Step(BUILDING, progress.events, progress.total, progress.seconds))


def _difference(
    live: tuple[Connection, Generation], anew: tuple[Connection, Generation], view: View
) -> tuple[str, str]:
    """Where the two first differ. Keys and names of columns only: the values may be personal."""
    with closing(_rows(*live, view)) as ours, closing(_rows(*anew, view)) as theirs:
        a, b = next(ours, None), next(theirs, None)
        while a is not None and b is not None and a == b:
            a, b = next(ours, None), next(theirs, None)
    first = _first(a, b, view)
    where = f"tampilan {view.name}, baris {' / '.join(str(first[name]) for name in view.key)}"
    if a is None or (b is not None and first is not a):
        return where, "barisnya tidak ada di tampilan"
    if b is None or any(a[name] != b[name] for name in view.key):
        return where, "barisnya tidak berasal dari peristiwa apa pun"
    columns = [name for name in a if a[name] != b[name]]
    return where, f"bukan yang dikatakan peristiwa: {', '.join(columns)}"


def _first(a: Mapping[str, Any] | None, b: Mapping[str, Any] | None, view: View) -> Mapping[str, Any]:
    """The one that stands first by its key."""
    if a is None or b is None:
        return a or b or {}
    return a if tuple(a[name] for name in view.key) <= tuple(b[name] for name in view.key) else b


def _rows(connection: Connection, generation: Generation, view: View) -> Generator[Mapping[str, Any], None, None]:
    table = generation.views[view.name]
    postgres = connection.dialect.name == "postgresql"
    order = [
        sa.collate(table.c[name], "C") if postgres and kind is TEXT else table.c[name]
        for name, kind in view.key.items()
    ]
    streaming = connection.execution_options(stream_results=True, yield_per=2000)
    with closing(streaming.execute(sa.select(table).order_by(*order))) as found:
        for row in found.mappings():
            yield dict(row)
