"""The complaint book as PDF and as a spreadsheet, set in a process of limits; nothing of it is kept.

Every cell of the spreadsheet is written as text: what begins with ``=`` is shown and never computed.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from gateway.web.papers import PaperSandbox, named
from services.kit.letters import archival_pdf

WIDTHS = (9, 14, 14, 14, 30, 60, 30, 14, 14, 12)
_TEMPLATES = Path(__file__).with_name("typst")


@dataclass(frozen=True, slots=True)
class Bound:
    """``head``: the letterhead. ``rows``: as they are printed. ``ending``: said below them; empty: nothing."""

    head: Mapping[str, Any]
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    ending: str = ""


class Papers:
    def __init__(self) -> None:
        limits = {"memory_bytes": 1_200_000_000, "seconds": 30, "output_bytes": 30_000_000, "waiting": 6}
        self._sandbox = PaperSandbox(__name__, **limits)

    async def pdf(self, bound: Bound) -> bytes:
        """Raises Problem 503."""
        return await self._sandbox.made("set_pdf", words(bound))

    async def xlsx(self, bound: Bound) -> bytes:
        """Raises Problem 503."""
        return await self._sandbox.made("write_xlsx", words(bound))

    async def close(self) -> None:
        await self._sandbox.close()


def words(bound: Bound) -> dict[str, Any]:
    return {**asdict(bound), "head": named(bound.head)}


def set_pdf(payload: bytes) -> bytes:
    """JSON of the words to PDF/A."""
    return archival_pdf(_TEMPLATES / "book.typ", payload)


def write_xlsx(payload: bytes) -> bytes:
    """JSON of the words to a workbook of text."""
    said = json.loads(payload)
    out = io.BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, safe) as book:
        book.set_properties({"title": said["title"], "author": said["head"]["office"]})
        sheet, plain = book.add_worksheet(), book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width, plain)
        for row, cells in enumerate([said["headings"], *said["rows"]]):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, printable(cell), bold if row == 0 else plain)
        if said["ending"]:
            sheet.write_string(len(said["rows"]) + 1, 0, said["ending"], bold)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
    return out.getvalue()


def printable(cell: str) -> str:
    """Without signs that no XML may hold, and no longer than a cell can be."""
    return "".join(sign for sign in cell if sign >= " " or sign in "\n\t")[:32_000]
