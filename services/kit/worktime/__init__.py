"""Working time: opening hours, closed days, deadlines in service minutes and in working days. Pure.

A `Calendar` is a value read from rules (`Calendar.from_rules`). All moments are aware; all answers are aware UTC.
Keep the calendar and ask it often: it remembers what it has computed, and a question costs the same however long the
span.
"""

from services.kit.worktime.bounds import Fault, amount_fault, closed_fault, hours_faults
from services.kit.worktime.calendar import Calendar
from services.kit.worktime.deadline import (
    Pause,
    due,
    elapsed_minutes,
    minutes_before,
    next_opening,
    read_deadline,
    remaining_minutes,
    service_minutes_due,
    working_days_due,
)
from services.kit.worktime.explanation import Explanation, Interval, explain
from services.kit.worktime.frames import ClosedDay, Frame
from services.kit.worktime.rules import KEYS as CALENDAR_RULES
from services.kit.worktime.wording import as_answer, in_words, moment_in_words
from services.kit.worktime.years import with_seasons, with_years

__all__ = [
    "CALENDAR_RULES",
    "Calendar",
    "ClosedDay",
    "Explanation",
    "Fault",
    "Frame",
    "Interval",
    "Pause",
    "amount_fault",
    "as_answer",
    "closed_fault",
    "due",
    "elapsed_minutes",
    "explain",
    "hours_faults",
    "in_words",
    "minutes_before",
    "moment_in_words",
    "next_opening",
    "read_deadline",
    "remaining_minutes",
    "service_minutes_due",
    "with_seasons",
    "with_years",
    "working_days_due",
]
