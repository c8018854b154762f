"""A complaint comes in: by its reporter, or by an officer for him. Numbered twice: at random, and in the register."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.base import EMPTY, Officer, Refusal, Sealed
from contracts.complaint import ComplaintFiled, FileComplaint, Rung
from contracts.words import Stance
from services.complaint import policy
from services.complaint.domain import clock, standards
from services.complaint.domain.evolve import identity_subject
from services.complaint.domain.state import Absent, Complaint, above_officer, complaint_stream
from services.complaint.policy import refuse
from services.complaint.policy.rules import Step, complaint_rules
from services.kit.deadlines import Adopted, Rules, due_of
from services.kit.deciding import Accept, Claim, Decision, Given, kept_blob
from services.kit.public_numbers import public_case_id, public_number
from services.kit.worktime import Pause

SERVICE_NAME = "complaint"
JUST_BEFORE = timedelta(microseconds=1)
PAPER = "paper-number"
"""The claim by which what stood in the paper book is entered once."""
MOST_CORRECTED = 50
"""As often the same number may have been typed by mistake."""


def number_of(command_id: UUID) -> str:
    """Nobody but this command has filed it."""
    return public_number(policy.NUMBER, command_id)


def id_of(agency: str, number: str) -> UUID:
    return public_case_id(agency, SERVICE_NAME, number)


def file(command: FileComplaint, state: Complaint, given: Given) -> Decision:
    """Three fields suffice: how it came, what is said, and a name, a contact or nothing."""
    number = number_of(given.command_id)
    complaint_id = id_of(given.agency, number)
    if not isinstance(state, Absent):
        same = state.case.code_mac == command.code_mac
        return Accept(result=told(complaint_id, number, state.case.filed_at)) if same else refuse("number-taken")
    if (no := _faulty(command, given)) is not None:
        return no
    adopted = standards.in_force(command.standard, given)
    if isinstance(adopted, Refusal):
        return adopted
    own, anonymous = str(complaint_id), command.stance == "anonymous"
    said = {
        "complaint_kind": command.complaint_kind,
        "channel": command.channel,
        "stance": command.stance,
        "code_mac": command.code_mac,
        "words": Sealed.of(command.words.strip(), "reporter", own),
        "name": None if anonymous else sealed(command.name, "reporter", identity_subject(own)),
        "contact": None if anonymous else sealed(command.contact, "contact", identity_subject(own)),
        "place": sealed(command.place, "reporter", own),
        "occurred_on": sealed(command.occurred_on, "reporter", own),
        "about": command.about,
        "attachments": tuple(kept_blob(each, "reporter", own) for each in command.attachments),
        "paper_number": command.paper_number.strip(),
        "by": on_behalf(given),
    }
    received_at = command.received_at or given.now
    found = filed(complaint_id, number, adopted, received_at, said, given, about_officer=command.about_officer)
    if isinstance(found, Refusal):
        return found
    paper = paper_claim(command.paper_number, complaint_id, given)
    return paper if isinstance(paper, Refusal) else replace(found, claims=paper)


def filed(  # noqa: PLR0913 - what every way of filing has
    complaint_id: UUID, number: str, adopted: Adopted, received_at: datetime, said: dict[str, Any], given: Given,
    *, about_officer: bool = False,
) -> Accept | Refusal:  # fmt: skip
    """Its deadline is the strictest class's until somebody has classified it.

    One about the officer goes up in the fact by which it comes in: there is no moment at which he sees it.
    """
    rules = clock.rules_of(adopted.ref, given)
    due, own = clock.CLOCKS.due(rules, received_at), complaint_rules(rules)
    climbing = rungs(rules, received_at, due.due_at)
    sorts: str | None = own.officer
    if about_officer:
        sorts = above_officer(own.officer, own.superior, climbing, frozenset({own.officer}))
    if sorts is None:
        return refuse("no-rung")
    fact = ComplaintFiled(
        complaint_id=complaint_id,
        number=number,
        standard=adopted.ref,
        received_at=received_at,
        due_at=due.due_at,
        remind_at=due.remind_at,
        calendar=due.calendar,
        told=sorts,
        officer=own.officer if about_officer else None,
        acknowledge_by=clock.after(rules, own.acknowledge, received_at),
        rungs=climbing,
        **said,
    )
    place, taken = standards.numbered(complaint_id, rules, given)
    events = ((complaint_stream(complaint_id), fact), (place, taken))
    return Accept(events, result=told(complaint_id, number, received_at))


def paper_key(paper_number: str) -> str:
    """``B-17 / 2025`` and ``b-17/2025`` are one line of the book."""
    return "".join(paper_number.casefold().split())


def told(complaint_id: UUID, number: str, filed_at: datetime) -> dict[str, Any]:
    return {"complaint_id": str(complaint_id), "number": number, "filed_at": filed_at.isoformat()}


def rungs(rules: Rules, received_at: datetime, due_at: datetime, pauses: tuple[Pause, ...] = ()) -> tuple[Rung, ...]:
    """The ladder, with the moments at which it is climbed by itself; what the clock stood still does not count."""

    def reached(step: Step) -> datetime | None:
        if step.after is not None:
            return due_of(rules, step.after, received_at, pauses)[0]
        if step.past_due is None:
            return None
        # The day of the deadline is over with its window: the next working day is the first.
        return clock.after(rules, step.past_due, due_at - JUST_BEFORE if "working_days" in step.past_due else due_at)

    return tuple(Rung(position=step.position, due_at=reached(step)) for step in complaint_rules(rules).ladder)


def sealed(text: str, seal_class: Any, subject: str) -> Sealed:
    plain = text.strip()
    return Sealed.of(plain, seal_class, subject) if plain else EMPTY


def on_behalf(given: Given) -> Officer | None:
    """The officer who writes it down; a reporter himself is nobody in particular."""
    return None if policy.PUBLIC in given.actor.roles else given.officer()


def wants_contact(stance: Stance, name: str, contact: str) -> bool:
    """An anonymous reporter has neither name nor contact: not even a field for them."""
    return stance == "anonymous" and bool(name.strip() or contact.strip())


def _faulty(command: FileComplaint, given: Given) -> Refusal | None:  # noqa: PLR0911 - one answer per field
    if command.complaint_kind not in policy.KINDS:
        return refuse("kind-unknown", known=list(policy.KINDS))
    if command.channel not in policy.CHANNELS:
        return refuse("channel-unknown", known=list(policy.CHANNELS))
    if not command.words.strip():
        return refuse("words-missing")
    if wants_contact(command.stance, command.name, command.contact):
        return refuse("anonymous-with-contact")
    if paper_key(command.paper_number) and (no := _no_paper(command, given)) is not None:
        return no
    if command.received_at is None:
        return None
    if policy.PUBLIC in given.actor.roles:
        return refuse("received-by-officer")
    return untimely(command.received_at, given)


def untimely(received_at: datetime, given: Given) -> Refusal | None:
    """Why nothing can have come then that is written down now."""
    if received_at > given.now:
        return refuse("received-in-future", now=given.now.isoformat())
    if received_at < given.now - timedelta(days=policy.OLDEST_DAYS):
        return refuse("received-too-old", days=policy.OLDEST_DAYS)
    return None


def _no_paper(command: FileComplaint, given: Given) -> Refusal | None:
    """Its clock runs from the day that stands beside its number."""
    if policy.PUBLIC in given.actor.roles:
        return refuse("paper-number-by-officer")
    if command.received_at is None:
        return refuse("paper-received-missing")
    return None


def paper_claim(paper_number: str, complaint_id: UUID, given: Given) -> tuple[Claim, ...] | Refusal:
    """That what stood in the paper book is entered once. A claim is taken for ever; one whose complaint was corrected
    to another number is passed over, by a further kind of claim.
    """
    paper = paper_key(paper_number)
    if not paper:
        return ()
    for kind in map(PAPER.__add__, ("", *(f"-{again}" for again in range(2, MOST_CORRECTED)))):
        owner = given.claimed(kind, paper)
        if owner is None:
            return (Claim(kind, paper, str(complaint_id)),)
        held: Complaint = given.load(complaint_stream(owner))
        if not isinstance(held, Absent) and paper_key(held.case.paper) == paper:
            break
    return refuse("paper-number-taken")
