"""The hash chain over a log: one per service and agency, in order of position. Pure; the whole rule of evidence.

``h = SHA-256(h₋₁ ‖ sized(position) ‖ sized(stream) ‖ sized(version) ‖ sized(kind) ‖ sized(bytes))``, where ``sized(x)``
is the length of x in 8 bytes (big-endian) and x; numbers are decimal ASCII; stream is the stream's UUID in canonical
form. ``genesis = SHA-256(sized(service) ‖ sized(agency))``. Stream, version and kind are read from the bytes themselves
(the CloudEvent), so that whoever holds the bytes can check; bytes that are no event are chained under ``unreadable``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, Protocol

import orjson

from services.kit.ids import stream_id

UNREADABLE = "unreadable"
REMEMBERED = 200


class Stored(Protocol):
    """A row of a log, as far as the chain needs it."""

    @property
    def position(self) -> int: ...

    @property
    def data(self) -> bytes: ...


class Subject(NamedTuple):
    """What the bytes say they are; ``name`` is the stream's name for people."""

    agency: str
    stream: str
    version: int
    kind: str
    name: str


class Link(NamedTuple):
    """One event in its chain: 32 bytes stand for all its history."""

    agency: str
    position: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the log is not what was chained. ``what``: edited, removed, added, swapped, other-agency."""

    agency: str
    position: int
    stream: str
    what: str
    other: int = 0


def subject_of(service: str, data: bytes) -> Subject:
    """Who the bytes belong to, without judging whether this version can read the event."""
    try:
        raw = orjson.loads(data)
        agency, name, kind, version = raw["agency"], raw["subject"], raw["type"], raw["streamversion"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return Subject(UNREADABLE, "", 0, "", "")
    if not (isinstance(agency, str) and isinstance(name, str) and isinstance(kind, str) and type(version) is int):
        return Subject(UNREADABLE, "", 0, "", "")
    return Subject(agency, str(stream_id(agency, service, name)), version, kind, name)


def genesis(service: str, agency: str) -> bytes:
    return sha256(_sized(service.encode()) + _sized(agency.encode("utf-8", "surrogatepass"))).digest()


def follow(before: bytes, position: int, subject: Subject, data: bytes) -> bytes:
    """The hash of an event that stands directly behind ``before`` in its chain."""
    digest = sha256(before)
    for part in (str(position), subject.stream, str(subject.version), subject.kind):
        digest.update(_sized(part.encode("utf-8", "surrogatepass")))
    digest.update(len(data).to_bytes(8, "big"))
    digest.update(data)
    return digest.digest()


def chained(service: str, heads: Mapping[str, bytes], rows: Iterable[Stored]) -> list[Link]:
    """The links of consecutive rows; ``heads``: agency → hash of its last event before them."""
    now = dict(heads)
    links = []
    for row in rows:
        subject = subject_of(service, row.data)
        before = now.get(subject.agency) or genesis(service, subject.agency)
        now[subject.agency] = found = follow(before, row.position, subject, row.data)
        links.append(Link(subject.agency, row.position, found))
    return links


class Comparison:
    """Compares a log with its kept links, part by part. Each place is judged by itself: one edit is one difference.

    Memory is bounded: of the rows that differ, the first `REMEMBERED` are kept to tell a swap from two edits.
    """

    def __init__(self, service: str, heads: Mapping[str, bytes]) -> None:
        """``heads``: agency → kept hash of its last event before the first part."""
        self._service = service
        self._heads = dict(heads)
        self._odd: OrderedDict[int, tuple[bytes, bytes, bytes]] = OrderedDict()
        self.compared = 0

    @property
    def heads(self) -> Mapping[str, bytes]:
        """As kept, after the parts so far."""
        return self._heads

    def part(self, rows: Iterable[Stored], kept: Iterable[Link]) -> Iterator[Difference]:
        """Rows and kept links of the same stretch of positions, both in order."""
        log, links = iter(rows), iter(kept)
        row, link = next(log, None), next(links, None)
        while row is not None or link is not None:
            if link is None or (row is not None and row.position < link.position):
                assert row is not None  # noqa: S101 - the loop's condition
                subject = subject_of(self._service, row.data)
                yield Difference(subject.agency, row.position, subject.name, "added")
                row = next(log, None)
                continue
            if row is None or link.position < row.position:
                yield Difference(link.agency, link.position, "", "removed")
            else:
                yield from self._judge(row, link)
                row = next(log, None)
            self._heads[link.agency] = link.hash
            link = next(links, None)
            self.compared += 1

    def _judge(self, row: Stored, link: Link) -> Iterator[Difference]:
        subject = subject_of(self._service, row.data)
        before = self._heads.get(link.agency) or genesis(self._service, link.agency)
        if follow(before, row.position, subject, row.data) == link.hash:
            if subject.agency != link.agency:
                yield Difference(link.agency, row.position, subject.name, "other-agency")
            return
        twin = self._swapped(row, before, link.hash)
        if len(self._odd) < REMEMBERED:
            self._odd[row.position] = (before, link.hash, row.data)
        if twin:
            yield Difference(link.agency, row.position, subject.name, "swapped", twin)
        else:
            yield Difference(link.agency, row.position, subject.name, "edited")

    def _swapped(self, row: Stored, before: bytes, kept: bytes) -> int:
        """The earlier position whose bytes belong here while ours belong there; 0: none."""
        for position, (there_before, there_kept, data) in self._odd.items():
            theirs_here = follow(before, row.position, subject_of(self._service, data), data)
            ours_there = follow(there_before, position, subject_of(self._service, row.data), row.data)
            if theirs_here == kept and ours_there == there_kept:
                return position
        return 0


def _sized(part: bytes) -> bytes:
    return len(part).to_bytes(8, "big") + part
