"""A letter is set by typst, black only, in a process of limits; what it says leaves that process by its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from services.kit.letters.archival import archival_pdf
from services.kit.sandbox import Sandbox

MODULE = "services.kit.letters.setting"
CAPACITIES: Mapping[str, str] = {"holder": "", "plt": "Plt. ", "plh": "Plh. "}
MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)  # fmt: skip
_TEMPLATES = Path(__file__).with_name("typst")


class Confined(Protocol):
    """Runs `module:function` on bytes in a process with limits."""

    async def call(self, target: str, payload: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Letter:
    """``head``: of `letterhead`. ``to``: line by line. ``capacity``: of `CAPACITIES`; ``title``, ``signed``, ``nip``:
    of whoever signs. Nothing in it outlives a person's erasure unless it is the agency's own.
    """

    head: Mapping[str, Any]
    number: str
    dated: str
    subject: str
    to: tuple[str, ...]
    paragraphs: tuple[str, ...]
    capacity: str
    title: str
    signed: str
    nip: str


def letter_sandbox() -> Sandbox:
    """The limits under which letters are set."""
    return Sandbox(
        preload=(MODULE,),
        memory_bytes=600_000_000,
        cpu_seconds=15,
        wall_seconds=15,
        output_bytes=5_000_000,
        at_once=1,
        threads=True,
    )


async def letter_pdf(sandbox: Confined, letter: Letter) -> bytes:
    """Raises SandboxFailure."""
    return await sandbox.call(f"{MODULE}:render", json.dumps(asdict(letter)).encode())


def letterhead(head: Mapping[str, Any]) -> dict[str, Any]:
    names = {name: str(head.get(name) or "") for name in ("agency", "office", "place")}
    return {**names, "address": [str(row) for row in head.get("address") or ()]}


def day(on: datetime) -> str:
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def render(payload: bytes) -> bytes:
    """JSON of a `Letter` to PDF/A."""
    return archival_pdf(_TEMPLATES / "letter.typ", payload)
