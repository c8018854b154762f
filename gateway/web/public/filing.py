"""What strangers send in: a form of a kind of case, its number and code afterwards, and a receipt to print.

A GET changes nothing. What is sent twice is one case with one number and one code; whoever is refused for now keeps
what he has written.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from contracts.base import Accepted
from gateway.edge.budgets import network_of
from gateway.edge.problems import Problem, retry_after
from gateway.edge.slips import Slip
from gateway.edge.strangers import spend_for_filing, stranger
from gateway.web.forms import closing, form_of, line
from gateway.web.login.first_password import from_own_page
from gateway.web.page import Pages, rendered, told
from gateway.web.public.attaching import Attached, at_home, attach
from gateway.web.public.kinds import FILES, Brought, PublicForm, PublicKind
from gateway.web.public.receipts import Receipt
from gateway.web.public.standards import in_force
from gateway.web.public.strangers import Strangers

TOO_MANY = 429
TO_THE_MINUTE = 59
"""Told without seconds, and never too early."""
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Entered:
    """A form as it came in, or as it is shown first. ``slip`` None: it had none that is good."""

    values: dict[str, str]
    wrong: dict[str, str]
    slip: Slip | None
    proof: str = ""
    attached: Attached = field(default_factory=Attached)


@dataclass(frozen=True, slots=True)
class Filed:
    """``accepted.result`` holds the case's ``number`` and ``filed_at`` (ISO). ``hashed``: SHA-256 of what the form
    proves, as it was sent in; empty: it proves nothing.
    """

    kind: PublicKind
    slip: Slip
    accepted: Accepted
    code: str
    hashed: str = ""


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter()

    @made.get("/{agency}/ajukan/{slug}", name="filing.page")
    async def page(request: Request, agency: str, slug: str) -> Response:
        kind = await offered(pages, desk, agency, slug)
        return await entering(pages, desk, request, agency, kind, Entered({}, {}, None))

    @made.post("/{agency}/ajukan/{slug}", name="filing.submit")
    async def submit(request: Request, agency: str, slug: str) -> Response:
        kind = await offered(pages, desk, agency, slug)
        async with closing(await form_of(request)) as form:
            entered = await brought_in(desk, request, agency, kind, form)
        if kind.form.pages and (page := onto(kind.form, form, entered)) is not None:
            return await entering(pages, desk, request, agency, kind, replace(entered, wrong=page.wrong), page=page.at)
        try:
            done = await sent_in(desk, request, agency, kind, entered)
        except Problem as problem:
            if problem.code == "kit.key-reused":
                problem, entered = Problem("gateway.sent-before", 409), replace(entered, slip=None)
            return await entering(pages, desk, request, agency, kind, entered, problem)
        return await told_number(pages, desk, request, agency, done)

    @made.post("/{agency}/tanda-terima", name="filing.receipt")
    async def receipt(request: Request, agency: str) -> Response:
        await pages.agencies.row(agency)
        from_own_page(request, desk.base_url)
        pdf = await desk.receipts.pdf(await receipt_of(pages, desk, agency, await form_of(request)))
        headers = {"Content-Disposition": 'inline; filename="tanda-terima.pdf"'}
        return Response(pdf, media_type="application/pdf", headers=headers)

    return made


async def brought_in(desk: Strangers, request: Request, agency: str, kind: PublicKind, form: FormData) -> Entered:
    """What was sent, its new files stored."""
    values, wrong = kind.form.read(form)
    slip = desk.slips.read(line(form, "lembar"), agency, kind.slug)
    attached = await attach(
        desk, request, agency, kind, kind.form, form, values, wrong, slip.command_id if slip else None
    )
    return Entered(values, wrong, slip, line(form, "altcha"), attached)


@dataclass(frozen=True, slots=True)
class Turned:
    """The page to show; ``at`` one beyond the last: all of it to check."""

    at: int
    wrong: dict[str, str]


def onto(form: PublicForm, sent: FormData, entered: Entered) -> Turned | None:
    """Which page of the form comes next; None: it is to be sent, and nothing is wrong with it.

    ``halaman``: the page that was shown; ``ke``: where to go, a page's number or *kirim*. Going on needs what was
    asked so far; going back needs nothing. What is wrong is shown on its own page, the first such.
    """
    last = len(form.pages)
    shown, wanted = _number(line(sent, "halaman"), last), line(sent, "ke")
    if shown < last and (entered.attached.stays or wanted == str(shown)):  # one more file, or one less
        files = {each.name for each in form.on(shown, entered.values) if each.kind == FILES}
        return Turned(shown, {name: said for name, said in entered.wrong.items() if name in files})
    ahead = wanted == "kirim" or not wanted or _number(wanted, last) > shown
    if ahead:
        for page in range(last if wanted == "kirim" else min(shown, last - 1) + 1):
            names = {each.name for each in form.on(page, entered.values)}
            if wrong := {name: said for name, said in entered.wrong.items() if name in names}:
                return Turned(page, wrong)
        if wanted == "kirim":
            return None
        return Turned(form.next_page(shown, entered.values), {})
    goal = _number(wanted, last)
    if goal < shown and not form.on(goal, entered.values):
        goal = form.next_page(goal, entered.values, -1)
    return Turned(goal, {})


def _number(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 4 else 0  # noqa: PLR2004 - of a form


async def offered(pages: Pages, desk: Strangers, agency: str, slug: str) -> PublicKind:
    """As this office has it. Raises Problem 404."""
    await pages.agencies.row(agency)
    kind = next((kind for kind in desk.kinds if kind.slug == slug), None)
    standards = await in_force(pages, agency) if kind is not None else ()
    if kind is None or not kind.offered(standards):
        raise Problem("gateway.not-found", 404)
    return kind.here(standards)


async def sent_in(desk: Strangers, request: Request, agency: str, kind: PublicKind, entered: Entered) -> Filed:
    """Raises Problem; then nothing has been filed by this form, unless it says that nobody has answered (504)."""
    from_own_page(request, desk.base_url)
    slip = entered.slip
    if slip is None:
        raise Problem("gateway.slip-over", 409)
    if entered.wrong or entered.attached.stays:
        raise Problem("gateway.malformed", 422)
    return await filed(desk, request, agency, kind, slip, entered.values, entered.proof)


async def filed(  # noqa: PLR0913 - what was sent in, and by what right
    desk: Strangers, request: Request, agency: str, kind: PublicKind, slip: Slip, values: dict[str, str], proof: str
) -> Filed:
    """The one way by which strangers file, whatever brought it. Raises Problem."""
    await spend_for_filing(
        desk.budgets, agency, network_of(request), lambda: desk.proofs.proven(proof, slip)
    )  # fmt: skip
    code = await desk.codes.of(agency, slip.command_id)
    files = await at_home(desk, agency, kind, kind.form, values, slip.command_id)
    command = kind.form.command(Brought(slip.command_id, code.mac, values, files=files))
    accepted = await desk.client.do(stranger(agency), command, key=slip.command_id, seconds=SECONDS)
    words = values.get(kind.form.proved, "")
    return Filed(kind, slip, accepted, code.shown, sha256(words.encode()).hexdigest() if words else "")


async def receipt_of(pages: Pages, desk: Strangers, agency: str, form: FormData) -> Receipt:
    """Of what was filed a moment ago: the form says it, signed. Raises Problem 409."""
    slug, number, at, hashed = (line(form, name) for name in ("jenis", "nomor", "waktu", "sidik"))
    kind = next((kind for kind in desk.kinds if kind.slug == slug), None)
    slip = desk.slips.read(line(form, "lembar"), agency, slug)
    if kind is None or slip is None or not desk.slips.marked(slip, line(form, "tanda"), slug, number, at, hashed):
        raise Problem("gateway.receipt-over", 409)
    code = await desk.codes.of(agency, slip.command_id)
    office = await pages.offices.of(agency)
    filed = office.moments("id").full(datetime.fromisoformat(at))
    where = f"{desk.base_url}/{agency}/lacak"
    return Receipt(office.letterhead, kind.noun, number, code.shown, filed, where, hashed)


async def entering(  # noqa: PLR0913 - a page and what stands on it
    pages: Pages, desk: Strangers, request: Request, agency: str, kind: PublicKind, entered: Entered,
    problem: Problem | None = None, page: int | None = None,
) -> Response:  # fmt: skip
    """The form; where there were too many, a page that says when to try again and keeps what was written.

    ``page`` of a form with several; none: the first, or with a problem all of it to check.
    """
    office = await pages.offices.of(agency)
    slip = entered.slip or desk.slips.new(agency, kind.slug)
    waits = problem is not None and problem.status == TOO_MANY
    seconds = int(problem.detail.get("seconds", 60)) if problem is not None else 0
    template = "public/tunggu.html" if waits else "public/isi.html"
    if kind.form.pages and not waits:
        at = page if page is not None else len(kind.form.pages) if problem else 0
        template = "public/periksa.html" if at >= len(kind.form.pages) else "public/langkah.html"
    else:
        at = 0
    shown = rendered(
        request, template, problem.status if problem else 422 if entered.wrong else 200, at=at,
        office=office, counts={}, kind=kind, slip=slip, challenge=desk.proofs.challenge(slip), values=entered.values,
        wrong=entered.wrong, attached=entered.attached, uploads=desk.uploads,
        problem=told(request, problem) if problem else "",
        again_at=datetime.now(UTC) + timedelta(seconds=seconds + TO_THE_MINUTE),
    )  # fmt: skip
    shown.headers.update(retry_after(problem) if problem else {})
    return shown


async def told_number(pages: Pages, desk: Strangers, request: Request, agency: str, filed: Filed) -> Response:
    """The one page that shows a code. The answer to a form that comes again says the same."""
    office = await pages.offices.of(agency)
    number, at = str(filed.accepted.result["number"]), str(filed.accepted.result["filed_at"])
    hashed = filed.hashed
    mark = desk.slips.mark(filed.slip, filed.kind.slug, number, at, hashed)
    return rendered(
        request, "public/terkirim.html", 200, office=office, counts={}, kind=filed.kind, number=number,
        code=filed.code, slip=filed.slip, filed_at=at, filed_on=datetime.fromisoformat(at), hashed=hashed, mark=mark,
    )  # fmt: skip
