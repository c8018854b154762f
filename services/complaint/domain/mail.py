"""A message of the complaints' mailbox: a new complaint, more of an old one, or nothing."""

from contracts.base import EMPTY, Event, Refusal
from contracts.complaint import MessageLeft, ReporterRetentionEnded, ReporterWrote, TakeInMessage
from services.complaint.domain import ladder, standards
from services.complaint.domain.evolve import identity_subject
from services.complaint.domain.filing import filed, id_of, number_of, told
from services.complaint.domain.state import Absent, Closed, Complaint, Open, complaint_stream
from services.complaint.policy import AUTOMATIC, refuse
from services.kit.deciding import Accept, Decision, Given, accept

CHANNEL = "email"
STANCE = "confidential"
"""Who writes a mail has not chosen how much of him is known: he can, with number and code, and until then his name is
shown to nobody.
"""


def stream(command: TakeInMessage, given: Given) -> str:
    """The complaint that its reference lets it into, else one of its own."""
    own = command.thread or id_of(given.agency, number_of(given.command_id))
    return complaint_stream(own)


def message_stream(message_id: object) -> str:
    return f"message:{message_id}"


def take_in(command: TakeInMessage, state: Complaint, given: Given) -> Decision:
    """What was written by no person, and what nobody could read, files nothing and is answered by nobody."""
    if command.withheld is not None:
        return _left(command, command.withheld, state)
    if command.thread is not None and not isinstance(state, Absent | Closed):
        return _wrote(command, state, given)
    return _filed(command, given)


def _filed(command: TakeInMessage, given: Given) -> Decision:
    """Also what answers a complaint that is closed, or that this office does not have."""
    number = number_of(given.command_id)
    complaint_id = id_of(given.agency, number)
    known: Complaint = given.load(complaint_stream(complaint_id))
    if not isinstance(known, Absent):
        same = known.case.code_mac == command.code_mac
        return Accept(result=told(complaint_id, number, known.case.filed_at)) if same else refuse("number-taken")
    adopted = standards.in_force("", given)
    if isinstance(adopted, Refusal):
        return adopted
    said = {
        "complaint_kind": "pengaduan",
        "channel": CHANNEL,
        "stance": STANCE,
        "code_mac": command.code_mac,
        "words": command.text,
        "subject": command.subject,
        "name": command.from_name,
        "contact": command.from_address,
        "place": EMPTY,
        "occurred_on": EMPTY,
        "message_id": command.message_id,
        "left_files": command.attachments,
    }
    return filed(complaint_id, number, adopted, min(command.received_at, given.now), said, given)


def _wrote(command: TakeInMessage, state: Open, given: Given) -> Decision:
    """As by his code: where he was asked, the clock goes on."""
    fact = ReporterWrote(
        complaint_id=state.case.complaint_id,
        words=command.text,
        subject=command.subject,
        channel=CHANNEL,
        message_id=command.message_id,
        left_files=command.attachments,
    )
    facts: list[Event] = [fact, *ladder.going_on(state, given)]
    if state.case.stance == "anonymous":  # he has chosen to be nobody, and his mail program does not know it
        who = identity_subject(command.message_id)
        facts.append(ReporterRetentionEnded(complaint_id=fact.complaint_id, subject_id=who, reason="anonymous"))
    return accept(complaint_stream(fact.complaint_id), *facts)


def _left(command: TakeInMessage, why: str, state: Complaint) -> Decision:
    """In the case itself it is said once: a hundred automatic answers are one line."""
    case = None if isinstance(state, Absent | Closed) else state.case
    tells = case is not None and command.thread is not None and why == AUTOMATIC and not case.left_told
    fact = MessageLeft(
        complaint_id=command.thread if tells else None,
        message_id=command.message_id,
        why=why,
        received_at=command.received_at,
        mailbox=command.mailbox,
    )
    place = complaint_stream(command.thread) if tells else message_stream(command.message_id)
    return accept(place, fact)
