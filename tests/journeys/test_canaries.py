"""I11: secrets, codes and links of a hand-over stand nowhere: no store, blob, bus, log or backup, whatever was done."""

import asyncio
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from pypdf import PdfReader

from services.cli.demo import Person
from services.kit.settings import Settings
from tests.integration.test_backup import backed_up, brought_back
from tests.journeys.test_erasure import holding
from tests.parts.product import Product

AGENCY, ADDRESS = "purbalingga", "wulan.sari@purbalinggakab.go.id"
FIRST, NEXT = "kenari pertama di dahan", "kenari kedua di pagar"
MISTYPED, WRONG = "kenari ketiga salah ketik", "kenari keempat yang keliru"
WULAN = {"name": "Wulan Sari", "nip": "199003032015032003", "unit": "Dinkes", "contact": "0812 1111 2222"}
FORM = {"request_kind": "create", "applicant": WULAN, "letter": {"number": "800/77", "on": "2026-03-11"}}
HTML = {"accept": "text/html", "accept-language": "id"}


async def slip(product: Product, clerk: Person, reviewer: Person, form: dict[str, Any]) -> tuple[str, str]:
    """Filed, approved, handed over by a sealed slip: the path of its link, and its code."""
    request = (await clerk.do("/account-requests", form))["result"]["request_id"]
    await reviewer.do(f"/account-requests/{request}/approve")
    for _ in range(100):
        opened = await clerk.send("POST", f"/account-requests/{request}/renew", json={"way": "slip"})
        if opened.status_code == 200:
            break
        await asyncio.sleep(0.1)
    assert opened.status_code == 200, opened.text
    async with product.client() as client:
        headers = {**clerk._headers, **HTML}
        asks = {"csrf_token": headers["X-CSRF-Token"], "key": str(uuid4())}
        answer = await client.post(f"/akun/{request}/slip", data=asks, headers=headers)
        assert answer.headers["content-type"] == "application/pdf", answer.text
    said = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    path = re.search(rf"/{AGENCY}/klaim/[0-9a-f-]{{36}}/[0-9a-z]{{26}}", said.replace("\n", ""))
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", said)
    assert path is not None, said
    assert code is not None, said
    return path[0], code[0]


async def own(client: httpx.AsyncClient, path: str, secret: str, again: str | None = None, **said: str) -> str:
    asks = {"cara": "sendiri", "sandi": secret, "ulang": secret if again is None else again, **said}
    return (await client.post(path, data=asks, headers=HTML)).text


async def test_after_claim_slip_reset_and_self_service_no_canary_is_anywhere(
    fresh_product: Product, tmp_path: Path
) -> None:
    async with (
        fresh_product.people("operator", "operator-2", agency=AGENCY) as (clerk, reviewer),
        fresh_product.client() as client,
    ):
        path, code = await slip(fresh_product, clerk, reviewer, FORM)
        assert "tidak sama" in await own(client, path, FIRST, MISTYPED, kode=code)
        assert "Akun surel Anda terbuka" in await own(client, path, FIRST, kode=code.lower())

        place = f"/{AGENCY}/sandi"
        assert "terbuka" not in await own(client, place, NEXT, alamat=ADDRESS, sekarang=WRONG)
        assert "sudah diganti" in await own(client, place, NEXT, alamat=ADDRESS, sekarang=FIRST)

        reset = {**FORM, "request_kind": "reset", "cause": "forgotten", "address": ADDRESS}
        request = fresh_product.events("account_provisioning", "RequestFiled")[0]["data"]["request_id"]
        await clerk.do(f"/account-requests/{request}/receive")
        again, second = await slip(fresh_product, clerk, reviewer, reset)
        shown = (await client.post(again, data={"kode": second}, headers=HTML)).text
        found = re.search(r'id="sandi"[^>]*>([a-z-]+)<', shown)
        assert found is not None, shown
    await fresh_product.until_quiet()
    assert await fresh_product.breaches() == []
    elsewhere = Settings(data_dir=tmp_path / "elsewhere", nats_port=1)
    await asyncio.to_thread(backed_up, fresh_product.settings, tmp_path / "place")
    await asyncio.to_thread(brought_back, elsewhere, tmp_path / "place")
    fresh_product.stop()

    links = [each.rpartition("/")[2] for each in (path, again)]
    canaries = [FIRST, NEXT, MISTYPED, WRONG, found[1], code, second, *links]
    plain = [each.lower().encode() for each in (*canaries, code.replace("-", ""), second.replace("-", ""))]
    assert holding(fresh_product, *plain) == []
    for folder in ("place", "place-kunci", "elsewhere"):
        files = [each for each in (tmp_path / folder).rglob("*") if each.is_file()]
        assert files, folder
        assert [each for each in files if any(word in each.read_bytes().lower() for word in plain)] == []
    assert holding(fresh_product, b"secretset"), "where it would be found"
