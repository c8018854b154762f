"""The whole road over three services, without a store: a message in a mailbox becomes an archived letter."""

from contracts.approval import ApprovalReturned, InitialLetter, ReturnLetter
from contracts.dispatch import (
    ArchiveLetter,
    AssignCourier,
    DispatchClosed,
    DispatchPlanned,
    DispatchProven,
    DispatchRecalled,
    DispatchReleased,
    LetterArchived,
    RecordDelivery,
)
from contracts.intake import (
    BookOpened,
    CancelLetter,
    ForwardLetter,
    LetterRegistered,
    LetterShut,
    ProducePrintPack,
    ReviseLetter,
    StandardAdopted,
)
from contracts.organisation import PublishStandard, StandardPublished
from services.intake.reactions import REACTIONS
from services.organisation.adapters.standards_files import own_standards, read
from tests.unit.given_when_then import Desk, recorded_as
from tests.unit.office import (
    COURIER,
    FIELDS,
    INTAKE,
    KABID,
    KADIS,
    KASI,
    OPERATOR,
    STANDARD,
    WALIKOTA,
    blob,
    forwarded,
    letter_id,
    office,
    registered,
    whole_house,
)

ID = letter_id(1)


def initialled(desk: Desk) -> Desk:
    for officer in (KASI, KABID, KADIS):
        desk.when(InitialLetter(letter_id=ID), officer)
    return desk.tell()


def delivered(desk: Desk) -> Desk:
    desk.when(AssignCourier(letter_id=ID, courier_id="caraka-1", courier_name="Caraka Satu"), KASI)
    for copy in desk.fact(DispatchPlanned).copies:
        desk.when(RecordDelivery(letter_id=ID, copy_id=copy.copy_id, receiver_name="Siti"), COURIER)
    return desk


def put_away(desk: Desk) -> Desk:
    return desk.when(ArchiveLetter(letter_id=ID, classification="005", place="Lemari 2"), OPERATOR).tell()


def forwarded_again(desk: Desk) -> Desk:
    fields = FIELDS.model_copy(update={"recipients": (WALIKOTA,)})
    desk.when(ReviseLetter(letter_id=ID, fields=fields), OPERATOR)
    desk.when(ProducePrintPack(letter_id=ID, blob=blob("pack 2"), pages=2), OPERATOR)
    return desk.when(ForwardLetter(letter_id=ID), OPERATOR).tell()


def test_a_message_is_carried_to_the_archive() -> None:
    desk = delivered(initialled(forwarded(whole_house()).tell()))
    assert desk.fact(DispatchProven).completed_at == desk.now
    desk.when(ArchiveLetter(letter_id=ID, classification="005", place="Lemari 2"), OPERATOR).then(LetterArchived)
    assert desk.parked == []


def test_a_returned_letter_goes_round_again_as_its_next_revision() -> None:
    desk = forwarded(whole_house()).tell().when(InitialLetter(letter_id=ID), KASI)
    desk.when(ReturnLetter(letter_id=ID, note="Tembusan tidak perlu"), KABID).then(ApprovalReturned).tell()
    delivered(initialled(forwarded_again(desk)))
    assert (desk.fact(DispatchReleased).revision, len(desk.fact(DispatchPlanned).copies)) == (2, 1)
    assert desk.fact(DispatchProven).revision == 2
    assert desk.parked == []


def test_a_released_letter_changes_only_by_a_new_round_and_is_delivered_anew() -> None:
    desk = delivered(initialled(forwarded(whole_house()).tell()))
    desk.when(ReviseLetter(letter_id=ID, fields=FIELDS, note="Salah tanggal"), OPERATOR).tell()
    desk.when(ArchiveLetter(letter_id=ID, classification="005", place="Lemari 2"), OPERATOR).refused("dispatch.held")
    forwarded_again(desk)
    assert (desk.fact(DispatchRecalled).revision, desk.fact(DispatchRecalled).by_revision) == (1, 2)
    desk.when(ArchiveLetter(letter_id=ID, classification="005", place="Lemari 2"), OPERATOR).refused(
        "dispatch.not-released"
    )
    delivered(initialled(desk))
    assert desk.fact(DispatchProven).revision == 2
    desk.when(ArchiveLetter(letter_id=ID, classification="005", place="Lemari 2"), OPERATOR).then(LetterArchived)
    assert desk.parked == []


def test_an_archived_letter_is_shut() -> None:
    desk = delivered(initialled(forwarded(whole_house()).tell()))
    desk.when(ArchiveLetter(letter_id=ID, classification="005", place="Lemari 2"), OPERATOR).tell()
    assert desk.fact(LetterShut).letter_id == ID
    for command in (
        ReviseLetter(letter_id=ID, fields=FIELDS, note=""),
        ProducePrintPack(letter_id=ID, blob=blob("another"), pages=2, reason="Hilang"),
        ForwardLetter(letter_id=ID),
        CancelLetter(letter_id=ID, reason="Terlambat"),
    ):
        desk.when(command, OPERATOR).refused("intake.archived")
    assert desk.parked == []


def test_a_cancelled_letter_stops_everywhere() -> None:
    desk = initialled(forwarded(whole_house()).tell())
    desk.when(CancelLetter(letter_id=ID, reason="Dicabut pengirim"), OPERATOR).tell()
    assert desk.fact(DispatchClosed).reason == "Dicabut pengirim"
    assert desk.parked == []


def test_an_archived_letter_is_not_cancelled_on_the_quiet() -> None:
    desk = delivered(initialled(forwarded(whole_house()).tell()))
    desk.when(ArchiveLetter(letter_id=ID, classification="005", place="Lemari 2"), OPERATOR)
    desk.when(CancelLetter(letter_id=ID, reason="Terlambat"), OPERATOR).tell()
    assert [refusal.code for _, refusal in desk.parked] == ["dispatch.archived"]


def test_the_standard_that_comes_with_the_house_carries_a_letter() -> None:
    published = [wanted.command for wanted in read(own_standards()) if wanted.agency == "pekalongan"]
    (wish,) = (command for command in published if isinstance(command, PublishStandard))
    desk, event = office((INTAKE,)), StandardPublished(**dict(wish))
    adopt = REACTIONS[StandardPublished](recorded_as(event))
    assert adopt is not None
    desk.when(adopt).then(StandardAdopted, BookOpened)
    assert registered(1, desk).fact(LetterRegistered).agenda == "0844/2026"
    assert desk.fact(LetterRegistered).tiers[0].position == "kasi-persandian"


def test_a_standard_without_an_agenda_book_is_none_of_intakes_business() -> None:
    event = StandardPublished(
        standard=STANDARD, name="Email", valid_from="2022-01-01", components={}, rules={"books": {}}
    )
    assert REACTIONS[StandardPublished](recorded_as(event)) is None
