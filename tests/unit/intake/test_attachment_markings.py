"""What an attachment says of itself shuts its letter away, and what could not be read is said."""

import io
import json
import zipfile

import pytest
from PIL import Image

from services.intake.adapters.attachment_markings import look
from services.intake.adapters.mail_reading import pack, read
from services.intake.mail import ParserOptions
from tests.hostile_mail import letter, with_attachment
from tests.parts.papers import docx_saying, odt_saying, pdf_saying, xlsx_saying
from tests.unit.intake.test_attachment_drawing import pdf_of

HEAD = "PEMERINTAH KOTA PEKALONGAN\nDINAS KOMUNIKASI DAN INFORMATIKA\nNomor : 005/12/2026\n"
MARKED = HEAD + "Sifat : Rahasia\nPerihal : Undangan\n\nDengan hormat,"
ORDINARY = HEAD + "Sifat : Biasa\nPerihal : Sosialisasi UU Rahasia Dagang\n\nRapat terbatas membahas rahasia dagang."


def found(content: bytes, name: str = "lampiran.bin", kind: bytes = b"application/octet-stream") -> tuple[bool, bool]:
    """Whether it is marked, and whether something could not be read."""
    raw = with_attachment(content, name, kind)
    assert read(raw, ParserOptions()).quarantine is None, "the letter itself says nothing"
    told = json.loads(look(pack(raw, ParserOptions())))
    return told["marked"], told["unread"]


def zip_with(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def scan_of(width: int) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, width), 90).save(out, "PNG")
    return out.getvalue()


SHUT = {
    "pdf": pdf_saying(MARKED),
    "pdf-second-page": pdf_saying(ORDINARY, MARKED),
    "pdf-table": pdf_saying("Nomor|:|7\nSifat|:|Rahasia\nPerihal|:|Undangan"),
    "pdf-head-of-each-page": pdf_saying("RAHASIA\n" + ORDINARY),
    "docx": docx_saying(MARKED),
    "docx-table": docx_saying("Nomor|:|7\nSifat|:|Sangat Rahasia\nPerihal|:|Undangan"),
    "docx-header": docx_saying(ORDINARY, header="RAHASIA"),
    "docx-watermark": docx_saying(ORDINARY, watermark="RAHASIA"),
    "docx-property": docx_saying(ORDINARY, properties={"Klasifikasi": "Terbatas"}),
    "docx-tab": docx_saying("Sifat\t: Rahasia"),
    "docx-ticked": docx_saying("☐ Biasa ☐ Segera\n☒ Rahasia"),
    "docx-ticked-in-brackets": docx_saying("Sifat : [ ] Segera [x] Rahasia"),
    "odt": odt_saying(MARKED),
    "odt-table": odt_saying("Sifat|:|Rahasia"),
    "odt-header": odt_saying(ORDINARY, header="RAHASIA"),
    "odt-property": odt_saying(ORDINARY, properties={"Klasifikasi": "Rahasia"}),
    "xlsx": xlsx_saying(("Nomor", "7"), ("Sifat", "Rahasia")),
    "xlsx-header": xlsx_saying(("No", "Nama"), header='&C&"Arial,Bold"RAHASIA'),
    "text": MARKED.encode(),
    "text-utf16": b"\xff\xfe" + MARKED.encode("utf-16-le"),
    "html": f"<!doctype html><p>{MARKED.replace(chr(10), '<br>')}</p>".encode(),
    "letter-as-file": letter(body=MARKED.encode()),
    "letter-as-file-with-pdf": with_attachment(pdf_saying(MARKED), "surat.pdf"),
    "zip": zip_with({"a/gambar.txt": b"x", "a/surat.docx": docx_saying(MARKED)}),
    "zip-in-zip": zip_with({"luar.zip": zip_with({"surat.pdf": pdf_saying(MARKED)})}),
    "name-in-zip": zip_with({"SURAT RAHASIA 12.pdf": pdf_saying(ORDINARY)}),
}
OPEN = {
    "pdf": pdf_saying(ORDINARY, ORDINARY),
    "docx": docx_saying(ORDINARY),
    "docx-form": docx_saying("LEMBAR DISPOSISI\nSifat : ☐ Sangat Segera ☐ Segera ☐ Rahasia\nDiteruskan kepada"),
    "odt": odt_saying(ORDINARY),
    "xlsx": xlsx_saying(("No", "Peraturan"), ("1", "UU Rahasia Dagang")),
    "text": ORDINARY.encode(),
    "html": f"<html><p>{ORDINARY.replace(chr(10), '<br>')}</p>".encode(),
    "zip": zip_with({"surat.docx": docx_saying(ORDINARY)}),
    "logo": scan_of(60),
}
UNREAD = {
    "scan": scan_of(400),
    "scan-in-pdf": pdf_of(1),
    "pdf-with-password": pdf_of(1, password="Tegal-2026"),
    "pdf-torn": pdf_saying(ORDINARY)[:400],
    "word-97": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "rtf": b"{\\rtf1 Rapat}",
    "docx-torn": zip_with({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document"})[:90],
    "zip-three-deep": zip_with({"1.zip": zip_with({"2.zip": zip_with({"surat.pdf": pdf_saying(MARKED)})})}),
}


@pytest.mark.parametrize("kind", SHUT)
def test_a_marking_within_an_attachment_is_found(kind: str) -> None:
    assert found(SHUT[kind])[0]


@pytest.mark.parametrize("kind", OPEN)
def test_what_is_no_marking_shuts_nothing_away(kind: str) -> None:
    assert found(OPEN[kind]) == (False, False)


@pytest.mark.parametrize("kind", UNREAD)
def test_what_could_not_be_read_is_said(kind: str) -> None:
    assert found(UNREAD[kind]) == (False, True)


def test_what_was_deleted_with_changes_kept_is_no_word() -> None:
    struck = docx_saying("Sifat : Rahasia")
    with zipfile.ZipFile(io.BytesIO(struck)) as archive:
        body = archive.read("word/document.xml").decode()
    body = body.replace("<w:r>", "<w:del><w:r>").replace("</w:r>", "</w:r></w:del>")
    assert found(zip_with({"[Content_Types].xml": b"<Types/>", "word/document.xml": body.encode()})) == (False, False)


def test_an_invitation_and_a_signature_are_no_unread_letters() -> None:
    assert found(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "undangan.ics", b"text/calendar") == (False, False)
    assert found(bytes(900), "smime.p7s", b"application/pkcs7-signature") == (False, False)
