"""Which actions the page of a complaint offers. It only hides what the service would refuse."""

from collections.abc import Mapping

from contracts.complaint import ComplaintSheetAnswer
from contracts.projections import COMPLAINT_STAGES, Complaint
from gateway.edge.principals import Visitor
from gateway.edge.rights import COMPLAINT_OFFICER, RIGHTS

OVER = frozenset({"closed", "referred", "set-aside", "withdrawn"})
OPEN = frozenset(COMPLAINT_STAGES) - OVER
SORTING, WORKING = frozenset({"filed", "acknowledged"}), frozenset({"classified", "assigned"})

STAGES: Mapping[str, frozenset[str]] = {
    "complaints.correct-entry": SORTING | {"classified"},
    "complaints.acknowledge": frozenset({"filed"}),
    "complaints.classify": SORTING | WORKING | {"asked", "proposed"},
    "complaints.about": OPEN,
    "complaints.assign": WORKING,
    "complaints.note": frozenset(COMPLAINT_STAGES),
    "complaints.ask": WORKING,
    "complaints.answer": WORKING,
    "complaints.propose": WORKING,
    "complaints.approve": frozenset({"proposed"}),
    "complaints.return": frozenset({"proposed"}),
    "complaints.refer": WORKING,
    "complaints.set-aside": SORTING | WORKING,
    "complaints.escalate": WORKING,
    "complaints.reply": OPEN,
    "complaints.stance": OPEN,
    "complaints.withdraw": OPEN,
    "complaints.object": frozenset({"answered"}),
    "complaints.accept": frozenset({"answered"}),
}
HANDLING = frozenset({
    "complaints.note", "complaints.ask", "complaints.answer", "complaints.propose", "complaints.refer",
    "complaints.set-aside", "complaints.escalate",
})  # fmt: skip
SORTED = frozenset({
    "complaints.correct-entry", "complaints.acknowledge", "complaints.classify", "complaints.about",
    "complaints.assign",
})  # fmt: skip
APPROVING = frozenset({"complaints.approve", "complaints.return"})


def actions(visitor: Visitor, complaint: Complaint, sheet: ComplaintSheetAnswer | None) -> frozenset[str]:
    """Names of rights whose forms this visitor sees on this complaint now."""
    stage = complaint.row.stage
    found = {name for name, stages in STAGES.items() if stage in stages and RIGHTS[name].allows(visitor.roles)}
    if not sorts(visitor, complaint, sheet):
        found -= SORTED
    if not handles(visitor, complaint, sheet):
        found -= HANDLING
    if not _acts_for(visitor, complaint.approver):
        found -= APPROVING
    approver = sheet.approver if sheet else ""
    found.discard("complaints.answer" if approver and not _acts_for(visitor, approver) else "complaints.propose")
    if sheet is None or not sheet.pauses:
        found.discard("complaints.ask")
    if sheet is None or not sheet.ladder or complaint.row.restricted:
        found.discard("complaints.escalate")
    if not complaint.entered:
        found.discard("complaints.correct-entry")
    if complaint.row.stance == "anonymous":
        found.discard("complaints.stance")
    if complaint.object_until is None:
        found.discard("complaints.object")
    return frozenset(found)


def handles(visitor: Visitor, complaint: Complaint, sheet: ComplaintSheetAnswer | None) -> bool:
    return sorts(visitor, complaint, sheet) or _acts_for(visitor, complaint.row.handler)


def sorts(visitor: Visitor, complaint: Complaint, sheet: ComplaintSheetAnswer | None) -> bool:
    """The complaint officer, or who does in his place; the service knows him by older facts, too."""
    in_his_place = complaint.desk or (sheet.desk if sheet else None)
    return bool(COMPLAINT_OFFICER & visitor.roles) or _acts_for(visitor, in_his_place)


def _acts_for(visitor: Visitor, position: str | None) -> bool:
    return position is not None and visitor.actor.holding(position) is not None
