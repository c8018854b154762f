"""The views of complaints: tables, what facts do to them, and the answers read from them."""

from collections.abc import Callable, Mapping

from contracts import complaint
from contracts.base import Event, Query, Shape
from contracts.projections import ComplaintBook, ComplaintClocks, ComplaintDetail, ComplaintList, ComplaintsAbout
from services.kit.projections import Handlers
from services.projections.views.complaints import facts, lists, tables
from services.projections.views.complaints.book import book
from services.projections.views.complaints.kind import COMPLAINTS
from services.projections.views.shared.history import told

VIEWS = tables.ALL

HANDLERS: Handlers = {
    complaint.ComplaintFiled: (facts.filed, told),
    complaint.EntryCorrected: (facts.corrected, told),
    complaint.RegisterNumberTaken: (facts.numbered,),
    complaint.ComplaintAcknowledged: (facts.acknowledged, told),
    complaint.AcknowledgementOverdue: (told,),
    complaint.ComplaintClassified: (facts.classified, told),
    complaint.ComplaintReclassified: (facts.classified, told),
    complaint.ComplainedAboutNamed: (facts.barred, told),
    complaint.ComplaintAssigned: (facts.assigned, told),
    complaint.ComplaintEscalated: (facts.escalated, told),
    complaint.NoteAdded: (told,),
    complaint.ReporterAsked: (facts.asked, told),
    complaint.ReporterSilent: (told,),
    complaint.ReporterWrote: (facts.wrote, told),
    complaint.AnswerProposed: (facts.proposed, told),
    complaint.AnswerReturned: (facts.returned, told),
    complaint.ComplaintAnswered: (facts.answered, told),
    complaint.ObjectionRaised: (facts.objected, told),
    complaint.StanceChanged: (facts.stanced, told),
    complaint.ComplaintReferred: (told,),
    complaint.ComplaintSetAside: (facts.set_aside, told),
    complaint.ComplaintWithdrawn: (told,),
    complaint.ComplaintClosed: (facts.closed, told),
    complaint.MessageLeft: (facts.left, told),
    complaint.LimitsMoved: (facts.moved,),
    complaint.ReporterRetentionEnded: (facts.ended, told),
    complaint.DeadlineMoved: (facts.clocked, told),
    complaint.ClockPaused: (facts.clocked, told),
    complaint.ClockResumed: (facts.clocked, told),
    complaint.ClockStopped: (facts.clocked, told),
    complaint.ComplaintDueSoon: (facts.clocked, told),
    complaint.ComplaintOverdue: (facts.clocked, told),
}

# What the service keeps for its own decisions.
UNPROJECTED: frozenset[type[Event]] = frozenset({
    complaint.StandardAdopted, complaint.CalendarAdopted, complaint.SeasonsAdopted, complaint.RegisterOpened,
    complaint.OpeningCorrected, complaint.AnswerNumberTaken,
})  # fmt: skip

ANSWERS: Mapping[type[Query], Callable[..., Shape]] = {
    ComplaintList: lambda c, g, agency, query, now, **_: lists.complaints(c, g, agency, query, now()),
    ComplaintDetail: lambda c, g, agency, query, **_: lists.detail(c, g, agency, query),
    ComplaintsAbout: lambda c, g, agency, query, **_: lists.about(c, g, agency, query),
    ComplaintClocks: lambda c, g, agency, query, now, **_: lists.clocks(c, g, agency, query, now()),
    ComplaintBook: lambda c, g, agency, query, now, **_: book(c, g, agency, query, now()),
}

__all__ = ["ANSWERS", "COMPLAINTS", "HANDLERS", "UNPROJECTED", "VIEWS"]
