"""Notifications: who is told of which fact, by which way, and what came of it. Streams ``office:agency`` (routes,
templates, working time), ``case:<service>:<id>``, ``event:<event_id>``, ``notice:<notice_id>``, ``hooks:agency``.

A notice holds no words and no contact: words are made anew from its plain values, the contact is asked for when it is
sent.
"""

from contracts.base import Command, Event, Message, Query, ServiceRequest, Shape
from contracts.notifications import attempts, contacts, hooks, office, planning, questions
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
from contracts.notifications.hooks import (
    AllowHookRange,
    EndHook,
    GrantHookRotation,
    GrantHookSecret,
    HookEnded,
    HookFailing,
    HookGranted,
    HookRange,
    HookRangeAllowed,
    HookRangeWithdrawn,
    HookRecovered,
    HookResumed,
    HookRow,
    Hooks,
    HooksAnswer,
    HookSecretRotated,
    HookSubscribed,
    HookSuspended,
    ResumeHook,
    RotateHookSecret,
    SubscribeHook,
    SuspendHook,
    TestHook,
    WithdrawHookRange,
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
    *office.COMMANDS, *planning.COMMANDS, *contacts.COMMANDS, *attempts.COMMANDS, *hooks.COMMANDS,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    *office.EVENTS, *planning.EVENTS, *contacts.EVENTS, *attempts.EVENTS, *hooks.EVENTS,
)  # fmt: skip
ANSWERS: dict[type[Query], type[Shape]] = {**questions.ANSWERS, **hooks.ANSWERS}
QUERIES: tuple[type[Query], ...] = tuple(ANSWERS)
REQUESTS: tuple[type[ServiceRequest], ...] = hooks.REQUESTS
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS, *QUERIES, *REQUESTS)

__all__ = (
    "ANSWERS", "COMMANDS", "EVENTS", "KINDS", "QUERIES", "REQUESTS", "AdoptCalendar", "AdoptOffice",
    "AdoptSeasons", "AllowHookRange", "AttemptFailed", "AttemptUnknown", "CalendarAdopted", "CaseKnown",
    "CaseNoted", "Doer", "EndHook", "GiveUp", "GrantHookRotation", "GrantHookSecret", "HookEnded", "HookFailing",
    "HookGranted", "HookRange", "HookRangeAllowed", "HookRangeWithdrawn", "HookRecovered", "HookResumed",
    "HookRow", "HookSecretRotated", "HookSubscribed", "HookSuspended", "Hooks", "HooksAnswer", "ManualTask",
    "ManualTaskAnswer", "MarkSeen", "NoticeAccepted", "NoticeGivenUp", "NoticePlanned", "NoticeSeen",
    "NoticeSentAgain", "NoticeStep", "NoticesPlanned", "OfficeAdopted", "PlanNotices", "RecordAttempt",
    "ResumeHook", "RotateHookSecret", "RouteTold", "SeasonsAdopted", "SendAgain", "SubscribeHook", "SuspendHook",
    "TestHook", "TickSent", "ToldOrNot", "WhyNotice", "WhyNoticeAnswer", "WithdrawHookRange",
)  # fmt: skip
