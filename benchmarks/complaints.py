"""Complaints with years behind them: how long the desk, the board, search and a month's book take on the server.

    python -m benchmarks.complaints [--complaints 1000000] [--rounds 9] [--sqlite] [--json]

What is asked reads the views alone, so their rows are written here at once, as the facts would have made them: every
stage and stance, ten years of registers, one in a hundred restricted, one in five hundred with somebody barred.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from pydantic import SecretStr
from rich.console import Console

from benchmarks import views
from benchmarks.calibrate import calibrate
from benchmarks.pg import postgres
from benchmarks.report import Figure, Report
from benchmarks.views import Spent
from contracts.base import Reader
from contracts.projections import (
    AtRisk,
    Board,
    ComplaintBook,
    ComplaintClocks,
    ComplaintDetail,
    ComplaintList,
    TaskList,
)
from services.kit.access import BAR, NEAR, OWN, RESTRICTED
from services.kit.database.statements import transaction
from services.kit.garbage import few_collections
from services.kit.projections import WHOLE, micros
from services.kit.projections.generations import POINTER, create, create_indexes, generation_of
from services.kit.projections.projector import serving
from services.kit.projections.writing import Writing
from services.kit.settings import Settings
from services.projections.views import VIEWS
from services.projections.views.complaints.tables import COMPLAINTS

AGENCY = "purbalingga"
SPACE = UUID("0b9d6e0a-4a52-5a0e-9f5b-3a1c57d1f002")
NOW = datetime.now(UTC)
PART = 10_000
TOLD = 100_000
PAGE_MS = 50.0
WORDS = ("loket", "antrean", "petugas", "pungutan", "jam buka", "laman", "surel", "parkir", "ruang tunggu", "biaya")
STAGES = ("filed", "acknowledged", "classified", "assigned", "asked", "proposed", "answered")
OPEN_SHARE = 200  # every so-manieth is not over yet: an office with a million behind it has a few thousand in hand


def row(number: int, of: int) -> dict[str, Any]:
    """The number-th complaint of so many, oldest first."""
    days = 3650 * (of - number) / of
    received = NOW - timedelta(days=days, minutes=number % 480)
    due, stage = received + timedelta(days=14), STAGES[number % len(STAGES)]
    over = number % OPEN_SHARE != 0
    restricted = number % 100 == 7
    stance = ("named", "confidential", "anonymous")[number % 3]
    reached = 7 if over else STAGES.index(stage)
    handler = ("tim", "kabid")[number % 2] if over or reached >= 3 else None
    own = f"{OWN}position:{handler}{BAR}position:{handler}{BAR}" if handler else ""
    barred = f"{BAR}person:p{number % 50}{BAR}{NEAR}position:kasi{BAR}" if number % 500 == 9 else None
    return {
        "agency": AGENCY, "complaint_id": str(uuid5(SPACE, str(number))),
        "number": f"ADU-{number:05X}-{number % 99991:05d}",
        "complaint_kind": "pengaduan", "channel": ("web", "telepon", "email")[number % 3], "stance": stance,
        "standard": "email-kedinasan v1", "calendar_of": "email-kedinasan.1", "received_at": micros(received),
        "due_at": micros(due), "officer": "pejabat", "acknowledge_by": micros(received + timedelta(days=3)),
        "acknowledged_at": micros(received) if reached else None, "attachments": 0,
        "complaint_class": ("ringan", "normatif")[number % 2] if reached > 1 else None,
        "class_title": ("Pengaduan ringan", "Pengaduan bersifat normatif")[number % 2] if reached > 1 else None,
        "restricted": int(restricted), "examiner": "pemeriksa" if restricted else None,
        "gist": f"{WORDS[number % 10]} {WORDS[number // 10 % 10]} nomor {number}" if reached > 1 else None,
        "handler": handler, "asked": int(stage == "asked" and not over),
        "proposed": int(stage == "proposed" and not over),
        "answered": int(over or stage == "answered"), "answered_at": micros(due) if over else None, "late": 0,
        "objections": 0, "outcome": ("accepted", "silent")[number % 2] if over else None,
        "closed_at": micros(due + timedelta(days=10)) if over else None, "stopped_at": micros(due) if over else None,
        "register_year": received.year, "register_number": number, "complaint_version": 6,
        "complaint_at": micros(received),
        "visibility": RESTRICTED if restricted else None,
        "readers": f"{BAR}role:complaint-officer{BAR}position:pejabat{BAR}{own}", "barred": barred,
    }  # fmt: skip


KINDS = {name: "bigint" if kind is WHOLE else "text" for name, kind in COMPLAINTS.written().items()}


def fill(engine: sa.Engine, many: int, tell: Callable[[str], None]) -> Spent:
    """The views' rows as a rebuild writes them: into tables without indexes, which are made at the end."""
    number, kinds = 2, {name: KINDS[name] for name in row(1, many)}
    generation = generation_of(VIEWS, number)
    with views.spending() as spend, few_collections():
        with engine.begin() as connection:
            create(connection, generation)
        for first in range(1, many + 1, PART):
            rows = [row(each, many) for each in range(first, min(first + PART, many + 1))]
            with transaction(engine) as (_, said):
                said.insert(generation["complaints"].name, kinds, [tuple(each.values()) for each in rows])
            if first % TOLD == 1:
                tell(f"{first - 1:,} of {many:,} rows, {spend(1).wall:.0f} s")
        with transaction(engine) as (connection, said):
            writing = Writing(connection, said, VIEWS, generation)
            tell(f"words to search, {spend(1).wall:.0f} s")
            writing.search_all()
            tell(f"indexes, {spend(1).wall:.0f} s")
            create_indexes(connection, VIEWS, number)
            tell(f"counts, {spend(1).wall:.0f} s")
            writing.count_all()
            connection.execute(sa.update(POINTER).values(current=number, newest=number))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))
        tell(f"filled, {spend(1).wall:.0f} s")
        return spend(many)


OFFICER = Reader(person_id="retno", positions=("pejabat",), roles=("complaint-officer",))
TEAM = Reader(person_id="fajar", positions=("tim",), roles=("complaint-handler",))


async def pages(bench: views.Bench, many: int, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of each page, by the clock and of this process's CPU (on SQLite that is the database too)."""
    handlers = views.asking_of(bench).handlers()
    month = NOW.replace(day=1) - timedelta(days=1)
    book = ComplaintBook(from_on=f"{month:%Y-%m}-01", until_on=f"{month:%Y-%m-%d}", limit=20_000)
    questions: dict[str, Any] = {
        "list": ComplaintList(limit=50), "list, by due": ComplaintList(limit=50, order="due"),
        "list, one stage": ComplaintList(limit=50, stages=("assigned",)), "board": Board(case_kind="complaints"),
        "clocks of the classes": ComplaintClocks(), "tasks": TaskList(), "at risk": AtRisk(),
        "one": ComplaintDetail(complaint_id=uuid5(SPACE, str(many // 2))),
        "search, number": ComplaintList(text=f"ADU-{many // 3:05X}", limit=50),
        "search, two words": ComplaintList(text=f"nomor {many // 3}", limit=50),
        "search, a common word": ComplaintList(text="loket", limit=50),
        "search, nothing": ComplaintList(text="zzzq tidak ada", limit=50), "book of a month": book,
    }  # fmt: skip
    seen: dict[str, list[tuple[float, float]]] = {}
    for who, reader in (("officer", OFFICER), ("handler", TEAM)):
        for name, plain in questions.items():
            question = plain.model_copy(update={"reader": reader})
            for turn in range(rounds + 1):
                began, cpu = time.perf_counter(), time.process_time()
                await handlers[type(question)](AGENCY, question)
                spent = time.perf_counter() - began, time.process_time() - cpu
                if turn:
                    seen.setdefault(f"{name}, {who}", []).append((spent[0] * 1000, spent[1] * 1000))
    return seen


def measured(settings: Settings, many: int, rounds: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    with ExitStack() as stack:
        bench = views.opened(stack, settings)
        if not _filled(bench.engine, many):
            spent = fill(bench.engine, many, tell)
            yield Figure.of("rows of the views written", [spent.wall], "s", "lower")
            yield Figure.of("rows of the views written, CPU", [spent.cpu], "s", "lower")
        for name, found in asyncio.run(pages(bench, many, rounds)).items():
            limit = 2_000.0 if name.startswith("book") else PAGE_MS
            yield Figure.of(name, [wall for wall, _ in found], "ms", "lower", limit=limit)
            yield Figure.of(f"{name}, CPU", [cpu for _, cpu in found], "ms", "lower")


def _filled(engine: sa.Engine, many: int) -> bool:
    """A kept folder may be measured again."""
    with engine.connect() as connection:
        table = serving(connection, VIEWS)["complaints"]
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) == many


def whole(many: int, rounds: int, *, sqlite: bool, keep: Path | None, tell: Callable[[str], None]) -> Report:
    machine: list[dict[str, object]] = [dict(calibrate(Path(tempfile.gettempdir())), load=_load())]
    with ExitStack() as stack:
        home = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="caraka-complaints-")))
        said = "SQLite"
        address = None
        if not sqlite:
            server = stack.enter_context(postgres())
            said, address = f"PostgreSQL {server.version}", SecretStr(server.dsn)
        found = list(measured(Settings(data_dir=home, database_url=address), many, rounds, tell))
    machine.append({"load": _load()})
    return Report("Complaints", found, {"database": said, "complaints behind": many}, machine)


def _load() -> str:
    """Of the last 1, 5 and 15 minutes: what else ran on the machine is in it."""
    return " ".join(f"{each:.1f}" for each in os.getloadavg())


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--complaints", type=int, default=1_000_000)
    reader.add_argument("--rounds", type=int, default=9)
    reader.add_argument("--sqlite", action="store_true")
    reader.add_argument("--keep", type=Path, help="with --sqlite: a folder that stays, and is not filled again")
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    if asked.keep and not asked.sqlite:
        reader.error("--keep goes with --sqlite")
    found = whole(
        asked.complaints, asked.rounds, sqlite=asked.sqlite, keep=asked.keep,
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )  # fmt: skip
    found.show(Console(width=160), as_json=asked.json)


if __name__ == "__main__":
    main()
