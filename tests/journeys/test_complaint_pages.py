"""Whole pages and exports for who may not know of a complaint: as before it came, whatever is done to it."""

import io
import re
import zipfile
from collections.abc import Mapping

import pypdfium2
import pytest

from services.cli.demo import Person
from tests.journeys.listening import listening
from tests.journeys.test_complaints import PHONE
from tests.parts.product import Product

pytestmark = pytest.mark.real
AGENCY = "purbalingga"
PAGES = (
    "/pengaduan", "/pengaduan?urut=due", "/pengaduan?urut=received", "/pengaduan?cari=loket", "/pengaduan?cari=ADU",
    "/pengaduan?cari=kenari", "/pengaduan?tahap=assigned", "/papan/pengaduan", "/tugas", "/berisiko",
    "/kotak-masuk", "/pemberitahuan", "/catatan-pemberitahuan", "/api/v1/notifications/log", "/api/v1/notifications",
    "/catatan-pemberitahuan?keadaan=waiting", "/catatan-pemberitahuan?keadaan=given-up", "/api/v1/complaints",
    "/api/v1/complaints?text=loket", "/api/v1/dashboards/board?kind=complaints",
    "/api/v1/dashboards/tasks", "/api/v1/dashboards/at-risk",
)  # fmt: skip
BOOK = ("/pengaduan/buku", "/pengaduan/buku.xlsx", "/pengaduan/buku.pdf")
CHANGING = re.compile(
    r'(name="(?:csrf|csrf_token|key)" value|content|nonce|data-[a-z-]*(?:since|change|after|asof|now|csrf))="[^"]*"'
    r'|"(?:change|asof_at)":"[^"]*"|"remaining_minutes":\d+'
    r"|\d\d[.:]\d\d(?:[.:]\d\d)?|\?after=[^\"&]*|datetime=\"[^\"]*\"|sisa [^<]*|[0-9]+ menit[^<]*"
)
"""What two loads of an unchanged page differ in: tokens of forms, and the minute."""
EXCLUDED = re.compile(r"\d+/\d{4}(?: *dikecualikan)+")


async def told(person: Person, *pages: str) -> dict[str, str]:
    """What he is answered, as words."""
    found = {}
    for page in pages:
        answer = await person._client.get(
            page, headers={**person._headers, "Accept": "text/html", "Accept-Language": "id"}
        )
        media = answer.headers.get("content-type", "")
        if "spreadsheet" in media:
            with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
                words = "".join(book.read(name).decode() for name in sorted(book.namelist()) if "docProps" not in name)
        elif "pdf" in media:
            words = "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(answer.content))
        else:
            words = answer.text
        found[page] = f"{answer.status_code} {CHANGING.sub('', words)}"
    return found


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Page → where it begins to differ."""
    found = {}
    for page, was in before.items():
        now = after[page]
        pairs = enumerate(zip(was, now, strict=False))
        at = next((at for at, (one, two) in pairs if one != two), min(len(was), len(now)))
        if was != now:
            found[page] = f"{was[max(at - 80, 0) : at + 80]!r} → {now[max(at - 80, 0) : at + 80]!r}"
    return found


async def place_of(person: Person) -> str:
    """Where his board stands, as he is told it."""
    return str((await person.see("/dashboards/board", kind="complaints"))["change"])


async def test_who_may_not_know_of_it_has_the_same_pages_as_before_it_came(fresh_product: Product) -> None:
    product = fresh_product  # its own: a notice of another test that goes out meanwhile would change the log
    names = ("operator", "pengaduan", "tim-pengaduan", "kabid", "kasi", "kadis", "inspektorat", "admin")
    async with product.people(*names, agency=AGENCY) as (operator, officer, team, kabid, kasi, kadis, inspector, admin):
        for gist in ("Antrean loket panjang", "Petugas loket ramah"):  # ordinary ones, which the leaders see
            filed = await operator.do("/complaints", PHONE)
            case = f"/complaints/{filed['result']['complaint_id']}"
            await officer.do(f"{case}/classify", {"complaint_class": "ringan", "gist": gist})
            await officer.do(f"{case}/assign", {"position": "tim-pengelola-pengaduan"})
            ordinary = case
        await product.until_quiet()
        notices = (
            "/catatan-pemberitahuan",
            "/api/v1/notifications/log",
        )  # the counter hears no more of it
        at_the_counter = await told(operator, *notices)
        strangers = {"team": team, "kabid": kabid, "kasi": kasi, "kadis": kadis, "inspector": inspector, "admin": admin}
        # It is restricted from its classification on: until then leaders and inspector see it.
        never = ("team", "kabid", "kasi", "admin")
        before = {name: await told(each, *PAGES) for name, each in strangers.items()}
        assert not differing(before["kadis"], await told(kadis, *PAGES)), "an unchanged page is the same twice"
        book = await told(inspector, *BOOK)
        places = [await place_of(team) for _ in range(2)]
        async with listening(kabid) as board:
            secret = await operator.do("/complaints", {**PHONE, "words": "Uang kenari", "stance": "confidential"})
            case = f"/complaints/{secret['result']['complaint_id']}"
            await product.until_quiet()
            assert not differing(at_the_counter, await told(operator, *notices))
            for name in never:
                assert not differing(before[name], await told(strangers[name], *PAGES)), name
            sorting = {"complaint_class": "berkadar-pengawasan", "gist": "Dugaan kenari di loket"}
            await officer.do(f"{case}/classify", {**sorting, "examiner": "staf-informatika-1"})
            await officer.do(f"{case}/notes", {"words": "Kenari"})
            await operator.do(f"{case}/reply", {"words": "Kenari hari Senin"})
            await product.until_quiet()
            for name, each in strangers.items():
                assert not differing(before[name], await told(each, *PAGES)), name
                gone = [(await each.send("GET", f"{case}{part}")).status_code for part in ("", "/events", "/sheet")]
                assert set(gone) <= {403, 404}, name
            assert [each.data for each in board.told] == []
        places += [await place_of(team) for _ in range(2)]
        assert len(set(places)) == len(places), "they change whether anything has happened or not"
        assert len({len(each) for each in places}) == 1
        for place in places:
            async with listening(team, place) as board:
                assert [each.data for each in board.told] == [], "what he may not know is no reason to look again"
        async with listening(team, places[0]) as board:
            await team.do(f"{ordinary}/answer", {"words": "Petugas ditambah"})
            heard = await board.until("answered", ordinary.rpartition("/")[2])
            assert len(heard.id) == len(places[0])
        after = await told(inspector, *BOOK)
        for page, words in after.items():
            assert "kenari" not in words.lower(), page
        one = re.sub(r"\s+", " ", after["/pengaduan/buku.pdf"])
        assert EXCLUDED.search(one), "its line has a number and that word"
        assert set(differing(book, after)) == set(BOOK)


@pytest.mark.parametrize("who_says", ["its reporter", "the officer"])
async def test_the_officer_who_is_complained_about_finds_nothing_and_the_head_brings_it_to_its_end(
    fresh_product: Product, who_says: str
) -> None:
    product, office = fresh_product, "pejabat-pengelola-pengaduan"
    async with product.people("operator", "pengaduan", "kadis", agency=AGENCY) as (operator, officer, kadis):
        await operator.do("/complaints", PHONE)
        await product.until_quiet()
        before, book = await told(officer, *PAGES), await told(officer, *BOOK)
        said = {**PHONE, "words": "Petugas pengaduan tidak pernah di tempat"}
        async with listening(officer) as board:
            filed = await operator.do("/complaints", {**said, "about_officer": who_says == "its reporter"})
            case = f"/complaints/{filed['result']['complaint_id']}"
            await product.until_quiet()
            if who_says == "its reporter":
                assert [each.data for each in board.told] == []
            else:
                assert differing(before, await told(officer, *PAGES)), "it is his until he is named"
                await officer.do(f"{case}/complained-about", {"person_id": "pengaduan", "positions": [office]})
                await product.until_quiet()
        assert not differing(before, await told(officer, *PAGES))
        bell = await told(kadis, "/pemberitahuan")
        assert filed["result"]["number"] in bell["/pemberitahuan"], "he hears that it is his to sort"
        async with listening(officer) as board, listening(kadis) as above:
            for deed, said in (
                ("acknowledge", {}),
                ("classify", {"complaint_class": "ringan", "gist": "Petugas tidak di tempat"}),
                ("notes", {"words": "Saya tanyakan"}),
                ("assign", {"position": "kadis"}),
            ):
                assert (await officer.send("POST", f"{case}/{deed}", json=said)).status_code in {403, 404}
                tasks = (await kadis.see("/dashboards/tasks"))["counts"]
                await kadis.do(f"{case}/{deed}", said)
                await product.until_quiet()
                assert sum(tasks.values()) == 1, f"{deed} waits for him"
            await kadis.do(f"{case}/answer", {"words": "Petugas sudah diganti"})
            await operator.do(f"{case}/accept", {})
            await product.until_quiet()
            await above.until("closed", case.rpartition("/")[2])
            assert [each.data for each in board.told] == []
        assert not differing(before, await told(officer, *PAGES))
        gone = [(await officer.send("GET", f"{case}{part}")).status_code for part in ("", "/events", "/sheet")]
        assert set(gone) <= {403, 404}
        after = await told(officer, *BOOK)
        assert all("tidak di tempat" not in words for words in after.values())
        assert set(differing(book, after)) == set(BOOK), "its line has a number and that word"
        page = await told(kadis, f"/pengaduan/{case.rpartition('/')[2]}")
        assert "menggantikan petugas pengaduan" in next(iter(page.values()))
