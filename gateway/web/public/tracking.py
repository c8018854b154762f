"""How far a case is, for whoever has its number and its code: a page (as JSON: `gateway.web.public.apps`).

Both come in a body, never in an address. A number that nobody has and a code that is not its own are answered alike,
after the same work; only how a number looks decides whom to ask, and that is no secret.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from contracts.base import Accepted
from contracts.complaint import ReadThreadAnswer
from contracts.tracking import Tracked, TrackedAnswer
from gateway.api.files import send
from gateway.edge.budgets import network_of
from gateway.edge.complaints import letter_handed, receipt_stands, thread_of
from gateway.edge.problems import Problem, retry_after
from gateway.edge.slips import Slip
from gateway.edge.strangers import FILINGS, looking, stranger
from gateway.web.forms import closing, form_of, line
from gateway.web.login.first_password import from_own_page
from gateway.web.page import Pages, rendered, told
from gateway.web.public.attaching import Attached, at_home, attach, word_of
from gateway.web.public.kinds import Brought, PublicForm, PublicKind, kind_of, read_number
from gateway.web.public.strangers import Strangers
from services.kit.blobs import Blobs

LONGEST_CODE = 60
SHA256 = re.compile(r"[0-9a-f]{64}")
UNKNOWN, NOT_FOUND = "gateway.unknown-case", 404


@dataclass(frozen=True, slots=True)
class Known:
    kind: PublicKind
    case: Tracked
    code_mac: str


@dataclass(frozen=True, slots=True)
class Written:
    """A reply as it came in. ``slip`` None: it had none that is good."""

    reply: str
    values: dict[str, str]
    wrong: dict[str, str]
    slip: Slip | None
    attached: Attached = field(default_factory=Attached)


async def known_to(desk: Strangers, agency: str, number: str, code: str, after: str | None = None) -> Known:
    """``agency``: one that exists. Raises Problem 404, the same for a number and a code that do not fit."""
    number, code_mac = read_number(number), await desk.codes.mac(agency, code[:LONGEST_CODE])
    kind = kind_of(desk.kinds, number)
    if kind is None:
        raise Problem(UNKNOWN, 404)
    question = kind.question(number=number, code_mac=code_mac, after=after)
    case = (await desk.client.ask_for(agency, question, TrackedAnswer)).case
    if case is None:
        raise Problem(UNKNOWN, 404)
    return Known(kind, case, code_mac)


def router(pages: Pages, desk: Strangers, blobs: Blobs) -> APIRouter:
    made = APIRouter()

    @made.get("/{agency}/lacak", name="tracking.page")
    async def page(request: Request, agency: str) -> Response:
        await pages.agencies.row(agency)
        number, hashed = read_number(request.query_params.get("nomor", "")), request.query_params.get("sidik", "")
        stands = await _stands(desk, request, agency, number, hashed)
        return await asking(pages, request, agency, number, stands=stands)

    @made.post("/{agency}/lacak", name="tracking.show")
    async def show(request: Request, agency: str) -> Response:
        await pages.agencies.row(agency)
        number, code = _entered(await form_of(request))
        try:
            known = await looked_up(desk, request, agency, number, code)
        except Problem as problem:
            return await asking(pages, request, agency, number, problem)
        return await shown(pages, desk, request, agency, known, code)

    _letters(made, pages, desk, blobs)

    @made.post("/{agency}/lacak/{reply}", name="tracking.reply")
    async def answer(request: Request, agency: str, reply: str) -> Response:
        await pages.agencies.row(agency)
        async with closing(await form_of(request)) as form:
            number, code = _entered(form)
            try:
                known = await looked_up(desk, request, agency, number, code)
            except Problem as problem:
                return await asking(pages, request, agency, number, problem)
            written = await brought_in(desk, request, agency, known, reply, form)
        if written.attached.stays:
            return await shown(pages, desk, request, agency, known, code, written)
        return await done_with(pages, desk, request, agency, known, code, written)

    return made


def _letters(made: APIRouter, pages: Pages, desk: Strangers, blobs: Blobs) -> None:
    @made.post("/{agency}/lacak/surat-jawaban", name="tracking.letter")
    async def letter(request: Request, agency: str) -> Response:
        """The newest answer as the official letter that it went out as."""
        await pages.agencies.row(agency)
        number, code = _entered(await form_of(request))
        try:
            known = await looked_up(desk, request, agency, number, code)
            thread = await said_so_far(desk, agency, known)
            handed = await letter_handed(blobs, agency, thread.letters if thread else ())
        except Problem as problem:
            return await asking(pages, request, agency, number, problem)
        return send(handed)


async def done_with(  # noqa: PLR0913 - a deed and what it stands on
    pages: Pages, desk: Strangers, request: Request, agency: str, known: Known, code: str, written: Written
) -> Response:
    """The reply is sent, and the case is shown as it is then."""
    wanted, number = known.kind.replies.get(written.reply), known.case.number
    try:
        accepted = await replied(desk, request, agency, known, wanted, written)
    except Problem as problem:
        if problem.status == NOT_FOUND:  # the code did not fit any more: as if it never had
            return await asking(pages, request, agency, number, Problem(UNKNOWN, 404))
        if problem.code == "kit.key-reused":
            problem, written = Problem("gateway.sent-before", 409), replace(written, slip=None)
        return await shown(pages, desk, request, agency, known, code, written, problem)
    known = await known_to(desk, agency, number, code, accepted.after)
    return await shown(pages, desk, request, agency, known, code, done=wanted.done if wanted else "")


async def brought_in(  # noqa: PLR0913 - a reply and whose it is
    desk: Strangers, request: Request, agency: str, known: Known, reply: str, form: FormData
) -> Written:
    """The reply as it was sent, its new files stored where the case takes such a reply now."""
    wanted = known.kind.replies.get(reply)
    values, wrong = wanted.read(form) if wanted else ({}, {})
    slip = desk.slips.read(line(form, "lembar"), agency, _name(known, reply))
    attached = Attached()
    if wanted is not None and reply in known.case.replies:
        attached = await attach(
            desk, request, agency, known.kind, wanted, form, values, wrong,
            slip.command_id if slip else None, known.case.case_id,
        )  # fmt: skip
    return Written(reply, values, wrong, slip, attached)


async def looked_up(desk: Strangers, request: Request, agency: str, number: str, code: str) -> Known:
    """Raises Problem 404; 429 where this network has brought too many that do not fit."""
    from_own_page(request, desk.base_url)
    with looking(desk.budgets, network_of(request)) as found:
        known = await known_to(desk, agency, number, code)
        found.append(known)
    return known


async def replied(  # noqa: PLR0913 - a deed and what it stands on
    desk: Strangers, request: Request, agency: str, known: Known, wanted: PublicForm | None, written: Written
) -> Accepted:
    """Raises Problem."""
    if wanted is None or written.reply not in known.case.replies:
        raise Problem("gateway.reply-over", 409)
    if written.slip is None:
        raise Problem("gateway.slip-over", 409)
    if written.wrong:
        raise Problem("gateway.malformed", 422)
    desk.budgets.spend(FILINGS, network_of(request))  # whoever has the code has shown enough otherwise
    identity = written.slip.command_id
    case = known.case.case_id
    files = await at_home(desk, agency, known.kind, wanted, written.values, identity, case)
    brought = Brought(identity, known.code_mac, written.values, case, known.case.number, files)
    return await desk.client.do(stranger(agency), wanted.command(brought), key=identity)


async def _stands(desk: Strangers, request: Request, agency: str, number: str, hashed: str) -> bool | None:
    """What a receipt is worth; None: nobody brought one, or nobody answers. Wrong ones are counted as wrong codes."""
    kind = kind_of(desk.kinds, number)
    if kind is None or kind.thread is None or not SHA256.fullmatch(hashed):
        return None
    try:
        with looking(desk.budgets, network_of(request)) as found:
            stands = await receipt_stands(desk.client, agency, number, hashed)
            found.extend([number] if stands else [])
    except Problem:
        return None
    return stands


async def asking(  # noqa: PLR0913 - a page, and what was brought
    pages: Pages, request: Request, agency: str, number: str, problem: Problem | None = None, *,
    stands: bool | None = None,
) -> Response:  # fmt: skip
    """The form for number and code, with what went wrong. ``stands``: what the receipt that led here is worth."""
    office = await pages.offices.of(agency)
    page = rendered(
        request, "public/lacak.html", problem.status if problem else 200, office=office, counts={}, number=number[:60],
        stands=stands,
        back=f"/{agency}/lacak",
        problem=told(request, problem) if problem else "",
    )  # fmt: skip
    if problem:
        page.headers.update(retry_after(problem))
    return page


async def shown(  # noqa: PLR0913 - a page and what stands on it
    pages: Pages, desk: Strangers, request: Request, agency: str, known: Known, code: str,
    written: Written | None = None, problem: Problem | None = None, done: str = "",
) -> Response:  # fmt: skip
    """A case; ``written``: the reply that did not go through."""
    office = await pages.offices.of(agency)
    thread = await said_so_far(desk, agency, known)
    written = written or Written("", {}, {}, None)
    replies = [
        (name, form, (written.slip if name == written.reply else None) or desk.slips.new(agency, _name(known, name)))
        for name, form in known.kind.replies.items()
        if name in known.case.replies
    ]
    road, step = known.kind.road, known.kind.steps.get(known.case.stage, known.case.stage)
    page = rendered(
        request, "public/terlacak.html", problem.status if problem else 200, office=office, counts={},
        case=known.case, kind=known.kind, code=code[:LONGEST_CODE], replies=replies, done=done, written=written,
        at=road.index(step) if step in road else -1, thread=thread,
        uploads=desk.uploads, word_of=word_of,
        reached={each.step: each.at for each in known.case.steps},
        problem=told(request, problem) if problem else "", back=f"/{agency}/lacak",
    )  # fmt: skip
    page.headers.update(retry_after(problem) if problem else {})
    return page


async def said_so_far(desk: Strangers, agency: str, known: Known) -> ReadThreadAnswer | None:
    """None: this kind has no thread, or nobody answers now; how far it is, is shown all the same."""
    if known.kind.thread is None:
        return None
    question = known.kind.thread(number=known.case.number, code_mac=known.code_mac)
    try:
        answer = await thread_of(desk.client, agency, question)
    except Problem:
        return None
    return answer if answer.found else None


def _name(known: Known, reply: str) -> str:
    """The form that a reply's slip is signed for: of this case alone."""
    return f"{known.kind.slug}/{known.case.case_id}/{reply}"


def _entered(form: Any) -> tuple[str, str]:
    return line(form, "nomor"), line(form, "kode")
