"""One rule for the stage, read by Python and by SQL alike; every fact has its place in the tables."""

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from contracts import REGISTRY
from contracts.base import Event
from contracts.projections import ANSWERS, QUERIES, STAGES
from services.projections import policy
from services.projections.views import HANDLERS, UNPROJECTED
from services.projections.views.letters import tables
from services.projections.views.letters.computed import stage
from services.projections.views.shared.history import SENTENCES, told
from tests.unit.projections.office import Office
from tests.unit.projections.reading import asking_of, projector_of

ENGINE = sa.create_engine("sqlite://")
COLUMNS = sorted({
    column for _, checks in policy.STAGE_RULES for check in checks for column in (check.column, check.than)
    if isinstance(column, str)
})  # fmt: skip


@given(st.fixed_dictionaries({name: st.none() | st.integers(0, 3) for name in COLUMNS}))
def test_sql_and_python_agree_on_the_stage(letter: dict[str, int | None]) -> None:
    kinds = {**tables.LETTERS.key, **tables.LETTERS.columns}
    values = [
        sa.cast(sa.literal(None if value is None else str(value)), kinds[name]).label(name)
        for name, value in letter.items()
    ]
    row = sa.select(*values).subquery()
    with ENGINE.connect() as connection:
        assert connection.scalar(sa.select(stage(row))) == policy.stage(letter)  # type: ignore[arg-type] # a subquery has columns too


def test_every_stage_of_the_rules_is_published_and_has_at_most_one_column() -> None:
    assert {name for name, _ in policy.STAGE_RULES if name} == set(STAGES)
    on_board = [stage for column in policy.BOARD for stage in column.stages]
    assert len(on_board) == len(set(on_board))
    assert set(STAGES) - set(on_board) == {"quarantined", "cancelled"}


def test_every_fact_is_told_by_a_view_or_left_out_on_purpose() -> None:
    facts = set(REGISTRY.of(Event))
    assert facts == set(HANDLERS) | UNPROJECTED
    assert not set(HANDLERS) & UNPROJECTED
    assert {fact for fact, handlers in HANDLERS.items() if told in handlers} == set(SENTENCES)


def test_every_question_has_an_answer_and_is_answered(engine: sa.Engine, office: Office) -> None:
    assert set(ANSWERS) == set(QUERIES)
    assert set(asking_of(projector_of(engine, office), office, office.now).handlers()) == set(QUERIES)
