"""What stands on paper: who has initialled, when, in which capacity; once for who acts for two tiers."""

import asyncio
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.cli.demo import FIELDS, STEP_SECONDS, Person, patiently, until
from tests.journeys.road import Office, office, waits_for
from tests.parts.product import Product, start_product

KASI = "Kepala Seksi Persandian dan Keamanan Informasi"
KABID = "Kepala Bidang Aplikasi dan Persandian"
KADIS = "Kepala Dinas Komunikasi dan Informatika"


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of our own: these tests change who holds what."""
    running = start_product(tmp_path_factory.mktemp("papers"))
    yield running
    running.discard()


async def pdf(person: Person, path: str) -> bytes:
    answer = await person.send("GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text[:300]
    return answer.content


async def words(raw: bytes, folder: Path) -> str:
    """As a person reads the paper: pdftotext, in the layout of the sheet."""
    path = folder / "sheet.pdf"
    path.write_bytes(raw)
    said = await asyncio.to_thread(
        subprocess.run, ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True
    )
    return said.stdout.decode()


async def sheet(person: Person, letter: str, folder: Path, standing: str) -> str:
    """The sheet of the initials, as soon as it tells this of the round (the views take a moment)."""
    ends = time.monotonic() + STEP_SECONDS
    while True:
        said = await words(await pdf(person, f"/letters/{letter}/initials-sheet"), folder)
        if standing in flat(said) or time.monotonic() > ends:
            assert standing in flat(said), said
            return said
        await asyncio.sleep(0.1)


async def appoint(product: Product, person_id: str, capacity: str = "plh") -> dict[str, Any]:
    """Makes somebody Plh. Kabid from yesterday to tomorrow."""
    today = date.today()  # noqa: DTZ011 - a day before and after cover every zone
    days = {"from_on": f"{today - timedelta(days=1)}", "until_on": f"{today + timedelta(days=1)}"}
    body = {
        "position": "kabid-aplikasi-persandian", "title": KABID, "role": "kabid",
        "unit": "Bidang Aplikasi dan Persandian", "person_id": person_id, "capacity": capacity, **days,
    }  # fmt: skip
    async with product.person("admin") as admin:
        return await admin.do("/positions", body)


async def known(person: Person, *, acting: bool = True) -> None:
    """Until the gateway, which remembers a person for three seconds, has heard of the appointment or its end."""
    ends = time.monotonic() + STEP_SECONDS
    while any(held["capacity"] == "plh" for held in (await person.see("/me"))["holdings"]) is not acting:
        assert time.monotonic() < ends
        await asyncio.sleep(0.2)


async def end(product: Product, person_id: str) -> None:
    yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011 - as above
    body = {"capacity": "plh", "on": str(yesterday), "reason": "sudah kembali"}
    async with product.people("admin", person_id) as (admin, person):
        await admin.do("/positions/kabid-aplikasi-persandian/end", body)
        await known(person, acting=False)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


async def test_a_plh_initials_in_place_of_the_kabid_and_the_sheet_says_so(changed: Product, tmp_path: Path) -> None:
    await appoint(changed, "operator-2")
    try:
        async with office(changed) as people, changed.person("operator-2") as acting:
            await known(acting)
            letter = await people.forwarded()
            await sheet(people.operator, letter, tmp_path, f"Menunggu paraf {KASI}.")
            await people.initial(letter, "kasi")
            await patiently(acting, f"/approvals/{letter}/initial", {"note": "Mohon segera"})
            during = await sheet(people.operator, letter, tmp_path, f"Menunggu paraf {KADIS}.")
            assert "Plh. Kepala Bidang" in flat(during)
            asked = (f"/letters/{letter}/print", {"reason": "Map kedua"})
            first = await people.operator.do(*asked, **{"Idempotency-Key": f"map-{letter}"})
            await people.initial(letter, "kadis")
            await until(people.operator, letter, "released")
            again = await people.operator.do(*asked, **{"Idempotency-Key": f"map-{letter}"})
            assert (again["result"], again["version"]) == (first["result"], first["version"]), "an initial came between"
            shown = await people.operator.see(f"/letters/{letter}")
            raw = await pdf(people.operator, f"/letters/{letter}/initials-sheet")
            said = await words(raw, tmp_path)
            assert "Semua paraf lengkap pada" in said
            rows = [tier for tier in shown["initials"] if tier["capacity"] == "plh"]
            assert [(row["position"], row["note"]) for row in rows] == [("kabid-aplikasi-persandian", "Mohon segera")]
            assert set(rows[0]["by_name"].split()) <= set(said.split()), said
            assert rows[0]["by_nip"] in said
            for word in ("Plh. Kepala Bidang", "Pelaksana harian", "“Mohon"):
                assert word in flat(said), said
            assert raw == await pdf(people.kasi, f"/letters/{letter}/initials-sheet"), "the same round, the same bytes"

            done = await people.operator.do(f"/letters/{letter}/print", {"reason": "Arsip kedua"})
            place = f"/letters/{letter}/print-pack?after={done['after']}"
            pack = flat(await words(await pdf(people.operator, place), tmp_path))
            assert pack.count("Plh. Kepala Bidang") == 3, "a reprint says it too"
            assert "Cetak ulang ke-2: Arsip kedua" in pack
            assert pack.count("Telah diparaf") == 3 * 3, "on two cover sheets and on the disposition"
            assert "Paraf, tanggal, pukul" not in pack
    finally:
        await end(changed, "operator-2")


async def test_a_kasi_who_is_also_plh_kabid_stands_once_with_both_capacities(changed: Product, tmp_path: Path) -> None:
    await appoint(changed, "kasi")
    try:
        async with office(changed) as people:
            await known(people.kasi)
            letter = await people.forwarded()
            await people.initial(letter, "kasi")
            said = await sheet(people.operator, letter, tmp_path, f"Menunggu paraf {KADIS}.")
            shown = await people.operator.see(f"/letters/{letter}")
            name = shown["initials"][0]["by_name"]
            assert [tier["by_name"] for tier in shown["initials"]] == [name, name, ""]
            assert len(re.findall(r"Diparaf\b(?! oleh)", said)) == 1, "one act"
            assert said.count(name.split(maxsplit=1)[0]) == 1
            assert "Plh. Kepala Bidang" in flat(said)
    finally:
        await end(changed, "kasi")


async def test_a_sheet_of_another_revision_shows_no_old_initials(changed: Product, tmp_path: Path) -> None:
    async with office(changed) as people:
        letter = await people.forwarded()
        await people.initial(letter, "kasi")
        await patiently(people.kabid, f"/approvals/{letter}/return", {"to": "operator", "note": "Perihal keliru"})
        await until(people.operator, letter, "returned")
        said = await sheet(people.operator, letter, tmp_path, f"Dikembalikan {KABID} pada")
        assert "kepada operator." in flat(said)
        fields = {**FIELDS, "subject": "Undangan yang diperbaiki"}
        await people.operator.do(f"/letters/{letter}/revise", {"fields": fields, "note": ""})
        done = await people.operator.do(f"/letters/{letter}/print", {"reason": "diperbaiki"})
        place = f"/letters/{letter}/print-pack?after={done['after']}"
        pack = flat(await words(await pdf(people.operator, place), tmp_path))
        assert "Telah diparaf" not in pack
        assert "melalui Ajudan Walikota" in pack, "as the agency's file names him"
        await sheet(people.operator, letter, tmp_path, "Surat sedang diperbaiki; paraf dimulai lagi")
        await people.operator.do(f"/letters/{letter}/forward")
        await until(people.kasi, letter, "forwarded")
        await people.initial(letter, "kasi")
        said = await sheet(people.operator, letter, tmp_path, f"Menunggu paraf {KABID}.")
        assert "Undangan yang diperbaiki" in said


async def test_the_kasis_substitute_initials_what_the_kasi_registered_whatever_his_own_role_is(
    changed: Product, tmp_path: Path
) -> None:
    """A secretary substitutes for the Kasi, who sits at the operator's desk today: she sees that letter alone."""
    today = date.today()  # noqa: DTZ011 - a day before and after cover every zone
    days = {"from_on": f"{today - timedelta(days=1)}", "until_on": f"{today + timedelta(days=1)}"}
    desk = {"position": "operator-transmisi-sandi", "title": "Operator Transmisi Sandi", "role": "operator"}
    seat = {"position": "sekretaris-dinas", "title": "Sekretaris Dinas", "role": "secretary", "unit": "Sekretariat"}
    async with office(changed) as people, changed.people("admin", "sekretaris") as (admin, secretary):
        other = await people.forwarded()
        await admin.do("/positions", {**seat, "person_id": "sekretaris"})
        await changed.agree()
        await admin.do("/positions/kasi-persandian/substitute", {"substitute": "sekretaris-dinas"})
        await changed.agree()
        await admin.do("/positions", {**desk, "unit": "", "person_id": "kasi", "capacity": "plh", **days})
        await known(people.kasi)
        own = Office(people.kasi, people.kasi, people.kabid, people.kadis, people.courier)
        letter = await own.forwarded()
        assert await waits_for(secretary, letter) == ["initial"]
        refused = await people.kasi.send("POST", f"/approvals/{letter}/initial", json={"note": ""})
        assert (refused.status_code, refused.json()["code"]) == (403, "approval.own-letter")

        assert (await secretary.send("GET", f"/letters/{other}")).status_code == 404, "not one of hers"
        assert (await secretary.send("GET", f"/letters/{other}/events")).status_code == 404
        assert (await secretary.send("GET", f"/letters/{other}/deadline")).status_code == 404
        assert (await secretary.send("GET", "/letters")).status_code == 403
        tasks = (await secretary.see("/dashboards/tasks"))["tasks"]
        assert [(task["action"], task["case"]["case_id"]) for task in tasks] == [("initial", letter)]
        assert (await secretary.see(f"/letters/{letter}"))["row"]["subject"] == FIELDS["subject"]
        await patiently(secretary, f"/approvals/{letter}/initial", {"note": ""})
        await people.initial(letter, "kabid", "kadis")
        said = flat(await sheet(secretary, letter, tmp_path, "Semua paraf lengkap pada"))
        assert "Plh. Kepala Seksi" in said
        assert "paraf beralih" in said
