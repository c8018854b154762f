"""The published sheets are set in the limited subprocess, word for word, and a crowd costs one rendering."""

import asyncio
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from contracts.offices import StandardSheetAnswer
from contracts.organisation import PublishStandard, StandardRow, StandardSheet
from contracts.words import BlobRef
from services.kit.sandbox.sandbox import Sandbox
from services.organisation.adapters.standard_sheets import TARGET, StandardSheets, sheet_sandbox
from services.organisation.adapters.standards_files import own_standards, read


class Shelf:
    """Blobs in memory; the real ones need an agency's key."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    async def put(self, agency: str, data: bytes, media_type: str) -> BlobRef:
        name = f"{len(self.held):064x}"
        self.held[name] = data
        return BlobRef(sha256=name, size=len(data), media_type=f"{media_type};{agency}"[:15])


class Counting:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.calls = 0

    async def call(self, target: str, payload: bytes) -> bytes:
        assert target == TARGET
        self.calls += 1
        return await self.sandbox.call(target, payload)


def published_rows(agency: str) -> list[StandardRow]:
    commands = [each.command for each in read(own_standards()) if each.agency == agency]
    return [
        StandardRow(standard=c.standard, name=c.name, valid_from=c.valid_from, components=c.components, rules=c.rules)
        for c in commands
        if isinstance(c, PublishStandard)
    ]


async def published(agency: str, _asked: StandardSheet) -> tuple[Sequence[StandardRow], Mapping[str, Any]]:
    rows = published_rows(agency)
    return rows, rows[0].rules["letterhead"] if rows else {}


def words(pdf: bytes, place: Path) -> str:
    place.write_bytes(pdf)
    said = subprocess.run(["pdftotext", "-layout", place, "-"], check=True, capture_output=True)
    return " ".join(said.stdout.decode().split())


@pytest.mark.parametrize("agency", ["pekalongan", "purbalingga"])
async def test_the_sheets_say_what_was_published_and_nothing_private(agency: str, tmp_path: Path) -> None:
    confined, shelf = Counting(sheet_sandbox()), Shelf()
    desk = StandardSheets(published, shelf, confined)
    row = published_rows(agency)[0]
    try:
        answers = await asyncio.gather(
            desk.answer(agency, StandardSheet(standard=row.standard.standard)), desk.answer(agency, StandardSheet())
        )
        again = await desk.answer(agency, StandardSheet(standard=row.standard.standard))
        missing = await desk.answer(agency, StandardSheet(standard="tidak-ada"))
    finally:
        await confined.sandbox.close()
    assert confined.calls == 2, "what is set is remembered"
    assert missing == StandardSheetAnswer()
    assert isinstance(again, StandardSheetAnswer)
    assert again == answers[0]
    assert isinstance(answers[1], StandardSheetAnswer)
    sheet, pledge = (
        words(shelf.held[each.blob.sha256], tmp_path / "sheet.pdf")
        for each in (again, answers[1])
        if each.blob is not None
    )
    for key in ("requirements", "procedure", "completion-time", "fee", "product", "complaints"):
        part = row.components[key]
        for said in (part["title"], *part.get("items", ())):
            assert " ".join(said.split()) in sheet
    part = row.components["complaints"]
    if part.get("text"):
        last, below = part["sections"][-1]["items"][-1], " ".join(part["text"].split())
        assert sheet.index(last) < sheet.index(below), "the text stands below the lists, as published"
    assert "sanggup menyelenggarakan pelayanan sesuai standar pelayanan" in pledge
    assert row.name in pledge
    assert "WA" not in sheet.split()
    assert row.components["competence"]["title"] not in sheet
