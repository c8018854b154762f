"""The views and what fills them: which fact goes to which functions. A kind of case is a row of `KINDS`."""

from collections.abc import Callable, Mapping

from contracts import organisation
from contracts.base import Event, Query, Shape
from contracts.organisation.contacts import ContactCodeFailed, ContactVerified
from services.kit.projections import Handlers, ViewSet
from services.projections import policy
from services.projections.views import complaints, letters, notices, requests
from services.projections.views.shared import organisation as office
from services.projections.views.shared import tables
from services.projections.views.shared.history import told
from services.projections.views.shared.kinds import CaseKind

KINDS: tuple[CaseKind, ...] = (letters.LETTERS, requests.REQUESTS, complaints.COMPLAINTS, notices.NOTICES)

# What a kind of case brings: its tables, its handlers, its own questions. A new kind is one more of these rooms.
_ROOMS = (letters, requests, complaints, notices)

HANDLERS: Handlers = {
    **{event: row for room in _ROOMS for event, row in room.HANDLERS.items()},
    organisation.UserAdded: (office.user,),
    organisation.RolesGranted: (office.roles,),
    organisation.AccessEnded: (office.roles,),
    organisation.OperationNoted: (told,),
    organisation.StandardPublished: (office.zone, office.calendar),
    organisation.SubjectErased: (office.erased,),
}

# Facts that no view tells of.
_UNPROJECTED: frozenset[type[Event]] = frozenset({
    organisation.HolderAppointed, organisation.TokenIssued,
    organisation.FirstPasswordIssued, organisation.TokenRenewed, organisation.TokenRevoked,
    organisation.AccessAsked, organisation.AccessGiven, organisation.AccessConfirmed, organisation.AccessReleased,
    organisation.AccessRefused, organisation.AccessLapsed, organisation.AccessUsed, organisation.AgencyDescribed,
    organisation.QualificationGranted,
    organisation.QualificationWithdrawn, organisation.AbsenceEntered, organisation.AbsenceWithdrawn,
    organisation.PositionEstablished, organisation.SubstituteNamed, organisation.HoldingEnded,
    organisation.CalendarDrafted, organisation.CalendarConfirmed, organisation.OfficeClosed,
    organisation.OfficeReopened, organisation.ContactStated, organisation.ContactCodeIssued,
    ContactCodeFailed, ContactVerified, organisation.SeasonConfirmed,
    organisation.SeasonWithdrawn,
})  # fmt: skip
UNPROJECTED = _UNPROJECTED.union(*(room.UNPROJECTED for room in _ROOMS))

ANSWERS: Mapping[type[Query], Callable[..., Shape]] = {
    query: read for room in _ROOMS for query, read in room.ANSWERS.items()
}

SOURCES = ("organisation", "intake", "approval", "dispatch", "account_provisioning", "complaint", "notifications")

VIEWS = ViewSet(
    (*(view for room in _ROOMS for view in room.VIEWS), *tables.ALL),
    HANDLERS,
    (*(kind.cases for kind in KINDS), requests.ACCOUNTS.cases),
    policy.VERSION,
)
