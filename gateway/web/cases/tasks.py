"""Tugas saya: what waits for my positions, by action, most overdue first."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from contracts.offices import PositionRow, PositionsAnswer
from contracts.organisation import People, PeopleAnswer, Positions
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import tasks_of
from gateway.edge.principals import Visitor
from gateway.web.kinds import place_of
from gateway.web.page import Pages, onward
from gateway.web.settings.access import may, unseen
from gateway.web.settings.words import NOBODY

ORDER = ("retry", "repair", "acknowledge", "initial", "approve-answer", "answer", "decide", "classify",
         "assign-complaint", "confirm", "tell", "revise", "decide-twin", "examine", "register", "print",
         "forward", "transmit", "assign", "deliver", "complete", "archive")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    action: str
    count: int
    tasks: tuple[p.Task, ...]
    more: bool = False


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get("/tugas", name="page.tasks")
    async def tasks(request: Request) -> Response:
        visitor = visitor_of(request)
        part, at = part_of(request)
        answer = await tasks_of(pages.client, visitor, after_of(request), part, at)
        if part and at > 1 and not answer.tasks:  # done meanwhile, by him or another
            return onward("/tugas", bagian=part)
        if part:
            return await pages.show(
                request, "cases/tugas-bagian.html", group=(grouped(answer) or [Group(part, 0, ())])[0], at=at,
                place=place_of,
            )  # fmt: skip
        keeps = "secretary" in visitor.roles
        seats = await substitutes(pages, visitor) if keeps or "admin" in visitor.roles else ()
        if not keeps:  # an administrator is told where nobody acts, and no more of it
            seats = tuple(row for row in seats if row.acting is None)
        grants = await unseen(pages, request)
        return await pages.show(
            request,
            "cases/tugas.html",
            groups=grouped(answer),
            total=sum(answer.counts.values()) + len(grants),
            grants=grants,
            may=may(request),
            place=place_of,
            keeps=keeps or bool(seats),
            away_until=await away_until(pages, request) if not visitor.roles else "",
            nobody=NOBODY,
            substitutes=seats,
        )

    return made


def part_of(request: Request) -> tuple[str, int]:
    """The action of which alone a page is wanted ("": of none), and which page."""
    part, at = request.query_params.get("bagian", ""), request.query_params.get("halaman", "")
    return part if part in ORDER else "", page_number(at)


def page_number(said: str) -> int:
    return max(int(said), 1) if said.isascii() and said.isdigit() and len(said) < 4 else 1  # noqa: PLR2004 - of a list


async def away_until(pages: Pages, request: Request) -> str:
    """The last day of an absence of his own that holds today; "": there is none."""
    visitor = visitor_of(request)
    people = (await pages.client.ask(visitor, People(after=after_of(request)), PeopleAnswer)).people
    office = await pages.offices.of(visitor.agency)
    time = office.moments(request.state.language)
    today = time.local(time.now).date().isoformat()
    own = (each for person in people if person.person_id == visitor.actor.id for each in person.absences)
    return max((each.until_on for each in own if each.from_on <= today <= each.until_on), default="")


async def substitutes(pages: Pages, visitor: Visitor) -> tuple[PositionRow, ...]:
    """For who keeps the absences: positions for which somebody else acts today, or nobody."""
    answer = await pages.client.ask(visitor, Positions(), PositionsAnswer)
    return tuple(row for row in answer.positions if row.acting is None or row.acting.capacity != "holder")


def grouped(answer: p.TaskListAnswer) -> list[Group]:
    """By action, in the order of the road; what stands still for others first."""
    actions = sorted(answer.counts, key=lambda action: ORDER.index(action) if action in ORDER else len(ORDER))
    return [
        Group(
            action,
            answer.counts[action],
            tuple(task for task in answer.tasks if task.action == action),
            action in answer.more,
        )
        for action in actions
    ]
