"""The time for which an applicant's letter and NIP are kept passes by: they are gone everywhere, the account stays."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.cli.demo import Person
from tests.faults.test_clock import running
from tests.integration.test_files_of_strangers import photo
from tests.journeys.test_erasure import holding
from tests.journeys.test_files import LINK
from tests.parts.product import Product

AGENCY, NIP = "purbalingga", "199003032015032003"
FORM = {
    "request_kind": "create", "holder": "pns", "name": "Wulan Sari", "nip": NIP, "unit": "Dinkes",
    "contact": "0812 1111 2222", "letter_number": "800/77", "key": "catat-surat-1",
}  # fmt: skip


async def anew(product: Product, stack: AsyncExitStack, *names: str) -> list[Person]:
    """Logged in by the clock as it is now."""
    client = await stack.enter_async_context(product.client())
    return [await Person.login(client, each, product.password, AGENCY) for each in names]


async def filed(product: Product, operator: Person) -> str:
    """At the counter, with a scan."""
    async with product.client() as client:
        headers = {**operator._headers, "accept": "text/html", "accept-language": "id"}
        asks = {**FORM, "csrf_token": headers["X-CSRF-Token"]}
        scan = [("pindaian-baru", ("surat-wulan.jpg", photo(), "image/jpeg"))]
        answer = await client.post("/akun/catat", data=asks, files=scan, headers=headers)
        assert answer.status_code == 200, answer.text
        strip = LINK.search(answer.text)
        assert strip is not None, "the strip leads to the request"
        return f"/account-requests/{strip['request']}"


async def until(product: Product, kind: str, service: str = "account_provisioning") -> list[dict[str, Any]]:
    async with asyncio.timeout(60):
        while not (found := product.events(service, kind)):  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.2)
    return found


async def test_after_a_year_letter_and_nip_are_gone_and_the_account_stands(tmp_path: Path) -> None:
    with running(tmp_path, datetime(2028, 3, 1, 3, tzinfo=UTC)) as (product, clock):
        async with AsyncExitStack() as stack:
            operator, colleague = await anew(product, stack, "operator", "operator-2")
            request = await filed(product, operator)
            await product.until_quiet(60)
            address = (await colleague.do(f"{request}/approve"))["result"]["address"]
            await until(product, "ProvisioningProven")
            told = await operator.do(f"{request}/tell", {"how": "phone"})
            sheet = await operator.see(f"{request}/sheet", after=told["after"])
            [[scan]] = sheet["files"].values()
            assert (sheet["nip"], sheet["retain_until"][:10]) == (NIP, "2029-03-01")
            file = f"{request}/files/{scan['name']}"
            assert (await operator.send("GET", file)).status_code == 200

        await asyncio.to_thread(clock.move, days=366)
        [erased] = await until(product, "SubjectErased", "organisation")
        [ended] = await until(product, "ApplicantRetentionEnded")
        assert erased["data"]["subject_id"] == ended["data"]["subject_id"]
        await product.until_quiet(60)
        async with AsyncExitStack() as stack:
            (operator,) = await anew(product, stack, "operator")
            sheet = await operator.see(f"{request}/sheet")
            assert (sheet["retained"], sheet["erased"], sheet["files"]) == (True, False, {})
            assert NIP not in str(sheet)
            gone = await operator.send("GET", file)
            assert (gone.status_code, gone.json()["code"]) == (410, "gateway.erased")
            shown = await operator.see(request)
            assert (shown["row"]["name"], shown["row"]["address"]) == ("Wulan Sari", address)
            [account] = (await operator.see("/accounts", text=address))["accounts"]
            assert account["stage"] == "active"
            lines = (await operator.see(f"{request}/events"))["entries"]
            assert lines[-1]["kind"] == "account_provisioning.ApplicantRetentionEnded.v1"
        status, said = product.try_command("verify")
        assert status == 0, said
        product.stop()
        assert holding(product, NIP.encode()) == []
