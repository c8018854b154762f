"""The published six components, and the service pledge, as PDF/A by typst; set in a limited subprocess, kept as blobs.

`render` is what the subprocess calls; `StandardSheets` is what the service asks. The same words are set once.
"""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

from contracts.base import Refusal
from contracts.offices import StandardSheetAnswer
from contracts.organisation import StandardRow, StandardSheet
from contracts.words import BlobRef
from services.kit.letters import archival_pdf
from services.kit.sandbox import Sandbox, SandboxFailure
from services.organisation.policy import PUBLISHED_COMPONENTS, refused

Published = Callable[[str, StandardSheet], Awaitable[tuple[Sequence[StandardRow], Mapping[str, Any]]]]
"""``async (agency, asked) -> (the standards in force, the letterhead)``; none for an agency that is not known."""

TARGET = "services.organisation.adapters.standard_sheets:render"
KEPT = 256
BY_FOOT = frozenset({"tatap-muka", "kotak"})
PLEDGE = (
    "Dengan ini kami menyatakan sanggup menyelenggarakan pelayanan sesuai standar pelayanan yang telah ditetapkan, "
    "dan apabila tidak menepati janji ini, kami siap menerima sanksi sesuai peraturan perundang-undangan yang berlaku."
)
PROMISED = (("completion-time", "Selesai dalam"), ("fee", "Biaya"), ("product", "Hasil"))
_TEMPLATES = Path(__file__).with_name("typst")
_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)  # fmt: skip


class Confined(Protocol):
    """Runs `module:function` on bytes in a process with limits."""

    async def call(self, target: str, payload: bytes) -> bytes: ...


class Shelf(Protocol):
    """Where the bytes lie, by agency."""

    async def put(self, agency: str, data: bytes, media_type: str) -> BlobRef: ...


def sheet_sandbox() -> Sandbox:
    """The limits under which a sheet is set; a standard has few pages."""
    return Sandbox(
        preload=("services.organisation.adapters.standard_sheets",),
        memory_bytes=600_000_000,
        cpu_seconds=20,
        wall_seconds=20,
        output_bytes=10_000_000,
        at_once=1,
        threads=True,
    )


class StandardSheets:
    """Answers `StandardSheet`; what has been set is remembered by its words, so that a crowd costs one rendering."""

    def __init__(self, published: Published, blobs: Shelf, sandbox: Confined) -> None:
        self._published = published
        self._blobs = blobs
        self._sandbox = sandbox
        self._kept: OrderedDict[str, BlobRef] = OrderedDict()
        self._drawing: dict[str, asyncio.Task[None]] = {}

    async def answer(self, agency: str, asked: StandardSheet) -> StandardSheetAnswer | Refusal:
        rows, head = await self._published(agency, asked)
        if asked.standard is not None:
            rows = [row for row in rows if row.standard.standard == asked.standard]
        if not rows:
            return StandardSheetAnswer()
        said = pledge_words(rows, head) if asked.standard is None else standard_words(rows[0], head)
        payload = json.dumps(said, sort_keys=True, ensure_ascii=False).encode()
        name = f"{agency}/{hashlib.sha256(payload).hexdigest()}"
        if name not in self._kept:
            try:
                await self._drawn(name, agency, payload)
            except SandboxFailure as failure:
                return refused("sheet-not-rendered", 500, reason=failure.reason)
        self._kept.move_to_end(name)
        return StandardSheetAnswer(blob=self._kept[name])

    async def _drawn(self, name: str, agency: str, payload: bytes) -> None:
        """Once, however many wait for it."""
        drawing = self._drawing.get(name)
        if drawing is None:
            drawing = self._drawing[name] = asyncio.create_task(self._draw(name, agency, payload))
            drawing.add_done_callback(lambda _: self._drawing.pop(name, None))
        await asyncio.shield(drawing)

    async def _draw(self, name: str, agency: str, payload: bytes) -> None:
        pdf = await self._sandbox.call(TARGET, payload)
        self._kept[name] = await self._blobs.put(agency, pdf, "application/pdf")
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def render(payload: bytes) -> bytes:
    """JSON of the words to PDF/A-2a."""
    said = json.loads(payload)
    dated = datetime.fromisoformat(said["dated"]).replace(tzinfo=UTC)
    return archival_pdf(_TEMPLATES / "standard.typ", payload, form="a-2a", dated=dated)


def standard_words(row: StandardRow, head: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the template prints, as finished strings."""
    return {
        "kind": "standard",
        "head": letterhead(head),
        "title": row.name,
        "facts": facts(row),
        "parts": [part(row.components[key]) for key in PUBLISHED_COMPONENTS if key in row.components],
        "dated": row.valid_from,
    }


def pledge_words(rows: Sequence[StandardRow], head: Mapping[str, Any]) -> dict[str, Any]:
    services = []
    for row in rows:
        said = [(label, str(row.components.get(key, {}).get("text", "")).strip()) for key, label in PROMISED]
        services.append({"title": row.name, "facts": facts(row), "said": [pair for pair in said if pair[1]]})
    return {
        "kind": "pledge",
        "head": letterhead(head),
        "title": "Maklumat Pelayanan",
        "pledge": PLEDGE,
        "services": services,
        "dated": max(row.valid_from for row in rows),
    }


def letterhead(head: Mapping[str, Any]) -> dict[str, Any]:
    names = {name: str(head.get(name) or "") for name in ("agency", "office", "place")}
    return {**names, "address": [str(row) for row in head.get("address") or ()]}


def facts(row: StandardRow) -> str:
    number = f"SK Nomor {row.standard.decree} · " if row.standard.decree else ""
    on = date.fromisoformat(row.valid_from)
    return f"{number}Versi {row.standard.version} · Berlaku sejak {on.day} {_MONTHS[on.month - 1]} {on.year}"


def part(said: Mapping[str, Any]) -> dict[str, Any]:
    """A channel without an address is not shown, unless one goes there; what is superseded is not published."""
    return {
        "title": said.get("title", ""),
        "text": str(said.get("text", "")).strip(),
        "numbering": said.get("numbering", ""),
        "items": list(said.get("items", ())),
        "flow": list(said.get("flow", ())),
        "channels": [
            [each["label"], each.get("address", "")]
            for each in said.get("channels", ())
            if each.get("address") or each.get("kind") in BY_FOOT
        ],
        "sections": [part(each) for each in said.get("sections", ())],
    }
