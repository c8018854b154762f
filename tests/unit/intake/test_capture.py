"""A message in the mailbox is one letter, whatever crashed between; its twins are shown, never swallowed."""

import pytest

from contracts.intake import MessageCaptured, MessageQuarantined, TwinLinked
from tests.unit.given_when_then import SERVICE
from tests.unit.office import CITIZEN, OPERATOR, counter, letter_id, message


def test_a_message_becomes_a_letter_awaiting_examination() -> None:
    desk = counter().when(message(1)).then(MessageCaptured)
    assert desk.decision.result == {"letter_id": str(letter_id(1)), "outcome": "captured"}


def test_a_message_read_twice_is_one_letter() -> None:
    counter().when(message(1)).when(message(1)).then()


def test_a_message_read_twice_under_another_letter_id_is_the_letter_it_already_is() -> None:
    desk = counter().when(message(1)).when(message(1, letter_id=letter_id(99))).then()
    assert desk.decision.result == {"letter_id": str(letter_id(1)), "outcome": "known"}


def test_the_same_content_under_another_uid_is_a_twin_of_the_first() -> None:
    desk = counter().when(message(1, content="sama")).when(message(2, content="sama")).then(TwinLinked)
    twin = desk.fact(TwinLinked)
    assert (twin.twin_of, twin.likeness) == (letter_id(1), "content")


def test_the_same_message_id_with_other_bytes_is_a_twin_of_the_first() -> None:
    desk = counter().when(message(1, message_id="<a@b>")).when(message(2, message_id=" a@b ")).then(TwinLinked)
    twin = desk.fact(TwinLinked)
    assert (twin.twin_of, twin.likeness) == (letter_id(1), "message-id")


def test_a_twin_of_a_twin_is_a_twin_of_the_first_letter() -> None:
    desk = counter().when(message(1, message_id="<a@b>")).when(message(2, message_id="<a@b>", content="lain"))
    desk.when(message(3, message_id="<c@d>", content="lain")).then(TwinLinked)
    assert desk.fact(TwinLinked).twin_of == letter_id(1)


@pytest.mark.parametrize("empty", [None, "", "<>", "  < > "])
def test_a_missing_message_id_makes_nobody_a_twin(empty: str | None) -> None:
    counter().when(message(1, message_id=empty)).when(message(2, message_id=empty)).then(MessageCaptured)


def test_a_quarantined_message_keeps_nothing_of_its_content() -> None:
    desk = counter().when(message(1, quarantine="classified")).then(MessageQuarantined)
    assert "Undangan" not in desk.fact(MessageQuarantined).model_dump_json()


def test_what_could_not_be_opened_makes_no_readable_copy_its_twin() -> None:
    desk = counter().when(message(1, content="sama", quarantine="unparsable", reading=None)).then(MessageQuarantined)
    desk.when(message(2, content="sama")).then(MessageCaptured)


def test_a_quarantined_message_read_twice_is_one() -> None:
    counter().when(message(1, quarantine="malware")).when(message(1, quarantine="malware")).then()


def test_a_message_that_nobody_read_is_refused() -> None:
    counter().when(message(1, reading=None)).refused("intake.nothing-read")


def test_another_message_may_not_take_a_letters_id() -> None:
    counter().when(message(1)).when(message(2, letter_id=letter_id(1))).refused("intake.letter-id-taken")


def test_a_mailbox_clock_that_is_ahead_does_not_receive_letters_tomorrow() -> None:
    desk = counter()
    desk.when(message(1, received_at=desk.now.replace(year=2031)))
    assert desk.fact(MessageCaptured).received_at == desk.now


def test_who_uploads_a_message_is_named_and_a_mailbox_is_read_by_nobody() -> None:
    desk = counter().when(message(1), SERVICE)
    assert desk.fact(MessageCaptured).by is None
    by = desk.when(message(2), OPERATOR).fact(MessageCaptured).by
    assert by is not None
    assert by.person_id == "operator"


def test_a_sender_is_sealed_under_his_own_key_and_the_letter_under_the_agencys() -> None:
    desk = (
        counter()
        .when(message(1, from_address="Tu@Kemendagri.example"))
        .when(message(2))
        .when(message(3, from_address=""))
    )
    one, same, nobody = (r.event for r in desk.log if isinstance(r.event, MessageCaptured))
    assert one.from_name.seal_class == one.from_address.seal_class == "applicant"
    assert one.from_address.subject_id == one.sender_subject == same.sender_subject != nobody.sender_subject
    assert one.subject.seal_class == one.text.seal_class == "archive"
    assert "kemendagri" not in one.model_dump_json().lower()


def test_a_stranger_hands_in_nothing() -> None:
    counter().when(message(1), CITIZEN).refused("intake.not-permitted", needs=["operator", "service"])
