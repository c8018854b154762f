"""What an agency's files may say of notices: routes, words, seats. Refusals are Indonesian, for officers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from contracts import bounds
from contracts.base import Line, Slug, Text
from contracts.notices import (
    CHANNELS,
    MOST_GATHERED,
    MOST_MINUTES,
    ROUTABLE,
    Channel,
    FactName,
    Language,
    NoticeRules,
    NoticeTemplate,
    NotifyRoute,
    UnitSeat,
)
from services.kit.templates import places_of

Rows: Any = Field(default=[], max_length=bounds.MOST_ROWS)


class Strict(BaseModel):
    """Unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class NotifyRow(Strict):
    """Who is told of a kind of fact, by which ways in their order; no ways: nobody."""

    kind: FactName
    audience: Slug
    channels: list[Channel] = Field(default=[], max_length=len(CHANNELS))
    template: Slug
    purpose: Slug = "case"
    urgent: bool = False
    onward_after: int | None = Field(default=None, ge=1, le=MOST_MINUTES)
    gather: int | None = Field(default=None, ge=1, le=MOST_GATHERED)


class NotifyTemplate(Strict):
    template: Slug
    language: Language
    subject: Line
    body: Annotated[Text, Field(min_length=1, max_length=2000)]


class NotifyUnit(Strict):
    """The position that hears of copies for recipients of this class."""

    recipient_class: Slug
    position: Slug


class NotifyFile(Strict):
    notify: list[NotifyRow] = Rows
    notify_templates: list[NotifyTemplate] = Rows
    notify_units: list[NotifyUnit] = Rows


def together(common: NotifyFile, own: NotifyFile) -> NoticeRules:
    """What holds for an agency: its own rows stand for the common ones of the same kind and audience."""
    rows = {(row.kind, row.audience): row for row in (*common.notify, *own.notify)}
    words = {(each.template, each.language): each for each in (*common.notify_templates, *own.notify_templates)}
    return NoticeRules(
        routes=tuple(NotifyRoute.model_validate(row.model_dump()) for row in rows.values()),
        templates=tuple(NoticeTemplate.model_validate(each.model_dump()) for each in words.values()),
        units=tuple(UnitSeat.model_validate(each.model_dump()) for each in (*common.notify_units, *own.notify_units)),
    )


def mistakes_in(rules: NoticeRules, positions: frozenset[str]) -> Iterator[str]:
    """A sentence each, of what no notice could be made from. ``positions``: those that the agency has."""
    words: dict[str, list[NoticeTemplate]] = {}
    for template in rules.templates:
        words.setdefault(template.template, []).append(template)
    for route in rules.routes:
        yield from (f"notify {route.kind} {route.audience}: {reason}" for reason in _of_route(route, words))
    for seat in rules.units:
        if seat.position not in positions:
            yield f"notify_units {seat.recipient_class}: jabatan {seat.position!r} tidak ada"


def _of_route(route: NotifyRoute, words: Mapping[str, list[NoticeTemplate]]) -> Iterator[str]:
    known = ROUTABLE.get(route.kind)
    if known is None:
        yield f"jenis ini tidak dapat diberitakan; yang dapat: {', '.join(sorted(ROUTABLE))}"
        return
    if route.audience not in known.audiences:
        yield f"penerima tidak dikenal; yang ada: {', '.join(sorted(known.audiences))}"
    if route.urgent and route.gather:
        yield "yang mendesak (urgent) tidak dikumpulkan (gather)"
    if route.template not in words:
        yield f"templat {route.template!r} tidak ada"
    for template in words.get(route.template, ()):
        for text in (template.subject, template.body):
            try:
                strange = places_of(text) - known.fields
            except ValueError as wrong:
                yield f"templat {route.template!r}: {wrong}"
                continue
            if strange:
                allowed = ", ".join(sorted(known.fields))
                yield f"templat {route.template!r} memakai {', '.join(sorted(strange))}; boleh: {allowed}"
