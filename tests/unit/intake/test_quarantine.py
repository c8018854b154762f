"""An officer with the qualification sandi lets a message out of quarantine, or confirms that it belongs there."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.base import Ask, Refusal
from contracts.intake import (
    ConfirmQuarantine,
    ExamineMessage,
    Held,
    MessageExamined,
    MessageQuarantined,
    MessageReleased,
    MessageTaken,
    QuarantineConfirmed,
    Reading,
    ReleaseMessage,
    TakeMessage,
    TwinLinked,
)
from contracts.words import BlobRef
from services.intake.adapters.mail_reading import read
from services.intake.adapters.releases import releasing
from services.intake.mail import ParsedMessage, ParserOptions
from services.intake.policy import own_key
from services.kit.blobs import BlobLost, Blobs
from services.kit.blobs.shelf import Folder
from services.kit.sealing.keys import Keys, open_keys
from services.kit.settings import Settings
from tests.hostile_mail import letter, with_attachment, with_subject
from tests.unit.office import FIELDS, KASI, OPERATOR, blob, counter, letter_id, message

ID = letter_id(1)
UNQUALIFIED = OPERATOR.model_copy(update={"qualifications": ()})
RELEASE = ReleaseMessage(
    letter_id=ID, reason="Undang-undang, bukan tanda", reading=Reading(subject="UU Rahasia Dagang"), blob=blob("raw 1")
)
CONFIRM = ConfirmQuarantine(letter_id=ID, reason="Memang rahasia")


def shut_away(reason: str = "classified"):  # type: ignore[no-untyped-def]  # noqa: ANN201 - the desk of the office
    return counter().when(message(1, quarantine=reason, reading=None))


def test_a_released_message_is_a_letter_like_any_other() -> None:
    desk = shut_away().when(RELEASE, OPERATOR).then(MessageReleased)
    fact = desk.fact(MessageReleased)
    assert (fact.by.person_id, fact.reason, fact.twin_of) == (OPERATOR.id, "Undang-undang, bukan tanda", None)
    desk.when(ExamineMessage(letter_id=ID, fields=FIELDS), OPERATOR).then(MessageExamined)


def test_a_later_copy_of_what_was_released_is_its_twin() -> None:
    desk = shut_away().when(RELEASE, OPERATOR)
    desk.when(message(2, content="raw 1")).then(TwinLinked)
    assert desk.fact(TwinLinked).twin_of == ID


def test_what_is_released_after_a_copy_of_it_is_that_ones_twin() -> None:
    desk = shut_away().when(message(2, content="raw 1")).when(RELEASE, OPERATOR).then(MessageReleased)
    assert desk.fact(MessageReleased).twin_of == letter_id(2)


def test_only_the_qualified_decide_about_quarantine() -> None:
    for command in (RELEASE, CONFIRM, TakeMessage(letter_id=ID)):
        shut_away().when(command, UNQUALIFIED).refused("intake.not-qualified", needs="sandi")
        shut_away().when(command, KASI).refused("intake.not-permitted")


@pytest.mark.parametrize("reason", ["malware", "archive-bomb", "unparsable", "too-deep"])
def test_what_does_harm_or_cannot_be_read_is_let_out_by_nobody(reason: str) -> None:
    shut_away(reason).when(RELEASE, OPERATOR).refused("intake.not-releasable", reason=reason)


def test_what_was_confirmed_stays_and_is_confirmed_once() -> None:
    desk = shut_away().when(CONFIRM, OPERATOR).then(QuarantineConfirmed)
    desk.when(CONFIRM, OPERATOR).then()
    desk.when(RELEASE, OPERATOR).refused("intake.not-releasable", confirmed=True)


def test_a_letter_that_is_not_in_quarantine_is_not_let_out_of_it() -> None:
    counter().when(message(1)).when(RELEASE, OPERATOR).refused("intake.not-quarantined")
    counter().when(message(1)).when(CONFIRM, OPERATOR).refused("intake.not-quarantined")


def test_each_taking_is_a_fact_with_a_name() -> None:
    desk = shut_away("unparsable").when(TakeMessage(letter_id=ID), OPERATOR).then(MessageTaken)
    assert desk.fact(MessageTaken).by.person_id == OPERATOR.id
    desk.when(TakeMessage(letter_id=ID), OPERATOR).then(MessageTaken)


def test_of_what_is_not_secret_sender_and_title_are_kept() -> None:
    held = Held(from_name="Setda", from_address="s@a.example", subject="Undangan")
    desk = counter().when(message(1, quarantine="unparsable", reading=None, held=held))
    subject = desk.fact(MessageQuarantined).subject
    assert subject is not None
    assert subject.plain == "Undangan"
    desk = counter().when(message(1, quarantine="classified", reading=None, held=held))
    assert desk.fact(MessageQuarantined).subject is None


# ── the bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    keys = open_keys(Settings(data_dir=tmp_path))
    keys.migrate()
    return keys


class Parser:
    async def parse_released(self, raw: bytes) -> ParsedMessage:
        return read(raw, ParserOptions(classified={}))


def ask(command: ReleaseMessage) -> Ask:
    return Ask(
        command_id=ID, agency="pekalongan", kind=command.kind(), actor=OPERATOR, asked_at=datetime.now(UTC),
        correlation_id=ID, body=command.model_dump(mode="json"),
    )  # fmt: skip


async def released(blobs: Blobs, raw: bytes, reason: str = "classified") -> Ask | Refusal | None:
    kept = await blobs.put("pekalongan", raw, "message/rfc822", own_key(ID))
    told = counter().when(message(1, quarantine=reason, reading=None)).fact(MessageQuarantined)

    async def history(_agency: str, _stream: str) -> list[Any]:
        return [SimpleNamespace(event=told.model_copy(update={"blob": kept}))]

    return await releasing(history, blobs, Parser())(ask(ReleaseMessage(letter_id=ID, reason="Bukan tanda")))


async def test_a_release_reads_the_message_anew_and_stores_it_as_the_agencys(keys: Keys, tmp_path: Path) -> None:
    blobs = Blobs(Folder(tmp_path / "blobs"), keys)
    raw = with_subject("Undangan [RAHASIA]")
    filled = await released(blobs, raw)
    assert isinstance(filled, Ask)
    assert filled.body["reading"]["subject"] == "Undangan [RAHASIA]"
    ref = BlobRef.model_validate(filled.body["blob"])
    assert ref.key_id == keys.blob_key("pekalongan")[0]
    assert await blobs.get("pekalongan", ref) == raw


async def test_a_release_lets_no_virus_out(keys: Keys, tmp_path: Path) -> None:
    virus = with_attachment(
        b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", "rahasia.com"
    )
    refused = await released(Blobs(Folder(tmp_path / "blobs"), keys), virus)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.detail["reason"]) == ("intake.not-releasable", "malware")


async def test_classified_bytes_have_a_key_of_their_own_and_go_with_it(keys: Keys, tmp_path: Path) -> None:
    blobs = Blobs(Folder(tmp_path / "blobs"), keys)
    mine = await blobs.put("pekalongan", letter(), "message/rfc822", own_key(ID))
    other = await blobs.put("pekalongan", letter(), "message/rfc822", own_key(letter_id(2)))
    agencys = await blobs.put("pekalongan", io.BytesIO(letter()), "message/rfc822")
    assert len({mine.key_id, other.key_id, agencys.key_id}) == 3
    keys.destroy("pekalongan", own_key(ID))
    with pytest.raises(BlobLost):
        await blobs.get("pekalongan", mine)
    assert await blobs.get("pekalongan", other) == await blobs.get("pekalongan", agencys) == letter()


async def test_an_upload_that_turns_out_classified_is_withdrawn_unless_it_lay_there_before(
    keys: Keys, tmp_path: Path
) -> None:
    blobs = Blobs(Folder(tmp_path / "blobs"), keys)
    ref = await blobs.put("pekalongan", letter(), "message/rfc822")
    now = datetime.now(UTC)
    assert not await blobs.withdraw("pekalongan", ref, now + timedelta(minutes=1))
    assert await blobs.get("pekalongan", ref) == letter()
    assert await blobs.withdraw("pekalongan", ref, now - timedelta(minutes=1))
    with pytest.raises(BlobLost):
        await blobs.get("pekalongan", ref)
