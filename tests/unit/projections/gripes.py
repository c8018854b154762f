"""A second kind of case, for tests alone: what somebody in the office gripes about. Some are for few eyes only."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.base import Event, Officer, Reader, Recorded, Sealed
from contracts.projections import CaseRow, RiskRow
from services.kit.access import RESTRICTED, listed
from services.kit.codec import Checkpoint, Delivery
from services.kit.projections import (
    TEXT,
    WHOLE,
    Cases,
    Computed,
    Generation,
    Handlers,
    Put,
    View,
    ViewSet,
    case_columns,
    micros,
    moment,
    whole_moment,
)
from services.kit.store.identity import StoreId
from services.projections.policy import Column
from services.projections.views import HANDLERS as ALL_HANDLERS
from services.projections.views import KINDS as ALL_KINDS
from services.projections.views import VIEWS as ALL_VIEWS
from services.projections.views.shared.history import Sentence, told
from services.projections.views.shared.kinds import Asked, CaseKind, Row
from tests.unit.projections.office import AGENCY, MORNING, SPACE, MemoryLog, officer

SOURCE = "gripes"
ROLES = frozenset({"operator", "kasi"})


class GripeEvent(Event):
    case: ClassVar[str] = "gripe_id"
    gripe_id: UUID


class GripeHeard(GripeEvent):
    number: str
    title: Sealed
    due_at: datetime
    by: Officer


class GripeTaken(GripeEvent):
    position: str


class GripeRestricted(GripeEvent):
    """From now on it is seen by these positions alone, and never by that person."""

    positions: tuple[str, ...]
    barred: str


class GripeNoted(GripeEvent):
    """No view tells of it."""


class GripeOver(GripeEvent):
    pass


def _put(at: Recorded, **columns: Any) -> Put:
    return Put("gripes", {"agency": at.agency, "gripe_id": str(at.case)}, columns)


def heard(at: Recorded) -> list[Put]:
    event: Any = at.event
    received, due = micros(at.at), micros(event.due_at)
    return [_put(at, number=event.number, title=event.title, received_at=received, due_at=due)]


def taken(at: Recorded) -> list[Put]:
    event: Any = at.event
    return [_put(at, position=event.position)]


def restricted(at: Recorded) -> list[Put]:
    event: Any = at.event
    readers = listed(f"position:{each}" for each in event.positions)
    return [_put(at, visibility=RESTRICTED, readers=readers, barred=listed([f"person:{event.barred}"]))]


def over(at: Recorded) -> list[Put]:
    return [_put(at, over_at=micros(at.at), due_at=None)]


HANDLERS: Handlers = {
    GripeHeard: (heard, told),
    GripeTaken: (taken, told),
    GripeRestricted: (restricted, told),
    GripeOver: (over, told),
}
TOLD: dict[type[Event], Sentence] = {
    GripeHeard: Sentence(("number",), "", "title"),
    GripeTaken: Sentence(("position",)),
    GripeRestricted: Sentence(),
    GripeOver: Sentence(),
}


def stage(table: sa.Table) -> sa.ColumnElement[str | None]:
    whens = [
        (table.c.received_at.is_(None), sa.null()), (table.c.over_at.is_not(None), sa.literal("over")),
        (table.c.position.is_not(None), sa.literal("taken")),
    ]  # fmt: skip
    return sa.case(*whens, else_=sa.literal("heard"))


GRIPES_VIEW = View(
    "gripes",
    key={"agency": TEXT, "gripe_id": TEXT},
    columns={
        "number": TEXT, "title": TEXT, "position": TEXT, "received_at": WHOLE, "due_at": WHOLE, "over_at": WHOLE,
        "visibility": TEXT, "readers": TEXT, "barred": TEXT, **case_columns((SOURCE,)),
    },
    sealed=frozenset({"title"}),
    computed={
        "stage": Computed(TEXT, stage),
        "changed_at": Computed(WHOLE, lambda table: sa.func.coalesce(table.c.gripes_at, 0)),
        "due_order": Computed(WHOLE, lambda table: sa.func.coalesce(table.c.due_at, table.c.received_at)),
    },
    searched=("number", "title"),
)  # fmt: skip
LISTED = ("gripe_id", "number", "title", "position", "stage", "received_at", "due_at", "changed_at", "due_order",
          "gripes_version")  # fmt: skip


def row(found: Row) -> CaseRow:
    return CaseRow(
        kind="gripes", case_id=UUID(found["gripe_id"]), number=found["number"] or "", title=found["title"] or "",
        stage=found["stage"], received_at=whole_moment(found["received_at"]), due_at=moment(found["due_at"]),
        changed_at=whole_moment(found["changed_at"]), versions={SOURCE: found["gripes_version"]},
    )  # fmt: skip


def tasks(generation: Generation, agency: str, reader: Reader) -> list[Asked]:
    table = generation["gripes"]
    mine = KIND.mine(generation, agency, reader)
    every = sa.select(*KIND.columns(generation)).where(mine).order_by(table.c.due_order)
    return [
        Asked("take", every.where(table.c.stage == "heard"), "heard"),
        Asked("end", every.where(table.c.stage == "taken", table.c.position.in_(reader.positions))),
    ]


def risks(_c: Connection, _g: Generation, _agency: str, found: list[Row], now: datetime) -> list[RiskRow]:
    return [
        RiskRow(
            case=row(each), limit_kind="case", limit_at=whole_moment(each["due_at"]), waits="end",
            overdue=whole_moment(each["due_at"]) <= now,
        )
        for each in found
    ]  # fmt: skip


KIND = CaseKind(
    Cases("gripes", "gripe_id", "stage", {SOURCE: "gripe"}, restrictable=True),
    roles=ROLES,
    listed=LISTED,
    row=row,
    orders={"changed": ("changed_at", True), "due": ("due_order", False)},
    searched=GRIPES_VIEW.searched,
    board=(Column("didengar", ("heard",)), Column("dikerjakan", ("taken",)), Column("selesai", ("over",))),
    services=(SOURCE,),
    tasks=tasks,
    limit="due_at",
    risks=risks,  # type: ignore[arg-type]  # lists for sequences
)
KINDS = (*ALL_KINDS, KIND)
VIEWS = ViewSet((*ALL_VIEWS.views, GRIPES_VIEW), {**ALL_HANDLERS, **HANDLERS}, tuple(each.cases for each in KINDS), 1)


class GripeLog:
    """The facts of gripes, as a log that knows what it has stored."""

    def __init__(self) -> None:
        self.facts: list[Recorded] = []
        self.log = MemoryLog(StoreId("9" * 12, 1))
        self.now = MORNING
        self._versions: dict[UUID, int] = {}

    def tell(self, number: int, event: type[GripeEvent], /, **fields: Any) -> UUID:
        gripe_id = uuid5(SPACE, f"gripe {number}")
        self.now += timedelta(minutes=1)
        position = len(self.facts) + 1
        version = self._versions[gripe_id] = self._versions.get(gripe_id, 0) + 1
        fact = event(gripe_id=gripe_id, **fields)
        recorded = Recorded(
            uuid5(SPACE, f"gripe fact {position}"), AGENCY, SOURCE, f"gripe:{gripe_id}", version, position, self.now,
            SPACE, SPACE, None, f"{SOURCE}.{event.__name__}.v1", fact,
        )  # fmt: skip
        self.facts.append(recorded)
        here = Checkpoint(self.log.store_id.store, self.log.store_id.epoch, position)
        self.log.rows.append(Delivery(here, position - 1, "", f"gripe {position}".encode()))
        return gripe_id

    def heard(self, number: int, title: str = "Kursi rusak") -> UUID:
        due_at = self.now + timedelta(hours=number)
        by = officer("operator", "operator-sandi")
        return self.tell(number, GripeHeard, number=f"G-{number:03d}", title=Sealed.of(title), due_at=due_at, by=by)

    def decode(self, position: int, _data: bytes) -> Recorded:
        return self.facts[position - 1]
