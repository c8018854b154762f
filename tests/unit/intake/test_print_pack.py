"""What lies in the tray when an operator prints a registered letter, read back out of the PDF."""

import io
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pydantic
import pypdf
import pytest
import typst

from services.intake.adapters import print_text
from services.intake.adapters.print_render import TARGET, SandboxedPrinter, render
from services.intake.print_pack import (
    InitialTier,
    Letterhead,
    PrintedAttachment,
    PrintedCopy,
    PrintedInitial,
    PrintedLetter,
    PrintPack,
    Reprint,
)
from services.kit.sandbox.sandbox import Sandbox

RECEIVED = datetime(2026, 3, 13, 3, 30, tzinfo=UTC)  # 10.30 WIB
MOST_MEMORY = 1_500_000_000

RECIPIENTS = (
    ("Wali Kota Pekalongan", "Wali Kota", "asli", "Melalui ajudan"),
    ("Sekretaris Daerah Kota Pekalongan", "Sekretaris Daerah", "tembusan", "Melalui ajudan"),
    ("Kepala Dinas Kesehatan", "Kepala OPD", "tembusan", "Langsung oleh caraka"),
)


def copies(count: int = 3) -> tuple[PrintedCopy, ...]:
    made = []
    for number in range(count):
        name, rank, kind, route = RECIPIENTS[min(number, 2)]
        copy_id = UUID(int=(0xA0000000 + number) << 96)
        made.append(
            PrintedCopy(
                copy_id=copy_id,
                recipient=name if number < 3 else f"Kepala Dinas ke-{number + 1}",
                recipient_class=rank,
                kind=kind,
                route=route,
                proof="Tanda tangan",
                verify_url=f"https://caraka.example/v/{copy_id.hex}",
            )
        )
    return tuple(made)


def letter(**changes: Any) -> PrintedLetter:
    fields: dict[str, Any] = {
        "agenda_number": "845/III/2026",
        "agenda_book": "Buku Agenda Surat Masuk 2026",
        "number": "005/0123/2026",
        "dated_on": date(2026, 3, 11),
        "sender": "Sekretariat Daerah Provinsi",
        "subject": "Undangan Rapat Koordinasi",
        "summary": "Rapat koordinasi persandian",
        "urgency": "segera",
        "classification": "000.1.5",
        "received_at": RECEIVED,
        "registered_at": RECEIVED,
        "verify_url": "https://caraka.example/v/surat",
        "body": "Dengan hormat,\n\nKami mengundang Saudara.\n\n  hari    : Kamis\n  tempat  : Ruang Rapat",
        "attachments": (PrintedAttachment(name="Undangan.pdf", size=1_482_133, sha256="9f" * 32),),
    }
    return PrintedLetter(**(fields | changes))


TIERS = (
    InitialTier(
        title="Kepala Seksi Persandian",
        initial=PrintedInitial(name="Siti Rahmawati, S.Kom.", capacity="Kepala Seksi Persandian", at=RECEIVED),
    ),
    InitialTier(
        title="Kepala Bidang Aplikasi",
        initial=PrintedInitial(
            name="Bambang Wicaksono", capacity="Plh. Kepala Bidang Aplikasi", at=RECEIVED, note="Segera dikirim"
        ),
    ),
    InitialTier(title="Kepala Dinas Komunikasi"),
)


def pack(**changes: Any) -> PrintPack:
    fields: dict[str, Any] = {
        "letterhead": Letterhead(
            agency="Pemerintah Kota Pekalongan",
            office="Dinas Komunikasi dan Informatika",
            address=("Jalan Contoh Nomor 1", "Telepon (0285) 421243"),
            place="Pekalongan",
        ),
        "letter": letter(),
        "copies": copies(),
        "tiers": TIERS,
        "printed_at": RECEIVED,
    }
    return PrintPack(**(fields | changes))


def printed(made: PrintPack) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(render(made.model_dump_json().encode())))


def words(page: pypdf.PageObject) -> str:
    return re.sub(r"\s+", " ", page.extract_text().replace("\u200b", ""))


def all_words(reader: pypdf.PdfReader) -> str:
    return " ".join(words(page) for page in reader.pages)


def bookmarks(reader: pypdf.PdfReader) -> list[tuple[int, str]]:
    def walk(entries: list[Any], depth: int) -> list[tuple[int, str]]:
        return [
            line
            for entry in entries
            for line in (
                walk(entry, depth + 1)
                if isinstance(entry, list)
                else [(depth, re.sub(r"[\s\xa0]+", " ", str(entry.title)))]
            )
        ]

    return walk(reader.outline, 0)


def letter_pages(reader: pypdf.PdfReader) -> list[int]:
    """How many pages each copy's letter says that it has, by its first page."""
    found = [re.search(r"Halaman 1 dari (\d+)", words(page)) for page in reader.pages]
    return [int(match[1]) for match in found if match]


def test_each_copy_lies_under_its_cover_sheet_and_the_sheets_of_the_letter_follow() -> None:
    assert bookmarks(printed(pack())) == [
        (0, "Salinan 1 dari 3 · Asli · Wali Kota Pekalongan"),
        (1, "Lembar Pengantar"),
        (1, "Naskah"),
        (0, "Salinan 2 dari 3 · Tembusan · Sekretaris Daerah Kota Pekalongan"),
        (1, "Lembar Pengantar"),
        (1, "Naskah"),
        (0, "Salinan 3 dari 3 · Tembusan · Kepala Dinas Kesehatan"),
        (1, "Lembar Pengantar"),
        (1, "Naskah"),
        (0, "Lembar Disposisi"),
        (0, "Buku Agenda"),
        (0, "Buku Ekspedisi"),
        (0, "Tanda Terima"),
        (1, "Salinan 1 dari 3 · Asli · Wali Kota Pekalongan"),
        (1, "Salinan 2 dari 3 · Tembusan · Sekretaris Daerah Kota Pekalongan"),
        (1, "Salinan 3 dari 3 · Tembusan · Kepala Dinas Kesehatan"),
    ]


def test_every_page_of_a_copy_tells_whose_it_is_and_how_to_check_it() -> None:
    reader = printed(pack(letter=letter(body="Isi surat yang panjang sekali. " * 400)))
    of_second = [text for page in reader.pages if "Salinan 2 dari 3" in (text := words(page)) and "Halaman" in text]
    assert len(of_second) == letter_pages(reader)[1] > 1
    for text in of_second:
        assert "Tembusan" in text
        assert "Yth. Sekretaris Daerah Kota Pekalongan" in text
        assert "A000-0001" in text
        assert f"caraka.example/v/{copies()[1].copy_id.hex}" in text


def test_the_cover_sheet_says_when_from_whom_and_how_urgent() -> None:
    cover = words(printed(pack(letter=letter(due_at=datetime(2026, 3, 16, 8, 45, tzinfo=UTC)))).pages[0])
    assert "PEMERINTAH KOTA PEKALONGAN DINAS KOMUNIKASI DAN INFORMATIKA" in cover
    assert "Jumat, 13 Maret 2026 pukul 10.30 WIB" in cover
    assert "Senin, 16 Maret 2026 pukul 15.45 WIB" in cover
    assert "11 Maret 2026" in cover
    assert "☒ Segera" in cover
    assert "☐ Biasa" in cover


def test_times_are_told_in_the_zone_of_the_agency() -> None:
    assert "Jumat, 13 Maret 2026 pukul 12.30 WIT" in words(printed(pack(zone="Asia/Jayapura")).pages[0])


def test_the_three_control_cards_are_told_apart_without_colour() -> None:
    reader = printed(pack(cover="kartu-kendali"))
    cards = words(reader.pages[0])
    for name, meaning in (
        ("LEMBAR I · PUTIH", "Tinggal pada pengendali surat"),
        ("LEMBAR II · KUNING", "Diparaf penerima saat surat diterima, lalu kembali"),
        ("LEMBAR III · MERAH", "Tanda bukti penerimaan oleh pengolah"),
    ):
        assert name in cards
        assert meaning in cards
    assert "Lembar Pengantar" not in all_words(reader)


def test_black_is_the_only_ink() -> None:
    for page in printed(pack(cover="kartu-kendali")).pages:
        drawn = page.get_contents()
        assert drawn is not None
        for red, green, blue in re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG|scn|SCN)\b", drawn.get_data()):
            assert float(red) == float(green) == float(blue)


def test_initials_that_stand_are_printed_with_capacity_and_time_and_the_open_tier_has_room() -> None:
    sheet = next(text for page in printed(pack()).pages if "LEMBAR DISPOSISI" in (text := words(page)))
    assert "Bambang Wicaksono Plh. Kepala Bidang Aplikasi 13 Maret 2026, 10.30 WIB “Segera dikirim”" in sheet
    assert sheet.count("Telah diparaf") == 2
    assert sheet.count("Paraf, tanggal, pukul") == 1


def test_the_books_name_the_letter_and_leave_room_for_each_receiver() -> None:
    book = next(text for page in printed(pack()).pages if "BUKU EKSPEDISI" in (text := words(page)))
    assert "845/III/2026" in book
    for name in ("Nama penerima", "Jabatan", "Tanggal, pukul", "Tanda tangan", "A000-0000", "A000-0001", "A000-0002"):
        assert name in book


def test_paper_says_the_words_of_people_and_no_slug_of_a_standard() -> None:
    rows = (
        ("sekda", "aide", "receipt", "Sekretaris Daerah", "melalui ajudan", "paraf tanda terima"),
        ("kepala-opd", "fax", "transmission-report", "Kepala OPD", "faksimile", "laporan pengiriman faks"),
        ("kepala-uptd", "online", "reference-number", "kepala uptd", "aplikasi surat online", "nomor referensi"),
    )
    made = tuple(
        copy.model_copy(update={"recipient_class": rank, "route": route, "proof": proof})
        for copy, (rank, route, proof, *_) in zip(copies(), rows, strict=True)
    )
    whole = " ".join(words(page) for page in printed(pack(copies=made)).pages)
    for _rank, route, proof, *said in rows:
        assert all(each in whole for each in said), said
        assert f"Jalur: {route}" not in whole
        assert f"Bukti: {proof}" not in whole


def test_a_receipt_slip_for_every_copy() -> None:
    slips = words(printed(pack()).pages[-1])
    assert slips.count("TANDA TERIMA") == 3
    assert slips.count("Diterima oleh") == 3
    assert slips.count("Tempat, tanggal Pekalongan,") == 3
    assert slips.count("kepada Operator Transmisi Sandi") == 3


def test_attachments_are_listed_with_size_and_hash() -> None:
    text = words(printed(pack()).pages[1])
    assert "Undangan.pdf 1,5\xa0MB 9f9f9f9f9f9f9f9f".replace("\xa0", " ") in text


def test_lists_in_the_letter_stay_lists() -> None:
    text = printed(pack()).pages[1].extract_text()
    assert re.search(r"hari\s*:\s*Kamis\s*\n\s*tempat\s*:\s*Ruang Rapat", text)


def test_a_reprint_says_so_and_why_on_every_page() -> None:
    reader = printed(pack(reprint=Reprint(number=2, reason="Kertas macet")))
    assert all("Cetak ulang ke-2: Kertas macet" in words(page) for page in reader.pages)


def test_the_same_pack_gives_the_same_bytes() -> None:
    payload = pack().model_dump_json().encode()
    assert render(payload) == render(payload)
    assert render(payload) != render(pack(printed_at=datetime(2026, 3, 14, tzinfo=UTC)).model_dump_json().encode())


def test_the_pack_is_an_archive_document_with_all_fonts_inside() -> None:
    reader = printed(pack())
    assert reader.xmp_metadata is not None
    marks = reader.xmp_metadata.rdf_root.toxml()
    assert "<pdfaid:part>2</pdfaid:part>" in marks
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in marks
    assert reader.metadata is not None
    assert reader.metadata.creation_date == RECEIVED
    assert reader.metadata.title == "Berkas cetak agenda 845/III/2026"
    faces = {
        str(font["/BaseFont"]).split("+")[-1]
        for page in reader.pages
        for font in (entry.get_object() for entry in page["/Resources"]["/Font"].values())  # type: ignore[index]  # pypdf types objects loosely
    }
    assert faces
    assert all(face.startswith(("Libertinus", "DejaVu")) for face in faces)


@pytest.mark.parametrize(
    ("paper", "width", "height"), [("a4", 210, 297), ("a5", 148, 210), ("f4", 215, 330), ("half-folio", 165, 215)]
)
@pytest.mark.parametrize("cover", ["lembar-pengantar", "kartu-kendali"])
def test_each_paper_is_printed_in_its_size(paper: str, width: int, height: int, cover: str) -> None:
    reader = printed(pack(paper=paper, cover=cover))
    box = reader.pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (width, height)
    assert sum("LEMBAR DISPOSISI" in words(page) for page in reader.pages) == 1
    assert len(reader.pages) <= 15


@pytest.mark.parametrize(
    "text",
    [
        '#import "@preview/cetz:0.3.0": *',
        '#read("/etc/passwd") #sys.inputs',
        "$ x^2 $ *tebal* _miring_ `kode` <label> @rujukan",
        "= Judul\n- butir\n/ istilah: arti",
        r'\ " \u{41} } ] ) //komentar /* x */',
    ],
)
def test_markup_in_a_letter_is_only_text(text: str) -> None:
    shown = re.sub(r"\s+", "", all_words(printed(pack(letter=letter(subject=text, body=text, sender=text)))))
    assert shown.count(re.sub(r"\s+", "", text)) >= 6


def test_what_no_font_can_show_becomes_a_box_and_the_sheet_says_so() -> None:
    hostile = "awal\x00\x1b\u202egpj.exe\u2066 漢字 👍 \ue000 z\u0335\u0336\u0337\ufeff\u200b\ud7ff akhir"
    made = printed(pack(letter=letter(subject=hostile, body=hostile, sender=hostile)))
    text = all_words(made)
    assert "awal□□□gpj.exe□ □□ □ □ z□ akhir" in text
    assert "Tanda □ menggantikan" in text
    assert "\u202e" not in text


def test_every_sign_called_printable_prints_in_each_face() -> None:
    signs = "".join(sign for code in range(0x3000) if print_text.printable(sign := chr(code)))
    assert len(signs) > 2000
    assert "—" in signs
    made = pack(letter=letter(body="\n".join(signs[at : at + 40] for at in range(0, len(signs), 40)), subject=signs))
    for at in range(0, len(signs), 390):
        letterhead = made.letterhead.model_copy(update={"office": signs[at : at + 90]})
        printed(made.model_copy(update={"letter": letter(subject=signs[at : at + 390]), "letterhead": letterhead}))
    assert "Tanda □" not in all_words(printed(made))


@pytest.mark.parametrize("paper", ["a4", "a5", "f4", "half-folio"])
@pytest.mark.parametrize(
    "body",
    [
        "Kata biasa saja. " * 60_000,
        "W" * 1_000_000,
        "i\n" * 500_000,
        "m m  " * 200_000,
        "nama  : i\n" * 100_000,
        "\n\na" * 300_000,
    ],
)
def test_a_megabyte_of_text_is_cut_at_the_stated_page_with_a_visible_note(paper: str, body: str) -> None:
    reader = printed(pack(paper=paper, copies=copies(1), letter=letter(body=body), letter_pages=5))
    (pages,) = letter_pages(reader)
    assert 3 <= pages <= 5
    text = all_words(reader)
    assert "… lanjutan pada salinan lunak." in text
    assert "dibatasi paling banyak 5 halaman" in text


def test_a_letter_that_fits_is_never_cut() -> None:
    body = "\n".join(f"baris {number}" for number in range(150)) + "\nakhir surat"
    text = all_words(printed(pack(letter=letter(body=body), copies=copies(1))))
    assert "akhir surat" in text
    assert "lanjutan" not in text


def test_an_empty_letter_points_to_its_attachments() -> None:
    assert "tidak memuat teks" in words(printed(pack(letter=letter(body=" \n\n ", subject="", number=""))).pages[1])


def test_long_words_stay_on_the_paper() -> None:
    word = "X" * 390
    for cover in ("lembar-pengantar", "kartu-kendali"):
        reader = printed(pack(paper="a5", cover=cover, letter=letter(subject=word, sender=word, number=word)))
        for page in reader.pages:
            edge = float(page.mediabox.width)
            places: list[float] = []
            page.extract_text(
                visitor_text=lambda text, _cm, tm, _font, _size, seen=places: seen.append(tm[4] if text.strip() else 0)
            )
            assert max(places) < edge


def test_forty_attachments_are_named_and_the_rest_counted() -> None:
    many = tuple(PrintedAttachment(name=f"berkas-{n}.pdf", size=n, sha256="0" * 64) for n in range(60))
    text = all_words(printed(pack(letter=letter(attachments=many), copies=copies(1))))
    assert "berkas-39.pdf" in text
    assert "berkas-40.pdf" not in text
    assert "… dan 20 lampiran lain" in text


def test_templates_can_open_nothing_outside_their_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "bad.typ").write_text('#read("../secret.txt")')
    with pytest.raises(typst.TypstError):
        typst.compile(folder / "bad.typ", root=folder)


def test_a_malformed_pack_is_refused() -> None:
    with pytest.raises(pydantic.ValidationError):
        render(b'{"copies": []}')
    with pytest.raises(pydantic.ValidationError):
        pack(copies=())


async def test_two_hundred_recipients_are_printed_within_the_limits_of_the_sandbox() -> None:
    sandbox = Sandbox(
        preload=(TARGET.partition(":")[0],),
        memory_bytes=MOST_MEMORY,
        cpu_seconds=60,
        wall_seconds=60,
        output_bytes=50_000_000,
        threads=True,
    )
    try:
        pdf = await SandboxedPrinter(sandbox).render(pack(copies=copies(200)))
    finally:
        await sandbox.close()
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert [line for line in bookmarks(reader) if line[1] == "Naskah"] == [(1, "Naskah")] * 200
    assert "… dan 192 penerima lain" in words(reader.pages[400])
    assert "Salinan 200 dari 200" in words(reader.pages[-1])
