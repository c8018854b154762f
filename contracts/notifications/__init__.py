"""Notifications: who is told of which fact, by which way, and what came of it. Streams ``office:agency`` (routes,
templates, working time), ``case:<service>:<id>``, ``event:<event_id>``, ``notice:<notice_id>``.

A notice holds no words and no contact: words are made anew from its plain values, the contact is asked for when it is
sent.
"""

from contracts.base import Command, Event, Message, Query, Shape
from contracts.notifications import attempts, contacts, office, planning, questions
from contracts.notifications.attempts import (
    AttemptFailed,
    AttemptUnknown,
    Doer,
    GiveUp,
    MarkSeen,
    NoticeAccepted,
    NoticeGivenUp,
    NoticeSeen,
    NoticeSentAgain,
    RecordAttempt,
    SendAgain,
    TickSent,
)
from contracts.notifications.office import (
    AdoptCalendar,
    AdoptOffice,
    AdoptSeasons,
    CalendarAdopted,
    OfficeAdopted,
    SeasonsAdopted,
)
from contracts.notifications.planning import (
    CaseKnown,
    CaseNoted,
    NoticePlanned,
    NoticesPlanned,
    PlanNotices,
    RouteTold,
)
from contracts.notifications.questions import (
    ManualTask,
    ManualTaskAnswer,
    NoticeStep,
    ToldOrNot,
    WhyNotice,
    WhyNoticeAnswer,
)

COMMANDS: tuple[type[Command], ...] = (
    *office.COMMANDS, *planning.COMMANDS, *contacts.COMMANDS, *attempts.COMMANDS,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    *office.EVENTS, *planning.EVENTS, *contacts.EVENTS, *attempts.EVENTS,
)  # fmt: skip
QUERIES: tuple[type[Query], ...] = tuple(questions.ANSWERS)
ANSWERS: dict[type[Query], type[Shape]] = questions.ANSWERS
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS, *QUERIES)

__all__ = (
    "ANSWERS", "COMMANDS", "EVENTS", "KINDS", "QUERIES", "AdoptCalendar", "AdoptOffice", "AdoptSeasons",
    "AttemptFailed", "AttemptUnknown", "CalendarAdopted", "CaseKnown", "CaseNoted", "Doer", "GiveUp", "ManualTask",
    "ManualTaskAnswer", "MarkSeen", "NoticeAccepted", "NoticeGivenUp", "NoticePlanned", "NoticeSeen",
    "NoticeSentAgain", "NoticeStep", "NoticesPlanned", "OfficeAdopted", "PlanNotices", "RecordAttempt", "RouteTold",
    "SeasonsAdopted", "SendAgain", "TickSent", "ToldOrNot", "WhyNotice", "WhyNoticeAnswer",
)  # fmt: skip
