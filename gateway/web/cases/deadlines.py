"""Why a case is due when it is due: every stretch of its clock, counted or skipped, in words and as a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import Request, Response

from contracts.clocks import DeadlineAnswer
from contracts.projections import CaseRow
from contracts.words import ClockInterval
from gateway.api.commands import visitor_of
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.web.moments import Moments
from gateway.web.page import Pages
from gateway.web.settings.words import LIMIT_KINDS
from gateway.web.words import Word

WHYS: Mapping[str, Word] = {
    "window": Word(_("Jam layanan"), "good", "check"),
    "break": Word(_("Istirahat"), "quiet", "clock"),
    "outside-hours": Word(_("Di luar jam layanan"), "quiet", "clock"),
    "weekday-without-hours": Word(_("Bukan hari kerja"), "quiet", "cross"),
    "national": Word(_("Libur nasional"), "bad", "cross"),
    "joint-leave": Word(_("Cuti bersama"), "warn", "cross"),
    "local": Word(_("Libur kantor ini"), "busy", "cross"),
    "paused": Word(_("Dihentikan sementara"), "warn", "clock"),
    "day-of-receipt": Word(_("Hari diterima, tidak dihitung"), "quiet", "inbox"),
}
WORKING_DAY = Word(_("Hari kerja"), "good", "check")
NOTABLE = frozenset({"national", "joint-leave", "local", "paused"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """A row of the table. ``span``: how much of it counts, in words; ``day``: the working day that it completes."""

    day_name: str
    clock: str
    why: Word
    note: str
    counted: bool
    span: str
    day: int
    iso: str


async def deadline_page(  # noqa: PLR0913 - a page, and what each kind of case calls it
    pages: Pages,
    request: Request,
    row: CaseRow,
    answer: DeadlineAnswer,
    *,
    register: tuple[str, str],
    nothing: str,
    allowed: frozenset[str] = frozenset(),
) -> Response:
    """``register``: the address and title of its list, below which it stands. ``nothing``: where no clock runs yet."""
    office = await pages.offices.of(visitor_of(request).agency)
    return await pages.show(
        request,
        "cases/tenggat.html",
        row=row,
        place=f"{register[0]}/{row.case_id}",
        register=register,
        nothing=nothing,
        allowed=allowed,
        **reckoned(answer, office.moments(request.state.language)),
    )


def reckoned(answer: DeadlineAnswer, time: Moments) -> dict[str, Any]:
    """What the page of a deadline shows of any case."""
    account = answer.deadline
    return {
        "account": account,
        "stretches": list(stretches(account.intervals, account.kind, time)) if account else [],
        "skipped": skipped(account.intervals, time) if account else [],
        "kinds": LIMIT_KINDS,
        "moves": answer.moves,
        "paused_since": answer.paused_since,
        "paused_reason": answer.paused_reason,
        "stopped_at": answer.stopped_at,
        "pauses": answer.pauses,
    }


def stretches(intervals: Sequence[ClockInterval], kind: str, time: Moments) -> Iterator[Stretch]:
    for each in merged(intervals):
        begins, ends = time.local(each.from_at), time.local(each.until_at)
        last = (ends - timedelta(microseconds=1)).date()
        clock = f"{time.clock(each.from_at)}–{'24.00' if ends.date() != begins.date() else time.clock(each.until_at)}"
        if last != begins.date():
            clock = f"{time.clock(each.from_at)} – {time.dated(each.until_at)} {time.clock(each.until_at)}"
        minutes = round((each.until_at - each.from_at).total_seconds() / 60)
        yield Stretch(
            time.dated(each.from_at),
            clock,
            _why(each.why, kind),
            each.note,
            each.counted,
            time.span(minutes) if each.counted and kind == "service_minutes" else "",
            each.day,
            time.iso(each.from_at),
        )


def _why(slug: str, kind: str) -> Word:
    """Where days are counted, a window is the whole working day."""
    if slug == "window" and kind == "working_days":
        return WORKING_DAY
    return WHYS.get(slug) or Word(slug)


def merged(intervals: Sequence[ClockInterval]) -> list[ClockInterval]:
    """Neighbours with the same reason are one stretch: a night and its morning, a weekend."""
    found: list[ClockInterval] = []
    for each in intervals:
        last = found[-1] if found else None
        same = last is not None and (last.why, last.note, last.counted) == (each.why, each.note, each.counted)
        if last is not None and same and not each.counted and not last.day and last.until_at == each.from_at:
            found[-1] = last.model_copy(update={"until_at": each.until_at, "day": each.day})
        else:
            found.append(each)
    return found


def skipped(intervals: Sequence[ClockInterval], time: Moments) -> list[tuple[str, str]]:
    """(day, reason) of closed days and pauses in between: what people ask about first."""
    found: list[tuple[str, str]] = []
    for each in intervals:
        if each.why in NOTABLE:
            said = translate(WHYS[each.why].text, time.language)
            row = (time.dated(each.from_at), f"{said}: {each.note}" if each.note else said)
            if row not in found:
                found.append(row)
    return found
