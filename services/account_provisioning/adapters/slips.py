"""The sealed slip: a sheet that is folded twice, link and code inside and only a name outside. Set by typst."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import segno
import typst

from services.kit.letters import MODULE, Confined, day
from services.kit.sandbox import Sandbox

TARGET = "services.account_provisioning.adapters.slips:render"
TEMPLATES = Path(__file__).with_name("typst")
ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


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
        preload=(__name__, MODULE),
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
        said = {**asdict(slip), "link": link, "qr": qr, "ends": moment(slip.ends, slip.zone)}
        return await self._sandbox.call(TARGET, json.dumps(said).encode())


def moment(at: datetime, zone: str) -> str:
    """13 Maret 2026 pukul 14.00 WIB."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{day(there)} pukul {there:%H.%M} {ZONES.get(zone, there.tzname() or '')}".strip()


def render(payload: bytes) -> bytes:
    """JSON of the words to PDF. What it holds leaves the process by its answer alone."""
    pdf: bytes = typst.compile(
        TEMPLATES / "slip.typ",
        root=TEMPLATES,
        font_paths=typst.Fonts(include_system_fonts=False),
        sys_inputs={"said": payload.decode()},
        pdf_standards="1.7",
    )
    return pdf
