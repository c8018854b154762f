"""I7: the bus is a true copy. Streams hold what the stores hold, nobody is behind, parked cases are listed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from contracts import subjects
from services.cli.invariants.ground import Breaches, Finding, Pacer, Source, Tell
from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.codec.position import MESSAGE_ID, checkpoint_of
from services.kit.operations.health import HealthReport, ask_health
from services.kit.subscriptions.subscriber import INFRASTRUCTURE

EDGES, SHARE, MOST = 100, 100, 20_000
HEALTH_SECONDS = 0.5
BUSY_SECONDS = 5.0  # where nobody runs the broker says so at once: only who is busy is waited for


@dataclass(frozen=True, slots=True)
class Quiet:
    """``running``: the services answer. ``behind``: what had not caught up when patience ended."""

    running: bool
    behind: tuple[str, ...] = ()
    parked: Mapping[str, int] | None = None


async def until_quiet(bus: Bus | None, sources: Mapping[str, Any], patience: float) -> Quiet:
    """Waits until every part of every service has reached the logs' heads, at most so many seconds.

    ``sources``: service → its `Log`.
    """
    if bus is None:
        return Quiet(running=False)
    ends = asyncio.get_running_loop().time() + patience
    while True:
        heads = {name: await asyncio.to_thread(log.head) for name, log in sources.items()}
        reports = await ask_health(bus, seconds=HEALTH_SECONDS) or await ask_health(bus, seconds=BUSY_SECONDS)
        if not reports:
            return Quiet(running=False)
        late = _late(reports, heads)
        if not late or asyncio.get_running_loop().time() > ends:
            parked = {
                f"{r.service} {name}": int(p["parked"])
                for r in reports
                for name, p in r.parts.items()
                if p.get("parked")
            }
            return Quiet(running=True, behind=late, parked=parked)
        await asyncio.sleep(0.2)


async def compare_streams(bus: Bus | None, sources: Sequence[Source], quiet: Quiet, seed: int, tell: Tell) -> Finding:
    """Counts, ends, and the bytes of the first and last hundred and a random hundredth (by ``seed``)."""
    if bus is None:
        sentence = "bus tidak dapat dihubungi: tidak diperiksa (ia diisi lagi dari simpanan)"
        return Finding("I7", ok=True, sentence=sentence, checked=False)
    breaches, compared = Breaches(), 0
    for source in sources:
        try:
            compared += await _stream(bus, source, quiet, breaches, random.Random(seed), tell)  # noqa: S311 - a sample
        except INFRASTRUCTURE as error:
            breaches.add(f"stream {source.service}", f"tidak terbaca ({type(error).__name__})")
    for line in quiet.behind:
        breaches.add(line, "tertinggal, atau berhenti, padahal tidak ada yang baru ditulis")
    parked = sum((quiet.parked or {}).values())
    figures: dict[str, int | str] = {"compared": compared, "parked": parked, "seed": seed}
    if parked:
        figures["where"] = ", ".join(f"{name}: {count}" for name, count in (quiet.parked or {}).items())
    return breaches.finding(
        "I7", "stream berisi yang ada di simpanan; yang disampaikan sudah diterapkan atau diparkir", figures
    )


def _late(reports: Sequence[HealthReport], heads: Mapping[str, int]) -> tuple[str, ...]:
    """Parts that have not reached the head of the log that they follow (the relay: its own).

    Of several processes of a service the furthest counts: the others stand by.
    """
    furthest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for report in reports:
        for name, part in report.parts.items():
            if "position" not in part or ("behind" not in part and "source" not in part):
                continue
            known = furthest.get((report.service, name))
            if known is None or int(part["position"]) > int(known["position"]):
                furthest[report.service, name] = part
    late = []
    for (service, name), part in sorted(furthest.items()):
        head = heads.get(str(part.get("source", service)), 0)
        if part.get("state") == "stopped":
            late.append(f"{service} {name}: {part.get('reason', 'berhenti')}")
        elif int(part["position"]) < head:
            late.append(f"{service} {name} di {part['position']} dari {head}")
    return tuple(late)


async def _stream(  # noqa: PLR0913 - one comparison
    bus: Bus, source: Source, quiet: Quiet, breaches: Breaches, dice: random.Random, tell: Tell
) -> int:
    """Returns how many messages were compared."""
    name = f"stream {source.service}"
    end = await streams.tail(bus.js, source.service)
    rows = await asyncio.to_thread(_count, source)
    if end is None or end.messages == 0:
        if rows:
            breaches.add(name, f"kosong, padahal simpanan berisi {rows} peristiwa")
        return 0
    if end.messages != end.last:
        breaches.add(name, f"berisi {end.messages} pesan dan berakhir di urutan {end.last}: sebagian hilang")
        return 0
    if end.messages < rows and (quiet.running or end.messages > 0):
        breaches.add(name, f"berisi {end.messages} pesan, simpanan {rows} peristiwa" + ("" if quiet.running else
                     " (nyalakan Caraka: relay mengisinya)"))  # fmt: skip
    pacer, compared, before = Pacer(tell, f"pesan {source.service}", 0), 0, 0
    for sequence in _sample(min(end.messages, rows), dice):
        message = await bus.js.get_msg(subjects.stream_of(source.service), seq=sequence)
        what = await asyncio.to_thread(_fault, source, message.headers, message.data or b"", before)
        if what:
            breaches.add(f"{name}, urutan {sequence}", what)
        place = checkpoint_of(message.headers)
        before = place[0].position if place else before
        compared += 1
        pacer.add(1)
    pacer.add(0, last=True)
    return compared


def _sample(count: int, dice: random.Random) -> list[int]:
    """Sequences in rising order: the first and last hundred, and one in a hundred, but no more than `MOST`."""
    edges = {*range(1, min(count, EDGES) + 1), *range(max(1, count - EDGES + 1), count + 1)}
    drawn = dice.sample(range(1, count + 1), min(count // SHARE, MOST)) if count else []
    return sorted(edges.union(drawn))


def _fault(source: Source, headers: Mapping[str, str] | None, data: bytes, before: int) -> str:  # noqa: PLR0911 - same as in commands
    """What a message has other than the store; empty: nothing."""
    place = checkpoint_of(headers)
    if place is None:
        return "tidak dikirim oleh relay"
    checkpoint, previous = place
    if (checkpoint.store, checkpoint.epoch) != (source.store_id.store, source.store_id.epoch):
        return f"berasal dari simpanan lain ({checkpoint})"
    if checkpoint.position <= before:
        return f"posisi {checkpoint.position} sesudah {before}"
    rows = source.log.read(checkpoint.position - 1, 1)
    if not rows or rows[0].position != checkpoint.position:
        return f"di simpanan tidak ada apa-apa di posisi {checkpoint.position}"
    row = rows[0]
    if row.previous != previous:
        return f"mengikuti posisi {previous}, di simpanan {row.previous}"
    if sha256(row.data).digest() != sha256(data).digest():
        return f"isinya bukan yang tersimpan di posisi {checkpoint.position}"
    identity = (headers or {}).get(MESSAGE_ID, "")
    return "" if identity.encode() in row.data or "." in identity else "pengenal pesannya bukan pengenal peristiwanya"


def _count(source: Source) -> int:
    with source.engine.connect() as connection:
        statement = f"SELECT COUNT(*) FROM stored_events WHERE {source.position_column} <= {source.head}"  # noqa: S608 - ours
        return int(connection.exec_driver_sql(statement).scalar() or 0)
