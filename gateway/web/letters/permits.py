"""Which actions a page offers: who may, and when the stage allows. It only hides what the services would refuse."""

from contracts.projections import CopyRow, Letter
from gateway.edge.parts import SANDI
from gateway.edge.principals import Visitor
from gateway.edge.rights import RIGHTS

RELEASABLE = frozenset({"classified", "dmarc"})  # what a person can know better
TO_EXAMINE = frozenset({"captured", "twin", "examined"})
NUMBERED = frozenset(
    {"registered", "printed", "forwarded", "returned", "released", "assigned", "delivering", "proven", "archived"}
)
UNDER_WAY = frozenset({"released", "assigned", "delivering"})
OPEN_COPIES = frozenset({"planned", "assigned", "failed"})
BY_HAND = frozenset({"courier", "aide"})
BY_WIRE = frozenset({"fax", "online"})

STAGES: dict[str, frozenset[str]] = {
    "letters.register": TO_EXAMINE,
    "letters.print": NUMBERED - {"archived"},
    "letters.forward": frozenset({"printed"}),
    "letters.revise": NUMBERED - {"forwarded", "archived"},
    "letters.pause": NUMBERED - {"proven", "archived"},
    "letters.resume": NUMBERED - {"proven", "archived"},
    "letters.release": frozenset({"quarantined"}),
    "letters.confirm": frozenset({"quarantined"}),
    "letters.cancel": TO_EXAMINE | {"quarantined"} | (NUMBERED - {"archived"}),
    "approvals.initial": frozenset({"forwarded"}),
    "approvals.return": frozenset({"forwarded"}),
    "dispatches.assign": UNDER_WAY,
    "dispatches.waive": UNDER_WAY,
    "deliveries.transmit": UNDER_WAY,
    "deliveries.record": UNDER_WAY,
    "dispatches.archive": frozenset({"proven"}),
}


def actions(visitor: Visitor, letter: Letter, assigner: str = "") -> frozenset[str]:
    """Names of rights whose forms this visitor sees on this letter now. ``assigner``: the position that assigns."""
    stage = letter.row.stage
    found = {name for name, stages in STAGES.items() if stage in stages and RIGHTS[name].allows(visitor.roles)}
    if not his_turn(visitor, letter):
        found -= {"approvals.initial", "approvals.return"}
    if assigner and not visitor.actor.holding(assigner):
        found -= {"dispatches.assign", "dispatches.waive"}
    if "courier" in visitor.roles and "operator" not in visitor.roles:
        found.discard("deliveries.record")
    open_still = SANDI in visitor.actor.qualifications and letter.quarantine_confirmed_at is None
    wanted = {
        "letters.release": open_still and letter.row.quarantine in RELEASABLE,
        "letters.confirm": open_still,
        "letters.pause": letter.row.paused_at is None,
        "letters.resume": letter.row.paused_at is not None,
        "dispatches.assign": any(open_by_hand(copy) for copy in letter.copies),
        "dispatches.waive": any(copy.state in OPEN_COPIES for copy in letter.copies),
        "deliveries.record": any(copy.state in {"assigned", "failed"} for copy in letter.copies),
        "deliveries.transmit": any(by_wire(copy) for copy in letter.copies),
    }
    return frozenset(name for name in found if wanted.get(name, True))


def his_turn(visitor: Visitor, letter: Letter) -> bool:
    """By his own position, or where he stands in for the registrar; nobody initials what he registered himself."""
    position, registrar = letter.row.waiting_position, letter.registrar_id
    if position is None or visitor.actor.id == registrar:
        return False
    stands_in = any((each.position, each.instead_of) == (position, registrar) for each in visitor.actor.stand_ins)
    return stands_in or visitor.actor.holding(position) is not None


def open_by_hand(copy: CopyRow) -> bool:
    return copy.state in OPEN_COPIES and bool(BY_HAND.intersection(copy.routes or (copy.route,)))


def by_wire(copy: CopyRow) -> bool:
    return copy.state in OPEN_COPIES and bool(BY_WIRE.intersection(copy.routes or (copy.route,)))
