"""What happens beside the straight road: returns, cancellations, two agencies side by side, seeing one's own write."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from contracts.base import ERASED
from services.cli.demo import FIELDS, DemoFailed, Person, message, patiently, until
from tests.journeys.road import letters, office, waits_for
from tests.parts.product import Product


async def refused(person: Person, path: str, body: object = None, **headers: str) -> tuple[int, str]:
    answer = await person.send("POST", path, json=body or {}, headers=headers)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


async def test_the_kabid_returns_a_letter_and_gets_it_again_revised(product: Product) -> None:
    async with office(product) as people:
        letter = await people.forwarded()
        await people.initial(letter, "kasi")
        await patiently(people.kabid, f"/approvals/{letter}/return", {"to": "operator", "note": "Perihal keliru"})
        assert (await until(people.operator, letter, "returned"))["returned_note"] == "Perihal keliru"
        assert await waits_for(people.operator, letter) == ["revise"]
        assert await refused(people.kadis, f"/approvals/{letter}/initial") == (409, "approval.returned")

        revised = {**FIELDS, "subject": "Undangan Rapat Evaluasi"}
        await people.operator.do(f"/letters/{letter}/revise", {"fields": revised, "note": "Perihal diperbaiki"})
        assert await refused(people.operator, f"/letters/{letter}/forward") == (409, "intake.not-printed")
        await people.operator.do(f"/letters/{letter}/print", {"reason": "Perihal diperbaiki"})
        forwarded = await people.operator.do(f"/letters/{letter}/forward")
        assert forwarded["result"]["revision"] == 2
        shown = await until(people.kasi, letter, "forwarded")
        assert (shown["row"]["subject"], shown["revision"]) == ("Undangan Rapat Evaluasi", 2)
        assert shown["row"]["agenda"], "the number stays"
        await people.initial(letter)
        await people.deliver(letter)
        story = await people.story(letter)
        assert (story.count("RoundOpened"), story.count("TierInitialled"), story.count("ApprovalReturned")) == (2, 4, 1)


async def test_the_kadis_sends_a_letter_back_one_tier(product: Product) -> None:
    async with office(product) as people:
        letter = await people.forwarded()
        await people.initial(letter, "kasi", "kabid")
        await patiently(people.kadis, f"/approvals/{letter}/return", {"to": "previous", "note": "Mohon dicek"})
        await people.initial(letter, "kabid", "kadis")
        await people.deliver(letter)


async def test_a_cancelled_letter_stops_everywhere_and_keeps_its_number(product: Product) -> None:
    async with office(product) as people:
        letter = await people.forwarded()
        await people.initial(letter, "kasi")
        await people.operator.do(f"/letters/{letter}/cancel", {"reason": "Rapat dibatalkan pengirim"})
        shown = await until(people.operator, letter, "cancelled")
        assert shown["cancel_reason"] == "Rapat dibatalkan pengirim"
        await product.until_quiet()
        assert await refused(people.kabid, f"/approvals/{letter}/initial") == (409, "approval.closed")
        assert (await refused(people.kasi, f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"}))[0] == 409
        assert await refused(people.operator, f"/letters/{letter}/forward") == (409, "intake.cancelled")
        assert {"RoundClosed", "DispatchClosed"} <= set(await people.story(letter))

        later = await people.upload()
        number = int((await people.printed(later)).split("/")[0])
        assert number > int(shown["row"]["agenda"].split("/")[0])


async def test_two_agencies_do_not_see_each_other(product: Product) -> None:
    async with office(product) as people, product.people("operator", "admin", agency="purbalingga") as foreigners:
        letter = await people.upload()
        await until(people.operator, letter, "captured")
        foreigner, _ = foreigners
        for path in (f"/letters/{letter}", f"/letters/{letter}/events", f"/letters/{letter}/raw",
                     f"/letters/{letter}/print-pack", f"/approvals/{letter}", f"/dispatches/{letter}"):  # fmt: skip
            answer = await foreigner.send("GET", path)
            assert (answer.status_code, answer.json()["code"]) == (404, "gateway.not-found"), path
        assert await refused(foreigner, f"/letters/{letter}/examine", {"fields": FIELDS}) == (
            404,
            "intake.unknown-letter",
        )
        assert await refused(foreigner, f"/letters/{letter}/cancel", {"reason": "asing"}) == (
            404,
            "intake.unknown-letter",
        )
        assert letter not in {row["letter_id"] for row in await letters(foreigner)}
        assert (await until(people.operator, letter, "captured"))["row"]["versions"] == {"intake": 1}

        own = await foreigner.do("/letters/upload", message(), **{"Content-Type": "message/rfc822"})
        assert own["result"]["letter_id"] not in {row["letter_id"] for row in await letters(people.operator)}


async def test_a_person_sees_his_own_write_at_once(product: Product) -> None:
    async with office(product) as people:
        for _ in range(10):
            said = await people.operator.do("/letters/upload", message(), **{"Content-Type": "message/rfc822"})
            shown = await people.operator.see(f"/letters/{said['result']['letter_id']}", after=said["after"])
            assert shown["row"]["stage"] == "captured"
            examined = await people.operator.do(f"/letters/{said['result']['letter_id']}/examine", {"fields": FIELDS})
            listed = await people.operator.see("/letters", after=examined["after"], limit="1")
            assert (listed["letters"][0]["letter_id"], listed["letters"][0]["stage"]) == (
                said["result"]["letter_id"], "examined",
            )  # fmt: skip


async def test_the_same_request_twice_is_one_deed(product: Product) -> None:
    async with office(product) as people:
        letter = await people.upload()
        first = await people.operator.do(
            f"/letters/{letter}/examine", {"fields": FIELDS}, **{"Idempotency-Key": f"teliti-{letter}"}
        )
        again = await people.operator.do(
            f"/letters/{letter}/examine", {"fields": FIELDS}, **{"Idempotency-Key": f"teliti-{letter}"}
        )
        assert again == first
        shown = await people.operator.see(f"/letters/{letter}/events", after=first["after"])
        assert [entry["kind"] for entry in shown["entries"]] == [
            "intake.MessageCaptured.v1",
            "intake.MessageExamined.v1",
        ]


async def test_an_upload_sent_twice_is_one_letter(product: Product) -> None:
    async with office(product) as people:
        raw = message()
        headers = {"Content-Type": "message/rfc822", "Idempotency-Key": f"unggah-{hash(raw)}"}
        first = await people.operator.do("/letters/upload", raw, **headers)
        assert await people.operator.do("/letters/upload", raw, **headers) == first
        other = await people.operator.send("POST", "/letters/upload", content=message(), headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "kit.key-reused")


async def test_a_delivery_that_fails_is_tried_again_and_a_proof_may_be_waived(product: Product) -> None:
    async with office(product) as people:
        letter = await people.forwarded()
        await people.initial(letter)
        await until(people.kasi, letter, "released")
        await patiently(people.kasi, f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
        one, two = (await until(people.operator, letter, "assigned"))["copies"]
        report = {"letter_id": letter, "delivered": False, "reason": "Kantor tutup"}
        await people.courier.do(f"/deliveries/{one['copy_id']}/record", report)
        assert await refused(
            people.operator, f"/dispatches/{letter}/archive", {"classification": "005", "place": "Rak 1"}
        ) == (409, "dispatch.not-proven")
        await people.kasi.do(f"/dispatches/{letter}/assign", {"courier_id": "caraka-1", "copy_ids": [one["copy_id"]]})
        again = {"letter_id": letter, "receiver_name": "Sari", "receiver_position": "Staf"}
        await people.courier.do(f"/deliveries/{one['copy_id']}/record", again)
        with pytest.raises(DemoFailed, match="422"):
            await people.kasi.do(f"/dispatches/{letter}/waive", {"copy_id": two["copy_id"]})
        await people.kasi.do(f"/dispatches/{letter}/waive", {"copy_id": two["copy_id"], "reason": "Diambil sendiri"})
        await until(people.operator, letter, "proven")
        assert ERASED not in str(await people.operator.see(f"/letters/{letter}/events"))


async def test_a_head_who_has_just_gone_on_leave_initials_nothing_more(product: Product) -> None:
    """Also where the gateway still remembers who he was a moment ago."""
    today = str(datetime.now(ZoneInfo("Asia/Jakarta")).date())
    async with office(product) as people, product.person("admin") as admin:
        letter = await people.forwarded()
        assert await waits_for(people.kasi, letter) == ["initial"]
        await admin.do("/people/kasi/absences", {"from_on": today, "until_on": today, "reason": "sakit"})
        try:
            assert (await refused(people.kasi, f"/approvals/{letter}/initial"))[0] == 403
        finally:
            await admin.do(f"/people/kasi/absences/{today}/withdraw")
        await people.kasi.do(f"/approvals/{letter}/initial")
