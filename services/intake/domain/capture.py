"""A message becomes a letter awaiting examination, a linked twin, or quarantine; exactly once, whatever crashed."""

from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID, uuid5

from contracts.base import EMPTY, Officer, Sealed
from contracts.intake import (
    CaptureMessage,
    EnterLetter,
    MessageCaptured,
    MessageQuarantined,
    MessageSource,
    Reading,
    TwinLinked,
)
from services.intake import policy
from services.intake.domain.state import Absent, Letter
from services.intake.policy import refuse
from services.kit.deciding import Accept, Claim, Decision, Given, accept

Likeness = Literal["content", "message-id"]
NO_BYTES = sha256(b"").hexdigest()
NAMES = 1_000  # one command asks for a name several times, and so do those of its batch


def capture(command: CaptureMessage, letter: Letter, given: Given) -> Decision:
    """The claims decide: the same message is the same letter, the same content or Message-ID a twin of the first."""
    known = given.claimed("message", policy.message_key(command.source))
    if known is not None:
        return Accept(result={"letter_id": known, "outcome": "known"})
    if not isinstance(letter, Absent):
        return refuse("letter-id-taken", letter_id=str(command.letter_id))
    if command.quarantine is not None:
        return _quarantined(command, command.quarantine, given)
    if command.reading is None:
        return refuse("nothing-read", letter_id=str(command.letter_id))
    twin = first_alike(command.content_sha256, command.reading, given)
    if twin is not None:
        return _twin(command, command.reading, twin, given)
    fact = MessageCaptured(
        **_arrival(command, given),
        **as_read(command.letter_id, command.reading, given),
        message_id_sha256=policy.message_id_key(command.reading.message_id),
        automatic=command.reading.automatic,
        by=_by_hand(given),
    )
    claims = _claims(command, str(command.letter_id), command.reading, given)
    return accept(stream(command.letter_id), fact, claims=claims, letter_id=str(command.letter_id), outcome="captured")


def _quarantined(command: CaptureMessage, reason: str, given: Given) -> Decision:
    """It claims its place in the mailbox only: what nobody could open must not make a readable copy its twin."""
    fact = MessageQuarantined(**_arrival(command, given), reason=reason, **_held(command, reason, given))
    return accept(
        stream(command.letter_id),
        fact,
        claims=_claims(command, str(command.letter_id), None, given),
        letter_id=str(command.letter_id),
        outcome="quarantined",
    )


def _held(command: CaptureMessage, reason: str, given: Given) -> dict[str, Sealed]:
    """Of classified matter nothing, not even its title."""
    held = command.held
    if held is None or reason == policy.CLASSIFIED:
        return {}
    subject = policy.sender_subject(given.agency, held.from_address, command.letter_id)
    return {
        "from_name": Sealed.of(held.from_name, "applicant", subject),
        "from_address": Sealed.of(held.from_address, "applicant", subject),
        "subject": Sealed.of(held.subject),
    }


def first_alike(content: str, reading: Reading, given: Given) -> tuple[str, Likeness] | None:
    owner = given.claimed("content", content)
    if owner is not None:
        return owner, "content"
    key = policy.message_id_key(reading.message_id)
    owner = given.claimed("message-id", key) if key else None
    return None if owner is None else (owner, "message-id")


def _twin(command: CaptureMessage, reading: Reading, twin: tuple[str, Likeness], given: Given) -> Decision:
    """What is new about a twin is claimed for the first letter, so that a third one is linked to the first as well."""
    first, likeness = twin
    fact = TwinLinked(
        **_arrival(command, given), **as_read(command.letter_id, reading, given), twin_of=UUID(first), likeness=likeness
    )
    return accept(
        stream(command.letter_id),
        fact,
        claims=_claims(command, first, reading, given),
        letter_id=str(command.letter_id),
        outcome="twin",
        twin_of=first,
    )


def _claims(command: CaptureMessage, first: str, reading: Reading | None, given: Given) -> tuple[Claim, ...]:
    claim = Claim("message", policy.message_key(command.source), str(command.letter_id))
    return (claim,) if reading is None else (claim, *alike_claims(command.content_sha256, first, reading, given))


def alike_claims(content: str, first: str, reading: Reading, given: Given) -> tuple[Claim, ...]:
    """By what a later message will be known as ``first``'s twin."""
    alike = [("content", content), ("message-id", policy.message_id_key(reading.message_id))]
    return tuple(Claim(kind, key, first) for kind, key in alike if key and given.claimed(kind, key) is None)


def _arrival(command: CaptureMessage, given: Given) -> dict[str, Any]:
    """A mailbox whose clock is ahead does not receive letters tomorrow."""
    return {
        "letter_id": command.letter_id,
        "source": command.source,
        "received_at": min(command.received_at, given.now),
        "content_sha256": command.content_sha256,
        "size": command.size,
        "blob": command.blob,
    }


def as_read(letter_id: UUID, reading: Reading, given: Given) -> dict[str, Any]:
    subject = policy.sender_subject(given.agency, reading.from_address, letter_id)
    return {
        "from_name": Sealed.of(reading.from_name, "applicant", subject),
        "from_address": Sealed.of(reading.from_address, "applicant", subject),
        "sender_subject": subject,
        "subject": Sealed.of(reading.subject),
        "text": Sealed.of(reading.text),
        "sent_at": reading.sent_at,
        "attachments": reading.attachments,
        "warnings": reading.warnings,
    }


def _by_hand(given: Given) -> Officer | None:
    """An operator who uploads is named; a mailbox is read by nobody."""
    return None if policy.SERVICE in given.actor.roles else given.officer()


@lru_cache(maxsize=NAMES)
def entered_id(command_id: UUID) -> UUID:
    """A letter entered by hand has no mailbox to be named by: the command names it."""
    return uuid5(command_id, "letter")


def entered(command: EnterLetter, letter_id: UUID, by: Officer) -> MessageCaptured:
    """There are no bytes: the hash is that of nothing, the size 0, and nothing is claimed by them.

    Nor is there a person's address, so no person's key is made.
    """
    source = {
        "channel": command.channel,
        "mailbox": "hand",
        "uidvalidity": 0,
        "uid": str(letter_id),
    }
    return MessageCaptured(
        letter_id=letter_id,
        source=MessageSource(**source),
        received_at=command.received_at,
        content_sha256=NO_BYTES,
        size=0,
        blob=None,
        message_id_sha256=None,
        from_name=EMPTY,
        from_address=EMPTY,
        sender_subject="",
        subject=Sealed.of(command.fields.subject),
        text=EMPTY,
        sent_at=None,
        attachments=(),
        automatic=False,
        warnings=(),
        by=by,
    )


@lru_cache(maxsize=NAMES)
def stream(letter_id: UUID) -> str:
    return f"letter:{letter_id}"
