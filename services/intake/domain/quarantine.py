"""What a qualified officer decides about a quarantined message: it is let out with a reason, or stays for good."""

from uuid import UUID

from contracts.base import Refusal
from contracts.intake import (
    ConfirmQuarantine,
    MessageReleased,
    MessageTaken,
    QuarantineConfirmed,
    ReleaseMessage,
    TakeMessage,
)
from services.intake import policy
from services.intake.domain.capture import alike_claims, as_read, first_alike, stream
from services.intake.domain.state import Arrived, Letter, Numbered, Quarantined, Shut
from services.intake.policy import refuse
from services.kit.deciding import Accept, Decision, Given, accept


def release(command: ReleaseMessage, letter: Quarantined | Arrived | Numbered | Shut, given: Given) -> Decision:
    """What was read anew is in the command; without it there is nothing that a letter could be made of."""
    if (no := _unfit(letter, given)) is not None or not isinstance(letter, Quarantined):
        return no or refuse("not-quarantined")
    if letter.confirmed or letter.reason not in policy.RELEASABLE:
        return refuse("not-releasable", reason=letter.reason, confirmed=letter.confirmed)
    if command.reading is None or command.blob is None:
        return refuse("nothing-read", letter_id=str(command.letter_id))
    content, own = command.blob.sha256, str(command.letter_id)
    alike = first_alike(content, command.reading, given)
    fact = MessageReleased(
        letter_id=command.letter_id,
        reason=command.reason,
        blob=command.blob,
        **as_read(command.letter_id, command.reading, given),
        message_id_sha256=policy.message_id_key(command.reading.message_id),
        automatic=command.reading.automatic,
        twin_of=UUID(alike[0]) if alike else None,
        by=given.officer(),
    )
    claims = alike_claims(content, alike[0] if alike else own, command.reading, given)
    return accept(stream(command.letter_id), fact, claims=claims, letter_id=own)


def confirm(command: ConfirmQuarantine, letter: Quarantined | Arrived | Numbered | Shut, given: Given) -> Decision:
    if (no := _unfit(letter, given)) is not None or not isinstance(letter, Quarantined):
        return no or refuse("not-quarantined")
    if letter.confirmed:
        return Accept()
    fact = QuarantineConfirmed(letter_id=command.letter_id, reason=command.reason, by=given.officer())
    return accept(stream(command.letter_id), fact)


def take(command: TakeMessage, _letter: Quarantined, given: Given) -> Decision:
    """Each time is a fact; the decision stands before the bytes go out."""
    if (no := policy.unfit_for_quarantine(given.actor)) is not None:
        return no
    return accept(stream(command.letter_id), MessageTaken(letter_id=command.letter_id, by=given.officer()))


def _unfit(letter: Letter, given: Given) -> Refusal | None:
    if not isinstance(letter, Quarantined):
        return refuse("not-quarantined")
    return policy.unfit_for_quarantine(given.actor)
