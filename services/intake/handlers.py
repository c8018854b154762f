"""What intake is asked: each command, the stream it is about, and how it is decided."""

from contracts.intake import (
    AdoptCalendar,
    AdoptSeasons,
    AdoptStandard,
    CancelLetter,
    CaptureMessage,
    EnterLetter,
    ExamineMessage,
    FlagOverdue,
    ForwardLetter,
    MoveDeadline,
    OpenBook,
    PauseClock,
    ProducePrintPack,
    RegisterLetter,
    RemindDeadline,
    ResumeClock,
    ReviseLetter,
    StopClock,
)
from services.intake import policy
from services.intake.domain import (
    Absent,
    Book,
    Standard,
    Years,
    decide,
    evolve_book,
    evolve_letter,
    evolve_standard,
    evolve_years,
    timers,
)
from services.intake.domain.books import book_stream, standard_stream
from services.intake.domain.capture import entered_id, stream
from services.intake.domain.clock import YEARS
from services.kit.deciding import Commands, Given, Handles, StreamKind

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
)


def _letter(command: LetterCommand, _given: Given) -> str:
    return stream(command.letter_id)


def _entered(_command: EnterLetter, given: Given) -> str:
    return stream(entered_id(given.command_id))


def _alike(command: CaptureMessage) -> list[tuple[str, str]]:
    """What would make a message known, or somebody's twin."""
    read = policy.message_id_key(command.reading.message_id) if command.reading else None
    sure = [("message", policy.message_key(command.source)), ("content", command.content_sha256)]
    return [*sure, ("message-id", read)] if read else sure


def _book(command: OpenBook, _given: Given) -> str:
    return book_stream(command.book, command.year)


def _standard(command: AdoptStandard, _given: Given) -> str:
    return standard_stream(command.standard.standard)


def _years(_command: AdoptCalendar | AdoptSeasons, _given: Given) -> str:
    return YEARS


COMMANDS: Commands = {
    CaptureMessage: Handles(_letter, decide, _alike),
    EnterLetter: Handles(_entered, decide, creates_stream=True),
    ExamineMessage: Handles(_letter, decide),
    OpenBook: Handles(_book, decide),
    RegisterLetter: Handles(_letter, decide),
    ProducePrintPack: Handles(_letter, decide),
    ForwardLetter: Handles(_letter, decide),
    ReviseLetter: Handles(_letter, decide),
    CancelLetter: Handles(_letter, decide),
    AdoptStandard: Handles(_standard, decide),
    AdoptCalendar: Handles(_years, decide),
    AdoptSeasons: Handles(_years, decide),
    MoveDeadline: Handles(_letter, decide),
    PauseClock: Handles(_letter, decide),
    ResumeClock: Handles(_letter, decide),
    StopClock: Handles(_letter, decide),
    RemindDeadline: Handles(_letter, decide),
    FlagOverdue: Handles(_letter, decide),
}

STREAMS: dict[str, StreamKind] = {
    "letter": StreamKind(Absent(), evolve_letter, timers=timers),
    "book": StreamKind(Book(), evolve_book, saved=Book),
    "standard": StreamKind(Standard(), evolve_standard),
    "calendar": StreamKind(Years(), evolve_years),
}
