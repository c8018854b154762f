"""``caraka rebuild``: asks the running projections over the bus, or builds the views itself when nothing runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from contracts.organisation import NoteOperation
from contracts.words import DEPLOYMENT
from services.cli.invariants.ground import Step, Tell, silent
from services.cli.noting import noted
from services.cli.reaching import reachable
from services.kit.bus.connection import Bus, NoResponder
from services.kit.codec.envelope import decode
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.operations.health import ask_health, request_operation
from services.kit.projections.generations import migrate
from services.kit.projections.rebuild import Progress
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings
from services.projections.views import VIEWS
from services.projections.wiring import NAME, rebuilder_of
from services.projections.wiring import rebuild as rebuild_now

LOOK_SECONDS = 0.3
BUSY_SECONDS, SILENT_SECONDS = 5.0, 30.0  # who builds all views on a busy machine answers late
ALL = "all"


class RebuildFailed(Exception):
    """The running projections could not build the views; their log says why."""


async def rebuild(settings: Settings, view: str = ALL, *, progress: Tell = silent) -> str:
    """Builds every view anew (they are swapped together, whichever is named); returns what was done in a sentence.

    Raises LookupError for an unknown view, `NotNoted`, `RebuildFailed`, and what a broken store raises.
    """
    if view != ALL and view not in VIEWS.by_name:
        raise LookupError(f"Tampilan tidak dikenal: {view}. Yang ada: {', '.join((ALL, *VIEWS.by_name))}")
    note = await noted(settings, DEPLOYMENT, NoteOperation(operation="rebuild", of_service=NAME))
    bus = await reachable(settings)
    if bus is not None:
        try:
            generation = await _asked(bus, note, progress)
        except NoResponder:
            pass
        else:
            return f"Layanan projections yang berjalan membangun ulang semua tampilan; generasi {generation} melayani."
        finally:
            await bus.close()
    generation = await asyncio.to_thread(alone, settings, progress)
    return f"Semua tampilan dibangun ulang; generasi {generation} melayani saat Caraka dinyalakan."


async def _asked(bus: Bus, note: str, progress: Tell) -> int:
    identity = uuid4().hex
    await request_operation(bus, NAME, "rebuild", {"id": identity, "note": note})
    heard_at, seconds = time.monotonic(), LOOK_SECONDS
    while True:
        reports = await ask_health(bus, seconds=seconds)
        ours = [part for report in reports for part in report.parts.values() if part.get("id") == identity]
        for part in ours:
            progress(Step("events", int(part["events"]), int(part["total"]), float(part["seconds"])))
            if part["state"] == "failed":
                raise RebuildFailed(str(part.get("reason", "")))
            if part["state"] == "done":
                return int(part["generation"])
        if any(report.service == NAME for report in reports):
            heard_at, seconds = time.monotonic(), LOOK_SECONDS
            continue
        seconds = BUSY_SECONDS
        if time.monotonic() - heard_at > SILENT_SECONDS:
            raise RebuildFailed("projections tidak menjawab lagi")
        await asyncio.sleep(LOOK_SECONDS)


def alone(settings: Settings, progress: Tell) -> int:
    """Where nothing runs; the number of the generation that will serve."""
    place = place_of(settings, NAME)
    make_schema(place)
    engine, keys = engine_of(place), open_keys(settings)
    try:
        migrate(engine, VIEWS)
        return rebuild_now(rebuilder_of(settings, engine, keys, decode, lambda: datetime.now(UTC)), _told(progress))
    finally:
        keys.dispose()
        engine.dispose()


def _told(progress: Tell) -> Callable[[Progress], None]:
    def tell(at: Progress) -> None:
        progress(Step("events", at.events, at.total, at.seconds))

    return tell
