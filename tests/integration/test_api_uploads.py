"""Files over the API: stored for the command of the same key, under the key of its case, and for nobody else's."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from services.cli.demo import Person
from tests.parts.product import Product

pytestmark = pytest.mark.real
CAMERA = "Kamera Rahasia 5000"
WORDS = {"words": "Lampu jalan padam sejak Senin.", "channel": "telepon"}


def photo() -> bytes:
    told, exif = BytesIO(), Image.Exif()
    exif[0x010F] = CAMERA
    Image.new("RGB", (320, 200), (30, 90, 30)).save(told, "JPEG", exif=exif)
    return told.getvalue()


async def bring(person: Person, path: str, key: str | None, data: bytes | None = None, **fields: str) -> httpx.Response:
    files = {"file": ("siti.jpg", photo() if data is None else data, "image/jpeg")}
    return await person.send(
        "POST", path, headers={"Idempotency-Key": key} if key else {}, files=files, data=fields or None
    )


async def test_a_photo_comes_with_a_complaint_and_another_with_what_is_added(product: Product) -> None:
    async with product.client() as client:
        officer = await product.session(client, "pengaduan")
        key, more = str(uuid4()), str(uuid4())
        first = await bring(officer, "/complaints/files", key)
        assert first.status_code == 200, first.text
        filed = await officer.do("/complaints", {**WORDS, "attachments": [first.json()]}, **{"Idempotency-Key": key})
        complaint = filed["result"]["complaint_id"]
        again = await officer.do("/complaints", {**WORDS, "attachments": [first.json()]}, **{"Idempotency-Key": key})
        assert again["result"] == filed["result"]
        second = await bring(officer, f"/complaints/{complaint}/files?after={filed['after']}", more)
        body = {"words": "Ini fotonya.", "attachments": [second.json()]}
        told = await officer.do(f"/complaints/{complaint}/reply", body, **{"Idempotency-Key": more})
        for name in (first.json()["name"], second.json()["name"]):
            shown = await officer.send("GET", f"/complaints/{complaint}/files/{name}", params={"after": told["after"]})
            assert (shown.status_code, CAMERA.encode() in shown.content) == (200, False)
            assert Image.open(BytesIO(shown.content)).size == (320, 200)


async def test_a_scan_comes_with_a_request(product: Product) -> None:
    async with product.client() as client:
        clerk = await product.session(client, "operator", "purbalingga")
        key = str(uuid4())
        nip = f"19790102200604{1 + uuid4().int % 2}{1 + uuid4().int % 998:03d}"
        scan = await bring(clerk, "/account-requests/files", key, nip=nip)
        assert scan.status_code == 200, scan.text
        applicant = {"name": "Pemohon Contoh", "nip": nip, "unit": "Dinas Contoh", "contact": "0812 0000 1111"}
        letter = {"number": "800/124", "on": "2026-03-11", "scans": [scan.json()]}
        body = {"request_kind": "create", "applicant": applicant, "letter": letter}
        filed = await clerk.do("/account-requests", body, **{"Idempotency-Key": key})
        request, name = filed["result"]["request_id"], scan.json()["name"]
        shown = await clerk.send("GET", f"/account-requests/{request}/files/{name}", params={"after": filed["after"]})
        assert (shown.status_code, CAMERA.encode() in shown.content) == (200, False)


@pytest.mark.parametrize(
    ("data", "keyed", "code"),
    [
        (b"<svg onload='alert(1)'/>", True, "gateway.upload-kind"),
        (b"", True, "gateway.upload-empty"),
        (None, False, "gateway.bad-idempotency-key"),
    ],
)
async def test_what_is_wrong_is_said(product: Product, data: bytes | None, keyed: bool, code: str) -> None:  # noqa: FBT001
    async with product.client() as client:
        officer = await product.session(client, "pengaduan")
        answer = await bring(officer, "/complaints/files", str(uuid4()) if keyed else None, data)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        nothing = await officer.send("POST", "/complaints/files", headers={"Idempotency-Key": str(uuid4())}, json={})
        assert nothing.status_code == 422


async def test_nobody_brings_into_another_case_and_nobody_names_what_is_another_s(product: Product) -> None:
    async with product.client() as client:
        officer = await product.session(client, "pengaduan")
        courier = await product.session(client, "caraka-1")
        first = (await bring(officer, "/complaints/files", str(uuid4()))).json()
        refused = await officer.send(
            "POST", "/complaints", headers={"Idempotency-Key": str(uuid4())}, json={**WORDS, "attachments": [first]}
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "complaint.file-gone")
        assert (await bring(officer, f"/complaints/{uuid4()}/files", str(uuid4()))).status_code == 404
        assert (await bring(courier, "/complaints/files", str(uuid4()))).status_code == 403
        made_up: dict[str, Any] = {**first, "key_id": uuid4().hex}
        refused = await officer.send("POST", "/complaints", json={**WORDS, "attachments": [made_up]})
        assert refused.status_code == 422
