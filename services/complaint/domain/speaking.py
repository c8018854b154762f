"""What the reporter says after he has reported: he replies, adds, hides more of himself, objects."""

from contracts.base import Event, Sealed
from contracts.complaint import (
    ChangeStance,
    ComplaintAssigned,
    Object,
    ObjectionRaised,
    ReplyAsReporter,
    ReporterRetentionEnded,
    ReporterWrote,
    StanceChanged,
)
from services.complaint import policy
from services.complaint.domain import ladder, who
from services.complaint.domain.evolve import IDENTITY
from services.complaint.domain.filing import sealed
from services.complaint.domain.state import Answered, Case, Open, above, complaint_stream, sorter
from services.complaint.policy import refuse
from services.kit.deciding import Accept, Decision, Given, accept, kept_blob

OBJECTED = "pelapor menyampaikan keberatan"
"""Why an ended clock goes on, for its moved deadline."""


def reply(command: ReplyAsReporter, state: Open, given: Given) -> Decision:
    """Where he was asked, the clock goes on; else it is something to add."""
    if not command.words.strip() and not command.attachments:
        return refuse("words-missing")
    channel = "web" if who.is_reporter(given) else command.channel or "telepon"
    if channel not in policy.CHANNELS:
        return refuse("channel-unknown", known=list(policy.CHANNELS))
    own = str(command.complaint_id)
    fact = ReporterWrote(
        complaint_id=command.complaint_id,
        words=sealed(command.words, "reporter", own),
        channel=channel,
        attachments=tuple(kept_blob(each, "reporter", own) for each in command.attachments),
        by=who.speaking(given),
    )
    return accept(complaint_stream(command.complaint_id), fact, *ladder.going_on(state, given))


def change_stance(command: ChangeStance, state: Open, given: Given) -> Decision:
    """Only towards more secret. Who chooses to be nobody is nobody from then on: the key of his name is destroyed."""
    case = state.case
    if command.stance == case.stance:
        return Accept()
    if policy.STANCES.index(command.stance) < policy.STANCES.index(case.stance):
        return refuse("stance-less-secret", stance=case.stance)
    fact = StanceChanged(complaint_id=command.complaint_id, stance=command.stance, by=who.speaking(given))
    facts: list[Event] = [fact]
    if command.stance == "anonymous":
        facts += [
            ReporterRetentionEnded(complaint_id=command.complaint_id, subject_id=each, reason="anonymous")
            for each in case.subjects
            if each.endswith(IDENTITY)
        ]
    return accept(complaint_stream(command.complaint_id), *facts)


def object_to(command: Object, state: Answered, given: Given) -> Decision:
    """The first time it reaches the same officer, the second time his superior; the clock goes on where it stood."""
    case = state.case
    if state.object_until is None:
        return refuse("objections-spent", objections=case.objections)
    if given.now > state.object_until:
        return refuse("objection-window-over", until=state.object_until.isoformat())
    if not command.reason.strip():
        return refuse("words-missing")
    count = case.objections + 1
    by = who.speaking(given)
    reason = Sealed.of(command.reason.strip(), "reporter", str(command.complaint_id))
    facts: list[Event] = [
        ObjectionRaised(complaint_id=command.complaint_id, count=count, reason=reason, by=by),
        ComplaintAssigned(complaint_id=command.complaint_id, position=_handler(case, count), why="objection", by=by),
        *ladder.going_on(state, given, OBJECTED),
    ]
    return accept(complaint_stream(command.complaint_id), *facts)


def _handler(case: Case, count: int) -> str:
    """The officer, where nobody had it; whoever is complained about never gets it back. A restricted one climbs no
    ladder: it is its examiner's again.
    """
    same = case.handler or sorter(case)
    higher = None if case.restricted else above(same, case.rungs, case.barred_at)
    wanted = (higher or same) if count > 1 else same
    return wanted if who.free(wanted, case) else higher or sorter(case)
