"""An agency that came as files alone walks the whole road on a started server, through HTTP, seen by nobody else."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.cli.demo import FIELDS, message, patiently, until
from tests.journeys.test_papers import flat, pdf, sheet, words
from tests.parts.product import start_product
from tests.unit.rules.third_agency import AGENCY, with_wakatobi

RECIPIENTS = [
    {"recipient_class": "walikota", "office": "Bupati Wakatobi", "copy_kind": "asli"},
    {"recipient_class": "kepala-opd", "office": "Dinas Perikanan", "copy_kind": "tembusan"},
]
WITA = ZoneInfo("Asia/Makassar")


async def test_the_third_agency_carries_a_letter_from_intake_to_archive(tmp_path: Path) -> None:
    year = datetime.now(UTC).astimezone(WITA).year
    folder = with_wakatobi(tmp_path / "standards", year)
    product = start_product(tmp_path / "product", env={"CARAKA_STANDARDS_DIR": str(folder)})
    try:
        async with (
            product.people("operator", "kasi", "kabid", "kadis", "caraka-1", agency=AGENCY) as people,
            product.person("operator") as neighbour,
        ):
            operator, kasi, kabid, kadis, courier = people
            said = await operator.do("/letters/upload", message(), **{"Content-Type": "message/rfc822"})
            letter = said["result"]["letter_id"]
            await operator.do(f"/letters/{letter}/examine", {"fields": {**FIELDS, "recipients": RECIPIENTS}})
            registered = await operator.do(f"/letters/{letter}/register")
            assert registered["result"]["agenda"] == f"8/SM/{year}", "its own book goes on where its paper ended"
            printed = await operator.do(f"/letters/{letter}/print")
            await operator.do(f"/letters/{letter}/forward")

            shown = await until(kasi, letter, "forwarded")
            assert datetime.fromisoformat(shown["row"]["due_at"]).astimezone(WITA).strftime("%H.%M") in {
                "15.45", "11.00",
            }, "the close of a day in its own zone"  # fmt: skip
            place = f"/letters/{letter}/print-pack?after={printed['after']}"
            pack = flat(await words(await pdf(operator, place), tmp_path))
            assert "PEMERINTAH KABUPATEN WAKATOBI" in pack
            assert "WITA" in pack
            assert (await neighbour.send("GET", f"/letters/{letter}")).status_code == 404
            assert (await neighbour.send("GET", f"/letters/{letter}/initials-sheet")).status_code == 404

            await patiently(kasi, f"/approvals/{letter}/initial", {"note": ""})
            refused = await kabid.send("POST", f"/approvals/{letter}/initial", json={"note": ""})
            assert refused.status_code == 403, "its standard has no tier for the Kabid"
            await patiently(kadis, f"/approvals/{letter}/initial", {"note": "Setuju"})
            await until(kasi, letter, "released")
            assert "WITA" in await sheet(operator, letter, tmp_path, "Semua paraf lengkap pada")

            await patiently(kasi, f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
            for copy in (await until(operator, letter, "assigned"))["copies"]:
                proof = {"receiver_name": "Penerima", "receiver_position": "Staf"}
                await courier.do(f"/deliveries/{copy['copy_id']}/record", {"letter_id": letter, **proof})
            await until(operator, letter, "proven")
            archive = {"classification": "005", "place": "Lemari 2"}
            await operator.do(f"/dispatches/{letter}/archive", archive)
            assert (await until(operator, letter, "archived"))["row"]["copies_proven"] == 2
        async with product.client() as anybody:
            for address in (f"/standar/{AGENCY}/berita-biasa-sanapati", f"/maklumat/{AGENCY}"):
                page = await anybody.get(address)
                assert page.status_code == 200
                assert "Kabupaten Wakatobi" in page.text
        await product.until_quiet()
        assert await product.breaches() == []
    finally:
        product.stop()
