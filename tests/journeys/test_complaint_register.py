"""An office goes on from its paper book: its last number, then what still runs there, each with its old number."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import uuid4

import httpx

from services.cli.demo import Person
from tests.parts.product import Product

AGENCY = "purbalingga"
PLACE = "/pengaduan/buku"
LONG_AGO = datetime.now(UTC) - timedelta(days=40)


async def page(person: Person, place: str) -> str:
    headers = {**person._headers, "Accept": "text/html", "Accept-Language": "id"}
    answer = await person._client.get(place, headers=headers)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


async def post(person: Person, place: str, **fields: str) -> httpx.Response:
    form = {"csrf_token": person._headers["X-CSRF-Token"], "key": str(uuid4()), **fields}
    headers = {"Cookie": person._headers["Cookie"], "Accept": "text/html", "Accept-Language": "id"}
    return await person._client.post(place, data=form, headers=headers)


async def correct(officer: Person, admin: Person, year: int) -> None:
    """It was a slip of the pen, and nothing was numbered since; who did what, and why, stays to be read."""
    assert (await post(admin, f"{PLACE}/perbaikan", opening="58", reason="salah ketik")).status_code == 403
    unsaid = await post(officer, f"{PLACE}/perbaikan", opening="58", reason="")
    assert (unsaid.status_code, 'value="58"' in unsaid.text) == (422, True)
    assert (await post(officer, f"{PLACE}/perbaikan", opening="75", reason="salah ketik")).status_code == 303
    assert (await post(officer, f"{PLACE}/perbaikan", opening="57", reason="ternyata benar")).status_code == 303
    begun = await page(officer, PLACE)
    for line in ("dari 57 menjadi 75", "dari 75 menjadi 57", "salah ketik", "ternyata benar"):
        assert line in begun
    told = await officer.see(f"/complaint-registers/{year}")
    assert (told["opening"], told["given_out"], [each["was"] for each in told["steps"]]) == (
        57,
        False,
        [None, 57, 75],
    )


async def test_the_register_goes_on_from_the_paper_book_and_old_numbers_still_find_what_they_named(
    fresh_product: Product,
) -> None:
    product = fresh_product
    async with product.people("operator", "pengaduan", "admin", agency=AGENCY) as (operator, officer, admin):
        assert "Melanjutkan buku kertas" in await page(officer, "/pengaduan/buku")
        assert "Melanjutkan buku kertas" not in await page(officer, "/pengaduan")
        wrong = await post(officer, "/pengaduan/buku/pembukaan", opening="lima puluh")
        assert (wrong.status_code, "lima puluh" in wrong.text) == (422, True), "what was typed is not lost"
        assert (await post(admin, "/pengaduan/buku/pembukaan", opening="57")).status_code == 403
        opened = await post(officer, "/pengaduan/buku/pembukaan", opening="57")
        assert opened.status_code == 303, opened.text[:300]
        assert "Catat yang masih berjalan" in await page(officer, opened.headers["location"])

        year = datetime.now(UTC).year
        await correct(officer, admin, year)

        # At the counter, and by the API: each with its old number and the day of its receipt.
        said = {"channel": "tatap-muka", "words": "Jalan berlubang", "paper_number": "B-17/2026"}
        without = await post(operator, "/pengaduan/catat", **said)
        assert (without.status_code, "B-17/2026" in without.text) == (422, True)
        when = (LONG_AGO - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
        assert "B-17/2026" in (await post(operator, "/pengaduan/catat", **said, received_at=when)).text
        body = {"channel": "telepon", "words": "Lampu padam", "paper_number": "b-23/2026"}
        unsaid = await operator.send("POST", "/complaints", json=body)
        assert (unsaid.status_code, unsaid.json()["code"]) == (422, "complaint.paper-received-missing")
        second = await operator.do("/complaints", {**body, "received_at": LONG_AGO.isoformat()})
        twice = {**body, "paper_number": "B-23 / 2026", "received_at": LONG_AGO.isoformat()}
        again = await operator.send("POST", "/complaints", json=twice)
        assert (again.status_code, again.json()["code"]) == (409, "complaint.paper-number-taken")
        wish = {"opening": 60, "reason": "terlambat"}
        refused = await officer.send("POST", f"/complaint-registers/{year}/correct", json=wish)
        assert (refused.status_code, refused.json()["code"]) == (409, "complaint.opening-used")
        said_so = await post(officer, f"{PLACE}/perbaikan", opening="60", reason="terlambat")
        assert (said_so.status_code, "58 sampai 59 sudah diberikan" in said_so.text) == (409, True)
        late = await officer.send("POST", "/complaint-registers", json={"year": year, "opening": 60})
        assert (late.status_code, late.json()["code"]) == (409, "complaint.register-open")

        await product.until_quiet()
        for paper, words in (("B-17/2026", 1), ("b-23", 1), ("2026", 2), ("B-18/2026", 0)):
            found = await page(officer, f"/pengaduan?cari={quote(paper)}")
            assert found.count('class="cell-link"') == words, paper
        listed = await page(officer, "/pengaduan?cari=B-17%2F2026")
        assert "kertas: B-17/2026" in listed
        own = await page(officer, f"/pengaduan/{second['result']['complaint_id']}")
        assert "Nomor di buku kertas" in own
        assert "b-23/2026" in own
        seen = (await officer.see("/complaints", text="b-23"))["complaints"]
        assert [each["paper_number"] for each in seen] == ["b-23/2026"]
        span = f"?dari={(LONG_AGO - timedelta(days=9)).date()}&sampai={datetime.now(UTC).date()}"
        book = await page(officer, f"/pengaduan/buku{span}")
        assert "Melanjutkan buku kertas" not in book
        for number in ("58", "59"):
            assert f"{number}/{datetime.now(UTC).year} (kertas: " in book
    taken = [each["data"]["number"] for each in product.events("complaint", "RegisterNumberTaken")]
    assert taken == [58, 59]
    assert await product.breaches() == []
