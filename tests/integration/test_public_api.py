"""A city's own app against the running product: what it files is a case like any other, under a key that it keeps."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import altcha
import httpx
import pytest
from PIL import Image

from tests.parts.product import Product

AGENCY = "purbalingga"
COMPLAINT = {
    "complaint_kind": "pengaduan", "words": "Loket tutup pukul sembilan.", "place": "Loket 3", "stance": "named",
    "name": "Sulastri", "contact": "0812",
}  # fmt: skip
REQUEST = {
    "request_kind": "create", "holder": "pns", "name": "Wahyuni", "nip": "198003032005012003", "unit": "Dinas Sosial",
    "contact": "wahyuni@purbalingga.example", "letter_number": "800/77", "letter_on": "2026-03-11",
}  # fmt: skip


@pytest.fixture
async def phone(product: Product) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{product.base_url}/api/v1/public/{AGENCY}", timeout=60) as client:
        yield client


def photo() -> bytes:
    told = BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 30)).save(told, "JPEG")
    return told.getvalue()


def headers(key: object = "") -> dict[str, str]:
    return {"Idempotency-Key": str(key or uuid4())}


async def worked(phone: httpx.AsyncClient, resource: str, key: object) -> str:
    asked = (await phone.get(f"/{resource}/challenge", headers=headers(key))).raise_for_status().json()
    challenge = altcha.Challenge.from_dict(asked["challenge"])
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


async def filed(phone: httpx.AsyncClient, resource: str, body: dict[str, Any], key: object) -> httpx.Response:
    """With work done for it, as who has a phone does it: others of these tests stand behind the same address."""
    said = {**body, "proof": await worked(phone, resource, key)}
    return await phone.post(f"/{resource}", json=said, headers=headers(key))


async def track(phone: httpx.AsyncClient, told: dict[str, Any]) -> dict[str, Any]:
    answer = await phone.post("/track", json={"number": told["number"], "code": told["code"]})
    said: dict[str, Any] = answer.raise_for_status().json()
    return said


async def test_a_complaint_with_a_photo_reaches_its_officer(phone: httpx.AsyncClient, product: Product) -> None:
    key = uuid4()
    stored = await phone.post("/complaints/files", files={"file": ("aku.jpg", photo())}, headers=headers(key))
    assert stored.status_code == 201, stored.text
    body = {**COMPLAINT, "attachments": [stored.json()["token"]]}
    first, again = [await filed(phone, "complaints", body, key) for _ in range(2)]
    assert (first.status_code, again.json()) == (201, first.json())
    told = first.json()
    other = await filed(phone, "complaints", {**body, "words": "Lain"}, key)
    assert (other.status_code, other.json()["code"]) == (422, "kit.key-reused")
    seen = await track(phone, told)
    assert (seen["stage"], [each["step"] for each in seen["steps"]]) == ("filed", ["filed"])
    assert seen["filed_at"] == told["filed_at"]
    assert "Sulastri" not in str(seen)
    facts = [row["data"] for row in product.events("complaint") if row["data"].get("number") == told["number"]]
    [fact] = [each for each in facts if "channel" in each]
    assert (fact["channel"], fact["stance"], len(fact["attachments"])) == ("web", "named", 1)


async def test_a_request_for_an_account_with_its_scan_is_complete(phone: httpx.AsyncClient) -> None:
    key = uuid4()
    nip = {"nip": REQUEST["nip"]}
    files = {"file": ("surat.jpg", photo())}
    stored = await phone.post("/account-requests/files", data=nip, files=files, headers=headers(key))
    assert stored.status_code == 201, stored.text
    answer = await filed(phone, "account-requests", {**REQUEST, "scans": [stored.json()["token"]]}, key)
    assert answer.status_code == 201, answer.text
    seen = await track(phone, answer.json())
    assert [each["step"] for each in seen["steps"]] == ["filed", "reviewed"]
    assert (seen["stage"], seen["replies"]) == ("reviewed", ["withdraw"])
    assert seen["due_at"] is not None


async def test_what_is_not_right_is_refused_and_files_nothing(phone: httpx.AsyncClient, product: Product) -> None:
    before = len(product.events("complaint", "ComplaintFiled"))
    for body, code in (
        ({**COMPLAINT, "stance": "anonymous"}, "complaint.anonymous-with-contact"),
        ({**COMPLAINT, "attachments": ["x.y"]}, "gateway.upload-gone"),
        ({**COMPLAINT, "attachments": ["x"] * 9}, "gateway.upload-many"),
        ({**COMPLAINT, "received_at": "2020-01-01T00:00:00Z"}, "gateway.malformed"),
    ):
        answer = await phone.post("/complaints", json=body, headers=headers())
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    for name, content, code in (("a.exe", b"MZ" + bytes(9), "kind"), ("a.jpg", b"", "empty")):
        answer = await phone.post("/complaints/files", files={"file": (name, content)}, headers=headers())
        assert (answer.status_code, answer.json()["code"]) == (422, f"gateway.upload-{code}")
    answer = await phone.post("/complaints/files", data={"file": "x"}, headers=headers())
    assert (answer.status_code, answer.json()["code"]) == (422, "gateway.malformed")
    assert len(product.events("complaint", "ComplaintFiled")) == before


async def test_a_token_of_another_office_or_service_is_none(phone: httpx.AsyncClient) -> None:
    stored = await phone.post("/account-requests/files", files={"file": ("a.jpg", photo())}, headers=headers())
    token = stored.raise_for_status().json()["token"]
    answer = await phone.post("/complaints", json={**COMPLAINT, "attachments": [token]}, headers=headers())
    assert answer.json()["code"] == "gateway.upload-gone"


async def test_the_document_says_it_is_open_to_all(product: Product) -> None:
    async with product.client() as client:
        paths = (await client.get("/api/openapi.json")).json()["paths"]
    for resource in ("complaints", "account-requests"):
        posted = paths[f"/api/v1/public/{{agency}}/{resource}"]["post"]
        assert posted["security"] == []
        assert {each["name"]: each["required"] for each in posted["parameters"]} == {
            "agency": True, "Idempotency-Key": True,
        }  # fmt: skip
        assert "proof" in posted["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert paths["/api/v1/public/{agency}/track"]["post"]["security"] == []
