"""What is printed and kept is PDF/A; a sign without a glyph costs that form, not the paper."""

import json
from dataclasses import asdict

import pytest

from gateway.web.complaints.printing import Bound, set_pdf, words
from services.kit.letters.setting import Letter, render

HEAD = {"agency": "Kota Pekalongan", "office": "Dinas Kominfo", "place": "Pekalongan", "address": ["Jl. Mataram 1"]}
MARK = b"<pdfaid:part>2</pdfaid:part>"


def book(gist: str) -> bytes:
    rows = (("001", "30/11/2026", "telepon", "normatif", "Jalan", gist, "Kasi", "", "", "baru"),)
    return set_pdf(json.dumps(words(Bound(HEAD, "Buku pengaduan", ("No.",) * 10, rows))).encode())


def test_the_complaint_book_is_archival_and_survives_a_sign_without_glyph() -> None:
    assert MARK in book("Lampu jalan padam")
    smiling = book("Lampu jalan padam \U0001f600")
    assert smiling.startswith(b"%PDF-")
    assert MARK not in smiling


@pytest.mark.parametrize(("name", "archived"), [("Sri Ayu, S.Kom.", True), ("Sri \U0001f600", False)])
def test_an_official_letter_is_archival_and_is_issued_whatever_somebody_is_called(name: str, archived: bool) -> None:  # noqa: FBT001 - a column
    letter = Letter(HEAD, "8/2026", "30 November 2026", "Balasan", ("Yth.", name), ("Sudah.",), "", "Kepala", "A", "")
    pdf = render(json.dumps(asdict(letter)).encode())
    assert pdf.startswith(b"%PDF-")
    assert (MARK in pdf) is archived
