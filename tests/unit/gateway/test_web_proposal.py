"""What is proposed from a message, as clerks meet it; and deadlines in words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.letters.proposal import propose, recipients, urgency
from gateway.web.moments import Moments
from services.kit.worktime import Calendar
from tests.unit.gateway.web_letters import HOURS, letter, row

CALENDAR = Calendar.from_rules({"zone": "Asia/Jakarta", "hours": HOURS})


def test_number_date_subject_and_recipients_are_read_from_the_text() -> None:
    text = """Pekalongan, 12 Maret 2026
Nomor  : 489/0231/DISKOMINFO
Sifat  : Sangat Segera
Hal    : Permintaan data aplikasi

Yth. 1. Wali Kota Pekalongan
     2. Kepala Dinas Pendidikan;
di - Pekalongan

Dengan hormat, mohon kepala daerah memaklumi.

Tembusan:
1. Yth. Sekretaris Daerah Kota Pekalongan (sebagai laporan)
"""
    found = propose(letter(0, "captured").model_copy(update={"text": text}))
    assert (found.letter_number, found.letter_on) == ("489/0231/DISKOMINFO", "2026-03-12")
    assert (found.subject, found.urgency) == ("Permintaan data aplikasi", "sangat-segera")
    assert [(each.recipient_class, each.office, each.copy_kind) for each in found.recipients] == [
        ("walikota", "Wali Kota Pekalongan", "asli"),
        ("kepala-opd", "Kepala Dinas Pendidikan", "asli"),
        ("sekda", "Sekretaris Daerah Kota Pekalongan", "tembusan"),
    ]


@pytest.mark.parametrize(
    ("said", "on", "guessed"),
    [
        ("Tanggal: 03/11/2026", "2026-11-03", "03/11/2026"),
        ("Tgl. : 3-11-26", "2026-11-03", "3-11-26"),
        ("Tanggal surat : 3.11.2026", "2026-11-03", "3.11.2026"),
        ("Tanggal : 3 - 11 - 2026", "2026-11-03", "3 - 11 - 2026"),
        ("Tanggal: 11/25/2026", "2026-11-25", "11/25/2026"),
        ("Tanggal: 2026-11-03", "2026-11-03", ""),
        ("Tanggal: Senin, 3 Nopember 2026", "2026-11-03", ""),
        ("Tanggal: 3 Nov '26", "2026-11-03", "3 Nov '26"),
        ("Pekalongan, 03-11-2026", "2026-11-03", "03-11-2026"),
        ("Tanggal: 31/02/2026", "", ""),
        ("Tanggal: 13/14/2026", "", ""),
        ("Tanggal: 800/12/3/2026", "", ""),
        ("Pekalongan, 1 Maret 2026\n\nTanggal : 12/03/2026 (acara)", "2026-03-01", ""),
        ("Tanggal : -\n\nPekalongan, 1 Maret 2026", "2026-03-01", ""),
    ],
)
def test_a_date_in_numbers_has_its_day_first_and_what_was_guessed_is_told(said: str, on: str, guessed: str) -> None:
    found = propose(letter(0, "captured").model_copy(update={"text": f"Nomor: 7\n{said}\nHal: Rapat\n"}))
    assert (found.letter_on, found.dated_from) == (on, guessed)


def test_a_forwarded_title_loses_its_prefixes() -> None:
    found = propose(letter(0, "captured").model_copy(update={"text": "", "message_subject": "Fwd: RE: [EXT] Rapat"}))
    assert found.subject == "Rapat"


@pytest.mark.parametrize(
    ("said", "slug"),
    [("SEGERA", "segera"), ("Sangat segera", "sangat-segera"), ("kepentingan", "biasa"), ("", "biasa")],
)
def test_urgency_is_read_as_a_word(said: str, slug: str) -> None:
    assert urgency(said) == slug


@given(st.text(max_size=2000))
def test_no_text_breaks_the_reader(text: str) -> None:
    propose(letter(0, "captured").model_copy(update={"text": text, "message_subject": text[:100]}))
    assert all(each.office for each in recipients(text))


def jakarta(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


def said(now: str, due: str, language: str = "id", **changes: object) -> tuple[str, str]:
    moments = Moments(jakarta(now), "Asia/Jakarta", language, CALENDAR)
    found = moments.due(row(5, "forwarded", due_at=jakarta(due), completed_at=None).model_copy(update=changes))
    assert found is not None
    return found.state, found.text


def test_deadlines_count_in_working_time() -> None:
    # Thu 14.00 → Fri 11.00: 1 h 45 min on Thursday and 3 h on Friday
    assert said("2026-11-19T14:00", "2026-11-20T11:00") == (
        "ahead",
        "Jatuh tempo besok 11.00, sisa 4 jam 45 menit kerja",
    )
    assert said("2026-11-20T10:40", "2026-11-20T11:00") == ("soon", "Jatuh tempo hari ini 11.00, sisa 20 menit kerja")
    assert said("2026-11-23T08:30", "2026-11-20T11:00") == ("overdue", "Terlambat 30 menit kerja")
    assert said("2026-11-22T08:30", "2026-11-20T11:00") == ("overdue", "Terlambat sejak Jum 20 Nov 11.00")
    assert said("2026-11-19T14:00", "2026-11-30T15:45")[1].endswith("sisa 7 hari kerja")


def test_below_a_heading_that_says_deadline_it_is_not_said_again() -> None:
    moments = Moments(jakarta("2026-11-20T10:40"), "Asia/Jakarta", "id", CALENDAR)
    waiting = row(5, "forwarded", due_at=jakarta("2026-11-20T11:00"), completed_at=None)
    found = moments.due(waiting)
    assert found is not None
    assert found.short == "hari ini 11.00, sisa 20 menit kerja"
    assert found.text == f"Jatuh tempo {found.short}"


def test_of_an_anonymous_reporter_a_pause_has_a_day_and_no_hour() -> None:
    moments = Moments(jakarta("2026-11-20T10:40"), "Asia/Jakarta", "id", CALENDAR)
    asked = row(5, "forwarded", due_at=jakarta("2026-11-27T11:00"), completed_at=None)
    stands = asked.model_copy(update={"paused_at": jakarta("2026-11-20T00:00"), "dated": True})
    found = moments.due(stands)
    assert found is not None
    assert (found.text, found.short) == ("Perhitungan dihentikan sejak hari ini", "Dihentikan sejak hari ini")
    assert moments.on(jakarta("2026-11-20T00:00")) == "Jumat, 20 November 2026"


def test_deadlines_speak_english_too() -> None:
    assert said("2026-11-20T10:40", "2026-11-20T11:00", "en")[1] == "Due today 11:00, 20 min of working time left"


def test_what_is_done_was_in_time_or_late() -> None:
    assert said("2026-11-23T08:30", "2026-11-20T11:00", completed_at=jakarta("2026-11-20T10:59"))[0] == "met"
    assert said("2026-11-23T08:30", "2026-11-20T11:00", completed_at=jakarta("2026-11-20T11:01"))[0] == "missed"


def test_nothing_is_due_before_registration_or_after_a_cancellation() -> None:
    moments = Moments(datetime.now(UTC), "Asia/Makassar", "id")
    assert moments.due(row(0, "captured")) is None
    assert moments.due(row(13, "cancelled")) is None
    assert moments.full(jakarta("2026-11-20T11:00")).endswith("12.00 WITA")
