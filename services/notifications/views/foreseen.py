"""Who would have been told last month by other routes: the facts of that time, planned anew without any effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from contracts.base import Recorded
from contracts.notices import NoticeRules
from contracts.notifications import (
    CaseKnown,
    NoticesPlanned,
    PlanNotices,
    RouteForeseen,
    RoutesPreviewAnswer,
    RulesFault,
)
from services.notifications.domain.office import Office
from services.notifications.domain.planning import recipients_of
from services.notifications.policy import faults

SPAN = timedelta(days=30)
MOST_FACTS = 5_000
BATCH = 500
Known = Mapping[tuple[str, str], CaseKnown]


class Row(Protocol):
    @property
    def position(self) -> int: ...

    @property
    def data(self) -> bytes: ...


class Log(Protocol):
    """The own log; calls block."""

    def read(self, after: int, limit: int) -> Sequence[Row]: ...

    def head(self) -> int: ...


class Decode(Protocol):
    def __call__(self, position: int, data: bytes) -> Recorded: ...


def since(log: Log, decode: Decode, moment: datetime) -> int:
    """The position behind which everything is younger than this: positions rise with time, and are halved."""
    low, high = 0, log.head()
    while low < high:
        middle = (low + high) // 2
        rows = log.read(middle, 1)
        if rows and decode(rows[0].position, rows[0].data).at < moment:
            low = middle + 1
        else:
            high = middle
    return low


def facts(log: Log, decode: Decode, agency: str, moment: datetime) -> Iterator[NoticesPlanned]:
    """What was planned for since, oldest first."""
    at = since(log, decode, moment)
    while rows := log.read(at, BATCH):
        at = rows[-1].position
        for row in rows:
            if b"notifications.NoticesPlanned." in row.data:
                recorded = decode(row.position, row.data)
                if recorded.agency == agency and isinstance(recorded.event, NoticesPlanned):
                    yield recorded.event


def foreseen(told: Sequence[NoticesPlanned], known: Known, office: Office, draft: NoticeRules) -> RoutesPreviewAnswer:
    """``told``: the facts of the last month; ``known``: what their cases say, by (service, id)."""
    wrong = tuple(RulesFault(place=place, reason=reason) for place, reason in faults(draft))
    if wrong:
        return RoutesPreviewAnswer(number=office.number + 1, mistakes=wrong, days=SPAN.days)
    now, then = _counted(told, known, office), _counted(told, known, replace(office, rules=draft))
    seen = Counter(each.event_kind for each in told)
    rows = {(route.kind, route.audience): route for rules in (office.rules, draft) for route in rules.routes}
    before = {(route.kind, route.audience): route for route in office.rules.routes}
    after = {(route.kind, route.audience): route for route in draft.routes}
    return RoutesPreviewAnswer(
        number=office.number + 1, days=SPAN.days, facts=len(told),
        routes=tuple(
            RouteForeseen(
                kind=kind, audience=audience, facts=seen[kind], told_now=sum(now.get((kind, audience), {}).values()),
                told_then=sum(then.get((kind, audience), {}).values()),
                whom_then=tuple(name for name, _ in then.get((kind, audience), Counter()).most_common(5)),
                changed=before.get((kind, audience)) != after.get((kind, audience)),
                channels_now=_ways(before, kind, audience), channels_then=_ways(after, kind, audience),
            )
            for kind, audience in sorted(rows)
        ),
        words_changed=tuple(sorted({
            each.template for each in {*office.rules.templates} ^ {*draft.templates}
        })),
    )  # fmt: skip


def _counted(told: Sequence[NoticesPlanned], known: Known, office: Office) -> dict[tuple[str, str], Counter[str]]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for each in told:
        command = PlanNotices(
            event_id=each.event_id, event_kind=each.event_kind, happened_at=each.happened_at,
            case_service=each.event_kind.partition(".")[0], case_kind=each.case_kind, case_id=each.case_id,
            values=each.values, positions=each.positions, persons=each.persons, parts=each.parts,
            by_contact=each.by_contact,
        )  # fmt: skip
        of_case = known.get((command.case_service, str(each.case_id)), CaseKnown())
        for audience, names in recipients_of(command, of_case, office):
            found.setdefault((each.event_kind, audience), Counter()).update(names)
    return found


def _ways(rules: Mapping[tuple[str, str], object], kind: str, audience: str) -> tuple[str, ...] | None:
    route = rules.get((kind, audience))
    return getattr(route, "channels", None)
