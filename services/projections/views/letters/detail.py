"""One letter, one copy."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from contracts.projections import (
    CopyByCode,
    CopyDetail,
    CopyDetailAnswer,
    LetterDetail,
    LetterDetailAnswer,
)
from services.kit.projections import Generation
from services.projections.views.letters.cases import seen
from services.projections.views.letters.rows import copy_row, letter


def detail(connection: Connection, generation: Generation, agency: str, query: LetterDetail) -> LetterDetailAnswer:
    table, key = generation["letters"], str(query.letter_id)
    mine = seen(generation, agency, query.reader) & (table.c.letter_id == key)
    row = connection.execute(sa.select(table).where(mine)).mappings().first()
    if row is None:
        return LetterDetailAnswer()
    initials = generation["initials"]
    tiers = (
        sa.select(initials).where(initials.c.agency == agency, initials.c.letter_id == key).order_by(initials.c.tier)
    )
    copies = copies_of(connection, generation, agency, generation["copies"].c.letter_id == key)
    copies.sort(key=lambda copy: (copy["place"] or 0, copy["copy_id"]))
    shown = copies
    if not shown and row["minted_copies"]:
        shown = _minted_of(connection, generation, agency, generation["minted"].c.letter_id == key)
    of_now = [copy for copy in shown if not copy["stopped"] or copies]
    return LetterDetailAnswer(
        letter=letter(row, connection.execute(tiers).mappings().all(), [copy_row(copy) for copy in of_now])
    )


def copy(connection: Connection, generation: Generation, agency: str, query: CopyDetail) -> CopyDetailAnswer:
    """The plan knows best; before it, what registration minted. A copy that a revision has replaced is closed."""
    key = str(query.copy_id)
    found = copies_of(connection, generation, agency, generation["copies"].c.copy_id == key)
    found = found or _minted_of(connection, generation, agency, generation["minted"].c.copy_id == key)
    return CopyDetailAnswer(copy_row=copy_row(found[0]) if found else None)


def copy_by_code(connection: Connection, generation: Generation, agency: str, query: CopyByCode) -> CopyDetailAnswer:
    """Both must fit. Where two copies of one letter begin alike, it is neither: whoever has the QR can use that."""
    minted, letters = generation["minted"], generation["letters"]
    asked = (
        sa.select(minted.c.copy_id)
        .join(letters, _same(minted, letters))
        .where(
            minted.c.agency == agency, letters.c.agenda == query.agenda,
            minted.c.copy_id >= query.code, minted.c.copy_id < f"{query.code}~",
        )
        .limit(2)
    )  # fmt: skip
    found = connection.scalars(asked).all()
    if len(found) != 1:
        return CopyDetailAnswer()
    return copy(connection, generation, agency, CopyDetail(copy_id=UUID(found[0])))


def copies_of(
    connection: Connection, generation: Generation, agency: str, which: sa.ColumnElement[bool]
) -> list[dict[str, Any]]:
    """Planned copies with what their letter says."""
    copies, people, letters = generation["copies"], generation["people"], generation["letters"]
    courier = sa.func.coalesce(sa.func.nullif(copies.c.courier_name, ""), people.c.name)
    columns = [column for column in copies.c if column.name != "courier_name"]
    stopped = letters.c.closed.is_not(None) | letters.c.cancelled_at.is_not(None)
    asked = (
        sa.select(*columns, courier.label("courier_name"), *_of_letter(generation), stopped.label("stopped"))
        .join(letters, _same(copies, letters))
        .outerjoin(people, (people.c.agency == copies.c.agency) & (people.c.person_id == copies.c.courier_id))
        .where(copies.c.agency == agency, which)
    )
    return [dict(row) for row in connection.execute(asked).mappings()]


def _minted_of(
    connection: Connection, generation: Generation, agency: str, which: sa.ColumnElement[bool]
) -> list[dict[str, Any]]:
    minted, letters = generation["minted"], generation["letters"]
    stopped = letters.c.cancelled_at.is_not(None) | (minted.c.revision < letters.c.minted)
    asked = (
        sa.select(minted, *_of_letter(generation), stopped.label("stopped"))
        .join(letters, _same(minted, letters))
        .where(minted.c.agency == agency, which)
        .order_by(minted.c.copy_id)
    )
    return [{**_UNPLANNED, **row} for row in connection.execute(asked).mappings()]


_UNPLANNED: dict[str, Any] = {
    "state": "planned", "courier_id": None, "courier_name": "", "receiver_name": "", "receiver_position": "",
    "reference": "", "reason": "", "happened_at": None, "place": 0,
}  # fmt: skip


def _of_letter(generation: Generation) -> list[sa.ColumnElement[Any]]:
    letters = generation["letters"]
    title = sa.func.coalesce(letters.c.subject, letters.c.message_subject).label("title")
    return [letters.c.agenda, title, letters.c.urgency, letters.c.due_at]


def _same(table: sa.Table, letters: sa.Table) -> sa.ColumnElement[bool]:
    return (table.c.agency == letters.c.agency) & (table.c.letter_id == letters.c.letter_id)
