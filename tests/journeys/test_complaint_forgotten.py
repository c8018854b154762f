"""A reporter who is forgotten is so on the disk and in every backup made after; another one's complaint is whole."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from contracts.base import ERASED
from contracts.complaint import ComplaintFiled
from services.cli.demo import Person
from services.kit.blobs import BlobLost, open_person_blobs
from services.kit.codec.envelope import decode
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings
from services.kit.store import open_log
from tests.integration.test_files_of_strangers import photo
from tests.journeys.test_erasure import holding
from tests.parts.product import Product

AGENCY = "purbalingga"
WORDS, NAME = "Burung kenari hilang di loket dua", "Sulastri Kenari"
FORGOTTEN, KEPT = 0, 1


async def brought(clerk: Person, number: int) -> None:
    """To the counter, with a photo."""
    headers = {**clerk._headers, "accept": "text/html", "accept-language": "id"}
    said = {
        "csrf_token": clerk._headers["X-CSRF-Token"], "key": f"kenari-{number}", "channel": "tatap-muka",
        "words": f"{WORDS} {number}", "reporter": f"{NAME} {number}", "contact": f"0812 0000 {number:04d}",
    }  # fmt: skip
    files = [("berkas-baru", ("x.jpg", photo((640, 480 + number)), "image/jpeg"))]
    answer = await clerk._client.post("/pengaduan/catat", data=said, files=files, headers=headers)
    assert answer.status_code == 200, answer.text[:500]


async def read_by(settings: Settings) -> list[list[Any]]:
    """What can be read of each complaint where this lies: words, name, contact, and the bytes of its photo."""
    log, keys = open_log(settings, "complaint"), open_keys(settings)
    blobs = open_person_blobs(settings, keys, "complaint")
    found = []
    try:
        rows = await asyncio.to_thread(log.read, 0, 10_000)
        for row in rows:
            if isinstance(fact := decode(row.position, row.data).event, ComplaintFiled):
                sealed = [keys.open(each) for each in (fact.words, fact.name, fact.contact) if each is not None]
                [attached] = fact.attachments
                try:
                    parts = [part async for part in await blobs.stream(AGENCY, attached)]
                except BlobLost:
                    parts = []
                found.append([*sealed, b"".join(parts)[:3]])
    finally:
        log.close()
        keys.dispose()
    return found


def lying(settings: Settings, complaint: str) -> list[Path]:
    """Files on this disk that are named by the complaint."""
    return [path for path in settings.data_dir.rglob("*") if path.is_file() and complaint in str(path)]


@pytest.mark.real
async def test_who_is_forgotten_is_so_on_the_disk_and_in_every_later_backup(
    fresh_product: Product, tmp_path: Path
) -> None:
    product, other = fresh_product, Product(tmp_path / "other")
    async with product.people("operator", "pengaduan", "admin", agency=AGENCY) as (clerk, officer, admin):
        for number in (FORGOTTEN, KEPT):
            await brought(clerk, number)
        cases = [str(each["data"]["complaint_id"]) for each in product.events("complaint", "ComplaintFiled")]
        before = await read_by(product.settings)
        whole = [f"{WORDS} {KEPT}", f"{NAME} {KEPT}", f"0812 0000 {KEPT:04d}", b"\xff\xd8\xff"]
        assert before[FORGOTTEN][:2] == [f"{WORDS} {FORGOTTEN}", f"{NAME} {FORGOTTEN}"]
        gist = {"complaint_class": "ringan", "gist": "Kehilangan di loket"}
        await officer.do(f"/complaints/{cases[FORGOTTEN]}/classify", gist)
        for subject in (cases[FORGOTTEN], f"{cases[FORGOTTEN]}-identity"):
            await admin.do(f"/subjects/{subject}/erase", {"reason": "permintaan pelapor"})
        await product.until_quiet()
        nothing = [ERASED, ERASED, ERASED, b""]
        assert await read_by(product.settings) == [nothing, whole]
        for _ in range(100):  # the service may hold his key for a moment longer
            shown = await officer.see(f"/complaints/{cases[FORGOTTEN]}/sheet")
            if shown["erased"]:
                break
            await asyncio.sleep(0.2)
        assert (shown["erased"], shown["gist"]) == (True, "Kehilangan di loket")
    place = tmp_path / "place"
    made = json.loads((await asyncio.to_thread(product.command, "backup", str(place), "--json")).splitlines()[-1])
    restored = json.loads((await asyncio.to_thread(other.command, "restore", str(place), "--json")).splitlines()[-1])
    assert restored["ok"]
    assert restored["archive"] == made["archive"]
    assert await read_by(other.settings) == [nothing, whole], "the backup has no key of his"
    for settings in (product.settings, other.settings):
        assert not lying(settings, cases[FORGOTTEN])
    product.stop()
    assert holding(product, WORDS.lower().encode(), NAME.lower().encode()) == []
