"""The case that a notice is about: whoever may not see that one has no notice of it (decision 0113)."""

import sqlalchemy as sa

from contracts.base import Reader
from services.kit.projections import Generation, visible
from services.projections.views.complaints.kind import COMPLAINTS
from services.projections.views.shared.kinds import CaseKind


def shut(generation: Generation, agency: str, reader: Reader) -> sa.ColumnElement[bool]:
    """Whether it is about a complaint from which he is barred, or that is restricted to others. Of an ordinary one he
    keeps what he was told, though somebody else has it now.
    """
    table, complaints = generation["notices"], generation["complaints"]
    open_to_him = sa.func.coalesce(visible(complaints, reader, frozenset(reader.roles)), sa.false())
    return (table.c.case_kind == COMPLAINTS.name) & its_case(table, complaints, COMPLAINTS, agency, ~open_to_him)


def its_case(
    table: sa.Table, cases: sa.Table, kind: CaseKind, agency: str, *more: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Whether a notice's case is one of these, looked up by its key: an office has years of cases, a reader few
    notices.
    """
    key = (cases.c.agency == agency) & (cases.c[kind.cases.id] == table.c.case_id)
    return sa.exists().where(key, *more).correlate(table)
