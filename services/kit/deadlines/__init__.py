"""Case clocks: a deadline in working time that begins, pauses, moves with the calendar, is said to be near and over.

A service declares its classes with the fields of `contracts.clocks`, makes one table of them (`CaseClocks`), and takes
its decisions, timers and answers from here; `Service.clocks` gives the table to the watch that looks after a calendar
has changed. Pure.
"""

from services.kit.deadlines.account import answer, standard_of, stated
from services.kit.deadlines.adopting import CALENDARS, SEASONS, calendar_fields, seasons_fields
from services.kit.deadlines.clock import Clock, Due, Paused, due_of, reminder, working_time
from services.kit.deadlines.decisions import Deciding
from services.kit.deadlines.standards import (
    AGENCY_RULES,
    YEARS,
    Adopted,
    Limits,
    Rules,
    Standard,
    Years,
    evolve_standard,
    evolve_years,
    faults,
    once_each,
    own_rules,
    rules_of,
    standard_stream,
    told_before,
    unreckonable,
    zone,
)
from services.kit.deadlines.table import (
    CLOCK_REFUSALS,
    CaseClocks,
    ClockCommands,
    ClockFacts,
    OuterLimits,
    the_deadline,
)
from services.kit.deadlines.watching import OpenClocks, WatchedKinds

__all__ = [
    "AGENCY_RULES", "CALENDARS", "CLOCK_REFUSALS", "SEASONS", "YEARS", "Adopted", "CaseClocks", "Clock",
    "ClockCommands", "ClockFacts", "Deciding", "Due", "Limits", "OpenClocks", "OuterLimits", "Paused", "Rules",
    "Standard", "WatchedKinds", "Years", "answer", "calendar_fields", "due_of", "evolve_standard", "evolve_years",
    "faults", "once_each", "own_rules", "reminder", "rules_of", "seasons_fields", "standard_of", "standard_stream",
    "stated", "the_deadline", "told_before", "unreckonable", "working_time", "zone",
]  # fmt: skip
