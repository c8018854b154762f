"""Pengaturan › Pemberitahuan: which fact tells whom, as a file; other routes are seen before they are published."""

import hashlib
import json
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from contracts import notifications as n
from contracts.notices import NoticeRules
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.i18n import mark as _
from gateway.edge.notices import routes_of, routes_preview_of
from gateway.edge.problems import Problem
from gateway.edge.refusals import NOTIFICATIONS
from gateway.edge.rights import RIGHTS
from gateway.web.forms import form_of, key, line
from gateway.web.notices import words as w
from gateway.web.page import Pages, onward, tell, told
from gateway.web.settings import standard_file
from gateway.web.settings import words as settings_words
from gateway.web.settings.standards import CHANGED

HOME = "/pengaturan/pemberitahuan"
TABLES = {"notify": "routes", "notify_templates": "templates", "notify_units": "units"}
STRANGE = _("Baris {place} belum benar: {what}.")
LONGEST = 200_000


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix=HOME)

    @made.get("", name="page.settings")
    async def show(request: Request) -> Response:
        return await routes_page(pages, request)

    @made.get("/ubah", name="notices.publish-routes")
    async def change(request: Request) -> Response:
        return await draft_page(pages, request)

    @made.post("/ubah", name="notices.publish-routes")
    async def changed(request: Request) -> Response:
        return await entered(pages, request)

    return made


async def entered(pages: Pages, request: Request) -> Response:
    """Looks at the draft, and publishes it only where the very same words have been looked at before."""
    form, visitor = await form_of(request), visitor_of(request)
    source = str(form.get("source") or "").replace("\r\n", "\n")[:LONGEST]
    entered: dict[str, Any] = {"source": source, "label": line(form, "label")}
    try:
        rules = read(source)
    except standard_file.NotAStandardError as error:
        said = tell(request.state.language, error.text, **error.places)
        return await draft_page(pages, request, status=422, problem=said, **entered)
    preview = await routes_preview_of(pages.client, visitor, rules)
    seen = digest(rules)
    shown: dict[str, Any] = {**entered, "preview": preview, "seen": seen}
    if preview.mistakes:
        return await draft_page(pages, request, status=422, **shown)
    if line(form, "action") != "publish":
        return await draft_page(pages, request, **shown)
    if line(form, "seen") != seen:
        said = tell(request.state.language, CHANGED)
        return await draft_page(pages, request, status=409, problem=said, **shown)
    return await _published(pages, request, form, rules, shown)


async def _published(
    pages: Pages, request: Request, form: FormData, rules: NoticeRules, shown: dict[str, Any]
) -> Response:
    try:
        command = n.PublishRoutes(rules=rules, label=line(form, "label"))
        accepted = await pages.client.do(visitor_of(request), command, key=key(form, "publish"))
    except ValidationError:
        said = told(request, Problem("notifications.reason-missing", 422))
        return await draft_page(pages, request, status=422, problem=said, **shown)
    except Problem as problem:
        return await draft_page(pages, request, status=problem.status, problem=told(request, problem), **shown)
    return onward(HOME, accepted.after, baru="notices.publish-routes")


def read(source: str) -> NoticeRules:
    """Raises NotAStandardError."""
    found = standard_file.read(source)
    if strange := sorted(set(found) - set(TABLES)):
        raise standard_file.NotAStandardError(STRANGE, place=strange[0], what="tidak dikenal")
    for table, row_class in (("notify", n_row("routes")), ("notify_templates", n_row("templates"))):
        for at, row in enumerate(found.get(table) or ()):
            if isinstance(row, dict) and (unknown := sorted(set(row) - row_class)):
                raise standard_file.NotAStandardError(STRANGE, place=f"{table}[{at + 1}]", what=unknown[0])
    try:
        return NoticeRules.model_validate({TABLES[name]: rows for name, rows in found.items()})
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise standard_file.NotAStandardError(STRANGE, place=where, what=first["type"]) from None


def n_row(table: str) -> set[str]:
    """The names that a row of this table may have."""
    inner = NoticeRules.model_fields[table].annotation
    return set(inner.__args__[0].model_fields)  # type: ignore[union-attr]  # a tuple of one shape


def written(rules: NoticeRules) -> str:
    """What `read` gives back is the same again."""
    said = rules.model_dump(mode="json", exclude_none=True)
    return standard_file.table({name: said[key] for name, key in TABLES.items()})


def digest(rules: NoticeRules) -> str:
    """What was previewed and what is published must be the same words."""
    return hashlib.sha256(json.dumps(rules.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:32]


async def routes_page(pages: Pages, request: Request) -> Response:
    visitor = visitor_of(request)
    found = await routes_of(pages.client, visitor, after_of(request))
    return await pages.show(
        request,
        "settings/pemberitahuan.html",
        w=settings_words,
        said=w,
        found=found,
        may_publish=RIGHTS["notices.publish-routes"].allows(visitor.roles),
        just=request.query_params.get("baru", ""),
    )


async def draft_page(  # noqa: PLR0913 - a form and what was found in it
    pages: Pages,
    request: Request,
    *,
    status: int = 200,
    problem: str = "",
    source: str | None = None,
    label: str = "",
    preview: n.RoutesPreviewAnswer | None = None,
    seen: str = "",
) -> Response:
    if source is None:
        found = await routes_of(pages.client, visitor_of(request), after_of(request))
        source = written(found.rules)
    return await pages.show(
        request,
        "settings/pemberitahuan-ubah.html",
        status=status,
        problem=problem,
        w=settings_words,
        said=w,
        source=source,
        label=label,
        preview=preview,
        seen=seen,
        reasons={name: NOTIFICATIONS[f"notifications.{name}"] for name in {each.reason for each in _mistakes(preview)}},
    )


def _mistakes(preview: n.RoutesPreviewAnswer | None) -> tuple[n.RulesFault, ...]:
    return preview.mistakes if preview else ()
