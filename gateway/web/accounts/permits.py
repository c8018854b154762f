"""Which actions the page of a request offers. It only hides what the service would refuse."""

from collections.abc import Mapping

from contracts.account_provisioning import RequestSheetAnswer
from contracts.projections import AccountRequest
from gateway.edge.principals import Visitor
from gateway.edge.rights import RIGHTS

HANDED = frozenset({"provisioned", "notified"})
STAGES: Mapping[str, frozenset[str]] = {
    "requests.approve": frozenset({"complete"}),
    "requests.ask": frozenset({"complete"}),
    "requests.reject": frozenset({"complete", "asked"}),
    "requests.supplement": frozenset({"incomplete", "asked"}),
    "requests.withdraw": frozenset({"incomplete", "complete", "asked"}),
    "requests.retry": frozenset({"failed"}),
    "requests.abandon": frozenset({"failed"}),
    "requests.tell": frozenset({"provisioned", "rejected", "given-up"}),
    "requests.receive": frozenset({"notified"}),
    "requests.confirm": HANDED,
    "requests.reply": frozenset({"provisioned", "rejected", "given-up", "notified", "received", "closed"}),
    "requests.renew": HANDED,
    "requests.slip": HANDED,
}
DECISIONS = frozenset({"requests.approve", "requests.ask", "requests.reject"})


def actions(visitor: Visitor, request: AccountRequest, sheet: RequestSheetAnswer | None) -> frozenset[str]:
    """Names of rights whose forms this visitor sees on this request now."""
    stage = request.row.stage
    found = {name for name, stages in STAGES.items() if stage in stages and RIGHTS[name].allows(visitor.roles)}
    if not reviews(visitor, request) or sheet is None or own(visitor, sheet):
        found -= DECISIONS
    found -= _not_now(request)
    if request.row.seconded_by == visitor.actor.id:
        found.discard("requests.approve")
    return frozenset(found)


def _not_now(request: AccountRequest) -> frozenset[str]:
    """What the hand-over does not allow, as far as the views know it."""
    waits = request.hand_over in {"open", "sent", "opened"}
    closed = {
        "requests.confirm": not waits or bool(request.confirmed),
        "requests.renew": request.hand_over in {"none", "set"},
        "requests.slip": not waits or request.hand_over_way != "slip",
        "requests.receive": waits,
        "requests.reply": bool(request.reply_number),
    }
    return frozenset(name for name, never in closed.items() if never)


def reviews(visitor: Visitor, request: AccountRequest) -> bool:
    return any(visitor.actor.holding(position) is not None for position in request.reviewers)


def own(visitor: Visitor, sheet: RequestSheetAnswer) -> bool:
    """Whether he is the applicant: people write the same number in groups or in one piece."""
    his = _digits(visitor.actor.nip)
    return bool(his) and his == _digits(sheet.nip)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())
