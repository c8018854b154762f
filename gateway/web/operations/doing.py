"""A deed of Ruang operasi: noted in the agency's history first, with who does it; then done by the service."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from contracts import organisation as o
from gateway.api.commands import visitor_of
from gateway.edge.problems import Problem
from gateway.web.forms import form_of, key
from gateway.web.page import Pages, onward, told
from services.kit.bus import BusTimeout, NoResponder, RemoteFault

HOME = "/operasi"
RoomPage = Callable[..., Awaitable[Response]]


async def done(  # noqa: PLR0913 - a deed, and where it leads back to
    pages: Pages,
    request: Request,
    room_page: RoomPage,
    named: o.NoteOperation,
    carry_out: Callable[[str], Awaitable[None]],
    home: str = HOME,
) -> Response:
    """``carry_out`` gets the note's id. The same form again finds its note; done twice it has one effect."""
    visitor, form = visitor_of(request), await form_of(request)
    try:
        accepted = await pages.client.do(visitor, named, key=key(form, f"operations.{named.operation}"))
        await carry_out(str(accepted.command_id))
    except Problem as problem:
        return await room_page(pages, request, status=problem.status, problem=told(request, problem))
    except RemoteFault as fault:
        refused = Problem("gateway.operation-refused", 409, service=named.of_service, reason=str(fault))
        return await room_page(pages, request, status=409, problem=told(request, refused))
    except (NoResponder, BusTimeout):
        said = told(request, Problem("gateway.unavailable", 503, service=named.of_service))
        return await room_page(pages, request, status=503, problem=said)
    return onward(home, selesai=named.operation)


async def malformed(pages: Pages, request: Request, room_page: RoomPage) -> Response:
    said = told(request, Problem("gateway.malformed", 422))
    return await room_page(pages, request, status=422, problem=said)
