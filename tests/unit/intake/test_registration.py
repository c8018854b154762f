"""Examined, numbered without a gap, printed, forwarded: what the operator does at the counter."""

from datetime import UTC, datetime

import pytest

from contracts.intake import (
    AdoptStandard,
    AgendaNumberTaken,
    BookOpened,
    CancelLetter,
    CorrectOpening,
    EnterLetter,
    ExamineMessage,
    ForwardLetter,
    LetterCancelled,
    LetterForwarded,
    LetterRegistered,
    LetterRevised,
    MessageCaptured,
    MessageExamined,
    NumbersReserved,
    OpenBook,
    OpeningCorrected,
    PrintPackProduced,
    ProducePrintPack,
    RegisterLetter,
    ReserveNumbers,
    ReviseLetter,
    StandardAdopted,
)
from contracts.words import LetterFields, RecipientEntry
from tests.unit.given_when_then import SERVICE, Desk
from tests.unit.office import (
    ADOPT,
    CITIZEN,
    DINKES,
    DISDIK,
    FIELDS,
    INTAKE,
    KASI,
    OPERATOR,
    RULES,
    STANDARD,
    WALIKOTA,
    blob,
    counter,
    forwarded,
    letter_id,
    message,
    office,
    registered,
)

ID = letter_id(1)
EXAMINE, REGISTER = ExamineMessage(letter_id=ID, fields=FIELDS), RegisterLetter(letter_id=ID)
FORWARD, CANCEL = ForwardLetter(letter_id=ID), CancelLetter(letter_id=ID, reason="Salah alamat")


def pack(text: str = "pack 1", reason: str = "") -> ProducePrintPack:
    return ProducePrintPack(letter_id=ID, blob=blob(text), pages=4, reason=reason)


def revise(*recipients: RecipientEntry) -> ReviseLetter:
    return ReviseLetter(letter_id=ID, fields=FIELDS.model_copy(update={"recipients": recipients}), note="Dibetulkan")


def test_registration_continues_the_paper_book() -> None:
    desk = registered().then(AgendaNumberTaken, LetterRegistered)
    fact = desk.fact(LetterRegistered)
    assert (fact.agenda, fact.number, fact.year) == ("0844/2026", 844, 2026)
    assert (fact.standard, fact.urgency, fact.by.position) == (STANDARD, "segera", "operator-sandi")
    assert desk.decision.result["agenda"] == "0844/2026"


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-12T14:00+07:00", "2026-03-13T11:00+07:00"),
        ("2026-03-06T10:59+07:00", "2026-03-09T15:45+07:00"),
        ("2026-03-06T11:00+07:00", "2026-03-10T15:45+07:00"),
    ],
)
def test_a_letter_is_due_after_one_working_day(received: str, due: str) -> None:
    desk = counter().when(message(1, received_at=datetime.fromisoformat(received)))
    desk.when(EXAMINE, OPERATOR).when(REGISTER, OPERATOR)
    assert desk.fact(LetterRegistered).due_at == datetime.fromisoformat(due)


def test_each_recipient_gets_a_copy_with_route_and_proof_of_his_rule() -> None:
    walikota, disdik = registered().fact(LetterRegistered).copies
    assert (walikota.route, walikota.routes, walikota.proof) == ("aide", ("aide",), "receipt")
    assert (disdik.route, disdik.routes, disdik.copy_kind) == ("courier", ("courier", "fax", "online"), "tembusan")
    assert walikota.copy_id != disdik.copy_id


def test_a_recipient_without_a_rule_takes_no_number() -> None:
    desk = registered(fields=FIELDS.model_copy(update={"recipients": (DISDIK, RecipientEntry(
        recipient_class="sekda", office="Sekda", copy_kind="tembusan"))}))  # fmt: skip
    desk.refused("intake.no-delivery-rule", office="Sekda", copy_kind="tembusan")


def test_registering_twice_takes_one_number() -> None:
    desk = registered().when(REGISTER, OPERATOR).then()
    assert desk.decision.result["agenda"] == "0844/2026"
    desk.when(RegisterLetter(letter_id=ID, book="keluar"), OPERATOR).refused("intake.already-registered")


def test_a_letter_is_examined_before_it_is_registered() -> None:
    counter().when(REGISTER, OPERATOR).refused("intake.unknown-letter")
    counter().when(message(1)).when(REGISTER, OPERATOR).refused("intake.not-examined", state="captured")
    counter().when(message(1, quarantine="malware")).when(EXAMINE, OPERATOR).refused("intake.quarantined")


def test_a_twin_may_become_a_letter_of_its_own() -> None:
    desk = counter().when(message(1, content="sama")).when(message(2, content="sama"))
    desk.when(ExamineMessage(letter_id=letter_id(2), fields=FIELDS), OPERATOR).then(MessageExamined)
    desk.when(RegisterLetter(letter_id=letter_id(2)), OPERATOR).then(AgendaNumberTaken, LetterRegistered)


def test_what_was_examined_is_examined_again_until_it_has_a_number() -> None:
    desk = counter().when(message(1)).when(EXAMINE, OPERATOR).when(EXAMINE, OPERATOR).then(MessageExamined)
    desk.when(REGISTER, OPERATOR).when(EXAMINE, OPERATOR).refused("intake.already-registered", agenda="0844/2026")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"urgency": "kilat"}, "intake.urgency-unknown"),
        ({"letter_on": "10-03-2026"}, "intake.letter-date"),
        ({"recipients": ()}, "intake.recipients-missing"),
        ({"recipients": (DISDIK, DISDIK)}, "intake.recipient-twice"),
        ({"recipients": (DISDIK.model_copy(update={"copy_kind": "arsip"}),)}, "intake.copy-kind-unknown"),
    ],
)
def test_fields_that_make_no_sense_are_refused(change: dict[str, object], code: str) -> None:
    fields: LetterFields = FIELDS.model_copy(update=change)
    counter().when(message(1)).when(ExamineMessage(letter_id=ID, fields=fields), OPERATOR).refused(code)
    forwarded().when(ReviseLetter(letter_id=ID, fields=fields), OPERATOR).refused(code)


def test_a_letter_on_paper_is_entered_and_numbered_at_once() -> None:
    desk = counter()
    desk.when(EnterLetter(received_at=desk.now, fields=FIELDS), OPERATOR)
    desk.then(MessageCaptured, MessageExamined, AgendaNumberTaken, LetterRegistered)
    assert desk.fact(LetterRegistered).letter_id == desk.fact(MessageCaptured).letter_id
    desk.when(EnterLetter(received_at=desk.now, fields=FIELDS), OPERATOR)
    desk.then(MessageCaptured, MessageExamined, AgendaNumberTaken, LetterRegistered)
    assert desk.fact(LetterRegistered).number == 845


def test_a_letter_on_paper_is_entered_whole_or_not_at_all() -> None:
    desk = counter()
    urgent = FIELDS.model_copy(update={"urgency": "kilat"})
    desk.when(EnterLetter(received_at=desk.now, fields=urgent), OPERATOR).refused("intake.urgency-unknown")
    unknown = FIELDS.model_copy(update={"recipients": (RecipientEntry(recipient_class="dprd", office="DPRD"),)})
    desk.when(EnterLetter(received_at=desk.now, fields=unknown), OPERATOR).refused("intake.no-delivery-rule")
    command, identity = EnterLetter(received_at=desk.now, fields=FIELDS), letter_id(77)
    entered = desk.when(command, OPERATOR, command_id=identity).fact(LetterRegistered)
    desk.when(command, OPERATOR, command_id=identity).then()
    assert desk.decision.result == {"letter_id": str(entered.letter_id)}


def test_a_letter_on_paper_has_not_come_tomorrow() -> None:
    desk = counter()
    entered = EnterLetter(received_at=desk.now.replace(year=2027), fields=FIELDS)
    desk.when(entered, OPERATOR).refused("intake.received-in-future")


def test_nobody_but_the_operator_registers() -> None:
    desk = counter().when(message(1)).when(EXAMINE, OPERATOR)
    for actor in (SERVICE, KASI, CITIZEN):
        desk.when(REGISTER, actor).refused("intake.not-permitted", needs=["operator"])


def test_without_a_standard_nothing_is_numbered() -> None:
    desk = office((INTAKE,)).when(message(1)).when(EXAMINE, OPERATOR)
    desk.when(REGISTER, OPERATOR).refused("intake.no-standard", book="masuk")


def _adopted(version: int, valid_from: str, **rules: object) -> AdoptStandard:
    ref = STANDARD.model_copy(update={"version": version})
    return AdoptStandard(standard=ref, valid_from=valid_from, rules={**RULES, **rules})


def test_a_letter_runs_under_the_version_that_was_valid_when_it_came() -> None:
    desk = counter().when(_adopted(2, "2026-03-13", assigner="kabid-persandian"))
    desk.when(_adopted(3, "2026-04-01")).then(StandardAdopted)
    assert registered(1, desk).fact(LetterRegistered).standard.version == 1
    the_13th_in_wib = datetime(2026, 3, 12, 17, 0, tzinfo=UTC)
    desk.later(days=1).when(message(2, received_at=the_13th_in_wib))
    desk.when(ExamineMessage(letter_id=letter_id(2), fields=FIELDS), OPERATOR)
    desk.when(RegisterLetter(letter_id=letter_id(2)), OPERATOR)
    assert desk.fact(LetterRegistered).standard.version == 2


def test_a_new_version_never_changes_a_running_case() -> None:
    desk = registered().when(_adopted(2, "2020-01-01", assigner="kabid-persandian"))
    desk.when(pack(), OPERATOR).when(FORWARD, OPERATOR)
    assert desk.fact(LetterForwarded).assigner == "kasi-persandian"


def test_a_letter_older_than_the_standard_runs_under_its_first_version() -> None:
    desk = office((INTAKE,)).when(_adopted(4, "2027-01-01")).when(_adopted(5, "2027-06-01"))
    assert registered(1, desk).fact(LetterRegistered).standard.version == 4


def test_a_standard_is_adopted_once_and_never_altered() -> None:
    counter().when(ADOPT).then()
    counter().when(_adopted(1, "2022-03-01", assigner="kadis")).refused("intake.standard-version-taken", version=1)


def test_a_book_belongs_to_one_standard() -> None:
    other = STANDARD.model_copy(update={"standard": "surat-lain"})
    wish = AdoptStandard(standard=other, valid_from="2022-03-01", rules=RULES)
    counter().when(wish).refused("intake.book-of-another-standard", standard="berita-biasa-sanapati")


@pytest.mark.parametrize(
    "broken", [{"tiers": []}, {"deadline": {"hari": 1}}, {"zone": "Asia/Pekalongan"}, {"hours": []}]
)
def test_rules_that_letters_cannot_run_under_are_not_adopted(broken: dict[str, object]) -> None:
    office((INTAKE,)).when(_adopted(1, "2022-03-01", **broken)).refused("intake.standard-incomplete")


def _without_opening() -> Desk:
    rules = {**RULES, "books": {"masuk": {"pattern": "{number:04d}/{year}"}}}
    return office((INTAKE,)).when(AdoptStandard(standard=STANDARD, valid_from="2022-03-01", rules=rules))


def test_a_closed_book_says_what_to_do() -> None:
    desk = registered(1, _without_opening())
    desk.refused("intake.book-closed", remedy="Buka buku agenda masuk tahun 2026 lebih dahulu.")
    desk.when(OpenBook(book="masuk", year=2026, opening=120), OPERATOR).then(BookOpened)
    desk.when(REGISTER, OPERATOR)
    assert desk.fact(LetterRegistered).agenda == "0121/2026"


def test_a_book_is_opened_once() -> None:
    desk = _without_opening().when(OpenBook(book="masuk", year=2026, opening=5), OPERATOR)
    desk.when(OpenBook(book="masuk", year=2026, opening=5), OPERATOR).then()
    desk.when(OpenBook(book="masuk", year=2026, opening=6), OPERATOR).refused("intake.book-open", last=5)
    desk.when(OpenBook(book="rahasia", year=2026), OPERATOR).refused("intake.unknown-book")


def test_the_new_year_does_not_stop_the_office() -> None:
    desk = registered(1)
    desk.now = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)  # 23.59.59 WIB
    registered(2, desk).then(AgendaNumberTaken, LetterRegistered)
    assert desk.fact(LetterRegistered).agenda == "0845/2026"
    registered(3, desk.later(seconds=1)).then(BookOpened, AgendaNumberTaken, LetterRegistered)
    assert desk.fact(LetterRegistered).agenda == "0001/2027"
    registered(4, desk).then(AgendaNumberTaken, LetterRegistered)
    assert desk.fact(LetterRegistered).agenda == "0002/2027"


def test_a_clock_that_is_decades_wrong_opens_no_book() -> None:
    desk = counter()
    desk.now = datetime(2070, 1, 2, tzinfo=UTC)
    registered(1, desk).refused("intake.book-closed", year=2070)


def test_a_letter_is_printed_before_it_goes_round() -> None:
    desk = registered().when(FORWARD, OPERATOR).refused("intake.not-printed", agenda="0844/2026")
    desk.when(pack(), OPERATOR).then(PrintPackProduced).when(FORWARD, OPERATOR).then(LetterForwarded)
    fact, number = desk.fact(LetterForwarded), desk.fact(LetterRegistered)
    assert (fact.revision, fact.copies, fact.tiers, fact.due_at) == (1, number.copies, number.tiers, number.due_at)
    assert (fact.registrar.person_id, fact.assigner) == ("operator", "kasi-persandian")
    desk.when(FORWARD, OPERATOR).then()


def test_a_letter_without_a_number_is_not_printed() -> None:
    counter().when(message(1)).when(EXAMINE, OPERATOR).when(pack(), OPERATOR).refused("intake.not-registered")


def test_a_reprint_needs_a_reason_and_the_next_number() -> None:
    desk = registered().when(pack(), OPERATOR).when(pack(), OPERATOR).then()
    desk.when(pack("pack 2"), OPERATOR).refused("intake.reprint-needs-reason", print_number=1)
    desk.when(pack("pack 2", "  "), OPERATOR).refused("intake.reprint-needs-reason")
    desk.when(pack("pack 2", "Kertas macet"), OPERATOR).then(PrintPackProduced)
    assert (desk.fact(PrintPackProduced).print_number, desk.fact(PrintPackProduced).reason) == (2, "Kertas macet")
    desk.when(pack("pack 2", "Kertas macet"), OPERATOR).then()


def test_a_pack_that_was_not_rendered_is_no_pack() -> None:
    registered().when(ProducePrintPack(letter_id=ID), OPERATOR).refused("intake.not-rendered")


def test_a_forwarded_letter_may_be_printed_again() -> None:
    desk = forwarded().when(pack("pack 2", "Rusak"), OPERATOR).then(PrintPackProduced)
    desk.when(FORWARD, OPERATOR).then()


def test_a_revised_letter_is_printed_again_before_the_next_revision() -> None:
    desk = forwarded().when(revise(WALIKOTA, DISDIK), OPERATOR).then(LetterRevised)
    assert desk.fact(LetterRevised).revision == 2
    desk.when(FORWARD, OPERATOR).refused("intake.not-printed", revision=2)
    desk.when(pack("pack 2"), OPERATOR).then(PrintPackProduced).when(FORWARD, OPERATOR).then(LetterForwarded)
    assert (desk.fact(LetterForwarded).revision, desk.fact(PrintPackProduced).print_number) == (2, 2)


def test_who_stays_a_recipient_keeps_his_copy_and_no_copys_id_passes_on() -> None:
    desk = forwarded()
    walikota, disdik = (copy.copy_id for copy in desk.fact(LetterForwarded).copies)
    (kept,) = desk.when(revise(WALIKOTA), OPERATOR).fact(LetterRevised).copies
    assert kept.copy_id == walikota
    dinkes, again = desk.when(revise(DINKES, WALIKOTA), OPERATOR).fact(LetterRevised).copies
    assert again.copy_id == walikota
    assert dinkes.copy_id not in {walikota, disdik}
    back = desk.when(revise(DISDIK), OPERATOR).fact(LetterRevised).copies
    assert [copy.copy_id for copy in back] == [disdik]


def test_a_revision_keeps_to_the_delivery_rules() -> None:
    unknown = RecipientEntry(recipient_class="dprd", office="DPRD")
    forwarded().when(revise(unknown), OPERATOR).refused("intake.no-delivery-rule", office="DPRD")


def test_a_slip_of_the_pen_is_revised_before_the_letter_goes_round() -> None:
    desk = registered().when(revise(DINKES), OPERATOR).then(LetterRevised)
    desk.when(pack(), OPERATOR).when(FORWARD, OPERATOR)
    assert (desk.fact(LetterForwarded).revision, len(desk.fact(LetterForwarded).copies)) == (1, 1)


def test_a_cancelled_letter_keeps_its_number() -> None:
    desk = registered(1).when(CANCEL, OPERATOR).then(LetterCancelled)
    assert desk.fact(LetterCancelled).agenda == "0844/2026"
    assert registered(2, desk).fact(LetterRegistered).number == 845
    desk.when(CANCEL, OPERATOR).then()
    desk.when(CancelLetter(letter_id=ID, reason="Lain"), OPERATOR).refused("intake.cancelled", reason="Salah alamat")
    desk.when(FORWARD, OPERATOR).refused("intake.cancelled")


def test_twins_and_quarantined_messages_are_put_aside() -> None:
    desk = counter().when(message(1, content="sama")).when(message(2, content="sama"))
    desk.when(CancelLetter(letter_id=letter_id(2), reason="Kembar"), OPERATOR).then(LetterCancelled)
    assert desk.fact(LetterCancelled).agenda is None
    desk.when(message(3, quarantine="malware"))
    desk.when(CancelLetter(letter_id=letter_id(3), reason="Virus"), OPERATOR).then(LetterCancelled)
    desk.when(CancelLetter(letter_id=letter_id(9), reason="Tidak ada"), OPERATOR).refused("intake.unknown-letter")


def test_numbers_that_stand_on_paper_are_given_to_no_letter() -> None:
    desk = _without_opening().when(OpenBook(book="masuk", year=2026, opening=5), OPERATOR)
    paper = ReserveNumbers(book="masuk", year=2026, until=12, reason="sudah di kertas")
    desk.when(paper, OPERATOR).then(NumbersReserved)
    desk.when(paper, OPERATOR).then()
    desk.when(paper.model_copy(update={"until": 7}), OPERATOR).then()
    desk.when(paper.model_copy(update={"until": 99_999}), OPERATOR).refused("intake.too-many-numbers", last=12)
    desk.when(paper.model_copy(update={"year": 2027}), OPERATOR).refused("intake.book-closed")
    desk.when(paper.model_copy(update={"book": "rahasia"}), OPERATOR).refused("intake.unknown-book")


def test_where_a_book_begins_is_corrected_until_a_number_was_given_out() -> None:
    desk = _without_opening().when(OpenBook(book="masuk", year=2026, opening=5), OPERATOR)
    wish = CorrectOpening(book="masuk", year=2026, opening=7, reason="salah ketik")
    fact = desk.when(wish, OPERATOR).then(OpeningCorrected).fact(OpeningCorrected)
    assert (fact.was, fact.opening, fact.reason) == (5, 7, "salah ketik")
    desk.when(wish, OPERATOR).then()
    registered(1, desk)
    assert desk.fact(AgendaNumberTaken).number == 8
    desk.when(wish.model_copy(update={"opening": 9}), OPERATOR).refused("intake.opening-used", first=8, last=8)
    desk.when(wish.model_copy(update={"year": 2027}), OPERATOR).refused("intake.book-closed")
    desk.when(wish.model_copy(update={"book": "rahasia"}), OPERATOR).refused("intake.unknown-book")


def test_where_a_book_begins_stays_when_numbers_are_kept_back() -> None:
    desk = _without_opening().when(OpenBook(book="masuk", year=2026, opening=5), OPERATOR)
    desk.when(ReserveNumbers(book="masuk", year=2026, until=12, reason="sudah di kertas"), OPERATOR)
    wish = CorrectOpening(book="masuk", year=2026, opening=7, reason="salah ketik")
    desk.when(wish, OPERATOR).refused("intake.opening-used", first=6, last=12)
