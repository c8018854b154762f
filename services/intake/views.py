"""What intake answers: why a letter is due when it is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from contracts.base import Recorded
from contracts.intake import LetterDeadlineAnswer
from services.intake.domain.clock import CLOCKS
from services.kit import deadlines


def deadline(
    letter: Sequence[Recorded], standard: Sequence[Recorded], calendar: Sequence[Recorded], now: datetime
) -> LetterDeadlineAnswer:
    """From the events of the letter, of its standard, and of the calendar. An ended clock keeps its calendar."""
    return LetterDeadlineAnswer(**deadlines.answer(CLOCKS, letter, standard, calendar, now))


def standard_of(letter: Iterable[Recorded]) -> str | None:
    """The standard that a letter runs under; None before its registration."""
    return deadlines.standard_of(CLOCKS, letter)
