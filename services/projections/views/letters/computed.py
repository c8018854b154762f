"""Columns of a letter that follow from the facts of several services: its copies in numbers, its stage, its order."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from services.kit.projections import TEXT, WHOLE, Computed, Mine, Pass, Tables
from services.projections import policy

NEVER = 2**62
PROVEN = ("delivered", "transmitted", "waived")


class _Greatest(GenericFunction[int]):
    """Of several columns; SQLite calls it ``max``."""

    name = "greatest"
    inherit_cache = True


class _Least(GenericFunction[int]):
    """Of several columns; SQLite calls it ``min``."""

    name = "least"
    inherit_cache = True


@compiles(_Greatest, "sqlite")
def _max(element: _Greatest, compiler: Any, **words: Any) -> str:
    return f"max({compiler.process(element.clauses, **words)})"


@compiles(_Least, "sqlite")
def _min(element: _Least, compiler: Any, **words: Any) -> str:
    return f"min({compiler.process(element.clauses, **words)})"


def numbers(tables: Tables, mine: Mine) -> sa.Update:
    """How many copies stand where. A plan sets all to 0 first, so that a plan without copies has none."""
    copies, letters = tables["copies"], tables["letters"]
    by_desk = copies.c.route.in_(policy.SENT_BY_DESK)
    wanted = {
        "copies": sa.true(),
        "copies_proven": copies.c.state.in_(PROVEN),
        "copies_assigned": copies.c.state == "assigned",
        "copies_reported": copies.c.state.in_((*PROVEN, "failed")),
        "copies_unassigned": (copies.c.state == "planned") & ~by_desk,
        "copies_unsent": (copies.c.state == "planned") & by_desk,
        "copies_failed": copies.c.state == "failed",
    }
    sums = [
        sa.cast(sa.func.sum(sa.case((which, 1), else_=0)), sa.BigInteger).label(name) for name, which in wanted.items()
    ]
    first = sa.func.min(sa.case((copies.c.state == "assigned", copies.c.deliver_by))).label("copies_due_at")
    found = (
        sa.select(copies.c.agency, copies.c.letter_id, *sums, first)
        .where(mine(copies))
        .group_by(copies.c.agency, copies.c.letter_id)
        .subquery("found")
    )
    same = (letters.c.agency == found.c.agency) & (letters.c.letter_id == found.c.letter_id)
    return sa.update(letters).values({name: found.c[name] for name in (*wanted, first.name)}).where(same)


def changed_at(letters: sa.Table) -> sa.ColumnElement[int]:
    return _Greatest(*[sa.func.coalesce(letters.c[name], 0) for name in ("intake_at", "approval_at", "dispatch_at")])


def due_order(letters: sa.Table) -> sa.ColumnElement[int]:
    return sa.func.coalesce(letters.c.due_at, letters.c.received_at)


def work_order(letters: sa.Table) -> sa.ColumnElement[int]:
    """What is to be done first: by urgency, then by what is due, then by what came first."""
    rank = sa.case(policy.URGENCY_RANK, value=letters.c.urgency, else_=len(policy.URGENCY_RANK))
    return sa.cast(rank, sa.BigInteger) * policy.RANK_STEP + due_order(letters)


def limit_at(letters: sa.Table) -> sa.ColumnElement[int | None]:
    """The first of the limits that the letter still has to keep; none when it is over."""
    over = [letters.c[name].is_not(None) for name in ("cancelled_at", "completed_at", "archived_at", "closed")]
    # A clock that stands still, or has ended, is due at no moment.
    runs = sa.case((letters.c.paused_at.is_(None) & letters.c.stopped_at.is_(None), letters.c.due_at))
    limits = [sa.func.coalesce(each, NEVER) for each in (runs, letters.c.tier_due_at, letters.c.copies_due_at)]
    return sa.case((sa.or_(*over), sa.null()), else_=sa.func.nullif(_Least(*limits), NEVER))


def stage(letters: sa.Table) -> sa.ColumnElement[str | None]:
    """`policy.STAGE_RULES` in SQL."""
    whens = [
        (sa.and_(sa.true(), *[_holds(check, letters) for check in checks]), sa.literal(name) if name else sa.null())
        for name, checks in policy.STAGE_RULES
    ]
    return sa.case(*whens)


def _holds(check: policy.Check, letters: sa.Table) -> sa.ColumnElement[bool]:
    column = letters.c[check.column]
    if check.sign == "missing":
        return column.is_(None)
    if check.sign == "known":
        return column.is_not(None)
    than = letters.c[check.than] if isinstance(check.than, str) else sa.literal(check.than)
    return column == than if check.sign == "==" else column > than


PASSES = (Pass(numbers, frozenset({"copies"})),)
COMPUTED = {
    "stage": Computed(TEXT, stage),
    "changed_at": Computed(WHOLE, changed_at),
    "due_order": Computed(WHOLE, due_order),
    "work_order": Computed(WHOLE, work_order),
    "limit_at": Computed(WHOLE, limit_at),
}
