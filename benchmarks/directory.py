"""The directory of accounts at its largest: what a page of it, a search and one account cost the server.

    python -m benchmarks.directory [--accounts 200000] [--rounds 15] [--base sqlite] [--json]

The facts are made up and told to the product's own handlers as a rebuild tells them; the questions are the product's.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Engine

from benchmarks.calibrate import calibrate
from benchmarks.pg import postgres
from benchmarks.report import Figure, Report
from contracts import account_provisioning as facts
from contracts.base import EMPTY, Event, Reader, Recorded, Sealed
from contracts.projections import AccountDetail, AccountList
from contracts.words import StandardRef
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.projections.generations import migrate
from services.kit.projections.projector import Projector
from services.kit.projections.rebuild import Rebuilder
from services.kit.settings import Settings
from services.kit.store.identity import StoreId
from services.kit.store.recent import LogRow
from services.projections.settings import Limits
from services.projections.views import ANSWERS, KINDS, VIEWS
from services.projections.views.shared.queries import Asking

AGENCY = "purbalingga"
SPACE = UUID("0b9d6e0a-4a52-5a0e-9f5b-3a1c57d1f002")
BEGIN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
FIRST = ("siti", "budi", "agus", "dewi", "nur", "eko", "sri", "tri", "wahyu", "endang", "slamet", "ratna", "joko")
LAST = ("nuraini", "santoso", "purwanto", "lestari", "hidayat", "rahayu", "setiawan", "wijaya", "utami", "kurniawan")
UNITS = tuple(f"{kind} {place}" for kind in ("Dinas", "Badan", "Kecamatan", "Puskesmas") for place in range(1, 31))
STANDARD = StandardRef(standard="email-kedinasan", version=1, decree="")
READ_BACK = "0" * 64
LIFE = 3
READER = Reader(person_id="loket", positions=("staf-informatika-1",), roles=("operator",))


class Asked:
    """Every account's request, that it was made, and (of nine in ten) that its holder has set his secret."""

    store_id = StoreId("0" * 12, 1)

    def __init__(self, accounts: int) -> None:
        self._last = accounts * LIFE

    def head(self) -> int:
        return self._last

    def read(self, after: int, limit: int) -> list[LogRow]:
        until = min(self._last, after + limit)
        return [LogRow(at, at - 1, "", 1, "", str(at).encode()) for at in range(after + 1, until + 1)]


class Plain:
    """Keys of what was never sealed."""

    def open(self, sealed: Sealed) -> str:
        return sealed.plain or ""

    def secret_of(self, _key_id: str) -> bytes | None:
        return None

    def secrets_of(self, _key_ids: object) -> Mapping[str, bytes | None]:
        return {}


def address_of(number: int) -> str:
    first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
    return f"{first}.{last}{number}@purbalinggakab.go.id"


def recorded(position: int, _data: bytes) -> Recorded:
    number, step = divmod(position - 1, LIFE)
    request_id = uuid5(SPACE, f"request {number}")
    event = told(number, step, request_id)
    stream = f"account:{uuid5(SPACE, str(number))}" if step == 1 else f"request:{request_id}"
    return Recorded(
        uuid5(SPACE, f"fact {position}"), AGENCY, "account_provisioning", stream, step + 1, position,
        BEGIN + timedelta(seconds=20 * number + step), SPACE, SPACE, None, event.kind(), event,
    )  # fmt: skip


def told(number: int, step: int, request_id: UUID) -> Event:
    account_id, address = uuid5(SPACE, str(number)), address_of(number)
    unit, subject = UNITS[number % len(UNITS)], f"{number:032x}"
    if step == 0:
        name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]} {number}".title()
        return facts.RequestFiled(
            request_id=request_id, number=f"{number:06d}/2026", request_kind="create", holder="pns", channel="counter",
            received_at=BEGIN, standard=STANDARD, subject_id=subject, name=Sealed.of(name), nip=EMPTY, contact=EMPTY,
            unit=unit, account_id=account_id, wishes=EMPTY, letter_number=EMPTY,
        )  # fmt: skip
    if step == 1:
        return facts.AccountProvisioned(
            account_id=account_id, request_id=request_id, address=address, subject_id=subject, holder="pns", unit=unit,
            connector="ldap", read_back=READ_BACK,
        )  # fmt: skip
    if number % 10:
        return facts.SecretSet(
            request_id=request_id, generation=1, account_id=account_id, address=address, set_at=BEGIN
        )
    return facts.AccountSuspended(account_id=account_id, request_id=request_id, read_back=READ_BACK)


def filled(engine: Engine, accounts: int) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    rebuilder = Rebuilder(engine, VIEWS, {"account_provisioning": Asked(accounts)}, Plain(), recorded, _now)
    rebuilder.swap(rebuilder.build())
    return time.perf_counter() - began


def questions(accounts: int) -> dict[str, Any]:
    last = accounts - 1
    return {
        "first page": AccountList(),
        "latest changes": AccountList(order="changed"),
        "one state": AccountList(stages=("suspended",)),
        "search, address": AccountList(text=address_of(last)[:16]),
        "search, name": AccountList(text=f"nuraini {last}"),
        "search, a common name": AccountList(text="nuraini"),
        "search, unit": AccountList(text="puskesmas 17"),
        "search, number": AccountList(text=f"{last:06d}/2026"),
        "search, two letters": AccountList(text="sr"),
        "search, one state": AccountList(text="santoso", stages=("suspended",)),
        "search, nothing": AccountList(text="zzzq tidak ada"),
        "one account": AccountDetail(account_id=uuid5(SPACE, str(last))),
    }


async def measured(engine: Engine, accounts: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of the service's own time, from the question to the answer, after a first one."""
    projector = Projector(engine, VIEWS, keys=Plain(), decode=recorded, clock=_now)
    asking = Asking(projector, lambda _: Asked(0), dict, _now, Limits(wait_seconds=0.3), (), KINDS, ANSWERS)
    handlers = asking.handlers()
    asked, seen = questions(accounts), dict[str, list[float]]()
    first: Any = await handlers[AccountList](AGENCY, AccountList(reader=READER))
    asked["a later page"] = AccountList(cursor=first.cursor)
    for name, plain in asked.items():
        question = plain.model_copy(update={"reader": READER})
        for _ in range(rounds + 1):
            began = time.perf_counter()
            await handlers[type(question)](AGENCY, question)
            seen.setdefault(name, []).append((time.perf_counter() - began) * 1000)
        seen[name] = seen[name][1:]
    return seen


def run(engine: Engine, base: str, accounts: int, rounds: int) -> Iterator[Figure]:
    seconds = filled(engine, accounts)
    yield Figure.of(f"views of {accounts:,} accounts built anew, {base}", [accounts * LIFE / seconds], "events/s")
    for name, seen in asyncio.run(measured(engine, accounts, rounds)).items():
        ordered = sorted(seen)
        yield Figure.of(f"directory: {name}, {base}", [ordered[len(ordered) // 2]], "ms", "lower", limit=50)
        yield Figure.of(f"directory: {name}, {base}, slowest", [ordered[-1]], "ms", "lower")


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """The command line."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--accounts", type=int, default=200_000)
    reader.add_argument("--rounds", type=int, default=15)
    reader.add_argument("--base", choices=("sqlite", "postgresql"), action="append")
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    bases: Sequence[str] = asked.base or ("sqlite", "postgresql")
    found: list[Figure] = []
    machine: list[Mapping[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="caraka-directory-") as made:
        for base in bases:
            home = Path(made, base)
            home.mkdir()
            with ExitStack() as stack:
                server = stack.enter_context(postgres()) if base == "postgresql" else None
                settings = Settings(data_dir=home, database_url=SecretStr(server.dsn) if server else None)
                make_schema(place_of(settings, "projections"))
                engine = engine_of(place_of(settings, "projections"))
                stack.callback(engine.dispose)
                migrate(engine, VIEWS)
                machine.append({"base": base, **calibrate(home)})
                found += run(engine, base, asked.accounts, asked.rounds)
    settings_of = {"accounts": asked.accounts, "rounds": asked.rounds, "cores": len(os.sched_getaffinity(0))}
    Report("The directory of accounts", found, settings_of, machine).show(Console(), as_json=asked.json)


if __name__ == "__main__":
    main()
