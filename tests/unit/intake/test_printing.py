"""The print desk counts the pages that it has made."""

from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID, uuid4

import pypdf
import pytest

from services.intake.adapters.print_render import render
from services.intake.adapters.printing import pages_in, verify_url
from services.intake.print_pack import Letterhead, PrintedCopy, PrintedLetter, PrintPack

NOW = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)


def copy_of(copy_id: UUID) -> PrintedCopy:
    url = verify_url("https://surat.example", "pekalongan", copy_id)
    return PrintedCopy(copy_id=copy_id, recipient="Sekda", kind="asli", verify_url=url)


@pytest.mark.parametrize("copies", [1, 3])
def test_the_pages_of_a_pack_are_counted_as_a_reader_counts_them(copies: int) -> None:
    pack = PrintPack(
        letterhead=Letterhead(agency="Pemerintah Kota Pekalongan", office="Dinas Kominfo", place="Pekalongan"),
        letter=PrintedLetter(
            agenda_number="0845/2026", agenda_book="Buku agenda", number="1", sender="Setda", subject="Undangan",
            received_at=NOW, registered_at=NOW,
        ),
        copies=tuple(copy_of(uuid4()) for _ in range(copies)),
        printed_at=NOW,
    )  # fmt: skip
    pdf = render(pack.model_dump_json().encode())
    assert pages_in(pdf) == len(pypdf.PdfReader(BytesIO(pdf)).pages) > copies
