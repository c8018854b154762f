"""What the handler does: notes, questions, answers, and the ends that are none of an answer."""

from contracts.base import EMPTY, Event, Officer, Refusal, Sealed
from contracts.complaint import (
    AddNote,
    AnswerComplaint,
    AnswerProposed,
    AnswerReturned,
    ApproveAnswer,
    AskReporter,
    ComplaintAnswered,
    ComplaintReferred,
    ComplaintSetAside,
    NoteAdded,
    ProposeAnswer,
    ReferComplaint,
    ReporterAsked,
    ReturnAnswer,
    SetAside,
)
from services.complaint import policy
from services.complaint.domain import clock, ending, letters, who
from services.complaint.domain.state import (
    Asked,
    Case,
    Known,
    Open,
    Proposed,
    Sorting,
    Working,
    above,
    complaint_stream,
)
from services.complaint.policy import refuse
from services.complaint.policy.rules import complaint_rules
from services.kit.deciding import Accept, Decision, Given, accept


def add_note(command: AddNote, state: Known, given: Given) -> Decision:
    by = who.worker(state.case, given)
    if isinstance(by, Refusal):
        return by
    if not command.words.strip():
        return refuse("words-missing")
    fact = NoteAdded(complaint_id=command.complaint_id, words=Sealed.of(command.words.strip()), by=by)
    return accept(complaint_stream(command.complaint_id), fact)


def ask(command: AskReporter, state: Working | Asked, given: Given) -> Decision:
    """The clock stands still until he has replied; how long he may be silent counts in working time."""
    by = who.worker(state.case, given)
    if isinstance(by, Refusal):
        return by
    if not command.words.strip():
        return refuse("words-missing")
    if isinstance(state, Asked):
        return refuse("reporter-asked")
    paused = clock.DECIDING.pausing(command.complaint_id, state.clock, command.reason, "", given)
    if isinstance(paused, Refusal):
        return paused
    rules = clock.rules_of(state.case.standard, given)
    own = complaint_rules(rules)
    fact = ReporterAsked(
        complaint_id=command.complaint_id,
        reason=command.reason,
        title=dict(own.pauses)[command.reason],
        words=Sealed.of(command.words.strip()),
        silent_at=clock.after(rules, own.silence, given.now),
        by=by,
    )
    return accept(complaint_stream(command.complaint_id), fact, *(() if paused is None else (paused,)))


def answer(command: AnswerComplaint, state: Working, given: Given) -> Decision:
    by = who.worker(state.case, given)
    if isinstance(by, Refusal):
        return by
    if not command.words.strip():
        return refuse("words-missing")
    approver = _approver(state.case, given)
    if approver is not None and given.actor.holding(approver) is None:
        return refuse("approval-needed", position=approver)
    letter = letters.lettered(command, state.case, given)
    if isinstance(letter, Refusal):
        return letter
    said = Sealed.of(command.words.strip())
    fact = ComplaintAnswered(
        complaint_id=command.complaint_id, words=said, template=command.template, by=by, **_ends(state, given),
        **letter[0],
    )  # fmt: skip
    return _answered(state, given, fact, letter[1])


def propose(command: ProposeAnswer, state: Working, given: Given) -> Decision:
    """Where the standard says that an answer is approved by another position before it goes out."""
    by = who.worker(state.case, given)
    if isinstance(by, Refusal):
        return by
    if not command.words.strip():
        return refuse("words-missing")
    approver = _approver(state.case, given)
    if approver is None:
        return refuse("approval-not-needed")
    fact = AnswerProposed(
        complaint_id=command.complaint_id,
        words=Sealed.of(command.words.strip()),
        template=command.template,
        approver=approver,
        by=by,
    )
    return accept(complaint_stream(command.complaint_id), fact)


def approve(command: ApproveAnswer, state: Proposed, given: Given) -> Decision:
    """The answer goes out in the words that were proposed."""
    by = _approving(state, given)
    if isinstance(by, Refusal):
        return by
    letter = letters.lettered(command, state.case, given)
    if isinstance(letter, Refusal):
        return letter
    fact = ComplaintAnswered(
        complaint_id=command.complaint_id, words=EMPTY, approved_by=by, **_ends(state, given), **letter[0]
    )
    return _answered(state, given, fact, letter[1])


def send_back(command: ReturnAnswer, state: Proposed, given: Given) -> Decision:
    by = _approving(state, given)
    if isinstance(by, Refusal):
        return by
    if not command.note.strip():
        return refuse("words-missing")
    fact = AnswerReturned(complaint_id=command.complaint_id, note=Sealed.of(command.note.strip()), by=by)
    return accept(complaint_stream(command.complaint_id), fact)


def refer(command: ReferComplaint, state: Working, given: Given) -> Decision:
    """It is another office's; the reporter is told whose, and how to reach it. It counts as its own outcome."""
    by = who.worker(state.case, given)
    if isinstance(by, Refusal):
        return by
    office, how = command.office.strip(), command.how.strip()
    if not (office and how):
        return refuse("referral-office-missing")
    fact = ComplaintReferred(
        complaint_id=command.complaint_id,
        office=Sealed.of(office),
        how=Sealed.of(how),
        words=_said(command.words),
        by=by,
    )
    return accept(complaint_stream(command.complaint_id), fact, *ending.closing(state, "referred", given, by))


def set_aside(command: SetAside, state: Sorting | Working, given: Given) -> Decision:
    """What nobody has classified gets its neutral gist here, for the book; of spam the reason says enough."""
    by = who.worker(state.case, given)
    if isinstance(by, Refusal):
        return by
    gist = command.gist.strip()
    if not (gist or state.case.complaint_class or command.why == policy.SPAM):
        return refuse("gist-missing")
    if command.names_reporter:
        return refuse("gist-reveals")
    said = Sealed.of(gist) if gist else None
    words = _said(command.words)
    fact = ComplaintSetAside(complaint_id=command.complaint_id, why=command.why, words=words, gist=said, by=by)
    return accept(complaint_stream(command.complaint_id), fact, *ending.closing(state, "set-aside", given, by))


def _approver(case: Case, given: Given) -> str | None:
    """The position that approves; the next one up where it is complained about."""
    wanted = clock.own_rules(case.standard, given).approval
    if wanted is None or who.free(wanted, case):
        return wanted
    return above(case.handler or case.officer, case.rungs, case.barred_at)


def _approving(state: Proposed, given: Given) -> Officer | Refusal:
    held = given.actor.holding(state.approver)
    if held is None:
        return refuse("not-the-approver", position=state.approver)
    return refuse("own-proposal") if given.actor.id == state.by else given.officer(held)


def _answered(state: Open, given: Given, fact: ComplaintAnswered, taken: tuple[tuple[str, Event], ...]) -> Accept:
    stopped: tuple[Event, ...] = clock.DECIDING.stopping(fact.complaint_id, state.clock, given.now)
    place = complaint_stream(fact.complaint_id)
    return Accept((*((place, each) for each in (fact, *stopped)), *taken))


def _ends(state: Working | Proposed, given: Given) -> dict[str, object]:
    """Until when he may object, when his silence closes it, and whether the answer came after its deadline."""
    rules = clock.rules_of(state.case.standard, given)
    own = complaint_rules(rules)
    left = state.case.objections < own.objections
    until = clock.after(rules, own.objection_window, given.now) if left else None
    silence = clock.after(rules, own.silence, given.now)
    return {
        "answered_at": given.now,
        "object_until": until,
        "close_at": silence if until is None else max(silence, until),
        "late": state.clock is not None and given.now > state.clock.due_at,
    }


def _said(text: str) -> Sealed:
    return Sealed.of(text.strip()) if text.strip() else EMPTY
