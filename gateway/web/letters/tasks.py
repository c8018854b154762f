"""Tugas saya: what waits for my positions, by action, most overdue first."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from contracts.offices import PositionRow, PositionsAnswer
from contracts.organisation import Positions
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of, tasks_of
from gateway.edge.principals import Visitor
from gateway.web.page import Pages
from gateway.web.settings.words import NOBODY

ORDER = ("retry", "initial", "revise", "decide-twin", "examine", "register", "print", "forward", "transmit", "assign",
         "deliver", "archive")  # fmt: skip
# Where a action is done; everything else on the letter's own page.
PLACES = {
    "examine": "/kotak-masuk/{letter_id}",
    "decide-twin": "/kotak-masuk/{letter_id}",
    "register": "/kotak-masuk/{letter_id}",
    "initial": "/paraf/{letter_id}",
    "deliver": "/kurir/{copy_id}",
}


@dataclass(frozen=True, slots=True)
class Group:
    action: str
    count: int
    tasks: tuple[p.Task, ...]


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get("/tugas", name="page.tasks")
    async def tasks(request: Request) -> Response:
        visitor = visitor_of(request)
        answer = await tasks_of(pages.client, visitor, after_of(request))
        keeps = "secretary" in visitor.roles
        return await pages.show(
            request,
            "letters/tugas.html",
            groups=grouped(answer),
            total=sum(answer.counts.values()),
            place=place,
            keeps=keeps,
            nobody=NOBODY,
            seats=await seats(pages, visitor) if keeps else (),
        )

    return made


async def seats(pages: Pages, visitor: Visitor) -> tuple[PositionRow, ...]:
    """For who keeps the absences: positions for which somebody else acts today, or nobody."""
    answer = await pages.client.ask(visitor, Positions(), PositionsAnswer)
    return tuple(row for row in answer.positions if row.acting is None or row.acting.capacity != "holder")


def grouped(answer: p.TaskListAnswer) -> list[Group]:
    """By action, in the order of the road; what stands still for others first."""
    actions = sorted(answer.counts, key=lambda action: ORDER.index(action) if action in ORDER else len(ORDER))
    return [
        Group(action, answer.counts[action], tuple(task for task in answer.tasks if task.action == action))
        for action in actions
    ]


def place(task: p.Task) -> str:
    """The page on which this task is done."""
    pattern = PLACES.get(task.action, "/surat/{letter_id}")
    return pattern.format(letter_id=task.letter.letter_id, copy_id=task.copy_id)
