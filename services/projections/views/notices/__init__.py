"""The views of notices: who was told what, by which way, and whether he has seen it."""

from collections.abc import Callable, Mapping

from contracts import notifications as told
from contracts.base import Event, Query, Shape
from contracts.notifications.contacts import ContactNoted
from contracts.projections import ContactBlocks, NoticeList, NoticeLog
from services.kit.projections import Handlers
from services.projections.views.notices import contacts, facts, lists, tables
from services.projections.views.notices.kind import NOTICES
from services.projections.views.notices.sent import log

VIEWS = tables.ALL

HANDLERS: Handlers = {
    told.OfficeAdopted: (facts.words,),
    told.RoutesPublished: (facts.words,),
    told.NoticePlanned: (facts.planned,),
    told.NoticeAccepted: (facts.accepted,),
    told.AttemptFailed: (facts.failed,),
    told.AttemptUnknown: (facts.unknown,),
    told.NoticeGivenUp: (facts.given_up,),
    told.NoticeDelivered: (facts.delivered,),
    told.NoticeBounced: (facts.bounced,),
    told.NoticeSentAgain: (facts.sent_again,),
    told.NoticeSeen: (facts.seen,),
    told.ContactBlocked: (facts.contact_step,),
    told.ContactUnblocked: (facts.contact_step,),
}

# What notifications needs for itself.
UNPROJECTED: frozenset[type[Event]] = frozenset({
    told.CalendarAdopted, told.SeasonsAdopted, told.CaseNoted, told.NoticesPlanned, told.NoticeGathered,
    told.BundleSettled, told.HookSubscribed,
    told.HookSecretRotated, told.HookFailing, told.HookRecovered, told.HookSuspended, told.HookResumed, told.HookEnded,
    told.HookRangeAllowed, told.HookRangeWithdrawn, told.TroubleNoted, told.TroubleEnded,
    told.PreferencesSet, ContactNoted,
})  # fmt: skip

ANSWERS: Mapping[type[Query], Callable[..., Shape]] = {
    NoticeList: lambda c, g, agency, query, zone, **_: lists.inbox(c, g, agency, query, zone=zone),
    NoticeLog: lambda c, g, agency, query, zone, **_: log(c, g, agency, query, zone=zone),
    ContactBlocks: lambda c, g, agency, query, **_: contacts.blocks(c, g, agency, query),
}

__all__ = ["ANSWERS", "HANDLERS", "NOTICES", "UNPROJECTED", "VIEWS"]
