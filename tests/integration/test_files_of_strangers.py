"""Files in the forms of strangers, on real parts: the sandbox, the key store, the shelf. What is bad is named, nothing
that was typed is lost, and nothing of whoever sent it is kept but what is seen.
"""

import html
import re
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid5
from zipfile import ZIP_DEFLATED, ZipFile

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

from contracts import complaint as c
from contracts.base import Query
from contracts.tracking import FilesOf, FilesOfAnswer
from contracts.words import BlobUpload
from gateway.edge import budgets, strangers
from gateway.edge.uploads import Uploads
from gateway.web.public.complaints import COMPLAINTS
from services.kit.blobs import open_person_blobs
from services.kit.sealing.keys import Keys, open_keys
from services.kit.settings import Settings
from tests.unit.gateway.test_web_public import ticket
from tests.unit.gateway.test_web_public_complaints import CASE, LACAK, NUMBER, PLACE, Desk, page
from tests.unit.gateway.web_letters import ROOT
from tests.unit.gateway.web_office import AGENCY, web_app

pytestmark = pytest.mark.real
WORDS = "Loket tutup pukul sembilan."
CAMERA = "KAMERA-RAHASIA"


class Store(Desk):
    """Answers under whose key files lie, as the complaint service does."""

    def _answer(self, query: Query) -> Any:
        if isinstance(query, FilesOf):
            case_id = query.case_id or uuid5(ROOT, str(query.command_id))
            return FilesOfAnswer(case_id=case_id, seal_class="reporter", subject_id=str(case_id))
        return super()._answer(query)


def photo(size: tuple[int, int] = (640, 480)) -> bytes:
    told, exif = BytesIO(), Image.Exif()
    exif[0x010F] = CAMERA
    Image.new("RGB", size, (200, 30, 30)).save(told, "JPEG", exif=exif)
    return told.getvalue()


def bomb() -> bytes:
    told = BytesIO()
    Image.new("1", (30_000, 30_000)).save(told, "PNG")
    return told.getvalue()


def word(author: str) -> bytes:
    told = BytesIO()
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with ZipFile(told, "w", ZIP_DEFLATED) as packed:
        packed.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        )
        packed.writestr("word/document.xml", "<w:document xmlns:w='urn:w'><w:t>Loket tutup</w:t></w:document>")
        packed.writestr("docProps/core.xml", f"<core><creator>{author}</creator></core>")
    return told.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BAD = {
    "foto.png": (SVG, "Jenis berkas"),
    "bom.png": (bomb(), "terlalu besar"),
    "surat.pdf": (b"%PDF-1.7\nrusak", "rusak"),
    "kosong.jpg": (b"", "kosong"),
    "program.exe": (b"MZ" + bytes(99), "Jenis berkas"),
    "besar.jpg": (b"\xff\xd8\xff" + bytes(25 * 1024 * 1024), "25 MB"),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def keys(settings: Settings) -> Iterator[Keys]:
    made = open_keys(settings)
    made.migrate()
    yield made
    made.dispose()


@pytest.fixture
def desk() -> Store:
    return Store()


@pytest.fixture
async def app(desk: Store, settings: Settings, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    async def offered(*_: object) -> Any:
        return COMPLAINTS

    made = Uploads(settings, keys, desk, bytes(32))  # type: ignore[arg-type] # answers the one question
    monkeypatch.setattr("tests.unit.gateway.web_office.uploads", lambda _desk: made)
    monkeypatch.setattr("gateway.web.public.filing.offered", offered)
    yield web_app(desk, (COMPLAINTS,))
    await made.close()


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=90) as client:
        yield client


def fields(shown: str, place: str) -> dict[str, str]:
    """What the form on this page carries along."""
    found = re.search(rf'<form[^>]*action="{re.escape(place)}".*?</form>', shown, re.DOTALL)
    assert found, page(shown)
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', found[0])
    return {name: html.unescape(value) for name, value in hidden}


class Form:
    """The form of several pages, filled in without script."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self.browser = browser
        self.shown = ""
        self.status = 0

    async def at_files(self) -> "Form":
        self.shown = (await self.browser.get(PLACE)).text
        for said in ({"jenis": "pengaduan"}, {"isi": WORDS}, {"tempat": "Loket 3"}):
            await self.sends(**said)
        assert page(self.shown) == "Ada foto atau berkas?"
        return self

    async def sends(self, *files: tuple[str, bytes], **said: str) -> "Form":
        chosen = [("berkas-baru", (name, data, "image/jpeg")) for name, data in files]
        answer = await self.browser.post(PLACE, data=fields(self.shown, PLACE) | said, files=chosen or None)
        self.shown, self.status = answer.text, answer.status_code
        return self

    @property
    def there(self) -> int:
        return len(fields(self.shown, PLACE)["berkas"].split())

    async def filed(self, desk: Store) -> c.FileComplaint:
        await self.sends(sikap="anonymous")
        assert page(self.shown) == "Periksa isian Anda"
        await self.sends(ke="kirim")
        assert ticket(self.shown)[0] == NUMBER
        [(command, _, _)] = desk.done
        assert isinstance(command, c.FileComplaint)
        return command


def stored(settings: Settings, keys: Keys, upload: BlobUpload) -> bytes:
    return b"".join(open_person_blobs(settings, keys, "complaint").parts(AGENCY, upload))


async def test_a_photo_comes_along_to_the_end_and_says_nothing_of_who_took_it(
    browser: httpx.AsyncClient, desk: Store, settings: Settings, keys: Keys
) -> None:
    form = await (await Form(browser).at_files()).sends(("siti-aminah.jpg", photo()), ("lagi.docx", word("Siti")))
    assert "siti" not in form.shown.lower(), "names of files are carried by no form"
    command = await form.filed(desk)
    assert command.words == WORDS
    assert [each.media_type.rpartition(".")[2] for each in command.attachments] == ["image/jpeg", "document"]
    told = [stored(settings, keys, each) for each in command.attachments]
    assert CAMERA.encode() not in told[0]
    assert Image.open(BytesIO(told[0])).size == (640, 480)
    with ZipFile(BytesIO(told[1])) as packed:
        assert packed.namelist() == ["[Content_Types].xml", "word/document.xml"]
    case_id = uuid5(ROOT, str(desk.done[0][1]))
    assert {keys.owner_of(each.key_id) for each in command.attachments} == {(AGENCY, "reporter", str(case_id))}
    everything = b"".join(path.read_bytes() for path in settings.data_dir.rglob("*") if path.is_file())
    assert CAMERA.encode() not in everything
    assert b"siti-aminah" not in everything


@pytest.mark.parametrize("name", BAD)
async def test_what_is_bad_is_named_and_what_is_good_is_kept(
    browser: httpx.AsyncClient, desk: Store, name: str
) -> None:
    data, why = BAD[name]
    form = await (await Form(browser).at_files()).sends((name, data), ("baik.jpg", photo()))
    assert (form.status, page(form.shown), form.there) == (422, "Ada foto atau berkas?", 1)
    assert f'<strong class="file-name">{name}</strong>' in form.shown
    assert why in form.shown
    assert fields(form.shown, PLACE)["isi"] == WORDS
    await form.sends()
    assert len((await form.filed(desk)).attachments) == 1


async def test_one_more_one_less_and_never_more_than_five(browser: httpx.AsyncClient, desk: Store) -> None:
    form = await Form(browser).at_files()
    await form.sends(("a.jpg", photo()), ke="3")
    assert (form.status, page(form.shown), form.there) == (200, "Ada foto atau berkas?", 1)
    await form.sends(*[(f"{n}.jpg", photo((n + 9, 9))) for n in range(6)])
    assert (form.status, form.there) == (422, 5)
    assert form.shown.count("Paling banyak 5 berkas; yang ini tidak diambil") == 2
    await form.sends(buang="berkas:4")
    assert (page(form.shown), form.there) == ("Ada foto atau berkas?", 4)
    await form.sends()
    assert len((await form.filed(desk)).attachments) == 4


async def test_nobody_names_a_file_that_he_has_not_brought(browser: httpx.AsyncClient, desk: Store) -> None:
    form = await (await Form(browser).at_files()).sends(("a.jpg", photo()))
    token = fields(form.shown, PLACE)["berkas"]
    for forged in (token[:-1] + ("0" if token[-1] != "0" else "1"), "x" + token, "abc", "abc.def"):
        shown = (
            await browser.post(PLACE, data=fields(form.shown, PLACE) | {"berkas": forged, "sikap": "anonymous"})
        ).text
        assert fields(shown, PLACE)["berkas"] == ""
    assert desk.done == []


async def test_whose_form_is_filed_anew_keeps_his_files_under_the_new_cases_key(
    browser: httpx.AsyncClient, desk: Store, keys: Keys
) -> None:
    form = await (await Form(browser).at_files()).sends(("a.jpg", photo()))
    other = await Form(browser).at_files()
    await form.sends(sikap="anonymous")
    answer = await browser.post(
        PLACE, data=fields(form.shown, PLACE) | {"lembar": fields(other.shown, PLACE)["lembar"], "ke": "kirim"}
    )
    assert ticket(answer.text)[0] == NUMBER
    [(command, key, _)] = desk.done
    assert isinstance(command, c.FileComplaint)
    [upload] = command.attachments
    assert keys.owner_of(upload.key_id) == (AGENCY, "reporter", str(uuid5(ROOT, str(key))))


async def test_a_network_that_has_brought_too_much_waits_and_files_without(
    browser: httpx.AsyncClient, desk: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "UPLOADS", budgets.Budget("uploads", 1, 0.25))
    form = await Form(browser).at_files()
    await form.sends(("a.jpg", photo()), ("b.jpg", photo((9, 9))))
    assert (form.status, form.there) == (422, 1)
    assert "Pilih lagi 1 menit lagi" in form.shown
    await form.sends()
    assert len((await form.filed(desk)).attachments) == 1


async def test_in_lacak_a_photo_is_added_and_a_bad_one_loses_no_word(
    browser: httpx.AsyncClient, desk: Store, settings: Settings, keys: Keys
) -> None:
    place = f"{LACAK}/reply"
    shown = (await browser.post(LACAK, data={"nomor": NUMBER, "kode": "AAAA-BBBB-CCCC"})).text
    answer = await browser.post(
        place, data=fields(shown, place) | {"balasan": "Ini fotonya"},
        files=[("berkas-baru", ("x.svg", SVG, "image/svg+xml")), ("berkas-baru", ("y.jpg", photo(), "image/jpeg"))],
    )  # fmt: skip
    assert answer.status_code == 422
    assert desk.done == []
    assert "Ini fotonya</textarea>" in answer.text
    again = fields(answer.text, place)
    assert len(again["berkas"].split()) == 1
    sent = await browser.post(place, data=again | {"balasan": "Ini fotonya"})
    assert "Tulisan Anda kami terima" in sent.text
    [(command, _, _)] = desk.done
    assert isinstance(command, c.ReplyAsReporter)
    assert command.words == "Ini fotonya"
    assert keys.owner_of(command.attachments[0].key_id) == (AGENCY, "reporter", str(CASE))
    assert stored(settings, keys, command.attachments[0]).startswith(b"\xff\xd8\xff")


async def test_where_the_case_takes_no_more_nothing_is_stored(
    browser: httpx.AsyncClient, desk: Store, settings: Settings
) -> None:
    place = f"{LACAK}/reply"
    shown = (await browser.post(LACAK, data={"nomor": NUMBER, "kode": "AAAA-BBBB-CCCC"})).text
    desk.replies = ()
    answer = await browser.post(
        place, data=fields(shown, place) | {"balasan": "Ini"}, files=[("berkas-baru", ("y.jpg", photo(), "image/jpeg"))]
    )
    assert answer.status_code == 409
    assert desk.done == []
    assert not (settings.data_dir / "blobs").exists()


async def test_a_file_from_another_site_is_not_taken(browser: httpx.AsyncClient, settings: Settings) -> None:
    form = await Form(browser).at_files()
    answer = await browser.post(
        PLACE, data=fields(form.shown, PLACE), files=[("berkas-baru", ("y.jpg", photo(), "image/jpeg"))],
        headers={"origin": "https://jahat.example"},
    )  # fmt: skip
    assert answer.status_code == 403
    assert not (settings.data_dir / "blobs").exists()


def test_a_token_is_of_one_agency_and_service_and_ends_before_the_sweep(settings: Settings, keys: Keys) -> None:
    now = [1000.0]
    made = Uploads(settings, keys, Store(), bytes(32), clock=lambda: now[0])  # type: ignore[arg-type]
    upload = BlobUpload(name="a" * 64, size=3, media_type="image/png", key_id="b" * 32, sha256="c" * 64)
    token = made.token(AGENCY, "complaint", upload)
    assert made.read(AGENCY, "complaint", token) == upload
    assert made.read("lain", "complaint", token) is None
    assert made.read(AGENCY, "account_provisioning", token) is None
    now[0] += 24 * 3600
    assert made.read(AGENCY, "complaint", token) is None
