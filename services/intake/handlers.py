"""What intake is asked: each command, the stream it is about, and how it is decided."""

from contracts import intake as facts
from contracts.intake import (
    AdoptCalendar,
    AdoptSeasons,
    AdoptStandard,
    CancelLetter,
    CaptureMessage,
    ConfirmQuarantine,
    CorrectOpening,
    EnterLetter,
    ExamineMessage,
    FlagOverdue,
    ForwardLetter,
    MoveDeadline,
    OpenBook,
    PauseClock,
    ProducePrintPack,
    ReceivePost,
    RegisterLetter,
    ReleaseMessage,
    RemindDeadline,
    ReserveNumbers,
    ResumeClock,
    ReviseLetter,
    ShutLetter,
    StopClock,
    TakeMessage,
    UploadMessage,
)
from services.intake import policy
from services.intake.domain import books, capture, clock, decide, evolve, post, quarantine
from services.intake.domain.clock import DECIDING as clocks  # noqa: N811 - an object that decides, used as the modules beside it
from services.intake.domain.state import (
    Absent,
    Book,
    Cancelled,
    Captured,
    Examined,
    Forwarded,
    Printed,
    Quarantined,
    Registered,
    Shut,
    Twin,
)
from services.kit.deadlines import YEARS, Standard, Years, evolve_standard, evolve_years, standard_stream
from services.kit.deciding import Commands, Decision, Given, Handles, StreamKind
from services.kit.policy import roles

LetterCommand = (
    CaptureMessage
    | ExamineMessage
    | RegisterLetter
    | ProducePrintPack
    | ForwardLetter
    | ReviseLetter
    | CancelLetter
    | MoveDeadline
    | PauseClock
    | ResumeClock
    | StopClock
    | RemindDeadline
    | FlagOverdue
    | ShutLetter
    | ReleaseMessage
    | ConfirmQuarantine
    | TakeMessage
)


def _letter(command: LetterCommand, _given: Given) -> str:
    return capture.stream(command.letter_id)


def _entered(_command: EnterLetter | UploadMessage, given: Given) -> str:
    return capture.stream(capture.entered_id(given.command_id))


def _alike(command: CaptureMessage) -> list[tuple[str, str]]:
    """What would make a message known, or somebody's twin."""
    read = policy.message_id_key(command.reading.message_id) if command.reading else None
    certain = [("message", policy.message_key(command.source)), ("content", command.content_sha256)]
    return [*certain, ("message-id", read)] if read else certain


def _released(command: ReleaseMessage) -> list[tuple[str, str]]:
    read = policy.message_id_key(command.reading.message_id) if command.reading else None
    content = [("content", command.blob.sha256)] if command.blob else []
    return [*content, ("message-id", read)] if read else content


def _book(command: OpenBook | CorrectOpening | ReserveNumbers, _given: Given) -> str:
    return books.book_stream(command.book, command.year)


def _standard(command: AdoptStandard, _given: Given) -> str:
    return standard_stream(command.standard.standard)


def _post(command: ReceivePost, _given: Given) -> str:
    return post.stream(command.message_id)


def _alike_post(command: ReceivePost) -> list[tuple[str, str]]:
    certain = [("message", policy.message_key(command.source)), ("post", command.content_mac)]
    return [*certain, ("post-id", command.message_id_mac)] if command.message_id_mac else certain


def _years(_command: AdoptCalendar | AdoptSeasons, _given: Given) -> str:
    return YEARS


def _unread(_command: UploadMessage, _letter: object, given: Given) -> Decision:
    """What was read in the sandbox is decided as `CaptureMessage`; this comes only where nobody reads."""
    return policy.refuse("nothing-read", letter_id=str(capture.entered_id(given.command_id)))


# The Sanapati mailbox is operated by the operator transmisi sandi alone (seed 002, steps 1-5 and 11).
OPERATOR, SERVICE = roles("operator"), roles(policy.SERVICE)
MAILBOX, OFFICERS = roles("operator", policy.SERVICE), roles("operator", "kasi")
NUMBERING = roles("operator", policy.SYSTEM)

ARRIVED, NUMBERED = (Captured, Twin, Examined), (Registered, Printed, Forwarded)
UNNUMBERED = (Absent, *ARRIVED, Quarantined, Shut, Cancelled)
LETTER = (*NUMBERED, *UNNUMBERED)

# Of a registration: with the number; at New Year it opens the book.
NUMBERS = (facts.BookOpened, facts.AgendaNumberTaken, facts.LetterRegistered)

COMMANDS: Commands = {
    CaptureMessage: Handles(
        _letter, capture.capture,
        facts=(facts.MessageCaptured, facts.MessageQuarantined, facts.TwinLinked),
        askers=MAILBOX, states=(Absent,), repeats=LETTER, claims=_alike,
    ),
    UploadMessage: Handles(_entered, _unread, askers=OPERATOR),
    EnterLetter: Handles(
        _entered, decide.enter,
        facts=(facts.MessageCaptured, facts.MessageExamined, *NUMBERS),
        askers=OPERATOR, states=(Absent,), repeats=LETTER, creates_stream=True,
    ),
    ExamineMessage: Handles(
        _letter, decide.examine,
        facts=(facts.MessageExamined,), askers=OPERATOR, states=ARRIVED, repeats=(*NUMBERED, Shut),
    ),
    OpenBook: Handles(_book, books.open_book, facts=(facts.BookOpened,), askers=MAILBOX),
    CorrectOpening: Handles(_book, books.correct_opening, facts=(facts.OpeningCorrected,), askers=NUMBERING),
    ReserveNumbers: Handles(_book, books.reserve, facts=(facts.NumbersReserved,), askers=NUMBERING),
    RegisterLetter: Handles(
        _letter, decide.register, facts=NUMBERS, askers=OPERATOR, states=(Examined,), repeats=(*NUMBERED, Shut)
    ),
    ProducePrintPack: Handles(
        _letter, decide.print_pack, facts=(facts.PrintPackProduced,), askers=OPERATOR, states=NUMBERED
    ),
    ForwardLetter: Handles(
        _letter, decide.forward,
        facts=(facts.LetterForwarded,), askers=OPERATOR, states=(Printed,), repeats=(Registered, Forwarded),
    ),
    ReviseLetter: Handles(_letter, decide.revise, facts=(facts.LetterRevised,), askers=OPERATOR, states=NUMBERED),
    CancelLetter: Handles(
        _letter, decide.cancel,
        facts=(facts.LetterCancelled,), askers=OPERATOR,
        states=(*ARRIVED, Quarantined, *NUMBERED), repeats=(Cancelled,),
    ),
    ShutLetter: Handles(
        _letter, decide.shut, facts=(facts.LetterShut,), askers=SERVICE, states=NUMBERED, repeats=UNNUMBERED
    ),
    ReleaseMessage: Handles(
        _letter, quarantine.release,
        facts=(facts.MessageReleased,), askers=OPERATOR,
        states=(Quarantined,), repeats=(*ARRIVED, *NUMBERED, Shut), claims=_released,
    ),
    ConfirmQuarantine: Handles(
        _letter, quarantine.confirm,
        facts=(facts.QuarantineConfirmed,), askers=OPERATOR, states=(Quarantined,), repeats=(*ARRIVED, *NUMBERED, Shut),
    ),
    TakeMessage: Handles(
        _letter, quarantine.take, facts=(facts.MessageTaken,), askers=OPERATOR, states=(Quarantined,)
    ),
    ReceivePost: Handles(_post, post.receive, facts=(facts.PostReceived,), askers=SERVICE, claims=_alike_post),
    AdoptStandard: Handles(_standard, books.adopt, facts=(facts.StandardAdopted, facts.BookOpened), askers=SERVICE),
    AdoptCalendar: Handles(_years, clocks.adopt_calendar, facts=(facts.CalendarAdopted,), askers=SERVICE),
    AdoptSeasons: Handles(_years, clocks.adopt_seasons, facts=(facts.SeasonsAdopted,), askers=SERVICE),
    MoveDeadline: Handles(
        _letter, clocks.move,
        facts=(facts.DeadlineMoved, facts.WorkingTimeChanged), askers=SERVICE, states=NUMBERED, repeats=UNNUMBERED,
    ),
    PauseClock: Handles(_letter, clocks.pause, facts=(facts.ClockPaused,), askers=OFFICERS, states=NUMBERED),
    ResumeClock: Handles(
        _letter, clocks.resume, facts=(facts.ClockResumed, facts.DeadlineMoved), askers=OFFICERS, states=NUMBERED
    ),
    StopClock: Handles(
        _letter, clocks.stop, facts=(facts.ClockStopped,), askers=SERVICE, states=NUMBERED, repeats=UNNUMBERED
    ),
    RemindDeadline: Handles(
        _letter, clocks.remind, facts=(facts.LetterDueSoon,), askers=SERVICE, states=NUMBERED, repeats=UNNUMBERED
    ),
    FlagOverdue: Handles(
        _letter, clock.flag, facts=(facts.LetterOverdue,), askers=SERVICE, states=NUMBERED, repeats=UNNUMBERED
    ),
}  # fmt: skip

STREAMS: dict[str, StreamKind] = {
    "letter": StreamKind(Absent(), evolve.evolve_letter, timers=clocks.timers, unfit=decide.unfit),
    "book": StreamKind(Book(), evolve.evolve_book, saved=Book),
    "post": StreamKind(False, post.evolve),
    "standard": StreamKind(Standard(), evolve_standard),
    "calendar": StreamKind(Years(), evolve_years),
}
