"""Kurir: today's stops on a phone, one at a time; delivered with the receiver's name, or failed with a reason."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from contracts import dispatch
from contracts import projections as p
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import stops_of as courier_stops
from gateway.edge.problems import Problem
from gateway.web.forms import NEEDED, form_of, key, line, wrong
from gateway.web.page import Pages, onward, told

HOME = "/kurir"
TO_DO, HELD = frozenset({"assigned", "failed"}), "held"
NOT_HIS = "dispatch.not-your-copy"
"""Also of a copy that nobody has: he is told the same."""


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get(HOME, name="page.courier")
    async def stops(request: Request) -> Response:
        copies = await stops_of(pages, request)
        todo = [copy for copy in copies if copy.state in TO_DO]
        back = [copy for copy in copies if copy.state == HELD]
        done = [copy for copy in copies if copy.state not in {*TO_DO, HELD}]
        return await pages.show(
            request,
            "letters/kurir.html",
            places=by_place(todo),
            todo=todo,
            back=back,
            done=done,
            just=request.query_params.get("tercatat", ""),
            said=_ids(request.query_params.get("salinan", "").split(".")),
        )

    @made.get(HOME + "/{copy_id}", name="page.courier")
    async def stop(request: Request, copy_id: UUID) -> Response:
        return await stop_page(pages, request, copy_id)

    @made.post(HOME + "/{copy_id}", name="deliveries.record")
    async def record(request: Request, copy_id: UUID) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        delivered = line(form, "outcome") != "failed"
        needed = "receiver_name" if delivered else "reason"
        values = {name: line(form, name) for name in ("receiver_name", "receiver_position", "reason")}
        errors = {} if values[needed] else {needed: NEEDED}
        copies = await stops_of(pages, request)  # also what is done: what comes twice is answered as the first time
        here = next((copy for copy in copies if copy.copy_id == copy_id), None)
        same = {copy.copy_id for copy in copies if here and copy.office == here.office and copy.state in TO_DO}
        wanted = [copy_id, *(each for each in _ids(form.getlist("also")) if each in same and each != copy_id)]
        try:
            if errors or here is None:
                wrong() if errors else wrong(NOT_HIS, 404)
            after = ""
            for each in wanted:
                letter_id = next(copy.letter_id for copy in copies if copy.copy_id == each)
                command = dispatch.RecordDelivery(letter_id=letter_id, copy_id=each, delivered=delivered, **values)
                after = (await pages.client.do(visitor, command, key=key(form, str(each)))).after
        except ValidationError:
            said = told(request, Problem("gateway.malformed", 422))
            return await stop_page(pages, request, copy_id, status=422, problem=said, values=values, errors=errors)
        except Problem as problem:
            return await stop_page(
                pages, request, copy_id, status=problem.status, problem=told(request, problem), values=values,
                errors=errors, failed=not delivered,
            )  # fmt: skip
        said = ".".join(str(each) for each in wanted)
        return onward(HOME, after, tercatat="diterima" if delivered else "gagal", salinan=said)

    return made


async def stops_of(pages: Pages, request: Request) -> tuple[p.CopyRow, ...]:
    """A courier's own; the operator may look at one courier's with ``?caraka=``."""
    wanted = request.query_params.get("caraka") or None
    return (await courier_stops(pages.client, visitor_of(request), wanted, after_of(request))).stops


def by_place(copies: list[p.CopyRow]) -> Mapping[str, list[p.CopyRow]]:
    """One stop per office, in the order in which its first copy falls due."""
    places: dict[str, list[p.CopyRow]] = {}
    for copy in copies:
        places.setdefault(copy.office, []).append(copy)
    return places


async def stop_page(  # noqa: PLR0913 - what was entered stays
    pages: Pages,
    request: Request,
    copy_id: UUID,
    *,
    status: int = 200,
    problem: str = "",
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    failed: bool = False,
) -> Response:
    copies = await stops_of(pages, request)
    here = next((copy for copy in copies if copy.copy_id == copy_id), None)
    if here is None:
        raise Problem(NOT_HIS, 404)
    others = [copy for copy in copies if copy.office == here.office and copy.copy_id != copy_id and copy.state in TO_DO]
    return await pages.show(
        request,
        "letters/kurir-antar.html",
        status=status,
        problem=problem,
        copy=here,
        others=others,
        open=here.state in TO_DO,
        values={"receiver_name": "", "receiver_position": "", "reason": "", **(values or {})},
        errors=dict(errors or {}),
        failed=failed,
    )


def _ids(texts: Sequence[object]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(str(text)))
        except ValueError:
            continue
    return found
