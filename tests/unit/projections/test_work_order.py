"""What is to be done first: the most urgent, among those what is due first, among those what came first."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from contracts import intake
from contracts.base import Reader
from contracts.projections import LetterList, TaskList
from services.projections.settings import Limits
from tests.unit.projections.office import Office
from tests.unit.projections.reading import ask, follow, projector_of

MONDAY = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
LETTERS = (
    # number, urgency, hours until it is due
    (1, "biasa", 1), (2, "segera", 9), (3, "sangat-segera", 30), (4, "penting", 5), (5, "segera", 3), (6, "of-2030", 0),
)  # fmt: skip


async def test_tasks_stand_by_urgency_then_by_what_is_due(engine: Engine, office: Office) -> None:
    for number, urgency, hours in LETTERS:
        office.now = MONDAY + timedelta(minutes=number)
        letter = office.letter(number).captured().examined(urgency=urgency).registered(urgency)
        due = MONDAY + timedelta(hours=hours)
        letter._tell(intake.DeadlineMoved(letter_id=letter.id, old_due_at=office.now, due_at=due, calendar="kalender"))
    projector = projector_of(engine, office)
    await follow(projector, office)
    operator = Reader(person_id="operator", roles=("operator",))
    tasks: Any = await ask(projector, office, TaskList(reader=operator))
    assert [task.case.number for task in tasks.tasks] == [f"{n:04d}/2026" for n in (3, 5, 2, 4, 6, 1)]
    by_due: Any = await ask(projector, office, LetterList(reader=operator, order="due"))
    assert [row.agenda for row in by_due.letters] == [f"{n:04d}/2026" for n in (6, 1, 5, 4, 2, 3)]


async def test_every_page_of_a_task_is_reached_and_each_counts_all(engine: Engine, office: Office) -> None:
    most = Limits().tasks
    for number in range(1, most + 4):
        office.now = MONDAY + timedelta(minutes=number)
        office.letter(number).captured()
    office.letter(most + 10).captured().examined().registered()
    projector = projector_of(engine, office)
    await follow(projector, office)
    operator, found = Reader(person_id="operator", roles=("operator",)), []
    for page in (1, 2, 3):
        answer: Any = await ask(projector, office, TaskList(reader=operator, action="examine", page=page))
        found += [task.case.case_id for task in answer.tasks]
        assert ({"examine": most + 3}, ("examine",) * (page == 1)) == (answer.counts, answer.more), page
    assert len(found) == len(set(found)) == most + 3
    every: Any = await ask(projector, office, TaskList(reader=operator))
    assert (len(every.tasks), every.more) == (most + 1, ("examine",))
    assert every.counts == {"examine": most + 3, "print": 1}


async def test_the_oldest_come_first_and_every_page_is_reached(engine: Engine, office: Office) -> None:
    for number in range(1, 8):
        office.now = MONDAY + timedelta(minutes=10 - number)
        office.letter(number).captured()
    projector = projector_of(engine, office)
    await follow(projector, office)
    operator, found, cursor = Reader(person_id="operator", roles=("operator",)), [], ""
    for _ in range(3):
        page: Any = await ask(projector, office, LetterList(reader=operator, order="oldest", limit=3, cursor=cursor))
        found += [row.received_at for row in page.letters]
        cursor = page.cursor
    assert cursor == ""
    assert found == sorted(found)
    assert len(set(found)) == 7
