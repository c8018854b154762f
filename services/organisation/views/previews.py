"""What a draft would change for the work, in words, and when the same letter would be due. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.offices import (
    DeadlineExample,
    Mistake,
    StandardDeadlineAnswer,
    StandardPreviewAnswer,
    WorkChange,
)
from contracts.organisation import StandardDeadline, StandardPreview
from contracts.words import DeadlineAccount, StandardRef
from services.kit.worktime import Calendar, as_answer, due, explain
from services.organisation.domain.positions import Position
from services.organisation.domain.standards import all_mistakes
from services.organisation.policy import civil_date, completed, own_rules
from services.organisation.policy.reach import too_far
from services.organisation.views.directory import Directory, Published
from services.organisation.views.standards import changes, newest_begun, said, version

EXAMPLES = (timedelta(), timedelta(days=1), timedelta(days=4))
ROUTES = {"aide": "lewat ajudan", "courier": "diantar caraka", "fax": "faksimile", "online": "aplikasi persuratan"}


def preview(directory: Directory, agency: str, asked: StandardPreview, at: datetime) -> StandardPreviewAnswer:
    """Against the newest version; ``mistakes`` are those with which it would be refused."""
    draft = asked.draft
    known = directory.standards.get((agency, draft.standard), ())
    before = known[-1].event if known else None
    number = before.standard.version + 1 if before else 1
    own = own_rules(draft.rules)
    clean = draft.model_copy(update={"rules": own})
    facts = directory.agencies[agency].facts if agency in directory.agencies else None

    def position(name: str) -> bool:
        return directory.positions.get((agency, name), Position()).known

    wrong = [*all_mistakes(clean, facts, position), *_misplaced(draft.valid_from, known, at)]
    was = (
        said(before.standard.decree, before.name, before.valid_from, before.components, before.rules) if before else {}
    )
    now = said(draft.decree, draft.name, draft.valid_from, draft.components, own)
    told = tuple(changes(was, now))
    if wrong or facts is None:
        return StandardPreviewAnswer(version=number, mistakes=tuple(wrong), changes=told)
    rules = completed(own, facts)
    new = Calendar.from_rules(rules)
    old_rules = directory.rules(agency, before) if before else None
    return StandardPreviewAnswer(
        version=number,
        changes=told,
        work=tuple(_work(before.rules if before else {}, rules)),
        examples=tuple(_examples(old_rules, rules, new, at)),
    )


def deadline(directory: Directory, agency: str, asked: StandardDeadline) -> StandardDeadlineAnswer:
    """By the version in force on the civil day of receipt; for an earlier day, the first one."""
    known = directory.standards.get((agency, asked.standard), ())
    if asked.number is not None:
        found = version(directory, agency, asked.standard, asked.number)
    else:
        day = directory.today(agency, asked.received_at).isoformat()
        found = newest_begun(known, day) or (known[0] if known else None)
    if found is None:
        return StandardDeadlineAnswer()
    rules = directory.rules(agency, found.event)
    return StandardDeadlineAnswer(deadline=account(found.event.standard, rules, asked.received_at))


def account(standard: StandardRef, rules: Mapping[str, Any], received_at: datetime) -> DeadlineAccount:
    explained = explain(Calendar.from_rules(rules), received_at, rules["deadline"])
    return DeadlineAccount(standard=standard, **as_answer(explained))


def _misplaced(valid_from: str, known: tuple[Published, ...], at: datetime) -> Iterator[Mistake]:
    """The first day against that of the version before, and against today."""
    begins = civil_date(valid_from)
    if begins is None:
        return
    newest = known[-1].event.standard.version if known else 0
    yield from too_far(newest + 1, newest, begins, at.date())
    if known and valid_from <= known[-1].event.valid_from:
        reason = (
            f"harus setelah {known[-1].event.valid_from}, mulai berlakunya versi {known[-1].event.standard.version}"
        )
        yield Mistake(place="valid_from", reason=reason)


def _examples(
    old_rules: Mapping[str, Any] | None, rules: Mapping[str, Any], new: Calendar, at: datetime
) -> Iterator[DeadlineExample]:
    for later in EXAMPLES:
        received = at + later
        old = _due_before(old_rules, received) if old_rules else None
        yield DeadlineExample(
            received_at=received, old_due_at=old, new_due_at=due(new, received, rules["deadline"])
        )  # fmt: skip


def _due_before(rules: Mapping[str, Any], received_at: datetime) -> datetime | None:
    """By a version of any age: one that was published before there were bounds may never fall due."""
    try:
        return due(Calendar.from_rules(rules), received_at, rules["deadline"])
    except ValueError:
        return None


def _work(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[WorkChange]:
    for what, wording in WORDINGS.items():
        was, now = wording(old) if old else "", wording(new)
        if was != now:
            yield WorkChange(what=what, old=was, new=now)


def _deadline(rules: Mapping[str, Any]) -> str:
    kind, amount = next(iter(rules["deadline"].items()))
    return f"{amount} {'hari kerja' if kind == 'working_days' else 'menit layanan'}"


def _hours(rules: Mapping[str, Any]) -> str:
    names = {
        "mon": "Senin", "tue": "Selasa", "wed": "Rabu", "thu": "Kamis", "fri": "Jumat", "sat": "Sabtu", "sun": "Minggu",
    }  # fmt: skip
    frames = []
    for frame in rules["hours"]:
        days = ", ".join(names[day] for day in frame["days"])
        breaks = ", ".join(f"{begins}–{ends}" for begins, ends in frame.get("breaks", ()))
        season = f" ({frame['season']})" if frame.get("season") else ""
        rest = f", istirahat {breaks}" if breaks else ""
        frames.append(f"{days} {frame['open']}–{frame['close']}{rest}{season}".replace(":", "."))
    return "; ".join(frames)


def _tiers(rules: Mapping[str, Any]) -> str:
    return " → ".join(str(tier["title"]) for tier in rules.get("tiers", ()))


def _routes(rules: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{row['recipient_class']}{'' if row.get('copy_kind', '*') == '*' else ' ' + row['copy_kind']}: "
        + " atau ".join(ROUTES.get(route, route) for route in row["routes"])
        for row in rules.get("delivery", ())
    )


def _other(rules: Mapping[str, Any]) -> str:
    asked = rules.get("registrar_qualification")
    clock = rules.get("clock", {})
    said_of = [
        f"pendaftar: {rules.get('registrar_role', '')}{f' dengan kualifikasi {asked}' if asked else ''}",
        f"pembagi caraka: {rules.get('assigner', '')}",
        f"jam dihitung dari {clock.get('starts', '')} sampai {clock.get('ends', '')}",
    ]
    return "; ".join(said_of)


WORDINGS = {"deadline": _deadline, "hours": _hours, "tiers": _tiers, "routes": _routes, "other": _other}
