"""Notifications: who is told of which fact, by which way, and what came of it. Streams ``office:agency`` (routes,
templates, working time), ``case:<service>:<id>``, ``event:<event_id>``, ``notice:<notice_id>``, ``hooks:agency``,
``machine:agency``, ``contact:<person_id>``.

A notice holds no words and no contact: words are made anew from its plain values, the contact is asked for when it is
sent.
"""

from contracts.base import Command, Event, Message, Query, ServiceRequest, Shape
from contracts.notifications import attempts, contacts, hooks, office, planning, questions, troubles, ways
from contracts.notifications.attempts import (
    AttemptFailed,
    AttemptUnknown,
    Doer,
    GiveUp,
    MarkSeen,
    NoticeAccepted,
    NoticeBounced,
    NoticeDelivered,
    NoticeGivenUp,
    NoticeSeen,
    NoticeSentAgain,
    PassOn,
    RecordAttempt,
    RecordReceipt,
    SendAgain,
    TestChannel,
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
    PublishRoutes,
    RouteForeseen,
    Routes,
    RoutesAnswer,
    RoutesPreview,
    RoutesPreviewAnswer,
    RoutesPublished,
    RulesFault,
    SeasonsAdopted,
)
from contracts.notifications.planning import (
    BundleSettled,
    CaseKnown,
    CaseNoted,
    NoticeGathered,
    NoticePlanned,
    NoticesPlanned,
    PlanNotices,
    RecordGathered,
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
from contracts.notifications.troubles import NoteTroubles, Trouble, TroubleEnded, TroubleNoted
from contracts.notifications.ways import (
    BlockContact,
    ContactBlocked,
    ContactUnblocked,
    PreferencesSet,
    RenewContact,
    SetPreferences,
    UnblockContact,
    WaysOf,
    WaysOfAnswer,
)

COMMANDS: tuple[type[Command], ...] = (
    *office.COMMANDS,
    *planning.COMMANDS,
    *contacts.COMMANDS,
    *attempts.COMMANDS,
    *hooks.COMMANDS,
    *troubles.COMMANDS,
    *ways.COMMANDS,
)
EVENTS: tuple[type[Event], ...] = (
    *office.EVENTS,
    *planning.EVENTS,
    *contacts.EVENTS,
    *attempts.EVENTS,
    *hooks.EVENTS,
    *troubles.EVENTS,
    *ways.EVENTS,
)
ANSWERS: dict[type[Query], type[Shape]] = {
    **questions.ANSWERS, **hooks.ANSWERS, **ways.ANSWERS, **office.ANSWERS,
}  # fmt: skip
QUERIES: tuple[type[Query], ...] = tuple(ANSWERS)
REQUESTS: tuple[type[ServiceRequest], ...] = hooks.REQUESTS
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS, *QUERIES, *REQUESTS)

__all__ = (
    "ANSWERS", "COMMANDS", "EVENTS", "KINDS", "QUERIES", "REQUESTS", "AdoptCalendar", "AdoptOffice", "AdoptSeasons",
    "AllowHookRange", "AttemptFailed", "AttemptUnknown", "BlockContact", "BundleSettled", "CalendarAdopted",
    "CaseKnown", "CaseNoted", "ContactBlocked", "ContactUnblocked", "Doer", "EndHook", "GiveUp", "GrantHookRotation",
    "GrantHookSecret", "HookEnded", "HookFailing", "HookGranted", "HookRange", "HookRangeAllowed",
    "HookRangeWithdrawn", "HookRecovered", "HookResumed", "HookRow", "HookSecretRotated", "HookSubscribed",
    "HookSuspended", "Hooks", "HooksAnswer", "ManualTask", "ManualTaskAnswer", "MarkSeen", "NoteTroubles",
    "NoticeAccepted", "NoticeBounced", "NoticeDelivered", "NoticeGathered", "NoticeGivenUp", "NoticePlanned",
    "NoticeSeen", "NoticeSentAgain", "NoticeStep", "NoticesPlanned", "OfficeAdopted", "PassOn", "PlanNotices",
    "PreferencesSet", "PublishRoutes", "RecordAttempt", "RecordGathered", "RecordReceipt", "RenewContact",
    "ResumeHook", "RotateHookSecret", "RouteForeseen", "RouteTold", "Routes", "RoutesAnswer", "RoutesPreview",
    "RoutesPreviewAnswer", "RoutesPublished", "RulesFault", "SeasonsAdopted", "SendAgain", "SetPreferences",
    "SubscribeHook", "SuspendHook", "TestChannel", "TestHook", "TickSent", "ToldOrNot", "Trouble", "TroubleEnded",
    "TroubleNoted", "UnblockContact", "WaysOf", "WaysOfAnswer", "WhyNotice", "WhyNoticeAnswer", "WithdrawHookRange",
)  # fmt: skip
