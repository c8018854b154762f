"""Paraf: one decision at a time; a batch where nothing needs a word."""

from itertools import takewhile
from uuid import UUID, uuid5

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from contracts import approval
from contracts import projections as p
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import letter_of, tasks_of
from gateway.edge.problems import Problem
from gateway.web.cases.tasks import page_number
from gateway.web.forms import form_of, line, version
from gateway.web.letters.permits import actions
from gateway.web.page import Pages, onward, told
from gateway.web.story import signed

HOME = "/paraf"
INITIAL = "initial"
MOST_AT_ONCE = 50


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get(HOME, name="page.initial")
    async def waiting(request: Request) -> Response:
        return await list_page(pages, request)

    @made.get(HOME + "/{letter_id}", name="page.initial")
    async def one(request: Request, letter_id: UUID) -> Response:
        return await decision_page(pages, request, letter_id)

    @made.post(HOME + "/{letter_id}", name="approvals.initial")
    async def initial(request: Request, letter_id: UUID) -> Response:
        return await decide(pages, request, letter_id, approval.InitialLetter)

    @made.post(HOME + "/{letter_id}/kembalikan", name="approvals.return")
    async def give_back(request: Request, letter_id: UUID) -> Response:
        return await decide(pages, request, letter_id, approval.ReturnLetter)

    @made.post(HOME, name="approvals.initial")
    async def batch(request: Request) -> Response:
        """Every chosen letter is one command with its own key; what is refused is named, the others stand."""
        form, visitor = await form_of(request), visitor_of(request)
        chosen = list(dict.fromkeys(str(each) for each in form.getlist("letter_id")))[:MOST_AT_ONCE]
        after, done, refused = "", 0, []
        for text in chosen:
            try:
                letter_id = UUID(text)
                command = approval.InitialLetter(letter_id=letter_id)
                submission = str(uuid5(letter_id, line(form, "key")))
                after = (await pages.client.do(visitor, command, key=submission)).after
                done += 1
            except ValueError:
                continue
            except Problem as problem:
                refused.append((text, told(request, problem)))
        if refused or not chosen:
            return await list_page(pages, request, after=after, refused=refused, done=done, none=not chosen)
        return onward(HOME, after, selesai=str(done))

    return made


async def decide(
    pages: Pages,
    request: Request,
    letter_id: UUID,
    command: type[approval.InitialLetter | approval.ReturnLetter],
) -> Response:
    form, visitor = await form_of(request), visitor_of(request)
    note = line(form, "note")
    returning = command is approval.ReturnLetter
    try:
        to = {"to": "previous" if line(form, "to") == "previous" else "operator"} if returning else {}
        accepted = await pages.client.do(
            visitor,
            command.model_validate({"letter_id": letter_id, "note": note, **to}),
            key=line(form, "key") or None,
            expected=version(form),
        )
    except ValidationError:
        said = told(request, Problem("gateway.malformed", 422))
        return await decision_page(pages, request, letter_id, status=422, problem=said, note=note, returning=returning)
    except Problem as problem:
        return await decision_page(
            pages,
            request,
            letter_id,
            status=problem.status,
            problem=told(request, problem),
            note=note,
            returning=returning,
        )
    return onward(HOME, accepted.after, selesai="1")


async def waiting_for(
    pages: Pages, request: Request, after: str | None, page: int = 1
) -> tuple[tuple[p.Task, ...], int, bool]:
    """A page of what waits for his initials, how many they are, and whether there is a next one."""
    answer = await tasks_of(pages.client, visitor_of(request), after, INITIAL, page)
    return answer.tasks, answer.counts.get(INITIAL, 0), INITIAL in answer.more


async def list_page(  # noqa: PLR0913 - what a batch leaves to tell
    pages: Pages,
    request: Request,
    *,
    after: str = "",
    refused: list[tuple[str, str]] | None = None,
    done: int = 0,
    none: bool = False,
) -> Response:
    at = page_number(request.query_params.get("halaman", ""))
    tasks, waiting, more = await waiting_for(pages, request, after or after_of(request), at)
    if at > 1 and not tasks:  # done meanwhile
        return onward(HOME, after)
    said = request.query_params.get("selesai", "")
    return await pages.show(
        request,
        "letters/paraf-daftar.html",
        status=409 if refused else 422 if none else 200,
        tasks=tasks,
        waiting=waiting,
        more=more,
        at=at,
        refused=dict(refused or ()),
        done=done or (int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0),  # noqa: PLR2004 - a batch
        none=none,
    )


async def decision_page(  # noqa: PLR0913 - what was entered stays
    pages: Pages,
    request: Request,
    letter_id: UUID,
    *,
    status: int = 200,
    problem: str = "",
    note: str = "",
    returning: bool = False,
) -> Response:
    visitor, after = visitor_of(request), after_of(request)
    letter = await letter_of(pages.client, visitor, letter_id, after)
    tasks, waiting, _more = await waiting_for(pages, request, after)
    others = [task for task in tasks if task.case.case_id != letter_id]
    left = waiting - (len(tasks) - len(others))
    turn = next((tier for tier in letter.initials if tier.state == "next"), None)
    beyond = [tier for tier in letter.initials if turn is not None and tier.tier > turn.tier]
    also = list(takewhile(lambda tier: visitor.actor.holding(tier.position) is not None, beyond))
    return await pages.show(
        request,
        "letters/paraf.html",
        status=status,
        problem=problem,
        letter=letter,
        row=letter.row,
        allowed=actions(visitor, letter),
        turn=turn,
        also=also,
        acts=visitor.actor.holding(turn.position) if turn is not None else None,
        next_tier=beyond[len(also)] if len(also) < len(beyond) else None,
        first=turn is not None and turn.tier == 0,
        others=others,
        left=left,
        note=note,
        returning=returning,
        signed=signed,
    )
