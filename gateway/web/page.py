"""Renders a page: the templates, the reader's language, the navigation with its counters, the token of the forms."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from contracts.base import ERASED
from contracts.organisation import AccessGrants, AccessGrantsAnswer
from contracts.projections import NoticeList
from gateway.api.operations import Looked
from gateway.api.reads import after_of
from gateway.edge.cases import tasks_of
from gateway.edge.client import ServiceClient
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.edge.messages import sentence
from gateway.edge.notices import notices_of
from gateway.edge.principals import COOKIE, Visitor
from gateway.edge.problems import Problem, retry_after
from gateway.edge.rights import RIGHTS
from gateway.web import kinds, words
from gateway.web.moments import Moments
from gateway.web.offices import Agencies, Office, Offices

WEB = Path(__file__).parent
LOGIN_NEEDED = 401
DEADLINES = ("page.deadline", "page.complaint-deadline")
"""The rights to see why a case is due when it is."""
ADDRESS = re.compile(r"(?<=[^\s@])@(?=[^\s@]+\.)")
ERASED_WORDS = _("(dihapus atas permintaan yang bersangkutan)")

# right, address, label, icon, the tasks that its counter adds up
NAVIGATION: tuple[tuple[str, str, str, str, tuple[str, ...] | None], ...] = (
    ("page.tasks", "/tugas", _("Tugas saya"), "tasks", None),
    ("page.inbox", "/kotak-masuk", _("Kotak Masuk"), "inbox", ("examine", "decide-twin", "register")),
    ("page.initial", "/paraf", _("Paraf"), "pen", ("initial",)),
    ("page.board", "/papan", _("Papan"), "board", ()),
    ("page.letters", "/surat", _("Surat"), "letter", ()),
    ("page.requests", "/akun", _("Akun"), "key", ("complete", "decide", "repair", "tell", "confirm")),
    (
        "page.complaints",
        "/pengaduan",
        _("Pengaduan"),
        "voice",
        ("acknowledge", "classify", "assign-complaint", "answer", "approve-answer"),
    ),
    ("page.courier", "/kurir", _("Kurir"), "courier", ("deliver",)),
    ("page.settings", "/pengaturan", _("Pengaturan"), "sliders", ()),
    ("page.operations", "/operasi", _("Ruang operasi"), "gauge", ()),
)

BY_STANDARD = {"page.requests": "accounts", "page.complaints": "complaints"}
"""Pages of what an agency does where a standard of its has such rules."""
NOT_ASKED = frozenset({""})
"""Of an office of which a page of errors knows nothing: only what all have is offered."""


@cache
def environment() -> Environment:
    @pass_context
    def shown(context: Context, value: Any) -> Any:
        return translate(ERASED_WORDS, context.get("lang", "id")) if value == ERASED else value

    made = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    made.globals.update(words=words, asset=asset, new_key=lambda: str(uuid4()))
    made.globals.update(case_page=kinds.page_of, case_deadline=kinds.deadline_of, handed_over=kinds.handed_over)
    made.globals.update(cases=kinds.CASES)
    made.filters["word"] = words.word
    made.filters["size"] = size
    made.filters["address"] = address
    return made


@cache
def asset(name: str) -> str:
    """The address of an own static file; its content's hash makes a browser fetch a new one."""
    path = WEB / "static" / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8] if path.is_file() else "0"
    return f"/static/{name}?v={digest}"


def address(text: str) -> str | Markup:
    """A mail address, or a sentence with some: each may be broken behind its @, before any of its words."""
    return Markup(ADDRESS.sub("@<wbr>", str(escape(text)))) if "@" in text else text  # noqa: S704 - escaped here


def size(number: int) -> str:
    return f"{number / 1_048_576:.1f} MB" if number >= 1_048_576 else f"{max(number // 1024, 1)} KB"  # noqa: PLR2004 - MiB


def tell(language: str, text: str, **values: Any) -> str:
    """What ``_`` is in a template: the text in the reader's language, its places filled."""
    said = translate(text, language) if text else ""
    return said.format(**values) if values else said


class Pages:
    def __init__(self, client: ServiceClient) -> None:
        self.client = client
        self.offices = Offices(client)
        self.agencies = Agencies(client)
        self.looked = Looked(client.bus)

    async def show(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page for the visitor of this request, or for nobody (public pages)."""
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        office = await self.offices.of(visitor.agency) if visitor else Office("")
        counts, bell = await asyncio.gather(self._counts(request, visitor), self.bell(request, visitor))
        return rendered(request, template, status, office=office, counts=counts, **{"bell": bell, **context})

    async def bell(self, request: Request, visitor: Visitor | None) -> int | None:
        """How many notices he has not seen; None: no bell, or nobody can say now."""
        if visitor is None or not RIGHTS["page.notices"].allows(visitor.roles):
            return None
        try:
            return (await notices_of(self.client, visitor, NoticeList(limit=0, after=after_of(request)))).unseen
        except Problem:
            return None

    async def _counts(self, request: Request, visitor: Visitor | None) -> Mapping[str, int]:
        if visitor is None:
            return {}
        try:
            counts = (await tasks_of(self.client, visitor, after_of(request))).counts
            if RIGHTS["access.confirm"].allows(visitor.roles):
                asked = AccessGrants(limit=1, after=after_of(request))
                counts = {**counts, "access": (await self.client.ask(visitor, asked, AccessGrantsAnswer)).open}
        except Problem:
            return {}  # the page itself says what is wrong; the navigation still works
        return counts


def rendered(
    request: Request, template: str, status: int, *, office: Office, counts: Mapping[str, int], **context: Any
) -> HTMLResponse:
    language: str = getattr(request.state, "language", "id")
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    told = {
        "_": partial(tell, language),
        "lang": language,
        "visitor": visitor,
        "office": office,
        "time": office.moments(language),
        "csrf": visitor.csrf if visitor else "",
        "path": request.url.path,
        "here": _page_of(request),
        "answers": _answers(request, once=bool(context.get("once"))),
        "nav": navigation(visitor, counts, office),
        "explains": visitor is not None and any(RIGHTS[each].allows(visitor.roles) for each in DEADLINES),
        "enters_complaints": visitor is not None and RIGHTS["complaints.enter"].allows(visitor.roles),
        "sees_access": visitor is not None and RIGHTS["page.access"].allows(visitor.roles),
        "waits": request.query_params.get("tunggu") == "1",
        "live": visitor is not None and RIGHTS["stream"].allows(visitor.roles),
        "nonce": getattr(request.state, "nonce", ""),
        "problem": "",
        "bell": None,
        **context,
    }
    html = environment().get_template(template).render(told)
    return HTMLResponse(html, status, {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language"})


def navigation(visitor: Visitor | None, counts: Mapping[str, int], office: Office) -> list[dict[str, Any]]:
    """What he may open, of what his agency does by its standards."""
    if visitor is None:
        return []
    shown = []
    for right, address, label, icon, tasks in NAVIGATION:
        if RIGHTS[right].allows(visitor.roles) and office.does(BY_STANDARD.get(right, "")):
            number = sum(counts.values()) if tasks is None else sum(counts.get(task, 0) for task in tasks)
            shown.append({"address": address, "label": label, "icon": icon, "count": number})
    return shown


def problem_page(request: Request, problem: Problem) -> Response:
    """The error page; who is not logged in is led to the login and back."""
    if problem.status == LOGIN_NEEDED:
        back = f"?lanjut={quote(request.url.path)}" if request.method == "GET" else _back_to_the_form(request)
        if request.headers.get("hx-request"):
            return Response(status_code=LOGIN_NEEDED, headers={"HX-Redirect": f"/masuk{back}"})
        return RedirectResponse(f"/masuk{back}", 303)
    language: str = getattr(request.state, "language", "id")
    said = sentence(problem.code, problem.detail, language)
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    office = Office(visitor.agency if visitor else "", rules=NOT_ASKED)
    template = "galat.html" if visitor else "public/galat.html"
    page = rendered(
        request, template, problem.status, office=office, counts={}, said=said, code=problem.code,
        number=problem.status, known=COOKIE in request.cookies,
    )  # fmt: skip
    page.headers.update(retry_after(problem) | problem.headers)
    return page


def _back_to_the_form(request: Request) -> str:
    """To the page whose form was sent; what was typed is kept there by the browser (`caraka.js`)."""
    came = _form_page(request)
    return f"?sesi=berakhir&lanjut={quote(came)}" if came else "?sesi=berakhir"


def _page_of(request: Request) -> str:
    """The address under which this page can be opened again: of an answer to a form, that of the form."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return (_form_page(request) or asked) if request.method == "POST" else asked


def _answers(request: Request, *, once: bool) -> str | None:
    """None: nobody sent a form. Else the page of the form, under which the browser keeps this answer: reload and back
    open it, and what was typed is there (`caraka.js`). ``once``: what stands on the answer can be shown by no other
    page; then it stays the answer, and empty is given.
    """
    if request.method != "POST":
        return None
    return "" if once else _form_page(request)


def _form_page(request: Request) -> str:
    """The page whose form was sent; empty: the browser does not say."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.url.netloc or not came.path.startswith("/"):
        return ""
    return came.path + (f"?{came.query}" if came.query else "")


def onward(address: str, after: str = "", **query: str) -> RedirectResponse:
    """303 to the next page; ``after`` makes it cover the own write."""
    pairs = {**({"after": after} if after else {}), **query}
    tail = "&".join(f"{name}={quote(value)}" for name, value in pairs.items())
    return RedirectResponse(f"{address}?{tail}" if tail else address, 303)


def told(request: Request, problem: Problem) -> str:
    return sentence(problem.code, problem.detail, getattr(request.state, "language", "id"))


__all__ = ["Moments", "Pages", "environment", "onward", "problem_page", "told"]
