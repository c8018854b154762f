"""I1: one effect per command. Its events stand together, complete; the remembered outcome points at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import bindparam, text

from services.cli.invariants.ground import PART, Breaches, Finding, Seen, Source, as_bytes
from services.cli.invariants.phases import ELSEWHERE
from services.cli.invariants.results import Fact, fact, fault, repeated_fault
from services.kit.codec.position import Checkpoint
from services.kit.ids import event_id, stream_id

REMEMBERED = text("SELECT command_id, fingerprint, outcome FROM commands WHERE command_id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
ALL = text(
    "SELECT command_id, fingerprint, outcome FROM commands WHERE command_id > :after ORDER BY command_id LIMIT :most"
)
OF_STREAMS = text(
    "SELECT originator_id, topic, state FROM stored_events WHERE originator_id IN :ids"
    " ORDER BY originator_id, originator_version"
).bindparams(bindparam("ids", expanding=True))
AT_ONCE = 500


@dataclass
class CommandGroup:
    """The events of one command, as they stand one behind the other; ``versions``: the last of each stream."""

    command: str
    fingerprint: str
    where: str
    first: int
    last: int = 0
    ids: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    mixed: bool = False


class Repeated(NamedTuple):
    """A remembered outcome of a command that has no events of its own."""

    command: str
    where: str
    stream: str
    version: int
    result: Any


class Commands:
    """Groups start with event 0, are remembered once and end where the outcome says: so no command can have two."""

    def __init__(self, ledger: Path | None = None) -> None:
        self._ledger = ledger
        self._breaches = Breaches()
        self._group: CommandGroup | None = None
        self._ended: list[CommandGroup] = []
        self._commands = self._without = self._acknowledged = self._unjudged = 0
        self._sources: list[Source] = []
        self._agencies: set[str] = set()
        self._ends: dict[int, str] = {}

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        for each in seen:
            self._take(source, each)
        if len(self._ended) >= AT_ONCE:
            self._judge(source)

    def end(self, source: Source) -> None:
        if self._group is not None:
            self._ended.append(self._group)
            self._group = None
        self._judge(source)
        self._outcomes(source)
        self._sources.append(source)
        self._agencies.clear()
        self._ends.clear()

    def finding(self) -> Finding:
        if self._ledger is not None:
            self._compare(self._ledger)
        figures: dict[str, int | str] = {"commands": self._commands, "without events": self._without}
        figures["acknowledged"] = self._acknowledged if self._ledger is not None else "no ledger of a client"
        left = [f"{self._unjudged} jawaban yang berkata lebih daripada peristiwanya"] if self._unjudged else []
        return self._breaches.finding("I1", "setiap perintah yang diterima berakibat tepat satu kali", figures, left)

    def _take(self, source: Source, each: Seen) -> None:
        command = str(each.said.get("commandid", ""))
        if not command:
            return  # unreadable: I2 names it
        group = self._group
        if group is None or group.command != command:
            if group is not None:
                self._ended.append(group)
            group = self._group = CommandGroup(
                command, str(each.said.get("fingerprint", "")), each.where(source), each.row.position
            )
        self._agencies.add(each.agency)
        group.facts.append(fact(each.row.kind, each.data))
        group.last = each.row.position
        group.ids.append(str(each.said.get("id", "")))
        group.versions[each.stream] = each.row.version
        group.mixed |= group.fingerprint != each.said.get("fingerprint")

    def _judge(self, source: Source) -> None:
        for start in range(0, len(self._ended), AT_ONCE):
            groups = self._ended[start : start + AT_ONCE]
            found = _remembered(source, [group.command for group in groups])
            for group in groups:
                self._ends[group.last] = group.command
                what, judged = _fault(group, found.get(group.command))
                self._unjudged += not judged
                if what:
                    self._breaches.add(group.where, f"perintah {group.command}: {what}")
        self._commands += len(self._ended)
        self._ended.clear()

    def _outcomes(self, source: Source) -> None:
        """Every remembered outcome is whole and points at a position that is there."""
        for rows in _all(source):
            places: list[tuple[int, str, str, Mapping[str, Any]]] = []
            for command, _, outcome in rows:
                where = f"{source.service}, tabel commands baris {command}"
                told = _told(outcome)
                checkpoint = _checkpoint(told)
                if told is None or checkpoint is None or told.get("command_id") != command:
                    self._breaches.add(where, "hasil yang diingat tidak terbaca")
                elif checkpoint.store != source.store_id.store or checkpoint.epoch > source.store_id.epoch:
                    self._breaches.add(where, f"hasilnya menyebut simpanan lain ({checkpoint})")
                else:
                    places.append((checkpoint.position, command, where, told))
            asked = {position for position, *_ in places if position}
            there = {position: self._ends[position] for position in asked & self._ends.keys()}
            there |= _at(source, sorted(asked - self._ends.keys()))
            repeated = []
            for position, command, where, told in places:
                if position and position not in there:
                    self._breaches.add(where, f"dijawab dengan posisi {position}, yang tidak ada")
                if there.get(position) != command:
                    stream, version = str(told.get("stream")), told.get("version")
                    whole = version if isinstance(version, int) else -1
                    repeated.append(Repeated(command, where, stream, whole, told.get("result")))
            self._without += len(repeated)
            self._judge_repeated(source, repeated)

    def _judge_repeated(self, source: Source, repeated: Sequence[Repeated]) -> None:
        """What nothing was written for can be held against the stream that it speaks of, as that stands now."""
        streams = {each.stream for each in repeated} | {name for each in repeated for name in _named(each.result)}
        known = _streams(source, self._agencies, streams)
        for each in repeated:
            found = known.get(each.stream, [])
            facts = [*found, *(one for name in _named(each.result) for one in known.get(name, []))]
            what, judged = repeated_fault(each.result, facts, each.stream)
            self._unjudged += not judged
            if not 0 <= each.version <= len(found):
                what = f"alirannya berisi {len(found)} peristiwa, versi yang diingat {each.version}"
            if what:
                self._breaches.add(each.where, what)

    def _compare(self, ledger: Path) -> None:
        """What clients were told is stored: the ledger's lines are ``{"command_id": …, "after": …}``."""
        waiting: dict[str, str] = {}
        with ledger.open("rb") as lines:
            for line in lines:
                if line.strip():
                    entry = orjson.loads(line)
                    waiting[str(entry["command_id"])] = str(entry.get("after") or "")
                if len(waiting) >= AT_ONCE:
                    self._acknowledge(waiting)
        self._acknowledge(waiting)

    def _acknowledge(self, waiting: dict[str, str]) -> None:
        self._acknowledged += len(waiting)
        found: dict[str, tuple[str, bytes]] = {}
        for source in self._sources:
            found |= _remembered(source, list(waiting))
        for command, after in waiting.items():
            if command not in found:
                self._breaches.add(
                    f"catatan klien, perintah {command}",
                    "klien diberi tahu bahwa ini tersimpan; tidak ada layanan yang mengingatnya",
                )
            elif after and (_told(found[command][1]) or {}).get("after") != after:
                self._breaches.add(
                    f"catatan klien, perintah {command}", f"klien diberi tahu {after}, simpanan berkata lain"
                )
        waiting.clear()


def _fault(group: CommandGroup, remembered: tuple[str, bytes] | None) -> tuple[str, bool]:
    """What is wrong with a command's events ("": nothing), and whether all that its answer says was judged."""
    try:
        wanted = [str(event_id(UUID(group.command), number)) for number in range(len(group.ids))]
    except ValueError:
        return "pengenal perintahnya bukan pengenal", True
    if group.ids != wanted:
        return "peristiwanya tidak berdampingan, atau ada yang hilang atau asing", True
    if group.mixed:
        return "sidik peristiwa-peristiwanya berbeda", True
    if remembered is None:
        return "simpanan tidak mengingat hasilnya", True
    fingerprint, outcome = remembered
    told = _told(outcome) or {}
    if fingerprint != group.fingerprint:
        return "sidik yang diingat bukan sidik peristiwanya", True
    what, judged = fault(told.get("result"), group.facts)
    misplaced = _misplaced(group, told)
    return misplaced or what, bool(misplaced) or (judged and told.get("stream") in group.versions)


def _misplaced(group: CommandGroup, told: Mapping[str, Any]) -> str:
    """Where an outcome says that its command ended, against where its events do."""
    checkpoint, main = _checkpoint(told), told.get("stream")
    if checkpoint is None or checkpoint.position != group.last:
        return f"hasil yang diingat berakhir di {checkpoint}, peristiwanya berakhir di posisi {group.last}"
    if main not in group.versions and {each.kind for each in group.facts} <= ELSEWHERE:
        return ""  # what it says stands in other streams; the one that it is about is as it was
    if main not in group.versions:
        return f"aliran yang diingat, {main}, bukan aliran peristiwanya"
    if told.get("version") != group.versions[main]:
        return f"versi yang diingat, {told.get('version')}, bukan versi peristiwanya ({group.versions[main]})"
    return ""


def _named(result: Any) -> list[str]:
    """The letter that an answer names, as a stream."""
    return [f"letter:{result['letter_id']}"] if isinstance(result, dict) and "letter_id" in result else []


def _told(outcome: bytes) -> Mapping[str, Any] | None:
    try:
        found = orjson.loads(outcome)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _checkpoint(told: Mapping[str, Any] | None) -> Checkpoint | None:
    try:
        return Checkpoint.parse(str((told or {})["after"]))
    except (KeyError, ValueError):
        return None


def _remembered(source: Source, ids: Sequence[str]) -> dict[str, tuple[str, bytes]]:
    with source.engine.connect() as connection:
        rows = connection.execute(REMEMBERED, {"ids": list(ids)}).all()
    return {row[0]: (row[1], as_bytes(row[2])) for row in rows}


def _all(source: Source) -> Iterator[list[tuple[str, str, bytes]]]:
    after = ""
    while True:
        with source.engine.connect() as connection:
            rows = [(r[0], r[1], as_bytes(r[2])) for r in connection.execute(ALL, {"after": after, "most": PART})]
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _streams(source: Source, agencies: Iterable[str], names: Iterable[str]) -> dict[str, list[Fact]]:
    """The events of these streams, in order, whichever agency they belong to: an outcome does not name it."""
    places = {stream_id(agency, source.service, name): name for agency in agencies for name in names}
    postgres = source.engine.dialect.name == "postgresql"
    ids, found = list(places), dict[str, list[Fact]]()
    for start in range(0, len(ids), AT_ONCE):
        part = [each if postgres else each.hex for each in ids[start : start + AT_ONCE]]
        with source.engine.connect() as connection:
            for origin, kind, state in connection.execute(OF_STREAMS, {"ids": part}):
                name = places[UUID(str(origin))]
                found.setdefault(name, []).append(fact(kind, (_told(as_bytes(state)) or {}).get("data") or {}))
    return found


def _at(source: Source, positions: Sequence[int]) -> dict[int, str]:
    """Position → command id, of those positions that exist."""
    column, found = source.position_column, {}
    wanted = text(f"SELECT {column}, state FROM stored_events WHERE {column} IN :at")  # noqa: S608 - a column name of ours
    wanted = wanted.bindparams(bindparam("at", expanding=True))
    for start in range(0, len(positions), AT_ONCE):
        with source.engine.connect() as connection:
            for row in connection.execute(wanted, {"at": list(positions[start : start + AT_ONCE])}):
                found[int(row[0])] = str((_told(as_bytes(row[1])) or {}).get("commandid", ""))
    return found
