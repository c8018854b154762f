"""What the complaint service is asked: each command, the stream it is about, and how it is decided."""

from collections.abc import Callable
from typing import Any

from contracts import complaint as facts
from contracts.base import Event
from contracts.complaint import (
    AcceptAnswer,
    Acknowledge,
    AddNote,
    AdoptCalendar,
    AdoptSeasons,
    AdoptStandard,
    AnswerComplaint,
    ApproveAnswer,
    AskReporter,
    AssignComplaint,
    ChangeStance,
    ClassifyComplaint,
    CloseSilent,
    CorrectEntry,
    CorrectOpening,
    EndRetention,
    EscalateByTime,
    EscalateComplaint,
    FileComplaint,
    FlagOverdue,
    FlagSilence,
    FlagUnacknowledged,
    LeaveMessage,
    MoveDeadline,
    NameComplainedAbout,
    Object,
    OpenRegister,
    ProposeAnswer,
    ReferComplaint,
    RemindDeadline,
    ReplyAsReporter,
    ReturnAnswer,
    SetAside,
    TakeInMessage,
    WithdrawComplaint,
)
from services.complaint import policy
from services.complaint.domain import (
    correcting,
    ending,
    evolve,
    filing,
    handling,
    ladder,
    mail,
    sorting,
    speaking,
    standards,
    who,
)
from services.complaint.domain.clock import DECIDING as clocks  # noqa: N811 - an object that decides, used as the modules beside it
from services.complaint.domain.state import (
    EVERY,
    KNOWN,
    OPEN,
    Absent,
    Acknowledged,
    Answered,
    Asked,
    Assigned,
    Classified,
    Closed,
    Filed,
    Proposed,
    Register,
    complaint_stream,
    register_stream,
    sorter,
)
from services.kit.deadlines import YEARS, Standard, Years, evolve_standard, evolve_years, standard_stream
from services.kit.deciding import Commands, Decision, Given, Handles, StreamKind
from services.kit.policy import Askers, related, roles

Decide = Callable[[Any, Any, Given], Decision]
Phases = tuple[type, ...]


def _complaint(command: Any, _given: Given) -> str:
    return complaint_stream(command.complaint_id)


def _filed(_command: FileComplaint, given: Given) -> str:
    return complaint_stream(filing.id_of(given.agency, filing.number_of(given.command_id)))


def _message(command: LeaveMessage, _given: Given) -> str:
    return mail.message_stream(command)


def _register(command: OpenRegister | CorrectOpening, _given: Given) -> str:
    return register_stream(command.year)


def _standard(command: AdoptStandard, _given: Given) -> str:
    return standard_stream(command.standard.standard)


def _years(_command: AdoptCalendar | AdoptSeasons, _given: Given) -> str:
    return YEARS


SERVICE, OFFICER = roles(policy.SERVICE), roles(policy.OFFICER)
FILERS = roles(policy.PUBLIC, policy.OPERATOR, policy.OFFICER)
DESK = related("the complaint officer; where he is complained about, whoever acts for the position above him")
HANDLER = related(
    "the complaint officer, or whoever acts for the position that handles it, unless he is barred from it"
)
APPROVER = related("whoever acts for the position that approves answers by the standard, and did not propose this one")
RESUMED: tuple[type[Event], ...] = (facts.ClockResumed, facts.DeadlineMoved, facts.LimitsMoved)
ANSWERED: tuple[type[Event], ...] = (facts.ComplaintAnswered, facts.ClockStopped, facts.AnswerNumberTaken)
CLOSED: tuple[type[Event], ...] = (facts.ClockStopped, facts.ComplaintClosed)
SORTING, WORKING = (Filed, Acknowledged), (Classified, Assigned)


def _row(  # noqa: PLR0913 - a row has as many columns
    decide: Decide, brings: tuple[type[Event], ...], askers: Askers, states: Phases, repeats: Phases = (),
    *, by_code: bool = False, sorts: bool = False,
) -> Handles:  # fmt: skip
    """A command about a complaint. Whoever may not know of it hears so before anything of its phase is said, and so
    does a stranger without its code: therefore it is decided in every phase, and brings facts in ``states`` alone.
    ``sorts``: it is the complaint officer's to do.
    """

    def decided(command: Any, state: Any, given: Given) -> Decision:
        if who.hidden(state, given):
            return policy.refuse("unknown")
        if by_code and (no := who.wrong_code(command, state.case, given)) is not None:
            return no
        if sorts and not who.sorts(state.case, given):
            return policy.refuse("not-the-officer", position=sorter(state.case))
        if type(state) not in (*states, *repeats):
            return who.unfit(state)
        return decide(command, state, given)

    others = tuple(each for each in EVERY if each not in states)
    return Handles(_complaint, decided, brings, askers, states, repeats=others)


def _timed(decide: Decide, brings: tuple[type[Event], ...], states: Phases) -> Handles:
    """What a timer asks; too late it changes nothing."""
    return Handles(
        _complaint, decide, brings, SERVICE, states, repeats=tuple(each for each in KNOWN if each not in states)
    )


COMMANDS: Commands = {
    FileComplaint: Handles(
        _filed, filing.file,
        facts=(facts.ComplaintFiled, facts.RegisterNumberTaken), askers=FILERS, states=(Absent,), repeats=KNOWN,
    ),
    TakeInMessage: Handles(
        mail.stream, mail.take_in,
        facts=(facts.ComplaintFiled, facts.RegisterNumberTaken, facts.ReporterWrote, facts.ReporterRetentionEnded,
               *RESUMED),
        askers=SERVICE, states=(Absent, *OPEN), repeats=(Closed,),
    ),
    LeaveMessage: Handles(_message, mail.leave, facts=(facts.MessageLeft,), askers=SERVICE),
    OpenRegister: Handles(_register, standards.open_register, facts=(facts.RegisterOpened,), askers=OFFICER),
    CorrectOpening: Handles(_register, standards.correct_opening, facts=(facts.OpeningCorrected,), askers=OFFICER),
    CorrectEntry: _row(
        correcting.correct, (facts.EntryCorrected,), DESK, (*SORTING, Classified), sorts=True
    ),
    Acknowledge: _row(sorting.acknowledge, (facts.ComplaintAcknowledged,), DESK, (Filed,), OPEN, sorts=True),
    ClassifyComplaint: _row(
        sorting.classify,
        (facts.ComplaintAcknowledged, facts.ComplaintClassified, facts.ComplaintReclassified, facts.ComplaintAssigned),
        DESK, (*SORTING, *WORKING, Asked, Proposed), sorts=True,
    ),
    NameComplainedAbout: _row(
        sorting.name_complained_about, (facts.ComplainedAboutNamed, facts.ComplaintAssigned), DESK, OPEN, sorts=True
    ),
    AssignComplaint: _row(sorting.assign, (facts.ComplaintAssigned,), DESK, WORKING, sorts=True),
    AddNote: _row(handling.add_note, (facts.NoteAdded,), HANDLER, KNOWN),
    AskReporter: _row(handling.ask, (facts.ReporterAsked, facts.ClockPaused), HANDLER, WORKING),
    AnswerComplaint: _row(handling.answer, ANSWERED, HANDLER, WORKING),
    ProposeAnswer: _row(handling.propose, (facts.AnswerProposed,), HANDLER, WORKING),
    ApproveAnswer: _row(handling.approve, ANSWERED, APPROVER, (Proposed,)),
    ReturnAnswer: _row(handling.send_back, (facts.AnswerReturned,), APPROVER, (Proposed,)),
    ReferComplaint: _row(handling.refer, (facts.ComplaintReferred, *CLOSED), HANDLER, WORKING),
    SetAside: _row(handling.set_aside, (facts.ComplaintSetAside, *CLOSED), HANDLER, (*SORTING, *WORKING)),
    EscalateComplaint: _row(ladder.escalate, (facts.ComplaintEscalated,), HANDLER, WORKING),
    ReplyAsReporter: _row(speaking.reply, (facts.ReporterWrote, *RESUMED), FILERS, OPEN, by_code=True),
    ChangeStance: _row(
        speaking.change_stance, (facts.StanceChanged, facts.ReporterRetentionEnded), FILERS, OPEN, by_code=True
    ),
    WithdrawComplaint: _row(ending.withdraw, (facts.ComplaintWithdrawn, *CLOSED), FILERS, OPEN, by_code=True),
    Object: _row(
        speaking.object_to, (facts.ObjectionRaised, facts.ComplaintAssigned, *RESUMED),
        FILERS, (Answered,), by_code=True,
    ),
    AcceptAnswer: _row(ending.accept_answer, CLOSED, FILERS, (Answered,), (Closed,), by_code=True),
    AdoptStandard: Handles(_standard, standards.adopt, facts=(facts.StandardAdopted,), askers=SERVICE),
    AdoptCalendar: Handles(_years, clocks.adopt_calendar, facts=(facts.CalendarAdopted,), askers=SERVICE),
    AdoptSeasons: Handles(_years, clocks.adopt_seasons, facts=(facts.SeasonsAdopted,), askers=SERVICE),
    MoveDeadline: _timed(ladder.move, (facts.DeadlineMoved, facts.LimitsMoved), (*SORTING, *WORKING, Proposed)),
    RemindDeadline: _timed(clocks.remind, (facts.ComplaintDueSoon,), (*SORTING, *WORKING, Proposed)),
    FlagOverdue: _timed(ladder.flag, (facts.ComplaintOverdue,), (*SORTING, *WORKING, Proposed)),
    FlagUnacknowledged: _timed(ladder.flag_unacknowledged, (facts.AcknowledgementOverdue, facts.LimitsMoved), (Filed,)),
    EscalateByTime: _timed(
        ladder.escalate_by_time, (facts.ComplaintEscalated, facts.LimitsMoved), (*SORTING, *WORKING, Proposed)
    ),
    FlagSilence: _timed(ladder.flag_silence, (facts.ReporterSilent, facts.LimitsMoved), (Asked,)),
    CloseSilent: _timed(ending.close_silent, (*CLOSED, facts.LimitsMoved), (Answered,)),
    EndRetention: _timed(ending.end_retention, (facts.ReporterRetentionEnded,), (Closed,)),
}  # fmt: skip

STREAMS: dict[str, StreamKind] = {
    "complaint": StreamKind(Absent(), evolve.evolve_complaint, timers=ladder.timers, unfit=who.unfit),
    "register": StreamKind(Register(), evolve.evolve_register, saved=Register),
    "letterbook": StreamKind(Register(), evolve.evolve_register, saved=Register),
    "message": StreamKind(False, evolve.evolve_message),
    "standard": StreamKind(Standard(), evolve_standard),
    "calendar": StreamKind(Years(), evolve_years),
}
