"""A message of the complaints' mailbox: a new complaint, more of an old one, or nothing."""

from contracts.base import EMPTY, Event, Refusal
from contracts.complaint import LeaveMessage, MessageLeft, ReporterRetentionEnded, ReporterWrote, TakeInMessage
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
    """The open complaint that its reference lets it into, else one of its own."""
    return complaint_stream(command.into or id_of(given.agency, number_of(given.command_id)))


def message_stream(command: LeaveMessage) -> str:
    return f"message:{command.message_id}"


def take_in(command: TakeInMessage, state: Complaint, given: Given) -> Decision:
    """What answers a complaint that is closed, or that this office does not have, is a complaint of its own."""
    if command.into is None:
        return _filed(command, state, given)
    if isinstance(state, Absent | Closed):  # it was closed a moment ago: looked up anew it has no complaint to go into
        return refuse("closed-meanwhile")
    return _wrote(command, state, given)


def leave(command: LeaveMessage, left: bool, given: Given) -> Decision:  # noqa: FBT001 - the state of its stream
    """What no person wrote, or nobody could read, files nothing and is answered by nobody.

    In the case itself it is said once: a hundred automatic answers are one line.
    """
    if left:
        return Accept()
    said = {"message_id": command.message_id, "why": command.why, "received_at": command.received_at}
    facts: list[tuple[str, Event]] = [(message_stream(command), MessageLeft(**said, mailbox=command.mailbox))]
    if command.thread is not None and command.why == AUTOMATIC:
        case: Complaint = given.load(complaint_stream(command.thread))
        if not isinstance(case, Absent | Closed) and not case.case.left_told:
            line = MessageLeft(**said, mailbox=command.mailbox, complaint_id=command.thread)
            facts.append((complaint_stream(command.thread), line))
    return Accept(tuple(facts))


def _filed(command: TakeInMessage, state: Complaint, given: Given) -> Decision:
    number = number_of(given.command_id)
    complaint_id = id_of(given.agency, number)
    if not isinstance(state, Absent):
        same = state.case.code_mac == command.code_mac
        return Accept(result=told(complaint_id, number, state.case.filed_at)) if same else refuse("number-taken")
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
