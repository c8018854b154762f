"""What every check stands on: the logs, read once and in parts; findings; sentences that are kept, but not too many."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from sqlalchemy import Engine

from contracts.base import Recorded
from services.kit.codec.envelope import Undecodable, recorded_of
from services.kit.database.place import engine_of, place_of
from services.kit.garbage import few_collections
from services.kit.settings import Settings
from services.kit.store.identity import StoreId
from services.kit.store.log import Log, open_log
from services.kit.store.recent import LogRow

PART = 2_000
KEPT_SENTENCES = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant's outcome. ``where`` names the first breach; ``figures`` count what was looked at.

    ``unchecked``: what could not be looked at, and why; ``checked``: whether anything was. What is not looked at is not
    said to hold.
    """

    invariant: str
    ok: bool
    sentence: str
    where: str = ""
    figures: Mapping[str, int | str] = field(default_factory=dict)
    breaches: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    checked: bool = True

    @property
    def outcome(self) -> str:
        """held, broken, or not checked."""
        if not self.ok:
            return "broken"
        return "held" if self.checked else "not checked"


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of one stage: ``done`` of about ``total`` after ``seconds``."""

    stage: str
    done: int
    total: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds > 0 else 0.0


Tell = Callable[[Step], None]


def silent(_: Step) -> None:
    """Nobody watches."""


class Pacer:
    """Tells of progress a few times a second, not of every part."""

    def __init__(self, tell: Tell, stage: str, total: int) -> None:
        self._tell, self._stage, self._total = tell, stage, total
        self._began = time.monotonic()
        self._told = 0.0
        self._done = 0

    def add(self, count: int, *, last: bool = False) -> None:
        self._done += count
        now = time.monotonic()
        if last or now - self._told > 0.2:  # noqa: PLR2004 - five times a second is enough for an eye
            self._told = now
            self._tell(Step(self._stage, self._done, max(self._total, self._done), now - self._began))


@dataclass
class Breaches:
    """Counts all, keeps the first few sentences."""

    count: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        self.count += 1
        if len(self.kept) < KEPT_SENTENCES:
            self.kept.append((where, what))

    def finding(
        self, invariant: str, fine: str, figures: Mapping[str, int | str], unchecked: Sequence[str] = ()
    ) -> Finding:
        if not self.count:
            return Finding(invariant, ok=True, sentence=fine, figures=figures, unchecked=tuple(unchecked))
        where, what = self.kept[0]
        more = f" (dan {self.count - 1} lagi)" if self.count > 1 else ""
        sentences = tuple(f"{where}: {what}" for where, what in self.kept)
        told = {**figures, "breaches": self.count}
        return Finding(
            invariant, ok=False, sentence=f"{what}{more}", where=where, figures=told, breaches=sentences,
            unchecked=tuple(unchecked),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """One service's log as it stood when the check began: rows beyond ``head`` belong to the next check."""

    service: str
    log: Log
    engine: Engine
    store_id: StoreId
    head: int

    @property
    def position_column(self) -> str:
        return "notification_id" if self.engine.dialect.name == "postgresql" else "rowid"


@dataclass(slots=True)
class Seen:
    """A stored row and what its bytes say; ``said`` is empty where they say nothing."""

    row: LogRow
    said: Mapping[str, Any]
    _read: Recorded | Undecodable | None = None

    def recorded(self) -> Recorded:
        """Read once for all checks. Raises Undecodable."""
        if self._read is None:
            try:
                self._read = recorded_of(self.row.position, self.said)
            except Undecodable as error:
                self._read = error
        if isinstance(self._read, Undecodable):
            raise self._read
        return self._read

    @property
    def agency(self) -> str:
        return str(self.said.get("agency", "?"))

    @property
    def stream(self) -> str:
        return str(self.said.get("subject", self.row.originator_id))

    @property
    def data(self) -> Mapping[str, Any]:
        found = self.said.get("data")
        return found if isinstance(found, dict) else {}

    def where(self, source: Source) -> str:
        return f"{source.service}/{self.agency}, posisi {self.row.position}, {self.stream}"


class Check(Protocol):
    """Reads along: `part` for every stretch of every log, in order, `end` after each log; then `finding`."""

    def part(self, source: Source, seen: Sequence[Seen]) -> None: ...

    def end(self, source: Source) -> None: ...

    def finding(self) -> Finding: ...


def open_source(settings: Settings, service: str) -> Source:
    """Raises LookupError with a sentence when the service has no store yet."""
    place = place_of(settings, service)
    if place.path is not None and not place.path.exists():
        raise LookupError(f"{service} belum punya simpanan: jalankan `caraka migrate`")
    log = open_log(settings, service)
    try:
        return Source(service, log, engine_of(place), log.store_id, log.head())
    except Exception as error:
        log.close()
        raise LookupError(f"simpanan {service} tidak terbaca ({type(error).__name__})") from error


def close_source(source: Source) -> None:
    source.log.close()
    source.engine.dispose()


def read_along(sources: Sequence[Source], checks: Sequence[Check], tell: Tell) -> None:
    """One pass over every log for all checks; memory holds one part of it."""
    with few_collections():
        _read_along(sources, checks, tell)


def _read_along(sources: Sequence[Source], checks: Sequence[Check], tell: Tell) -> None:
    pacer = Pacer(tell, "events", sum(source.head for source in sources))
    for source in sources:
        after = 0
        while after < source.head:
            rows = [row for row in source.log.read(after, PART) if row.position <= source.head]
            if not rows:
                break
            seen = [Seen(row, said(row.data)) for row in rows]
            for check in checks:
                check.part(source, seen)
            after = rows[-1].position
            pacer.add(len(rows))
        for check in checks:
            check.end(source)
    pacer.add(0, last=True)


def said(data: bytes) -> Mapping[str, Any]:
    try:
        raw = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return raw if isinstance(raw, dict) else {}


def as_bytes(value: bytes | memoryview | str) -> bytes:
    """A column of bytes as it is read, also where somebody has put a text there (SQLite keeps what it is given)."""
    return value.encode() if isinstance(value, str) else bytes(value)
