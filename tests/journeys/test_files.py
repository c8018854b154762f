"""Files of strangers in the running product: filed and added without script, seen by who handles the case and by nobody
else, unreadable once their owner is forgotten.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import httpx
import pytest
from PIL import Image

from services.cli.demo import Person
from tests.integration.test_files_of_strangers import CAMERA, fields, photo
from tests.parts.product import Product
from tests.unit.gateway.test_web_public import ticket

AGENCY = "purbalingga"
LINK = re.compile(r'href="/akun/(?P<request>[0-9a-f-]{36})\?after=(?P<after>[^"]+)"')
FORM, LACAK = f"/{AGENCY}/ajukan/pengaduan", f"/{AGENCY}/lacak"
WORDS = "Petugas loket tiga meminta uang."
NOT_HANDLERS = ("kadis", "inspektorat", "admin", "kabid")


@asynccontextmanager
async def stranger(product: Product, network: int) -> AsyncIterator[httpx.AsyncClient]:
    """Without script, from a network of his own, so that no test spends another's budget."""
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.{network}.9")
    headers = {"accept": "text/html", "accept-language": "id"}
    async with httpx.AsyncClient(base_url=product.base_url, transport=transport, headers=headers, timeout=60) as client:
        yield client


async def filed(client: httpx.AsyncClient, stance: str) -> tuple[str, str]:
    """Number and code of a complaint with two photos."""
    shown = (await client.get(FORM)).text
    photos = [("berkas-baru", (f"siti-{n}.jpg", photo((640, 480 + n)), "image/jpeg")) for n in range(2)]
    for said in ({"jenis": "pengaduan"}, {"isi": WORDS}, {"tempat": "Loket 3"}):
        shown = (await client.post(FORM, data=fields(shown, FORM) | said)).text
    shown = (await client.post(FORM, data=fields(shown, FORM), files=photos)).text
    shown = (await client.post(FORM, data=fields(shown, FORM) | {"sikap": stance})).text
    while "Periksa isian Anda" not in shown:
        shown = (await client.post(FORM, data=fields(shown, FORM))).text
    number, code = ticket((await client.post(FORM, data=fields(shown, FORM) | {"ke": "kirim"})).text)
    return number, code


async def added(client: httpx.AsyncClient, number: str, code: str) -> str:
    """One more photo, at *Lacak*; the page afterwards."""
    place = f"{LACAK}/reply"
    shown = (await client.post(LACAK, data={"nomor": number, "kode": code})).text
    return (
        await client.post(
            place, data=fields(shown, place) | {"balasan": "Satu foto lagi"},
            files=[("berkas-baru", ("lagi.jpg", photo((33, 33)), "image/jpeg"))],
        )
    ).text  # fmt: skip


async def found(officer: Person, number: str) -> str:
    """The id of the complaint with this number, once the views know it."""
    for _ in range(100):
        rows = (await officer.see("/complaints", text=number))["complaints"]
        if rows:
            return str(rows[0]["complaint_id"])
        await asyncio.sleep(0.1)
    raise AssertionError(number)


@pytest.mark.parametrize(("stance", "network"), [("confidential", 21), ("anonymous", 22)])
async def test_who_handles_it_sees_the_photos_and_nobody_else(product: Product, stance: str, network: int) -> None:
    async with product.people("pengaduan", *NOT_HANDLERS, agency=AGENCY) as (officer, *others):
        async with stranger(product, network) as client:
            number, code = await filed(client, stance)
            shown = await added(client, number, code)
            assert "Tulisan Anda kami terima" in shown
            assert "Foto 1, Foto 2" in shown
            assert "Foto 3" in shown, "counted on, as whoever handles it counts them"
        complaint = await found(officer, number)
        sheet = await officer.see(f"/complaints/{complaint}/sheet")
        files = [each["name"] for brought in sheet["attachments"].values() for each in brought]
        assert len(files) == 3
        for at, name in enumerate(files, 1):
            taken = await officer.send("GET", f"/complaints/{complaint}/files/{name}")
            assert (taken.status_code, taken.headers["content-type"]) == (200, "application/octet-stream")
            assert taken.headers["content-disposition"] == f'attachment; filename="{number}-{at}.jpg"'
            assert CAMERA.encode() not in taken.content
            page = await officer.send("GET", f"/complaints/{complaint}/files/{name}/pages/1")
            assert Image.open(BytesIO(page.content)).format == "JPEG"
            assert (await officer.send("GET", f"/complaints/{complaint}/files/{name}/pages/2")).status_code == 404
        assert (await officer.send("GET", f"/complaints/{complaint}/files/{'0' * 64}")).status_code == 404
        for other in others:
            for path in (f"files/{files[0]}", f"files/{files[0]}/pages/1"):
                assert (await other.send("GET", f"/complaints/{complaint}/{path}")).status_code in {403, 404}, path
            seen = await other.send("GET", f"/complaints/{complaint}/sheet")
            assert files[0] not in seen.text
    async with product.person("pengaduan", "pekalongan") as foreigner:
        assert (await foreigner.send("GET", f"/complaints/{complaint}/files/{files[0]}")).status_code == 404


async def test_forgotten_the_case_stays_and_words_and_photos_are_gone(product: Product) -> None:
    async with product.people("pengaduan", "admin", agency=AGENCY) as (officer, admin), stranger(product, 23) as client:
        number, code = await filed(client, "anonymous")
        complaint = await found(officer, number)
        sorting = {"complaint_class": "ringan", "gist": "Dugaan pungutan di loket"}
        await officer.do(f"/complaints/{complaint}/classify", sorting)
        sheet = await officer.see(f"/complaints/{complaint}/sheet")
        [[first, _]] = sheet["attachments"].values()
        address = f"/complaints/{complaint}/files/{first['name']}"
        assert (await officer.send("GET", address)).status_code == 200
        await admin.do(f"/subjects/{complaint}/erase", {"reason": "diminta"})
        for _ in range(100):
            gone = await officer.send("GET", address)
            if gone.status_code != 200:
                break
            await asyncio.sleep(0.1)
        assert (gone.status_code, gone.json()["code"]) == (410, "gateway.erased")
        assert (await officer.send("GET", f"{address}/pages/1")).status_code == 410
        sheet = await officer.see(f"/complaints/{complaint}/sheet")
        assert (sheet["erased"], sheet["attachments"], sheet["gist"]) == (True, {}, "Dugaan pungutan di loket")
        assert WORDS not in str(sheet)
        tracked = (await client.post(LACAK, data={"nomor": number, "kode": code})).text
        assert number in tracked
        assert WORDS not in tracked
        assert "(dihapus atas permintaan yang bersangkutan)" in tracked
        assert "Foto 1" not in tracked


async def test_an_officer_adds_what_somebody_brings_to_the_counter(product: Product) -> None:
    """A scan with the application, a photo with what is said by telephone; a bad file keeps the other and the words."""
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    async with product.person("operator", AGENCY) as operator, product.client() as client:
        headers = {**operator._headers, "accept": "text/html", "accept-language": "id"}
        token = {"csrf_token": headers["X-CSRF-Token"], "key": "catat-berkas-1"}
        said = {"channel": "tatap-muka", "words": "Lampu loket mati", "reporter": "Sulastri"}
        before = len(product.events("complaint", "ComplaintFiled"))
        both = [("berkas-baru", ("x.jpg", svg, "image/jpeg")), ("berkas-baru", ("y.jpg", photo(), "image/jpeg"))]
        refused = await client.post("/pengaduan/catat", data={**token, **said}, files=both, headers=headers)
        assert refused.status_code == 422
        assert "Lampu loket mati</textarea>" in refused.text
        kept = fields(refused.text, "/pengaduan/catat")["berkas"]
        entered = await client.post("/pengaduan/catat", data={**token, **said, "berkas": kept}, headers=headers)
        assert entered.status_code == 200, entered.text
        (entered_,) = product.events("complaint", "ComplaintFiled")[before:]
        assert (entered_["data"]["channel"], len(entered_["data"]["attachments"])) == ("tatap-muka", 1)
        asks = {
            **token, "key": "catat-surat-1", "request_kind": "create", "holder": "pns", "name": "Wulan Sari",
            "nip": "199003032015032003", "unit": "Dinkes", "contact": "0812 1111 2222", "letter_number": "800/77",
        }  # fmt: skip
        scan = [("pindaian-baru", ("surat-wulan.jpg", photo(), "image/jpeg"))]
        answer = await client.post("/akun/catat", data=asks, files=scan, headers=headers)
        assert answer.status_code == 200, answer.text
        at = LINK.search(answer.text)
        assert at is not None, "the strip leads to the request"
        request, covers = at["request"], at["after"]
        sheet = await operator.see(f"/account-requests/{request}/sheet", after=covers)
        [[first]] = sheet["files"].values()
        assert (sheet["scan_needed"], sheet["erased"]) == (False, False)
        page = await client.get(f"/akun/{request}", headers=headers)
        assert f"/akun/{request}/pindaian/{first['name']}" in page.text
        shown = await client.get(f"/akun/{request}/pindaian/{first['name']}", headers=headers)
        assert "Halaman 1 dari 1" in shown.text
        for name in ("inspektorat", "admin", "pengaduan"):
            async with product.person(name, AGENCY) as other:
                for path in (f"files/{first['name']}", f"files/{first['name']}/pages/1"):
                    assert (await other.send("GET", f"/account-requests/{request}/{path}")).status_code == 403
        picture = await operator.send("GET", f"/account-requests/{request}/files/{first['name']}/pages/1")
        assert picture.headers["content-type"] == "image/jpeg"
