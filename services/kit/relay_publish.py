"""How rows become messages: singly or up to a thousand in an atomic batch; always fenced, bytes forwarded verbatim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from uuid import uuid4

import nats.errors
import nats.js.errors
import orjson

from contracts import subjects
from services.kit.bus import HEADER_ROOM, Bus
from services.kit.marks import HEADER, MESSAGE_ID, header
from services.kit.store.log import StoreId
from services.kit.store.recent import Row

PUBLISH_SECONDS = 10.0
BATCH, NUMBER = "Nats-Batch-Id", "Nats-Batch-Sequence"
WRONG_LAST_SEQUENCE = 10071
DUPLICATE_IN_BATCH = 10201


class Fenced(Exception):
    """The stream is not where we left it: somebody else writes to it, or our last packet arrived after all."""


class Duplicate(Exception):
    """The broker has seen an id of these rows within its window."""


class Publisher:
    """Publishes rows of one service's log; ``singly`` counts those that could not go in a batch because of an id."""

    def __init__(self, bus: Bus, service: str) -> None:
        self._bus = bus
        self._service = service
        self.singly = 0

    async def batch(self, store: StoreId, rows: Sequence[Row], after: int) -> int:
        """All rows or none, directly behind sequence ``after``. Returns the last sequence."""
        if len(rows) == 1:
            return await self._send(store, rows[0], {"Nats-Expected-Last-Sequence": str(after)})
        name = uuid4().hex
        fence = {"Nats-Expected-Last-Sequence": str(after)}
        wires = []
        for number, row in enumerate(rows[:-1], start=1):
            subject, headers = self._dressed(store, row)
            wires.append(_wire(subject, headers | {BATCH: name, NUMBER: str(number), **fence}, row.data))
            fence = {}
        await self._bus.feeds.send(wires)
        return await self._send(store, rows[-1], {BATCH: name, NUMBER: str(len(rows)), "Nats-Batch-Commit": "1"})

    async def single(self, store: StoreId, row: Row, after: int) -> int:
        """One row, directly behind sequence ``after``. Raises `Duplicate` when the broker says that it has it."""
        self.singly += 1
        return await self._send(store, row, {"Nats-Expected-Last-Sequence": str(after)})

    async def _send(self, store: StoreId, row: Row, more: dict[str, str]) -> int:
        subject, headers = self._dressed(store, row)
        request = self._bus.client.request(subject, row.data, timeout=PUBLISH_SECONDS, headers=headers | more)
        said = orjson.loads((await self._bus.unbroken(request)).data)
        if "error" in said:
            code = said["error"].get("err_code")
            if code == WRONG_LAST_SEQUENCE:
                raise Fenced
            if code == DUPLICATE_IN_BATCH:
                raise Duplicate
            raise nats.js.errors.APIError.from_error(said["error"])
        if said.get("duplicate"):
            raise Duplicate
        return int(said["seq"])

    def _dressed(self, store: StoreId, row: Row) -> tuple[str, dict[str, str]]:
        """Subject and headers. An event whose bytes are broken is carried too: no follower may find a gap."""
        if len(row.data) + HEADER_ROOM > self._bus.client.max_payload:
            raise nats.errors.MaxPayloadError
        identity, agency = _named(row.data) or (f"{store.store}.{store.epoch}.{row.position}", "")
        subject = _subject(row.kind, agency, self._service)
        place = header(store.store, store.epoch, row.position, row.previous)
        return subject, {MESSAGE_ID: identity, HEADER: place}


def _wire(subject: str, headers: dict[str, str], data: bytes) -> bytes:
    """What the library's `publish` writes, without its checks of headers that are all ours."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"NATS/1.0\r\n{lines}\r\n".encode()
    return b"HPUB %b  %d %d\r\n%b%b\r\n" % (subject.encode(), len(head), len(head) + len(data), head, data)


def _named(data: bytes) -> tuple[str, str] | None:
    """Id and agency of a stored event: found where our own bytes have them, else by reading the whole."""
    begins, ends = _AGENCY.match(data), data.rfind(_ID)
    if begins is not None and ends > 0 and _UUID.fullmatch(identity := data[ends + len(_ID) :][:36]):
        return identity.decode(), begins[1].decode()
    try:
        event = orjson.loads(data)
        return str(event["id"]), str(event["agency"])
    except (ValueError, KeyError, TypeError):
        return None


_AGENCY = re.compile(rb'\{"actor":"[a-z0-9-]+","agency":"([a-z0-9-]{2,32})"')
_ID = b'","id":"'  # keys are sorted: it is the last one of this name, and within a text its quotes would be escaped
_UUID = re.compile(rb"[0-9a-f-]{36}")
_subject = lru_cache(maxsize=4096)(subjects.event_subject)  # kinds times agencies, spelled once each
