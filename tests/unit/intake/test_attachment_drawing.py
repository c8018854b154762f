"""An attachment is shown as what its bytes are: pages and pictures drawn anew, text as text, all else not at all."""

import hashlib
import io
import json
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from services.intake.adapters.attachment_drawing import show
from services.kit.drawing import WIDTH
from tests.hostile_mail import letter, with_attachment, zip_of


def shown(content: bytes, page: int = 1, name: str = "berkas.bin") -> tuple[dict[str, Any], bytes]:
    raw = with_attachment(content, name)
    told, _, picture = show(hashlib.sha256(content).digest() + page.to_bytes(2, "big") + raw).partition(b"\n")
    return json.loads(told), picture


def pdf_of(pages: int, *, script: bool = False, password: str = "") -> bytes:
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(595, 842))
    if script:
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    out = io.BytesIO()
    encryption = pikepdf.Encryption(owner=password, user=password) if password else False
    made.save(out, encryption=encryption)
    return out.getvalue()


def picture_of(form: str, frames: int = 1) -> bytes:
    images = [Image.new("RGB", (40, 30), (200, 10 * at, 0)) for at in range(frames)]
    out = io.BytesIO()
    images[0].save(out, form, **({"save_all": True, "append_images": images[1:]} if frames > 1 else {}))
    return out.getvalue()


def test_each_page_of_a_pdf_is_a_picture_whatever_the_file_is_called() -> None:
    for page in (1, 3):
        told, picture = shown(pdf_of(3, script=True), page, "surat.txt")
        assert (told["form"], told["pages"]) == ("pages", 3)
        drawn = Image.open(io.BytesIO(picture))
        assert (drawn.format, drawn.width) == ("JPEG", WIDTH)
    assert shown(pdf_of(3), 4) == ({"form": "pages", "pages": 3}, b"")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_picture_is_drawn_anew(form: str) -> None:
    told, picture = shown(picture_of(form))
    assert (told["form"], told["pages"]) == ("picture", 1)
    assert Image.open(io.BytesIO(picture)).size == (40, 30)


def test_a_scan_of_several_sheets_has_several_pages() -> None:
    told, picture = shown(picture_of("TIFF", 3), 2)
    assert told["pages"] == 3
    assert Image.open(io.BytesIO(picture)).getpixel((5, 5)) != Image.open(
        io.BytesIO(shown(picture_of("TIFF", 3), 1)[1])
    ).getpixel((5, 5))


def test_text_is_text_and_what_looks_like_a_page_of_the_web_is_text_too() -> None:
    told, picture = shown("<script>alert(1)</script>\nRapat – Senin".encode(), name="a.html")
    assert (told["form"], told["text"], picture) == ("text", "<script>alert(1)</script>\nRapat – Senin", b"")
    told, _ = shown(b"kata " * 100_000)
    assert (len(told["text"]), told["cut"]) == (100_000, True)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (zip_of({"word/document.xml": b"<x/>"}), "kind"),
        (b"MZ\x90\x00" + bytes(200), "kind"),
        (pdf_of(1, password="x"), "locked"),
        (b"%PDF-1.4\nrusak", "unreadable"),
        (picture_of("JPEG")[:-40], "unreadable"),
    ],
)
def test_what_cannot_be_shown_says_why(content: bytes, why: str) -> None:
    told, picture = shown(content)
    assert (told["form"], told["pages"], told["why"], picture) == ("file", 0, why, b"")


def test_the_library_that_draws_runs_no_scripts() -> None:
    """Its build has neither V8 nor XFA; a build that had them would be another risk."""
    assert not {"V8", "XFA"} & set(pypdfium2.PDFIUM_INFO.flags)


def test_an_attached_letter_is_read_as_one() -> None:
    told, _ = shown(letter(b"Content-Type: text/html", body=b"<p>Mohon hadir</p>"), name="surat.eml")
    assert told["text"] == "Dari: Sekretariat <sekretariat@contoh.go.id>\nPerihal: Undangan rapat\n\nMohon hadir"
    assert shown(b"nama: Budi\nnip: 1\ncatatan\n")[0]["text"] == "nama: Budi\nnip: 1\ncatatan\n"
