"""Through the API of the running product: a complaint by telephone, from its words to its closing."""

import asyncio
from typing import Any
from uuid import UUID

from contracts.base import ERASED
from contracts.complaint import ComplaintFiled
from services.cli.demo import Person
from services.kit.codec.envelope import decode
from services.kit.sealing.keys import open_keys
from services.kit.secrets import code_of, mac_of
from tests.parts.product import Product

WORDS = "Loket tutup pukul sembilan, padahal jamnya setengah delapan."
PHONE = {"channel": "telepon", "words": WORDS, "name": "Siti Aminah", "contact": "siti@contoh.id"}


async def refused(person: Person, path: str, body: dict[str, Any] | None = None) -> tuple[int, str]:
    answer = await person.send("POST", path, json=body or {})
    return answer.status_code, answer.json()["code"]


async def test_a_complaint_by_telephone_is_answered_objected_to_and_closed(product: Product) -> None:
    names = ("operator", "pengaduan", "tim-pengaduan", "kabid", "admin")
    async with product.people(*names, agency="purbalingga") as people:
        operator, officer, team, kabid, admin = people
        filed = await operator.do("/complaints", PHONE)
        number, complaint = filed["result"]["number"], f"/complaints/{filed['result']['complaint_id']}"
        assert number.startswith("ADU-")
        assert await refused(admin, "/complaints", PHONE) == (403, "gateway.forbidden")
        assert await refused(operator, "/complaints", {**PHONE, "stance": "anonymous"}) == (
            422, "complaint.anonymous-with-contact",
        )  # fmt: skip
        assert (await refused(operator, "/complaints", {**PHONE, "code_mac": "ab" * 32}))[0] == 422
        assert await refused(team, f"{complaint}/answer", {"words": "Ya"}) == (409, "complaint.not-classified")
        sorting = {"complaint_class": "ringan", "gist": "Siti Aminah mengeluh tentang jam loket"}
        assert await refused(officer, f"{complaint}/classify", sorting) == (422, "complaint.gist-names-reporter")
        aside = {"why": "unclear", "gist": "Siti Aminah bertanya"}
        assert await refused(officer, f"{complaint}/set-aside", aside) == (422, "complaint.gist-reveals")
        assert await refused(officer, f"{complaint}/set-aside", {"why": "unclear"}) == (422, "complaint.gist-missing")
        await officer.do(f"{complaint}/classify", {**sorting, "gist": "Jam buka loket"})
        await officer.do(f"{complaint}/assign", {"position": "tim-pengelola-pengaduan"})
        assert await refused(kabid, f"{complaint}/notes", {"words": "?"}) == (403, "complaint.not-the-handler")
        await team.do(f"{complaint}/notes", {"words": "Sudah kami periksa"})
        await team.do(f"{complaint}/ask", {"reason": "menunggu-pelapor", "words": "Hari apa?"})
        await operator.do(f"{complaint}/reply", {"words": "Hari Senin"})
        await team.do(f"{complaint}/answer", {"words": "Mulai besok loket buka pukul 07.30."})
        await operator.do(f"{complaint}/object", {"reason": "Belum buka juga"})
        await team.do(f"{complaint}/answer", {"words": "Petugas sudah ditambah."})
        await operator.do(f"{complaint}/accept")
        assert await refused(operator, f"{complaint}/withdraw") == (409, "complaint.closed")
    of_case = [row for row in product.events("complaint") if complaint.endswith(str(row["data"].get("complaint_id")))]
    told = [row["type"].split(".")[1] for row in of_case]
    assert told[:2] == ["ComplaintFiled", "RegisterNumberTaken"]
    assert told[-1] == "ComplaintClosed"
    assert {"ClockPaused", "ClockResumed", "ClockStopped", "ObjectionRaised"} <= set(told)
    await heard(product, number)


async def heard(product: Product, number: str) -> None:
    """The officer by number, the reporter by the contact of the case; nobody a word of it."""
    async with asyncio.timeout(60):
        while True:
            rows = [
                each for each in product.events("notifications") if each["type"].startswith("notifications.NoticeP")
            ]
            mine = [each["data"] for each in rows if each["data"]["values"].get("number") == number]
            kinds = {(each["event_kind"], each["audience"]) for each in mine}
            if {
                ("complaint.RegisterNumberTaken", "officer"), ("complaint.ComplaintAssigned", "handler"),
                ("complaint.ComplaintAnswered", "reporter"),
            } <= kinds:  # fmt: skip
                return
            await asyncio.sleep(0.1)


async def test_who_becomes_anonymous_is_forgotten_by_the_whole_house(product: Product) -> None:
    async with product.person("operator", "pekalongan") as operator:
        filed = await operator.do("/complaints", PHONE)
        complaint = filed["result"]["complaint_id"]
        await operator.do(f"/complaints/{complaint}/stance", {"stance": "anonymous"})
    async with asyncio.timeout(60):
        while not any(  # noqa: ASYNC110 - what other processes do is waited for
            each["type"] == "organisation.SubjectErased.v1" and each["data"]["subject_id"] == f"{complaint}-identity"
            for each in product.events("organisation")
        ):
            await asyncio.sleep(0.1)
    keys = open_keys(product.settings)
    try:
        stored = [decode(row.position, row.data).event for row in product.rows("complaint")]
        fact = next(each for each in stored if isinstance(each, ComplaintFiled) and str(each.complaint_id) == complaint)
        assert fact.name is not None
        assert fact.contact is not None
        assert [keys.open(fact.name), keys.open(fact.contact), keys.open(fact.words)] == [ERASED, ERASED, WORDS]
        key = keys.purpose("pekalongan", "codes")
        assert fact.code_mac == mac_of(key, code_of(key, UUID(filed["command_id"]))), "the code on the slip opens it"
    finally:
        keys.dispose()
