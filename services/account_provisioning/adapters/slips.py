"""The sealed slip: a sheet that is folded twice, link and code inside and only a name outside. Set by typst."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import segno
import typst

from services.kit.sandbox import Sandbox

TARGET = "services.account_provisioning.adapters.slips:render"
TEMPLATES = Path(__file__).with_name("typst")
MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)  # fmt: skip
ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


class Confined(Protocol):
    """Runs `module:function` on bytes in a process with limits."""

    async def call(self, target: str, payload: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Slip:
    """``path``: of the claim page, behind the installation's address. ``ends``: when it is worth nothing any more."""

    head: Mapping[str, Any]
    number: str
    name: str
    unit: str
    address: str
    path: str
    code: str
    ends: datetime
    zone: str


def paper_sandbox() -> Sandbox:
    """The limits under which this service's papers are set."""
    return Sandbox(
        preload=(__name__,),
        memory_bytes=600_000_000,
        cpu_seconds=15,
        wall_seconds=15,
        output_bytes=5_000_000,
        at_once=1,
        threads=True,
    )


class Slips:
    def __init__(self, sandbox: Confined, base_url: str) -> None:
        self._sandbox = sandbox
        self._base_url = base_url

    async def pdf(self, slip: Slip) -> bytes:
        """Raises SandboxFailure."""
        link = f"{self._base_url}{slip.path}"
        qr: str = segno.make(link, error="m", micro=False).svg_inline(border=0)
        said = {**asdict(slip), "sheet": "slip", "link": link, "qr": qr, "ends": moment(slip.ends, slip.zone)}
        return await self._sandbox.call(TARGET, json.dumps(said).encode())


def letterhead(head: Mapping[str, Any]) -> dict[str, Any]:
    names = {name: str(head.get(name) or "") for name in ("agency", "office", "place")}
    return {**names, "address": [str(row) for row in head.get("address") or ()]}


def moment(at: datetime, zone: str) -> str:
    """13 Maret 2026 pukul 14.00 WIB."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{day(there)} pukul {there:%H.%M} {ZONES.get(zone, there.tzname() or '')}".strip()


def day(on: datetime) -> str:
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def render(payload: bytes) -> bytes:
    """JSON of the words to PDF. What it holds leaves the process by its answer alone."""
    sheet = json.loads(payload)["sheet"]
    pdf: bytes = typst.compile(
        TEMPLATES / f"{sheet}.typ",
        root=TEMPLATES,
        font_paths=typst.Fonts(include_system_fonts=False),
        sys_inputs={"said": payload.decode()},
        pdf_standards="1.7",
    )
    return pdf
