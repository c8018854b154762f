"""Takes the pictures of the README and the guides: a product of its own, letters at several stages, a browser.

``.venv/bin/python docs/pictures/take.py`` writes the PNG files beside this file. It needs the parts of the tests
(Chromium).
"""  # noqa: INP001 - a script among documents, no package

import asyncio
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, async_playwright

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from services.cli.demo import Person, message, patiently, until  # noqa: E402 - after the path of the project
from tests.parts.product import Product, start_product  # noqa: E402 - same

MAYOR, SECRETARY, HEALTH, SCHOOLS = (
    {"recipient_class": "walikota", "office": "Wali Kota Pekalongan", "copy_kind": "asli"},
    {"recipient_class": "sekda", "office": "Sekretaris Daerah", "copy_kind": "tembusan"},
    {"recipient_class": "kepala-opd", "office": "Dinas Kesehatan", "copy_kind": "asli"},
    {"recipient_class": "kepala-opd", "office": "Dinas Pendidikan", "copy_kind": "tembusan"},
)
RECEIVER = {"receiver_name": "Penerima Contoh", "receiver_position": "Staf Tata Usaha"}
MOST_BYTES = 150_000
COLOURS = 64


@dataclass(frozen=True)
class Letter:
    """A letter of the demonstration and how far it is carried."""

    sender: str
    number: str
    subject: str
    stage: str
    urgency: str = "biasa"
    recipients: tuple[dict[str, str], ...] = (MAYOR, HEALTH)


LETTERS = (
    Letter("Biro Organisasi Setda Provinsi", "005/4471", "Undangan rapat evaluasi standar pelayanan", "archived"),
    Letter("Bappeda Provinsi", "050/2210", "Data dukung penyusunan RKPD", "proven", recipients=(SECRETARY, SCHOOLS)),
    Letter("Biro Hukum Setda Provinsi", "180/915", "Sosialisasi peraturan gubernur", "delivering", "penting"),
    Letter("BPBD Provinsi", "360/1187", "Peringatan dini cuaca ekstrem", "assigned", "sangat-segera"),
    Letter("Dinas Kominfo Provinsi", "555/3302", "Jadwal pemeliharaan jaringan intra", "released"),
    Letter(
        "Badan Kepegawaian Daerah", "800/641", "Pemanggilan peserta pelatihan", "kasi", "segera", (SECRETARY, HEALTH)
    ),
    Letter("Inspektorat Provinsi", "700/277", "Permintaan dokumen pemeriksaan", "forwarded", "segera", (SECRETARY,)),
    Letter("Dinas Sosial Provinsi", "460/1043", "Pemutakhiran data penerima bantuan", "returned"),
    Letter("Sekretariat DPRD Provinsi", "172/508", "Jadwal kunjungan kerja", "printed"),
)


class Office:
    """The demo people of Pekalongan, logged in."""

    def __init__(self, *people: Person) -> None:
        self.operator, self.kasi, self.kabid, self.kadis, self.courier = people

    async def carry(self, letter: Letter) -> str:
        said = await self.operator.do("/letters/upload", raw(letter), **{"Content-Type": "message/rfc822"})
        found: str = said["result"]["letter_id"]
        fields = {
            "sender": letter.sender, "letter_number": f"{letter.number}/2026", "letter_on": "2026-11-19",
            "subject": letter.subject, "summary": f"{letter.sender} mengirim surat: {letter.subject.lower()}.",
            "urgency": letter.urgency, "recipients": list(letter.recipients),
        }  # fmt: skip
        await self.operator.do(f"/letters/{found}/examine", {"fields": fields})
        await self.operator.do(f"/letters/{found}/register")
        await self.operator.do(f"/letters/{found}/print")
        if letter.stage != "printed":
            await self.operator.do(f"/letters/{found}/forward")
            await self.onward(found, letter.stage)
        return found

    async def onward(self, letter: str, stage: str) -> None:
        """From the Kasi's desk on."""
        await until(self.kasi, letter, "forwarded")
        if stage == "forwarded":
            return
        if stage == "returned":
            note = {"to": "operator", "note": "Mohon dilengkapi penerima tembusan."}
            await patiently(self.kasi, f"/approvals/{letter}/return", note)
            return
        await patiently(self.kasi, f"/approvals/{letter}/initial", {})
        if stage == "kasi":
            return
        await patiently(self.kabid, f"/approvals/{letter}/initial", {})
        await patiently(self.kadis, f"/approvals/{letter}/initial", {})
        await until(self.kasi, letter, "released")
        if stage == "released":
            return
        await patiently(self.kasi, f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
        copies: list[dict[str, Any]] = (await until(self.operator, letter, "assigned"))["copies"]
        taken = {"assigned": 0, "delivering": 1}.get(stage, len(copies))
        for copy in copies[:taken]:
            await self.courier.do(f"/deliveries/{copy['copy_id']}/record", {"letter_id": letter, **RECEIVER})
        if stage == "archived":
            await until(self.operator, letter, "proven")
            await self.operator.do(f"/dispatches/{letter}/archive", {"classification": "005", "place": "Rak 1, map 4"})
            await until(self.operator, letter, "archived")


def raw(letter: Letter) -> bytes:
    """The message as the mailbox would have it."""
    text = message().decode()
    text = text.replace("Biro Organisasi <biro.organisasi@", f"{letter.sender} <{letter.sender.split()[0].lower()}@")
    return text.replace("Undangan Rapat Koordinasi", letter.subject).encode()


async def look(product: Product, letters: dict[str, str]) -> None:
    """One picture per file; a person logs in for each."""
    board, desk = {"width": 2020, "height": 800}, {"width": 1440, "height": 860}
    phone, tall = {"width": 390, "height": 844}, {"width": 390, "height": 1290}
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        for name, person, path, size in (
            ("papan", "kasi", "/papan", board),
            ("kotak-masuk", "operator", "/kotak-masuk", desk),
            ("lini-masa", "inspektorat", f"/surat/{letters['archived']}#h-lini", desk),
            ("paraf", "kasi", f"/paraf/{letters['forwarded']}", tall),
            ("kurir", "caraka-1", "/kurir", phone),
        ):
            await take(browser, product, name, person, path, size)
        await browser.close()


async def take(browser: Browser, product: Product, name: str, person: str, path: str, size: dict[str, int]) -> None:  # noqa: PLR0913 - what a picture is of
    context = await browser.new_context(viewport=size, locale="id-ID", reduced_motion="reduce")  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{product.base_url}/masuk")
    await page.fill("input[name=login]", f"{person}@pekalongan")
    await page.fill("input[name=password]", product.password)
    await page.click("main button.button-wide")
    await page.wait_for_url("**/tugas")
    await page.goto(f"{product.base_url}{path}")
    await page.wait_for_timeout(800)
    if "#" in path:
        await page.evaluate("scrollBy(0, -90)")  # the heading, from below the menu
    target = HERE / f"{name}.png"
    await page.screenshot(path=target)
    await context.close()
    await asyncio.to_thread(make_small, target)


def make_small(picture: Path) -> None:
    """A palette is enough for a page; text stays sharp."""
    with Image.open(picture) as whole:
        few = whole.convert("RGB").quantize(colors=COLOURS, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)
    if picture.stat().st_size > MOST_BYTES:
        sys.stderr.write(f"{picture.name} is larger than {MOST_BYTES} bytes\n")


async def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        product = await asyncio.to_thread(start_product, Path(home) / "product", samples=True)
        try:
            async with product.people("operator", "kasi", "kabid", "kadis", "caraka-1") as people:
                office = Office(*people)
                letters = {letter.stage: await office.carry(letter) for letter in LETTERS}
            await look(product, letters)
        except BaseException:
            sys.stderr.write(product.log_tail())
            raise
        finally:
            product.stop()


if __name__ == "__main__":
    asyncio.run(main())
