"""Pengaturan › Standar pelayanan: versions, their difference, and a new version seen before it is published."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from contracts import organisation as o
from contracts.base import Slug
from contracts.offices import (
    Mistake,
    PositionsAnswer,
    StandardDifferenceAnswer,
    StandardDraft,
    StandardPreviewAnswer,
    StandardVersion,
    StandardVersionsAnswer,
)
from contracts.words import StandardRef
from gateway.api.commands import visitor_of
from gateway.api.office import Version
from gateway.api.reads import after_of
from gateway.edge.i18n import mark as _
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.forms import form_of, key, line
from gateway.web.page import Pages, onward, tell, told
from gateway.web.settings import drafts, standard_file, standard_text
from gateway.web.settings import words as w
from gateway.web.settings.actions import mistakes_in

CHANGED = _("Isian berubah sejak diperiksa. Periksa sekali lagi, lalu terbitkan.")


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix="/pengaturan")

    @made.get("/standar", name="page.settings")
    async def standards(request: Request) -> Response:
        return await pages.show(
            request,
            "settings/standar.html",
            w=w,
            groups=await _groups(pages, request),
            may_publish=may_publish(visitor_of(request)),
        )

    @made.get("/standar-baru", name="standards.publish")
    async def first(request: Request) -> Response:
        return await draft_page(pages, request, drafts.DraftForm.of(None))

    @made.post("/standar-baru", name="standards.publish")
    async def first_entered(request: Request) -> Response:
        return await entered(pages, request, None)

    @made.get("/standar/{standard}", name="page.settings")
    async def standard(request: Request, standard: Slug, versi: Version | None = None) -> Response:
        versions = await versions_of(pages, request, standard)
        shown = next((each for each in versions if each.standard.version == versi), None) or current(versions)
        return await pages.show(
            request,
            "settings/standar-satu.html",
            w=w,
            text=standard_text,
            versions=versions,
            shown=shown,
            parts=standard_text.components(shown.components),
            may_publish=may_publish(visitor_of(request)),
            just=request.query_params.get("baru", ""),
        )

    @made.get("/standar/{standard}/beda", name="page.settings")
    async def difference(request: Request, standard: Slug, dari: Version, ke: Version) -> Response:
        visitor = visitor_of(request)
        versions = await versions_of(pages, request, standard)
        query = o.StandardDifference(standard=standard, old=dari, new=ke)
        answer = await pages.client.ask(visitor, query, StandardDifferenceAnswer)
        return await pages.show(
            request, "settings/standar-beda.html", w=w, text=standard_text, versions=versions,
            shown=current(versions), old=dari, new=ke, changes=answer.changes,
        )  # fmt: skip

    @made.get("/standar/{standard}/{version}.toml", name="page.settings")
    async def file(request: Request, standard: Slug, version: Annotated[int, Path(ge=1, le=1_000_000)]) -> Response:
        versions = await versions_of(pages, request, standard)
        found = next((each for each in versions if each.standard.version == version), None)
        if found is None:
            raise Problem("gateway.not-found", 404)
        said = {
            **found.model_dump(include={"name", "valid_from", "components", "rules"}),
            "decree": found.standard.decree,
        }
        name = f'attachment; filename="standard-{found.standard.standard}-v{version}.toml"'
        return Response(
            standard_file.written(found.standard.standard, version, said),
            media_type="application/toml; charset=utf-8",
            headers={"Content-Disposition": name, "Cache-Control": "no-store"},
        )

    @made.get("/standar/{standard}/versi-baru", name="standards.publish")
    async def new(request: Request, standard: Slug) -> Response:
        base = (await versions_of(pages, request, standard))[-1]
        by_file = request.query_params.get("cara") == "berkas"
        return await draft_page(pages, request, drafts.DraftForm.of(base, by_file=by_file))

    @made.post("/standar/{standard}/versi-baru", name="standards.publish")
    async def new_entered(request: Request, standard: Slug) -> Response:
        return await entered(pages, request, (await versions_of(pages, request, standard))[-1])

    return made


async def entered(pages: Pages, request: Request, base: StandardVersion | None) -> Response:
    """Looks at the draft, and publishes it only where the very same words have been looked at before."""
    visitor, form = visitor_of(request), await form_of(request)
    made = drafts.DraftForm.of(base)
    try:
        made = await drafts.DraftForm.entered(base, form)
        draft = made.draft((await pages.client.ask(visitor, o.Positions(), PositionsAnswer)).positions)
    except standard_file.NotAStandardError as error:
        said = drafts.said(error, request.state.language)
        return await draft_page(pages, request, made, status=422, problem=said)
    preview = await pages.client.ask(visitor, o.StandardPreview(draft=draft), StandardPreviewAnswer)
    wanted = line(form, "action") == "publish"
    if not wanted or preview.mistakes:
        return await draft_page(
            pages, request, made, status=422 if preview.mistakes else 200, draft=draft, preview=preview
        )
    if line(form, "seen") != drafts.digest(draft):
        said = tell(request.state.language, CHANGED)
        return await draft_page(pages, request, made, status=409, problem=said, draft=draft, preview=preview)
    try:
        accepted = await pages.client.do(visitor, _command(draft, preview.version), key=key(form, "publish"))
    except Problem as problem:
        preview = preview.model_copy(update={"mistakes": tuple(_mistakes(problem))})
        return await draft_page(
            pages, request, made, status=problem.status, problem=told(request, problem), draft=draft, preview=preview
        )
    return onward(
        f"/pengaturan/standar/{draft.standard}", accepted.after, versi=str(preview.version), baru="standards.publish"
    )


async def draft_page(  # noqa: PLR0913 - a form and what was found in it
    pages: Pages,
    request: Request,
    form: drafts.DraftForm,
    *,
    status: int = 200,
    problem: str = "",
    draft: StandardDraft | None = None,
    preview: StandardPreviewAnswer | None = None,
) -> Response:
    positions = (await pages.client.ask(visitor_of(request), o.Positions(), PositionsAnswer)).positions
    mistakes = preview.mistakes if preview else ()
    return await pages.show(
        request,
        "settings/standar-terbit.html",
        status=status,
        problem=problem,
        w=w,
        text=standard_text,
        form=form,
        base=form.base,
        positions=positions,
        tiers=drafts.TIERS,
        draft=draft,
        preview=preview,
        wrong={drafts.field_of(each.place): each.reason for each in reversed(mistakes)},
        field_of=drafts.field_of,
        seen=drafts.digest(draft) if draft else "",
    )


async def versions_of(pages: Pages, request: Request, standard: str) -> tuple[StandardVersion, ...]:
    """Oldest first, at least one. Raises Problem 404."""
    if not standard_file.BARE_KEY.fullmatch(standard) or standard != standard.lower():
        raise Problem("gateway.not-found", 404)
    query = o.StandardVersions(standard=standard, after=after_of(request))
    versions = (await pages.client.ask(visitor_of(request), query, StandardVersionsAnswer)).versions
    if not versions:
        raise Problem("gateway.not-found", 404)
    return versions


async def _groups(pages: Pages, request: Request) -> list[dict[str, Any]]:
    answer = await pages.client.ask(visitor_of(request), o.StandardVersions(), StandardVersionsAnswer)
    found: dict[str, list[StandardVersion]] = {}
    for each in answer.versions:
        found.setdefault(each.standard.standard, []).append(each)
    return [{"slug": slug, "now": current(versions), "versions": versions} for slug, versions in found.items()]


def current(versions: Any) -> StandardVersion:
    """The one in force, else the newest."""
    found: StandardVersion = next((each for each in versions if each.state == "in-force"), versions[-1])
    return found


def may_publish(visitor: Visitor) -> bool:
    return RIGHTS["standards.publish"].allows(visitor.roles)


def _command(draft: StandardDraft, version: int) -> o.PublishStandard:
    return o.PublishStandard(
        standard=StandardRef(standard=draft.standard, version=version, decree=draft.decree),
        name=draft.name,
        valid_from=draft.valid_from,
        components=draft.components,
        rules=draft.rules,
    )


def _mistakes(problem: Problem) -> list[Mistake]:
    return [Mistake(**each) for each in mistakes_in(problem)]
