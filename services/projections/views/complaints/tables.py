"""The table of complaints; the complaint service's events alone write it. Moments are microseconds since 1970 (UTC).

Who sees a complaint follows from its columns (`guarded`): the handler, the approver, who it was escalated to, who was
told above them that it is overdue, who sorts it in place of its officer (``desk``); of a restricted one the complaint
officer, ``desk`` and the examiner's position, and nobody else.
"""

from typing import Any

import sqlalchemy as sa

from services.kit.access import BAR, NEAR, OWN, RESTRICTED
from services.kit.projections import TEXT, WHOLE, Computed, Mine, Pass, Tables, View, case_columns
from services.projections.policy import COMPLAINT_OFFICER

STREAMS = {"complaint": "complaint"}
ASIDE = ("referred", "set-aside", "withdrawn")
ORDINARY_READERS = ("officer", "desk", "handler", "approver", "rung", "told_rung", "told_leader")
RESTRICTED_READERS = ("officer", "desk", "examiner")
BY_HIMSELF = ("handler", "desk")
"""Whose position of his own lets him in, though he stands near to whom it is about."""


def stage(table: sa.Table) -> sa.ColumnElement[str | None]:
    """Where it stands, whatever was heard last."""
    column = table.c
    return sa.case(
        (column.number.is_(None), sa.null()),
        (column.outcome.in_(ASIDE), column.outcome),
        (column.outcome.is_not(None), sa.literal("closed")),
        (column.answered == 1, sa.literal("answered")),
        (column.proposed == 1, sa.literal("proposed")),
        (column.asked == 1, sa.literal("asked")),
        (column.handler.is_not(None), sa.literal("assigned")),
        (column.complaint_class.is_not(None), sa.literal("classified")),
        (column.acknowledged_at.is_not(None), sa.literal("acknowledged")),
        else_=sa.literal("filed"),
    )


def due_order(table: sa.Table) -> sa.ColumnElement[int]:
    return sa.func.coalesce(table.c.due_at, table.c.received_at)


def runs(table: sa.Table) -> sa.ColumnElement[bool]:
    """Whether its clock runs: the office owes an answer."""
    return sa.and_(*[table.c[name].is_(None) for name in ("outcome", "paused_at", "stopped_at")])


def limit_at(table: sa.Table) -> sa.ColumnElement[int | None]:
    """The first limit that still runs: to acknowledge it, or to answer."""
    first = table.c.acknowledged_at.is_(None) & (table.c.acknowledge_by < table.c.due_at)
    return sa.case((runs(table) & first, table.c.acknowledge_by), (runs(table), table.c.due_at))


COMPLAINTS = View(
    "complaints",
    key={"agency": TEXT, "complaint_id": TEXT},
    columns={
        "number": TEXT, "complaint_kind": TEXT, "channel": TEXT, "stance": TEXT, "standard": TEXT, "calendar_of": TEXT,
        "received_at": WHOLE, "due_at": WHOLE, "due_soon_at": WHOLE, "overdue_at": WHOLE, "paused_at": WHOLE,
        "stopped_at": WHOLE, "officer": TEXT, "acknowledge_by": WHOLE, "acknowledged_at": WHOLE, "attachments": WHOLE,
        "about_service": TEXT, "about_id": TEXT, "about_number": TEXT, "complaint_class": TEXT, "class_title": TEXT,
        "house_limit": WHOLE, "restricted": WHOLE, "examiner": TEXT, "gist": TEXT, "handler": TEXT, "desk": TEXT,
        "rung": TEXT, "asked": WHOLE, "proposed": WHOLE, "approver": TEXT, "answered": WHOLE, "answered_at": WHOLE,
        "object_until": WHOLE, "close_at": WHOLE, "late": WHOLE, "objections": WHOLE, "outcome": TEXT,
        "aside": TEXT, "entered": WHOLE, "told_rung": TEXT, "told_leader": TEXT,
        "closed_at": WHOLE, "erased": WHOLE, "register_year": WHOLE, "register_number": WHOLE,
        "paper_number": TEXT,
        # the kit, and the pass
        **case_columns(STREAMS), "visibility": TEXT, "readers": TEXT, "barred": TEXT,
    },
    computed={
        "stage": Computed(TEXT, stage),
        "due_order": Computed(WHOLE, due_order),
        "limit_at": Computed(WHOLE, limit_at),
        "changed_at": Computed(WHOLE, lambda table: sa.func.coalesce(table.c.complaint_at, 0)),
    },
    sealed=frozenset({"gist"}),
    indexes=(
        ("agency", "stage", "due_order", "complaint_id"), ("agency", "stage", "changed_at", "complaint_id"),
        ("agency", "stage", "received_at", "complaint_id"), ("agency", "changed_at", "complaint_id"),
        ("agency", "due_order", "complaint_id"), ("agency", "received_at", "complaint_id"), ("agency", "limit_at"),
        ("agency", "register_year", "register_number"), ("agency", "about_id"),
        ("agency", "visibility"), ("agency", "barred"),
    ),
    searched=("number", "gist", "paper_number"),
)  # fmt: skip


def guarded(tables: Tables, mine: Mine) -> sa.Update:
    """Who sees it, out of what its facts have said so far."""
    table = tables["complaints"]
    restricted = table.c.restricted == 1
    readers = sa.case(
        (restricted, sa.literal(f"{BAR}role:{COMPLAINT_OFFICER}{BAR}").concat(_positions(table, RESTRICTED_READERS))),
        else_=sa.literal(BAR).concat(_positions(table, ORDINARY_READERS)),
    )
    said: dict[Any, Any] = {
        "visibility": sa.case((restricted, sa.literal(RESTRICTED)), else_=sa.null()),
        "readers": readers.concat(_own(table, tables["complaint_barred"])),
    }
    return sa.update(table).values(said).where(mine(table))


def _own(table: sa.Table, barred: sa.Table) -> sa.ColumnElement[str]:
    """Who handles or sorts it by his own position, unless that is barred itself."""
    named: sa.ColumnElement[str] = sa.literal("")
    for name in BY_HIMSELF:
        position = sa.literal("position:").concat(table.c[name])
        same = (barred.c.agency == table.c.agency) & (barred.c.complaint_id == table.c.complaint_id)
        shut = sa.exists().where(same & (barred.c.token == position)).correlate(table)
        own = sa.case((table.c[name].is_(None) | shut, ""), else_=sa.literal(OWN).concat(position).concat(BAR))
        named = named.concat(own)
    return named


def _positions(table: sa.Table, names: tuple[str, ...]) -> sa.ColumnElement[str]:
    named: sa.ColumnElement[str] = sa.literal("")
    for name in names:
        token = sa.literal("position:").concat(table.c[name]).concat(BAR)
        named = named.concat(sa.func.coalesce(token, ""))
    return named


def shut_out(tables: Tables, mine: Mine) -> sa.Update:
    """Whom it is about, and who stands in for them, however often somebody was named."""
    table, barred = tables["complaints"], tables["complaint_barred"]
    same = (barred.c.agency == table.c.agency) & (barred.c.complaint_id == table.c.complaint_id)
    person = barred.c.token.startswith("person:")  # he himself; all others stand near to him
    token = sa.case((person, barred.c.token), else_=sa.literal(NEAR).concat(barred.c.token)).label("token")
    ordered = sa.select(token).where(same).order_by(barred.c.token).correlate(table).subquery("ordered")
    tokens = sa.select(sa.func.aggregate_strings(ordered.c.token, BAR)).correlate(table).scalar_subquery()
    said = sa.literal(BAR).concat(tokens).concat(BAR)  # of nobody: nothing
    return sa.update(table).values(barred=said).where(mine(table))


BARRED = View(
    "complaint_barred",
    key={"agency": TEXT, "complaint_id": TEXT, "token": TEXT},
    columns={"person_id": TEXT},
)

LEFT = View(
    "complaint_left",
    key={"agency": TEXT, "message_id": TEXT},
    columns={"received_at": WHOLE, "mailbox": TEXT, "why": TEXT},
    indexes=(("agency", "received_at"),),
)
"""Messages that became no complaint, and no part of one."""

PASSES = (Pass(guarded, frozenset({"complaints", "complaint_barred"})), Pass(shut_out, frozenset({"complaint_barred"})))
ALL = (COMPLAINTS, BARRED, LEFT)
