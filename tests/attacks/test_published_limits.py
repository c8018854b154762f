"""Whoever may publish a standard, a decree, a season must not be able to stop an office with it: every number has its
bound, said alike by the file, the preview and the publishing; what is within the bounds works on the whole road.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts import bounds
from contracts.approval import InitialLetter, RoundOpened, TierInitialled
from contracts.base import Refusal
from contracts.dispatch import AssignCourier, CourierAssigned
from contracts.intake import (
    ExamineMessage,
    ForwardLetter,
    LetterForwarded,
    LetterRegistered,
    ProducePrintPack,
    RegisterLetter,
)
from contracts.offices import StandardDraft
from contracts.organisation import (
    CloseOffice,
    ConfirmCalendar,
    ConfirmSeason,
    PublishStandard,
    StandardPreview,
    StandardPublished,
)
from contracts.words import ClosedDay, Season, SeasonHours, StandardRef, TimeLimit
from gateway.web.settings import standard_file
from services.kit.worktime import Calendar, due, elapsed_minutes, minutes_before, next_opening, remaining_minutes
from services.kit.worktime.ledger import BeyondCalendarError
from services.organisation.adapters.standards_files import StandardsRefusedError, own_standards, read
from services.organisation.policy import own_rules
from services.organisation.policy.shapes import AgencyFile, CalendarFile, PeopleFile, PositionsFile, StandardFile
from services.organisation.views import previews
from tests.unit.given_when_then import Desk
from tests.unit.office import FIELDS, blob, letter_id, message
from tests.unit.rules.house import Watched, deadline, directory, house, person
from tests.unit.rules.test_office_rules import ADMIN

SANAPATI = "pekalongan/standard-berita-biasa-sanapati.toml"
HUGE = (10**8, 10**30, -1, 0)


# ── every number has its bound ──


@pytest.mark.parametrize("shape", [StandardFile, CalendarFile, AgencyFile, PositionsFile, PeopleFile])
def test_nothing_in_a_file_is_without_end(shape: type[BaseModel]) -> None:
    """A field that is added without a bound is named here."""
    schema = shape.model_json_schema(mode="validation")
    parts = {shape.__name__: schema, **schema.get("$defs", {})}
    endless = [place for name, part in parts.items() for place in _endless(part, name)]
    assert endless == []


def _endless(node: Mapping[str, Any], place: str) -> Iterator[str]:
    kind = node.get("type")
    if kind == "integer" and not {"minimum", "maximum"} <= node.keys():
        yield f"{place}: a number"
    if kind == "number":
        yield f"{place}: a number that may be none"
    if kind == "array" and "maxItems" not in node:
        yield f"{place}: a list"
    if kind == "string" and not {"maxLength", "pattern", "enum", "const", "format"} & node.keys():
        yield f"{place}: a text"
    if kind == "object" and "properties" not in node and "maxProperties" not in node:
        yield f"{place}: a table"
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from _endless(node[key], f"{place}[]")
    for branch in node.get("anyOf", ()):
        yield from _endless(branch, place)
    for name, field in node.get("properties", {}).items():
        yield from _endless(field, f"{place}.{name}")


ROWS: list[tuple[str, Any]] = [
    ("deadline", lambda n: {"deadline": {"working_days": n}}),
    ("deadline", lambda n: {"deadline": {"service_minutes": n}}),
    ("remind_before", lambda n: {"remind_before": n}),
    ("tiers[0].limit", lambda n: {"tiers": [_tier(limit={"working_days": n})]}),
    ("tiers[0].limit", lambda n: {"tiers": [_tier(limit={"service_minutes": n})]}),
    ("tiers[0].remind_before", lambda n: {"tiers": [_tier(limit={"working_days": 1}, remind_before=n)]}),
    ("delivery[0].limit", lambda n: {"delivery": [_delivery(limit={"service_minutes": n})]}),
    ("complaints[0].deadline", lambda n: {"complaints": [_complaint({"working_days": n})]}),
    ("evaluation.every_months", lambda n: {"evaluation": {"every_months": n, "by": ["kadis"]}}),
]


def _tier(**more: Any) -> dict[str, Any]:
    return {"position": "kasi-persandian", "title": "Kasi", **more}


def _delivery(**more: Any) -> dict[str, Any]:
    return {"recipient_class": "walikota", "copy_kind": "*", "routes": ["aide"], "proof": "receipt", **more}


def _complaint(limit: dict[str, Any]) -> dict[str, Any]:
    return {"class": "umum", "title": "Umum", "deadline": limit}


@pytest.mark.parametrize(("place", "rules"), ROWS, ids=[f"{row[0]}-{at}" for at, row in enumerate(ROWS)])
@pytest.mark.parametrize("number", HUGE)
def test_a_number_beyond_all_measure_is_refused_by_preview_and_publishing_alike(
    place: str, rules: Any, number: int
) -> None:
    desk = house()
    command = version(desk, **rules(number))
    told = previews.preview(directory(desk), desk.agency, StandardPreview(draft=draft_of(command)), desk.now)
    assert any(mistake.place.startswith(f"rules.{place}") for mistake in told.mistakes), told.mistakes
    desk.when(command, ADMIN).refused("organisation.rules-unsound")
    assert isinstance(desk.decision, Refusal)
    assert any(each["place"].startswith(f"rules.{place}") for each in desk.decision.detail["mistakes"])


@pytest.mark.parametrize(
    ("words", "instead", "place"),
    [
        ("deadline = { working_days = 1 }", "deadline = { working_days = 100000000 }", "rules.deadline.working_days"),
        ("remind_before = 60 #", "remind_before = 60001 #", "rules.remind_before"),
        ("limit = { service_minutes = 60 }", "limit = { service_minutes = 9999999 }", "rules.tiers[0].limit"),
        ("limit = { service_minutes = 120 }", "limit = { working_days = 367 }", "rules.delivery[0].limit.working_days"),
        ("every_months = 3", "every_months = 13", "rules.evaluation.every_months"),
        ("version = 1", "version = 10000", "version"),
        ("valid_from = 2022-03-01", "valid_from = 9999-03-01", "valid_from"),
        ("deadline = { working_days = 1 }", f"deadline = {{ working_days = 1{'0' * 5_000} }}", "bukan TOML"),
        ("tiers = [\n", f"tiers = [\n{'[' * 5_000}{']' * 5_000},", "bersarang"),
    ],
)
def test_a_file_with_such_a_number_is_refused_with_its_place(
    tmp_path: Path, words: str, instead: str, place: str
) -> None:
    folder = Path(shutil.copytree(own_standards(), tmp_path / "standards"))
    text = (folder / SANAPATI).read_text(encoding="utf-8")
    assert words in text
    (folder / SANAPATI).write_text(text.replace(words, instead, 1), encoding="utf-8")
    with pytest.raises(StandardsRefusedError) as refused:
        read(folder)
    assert any(said.startswith(f"{SANAPATI}: {place}") for said in refused.value.sentences), refused.value.sentences


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 3_000 + "]" * 3_000, "a = 1" + "0" * 5_000, ".".join("a" * 3_000) + " = 1", "a = {" * 2_000],
    ids=["lists", "digits", "dotted", "tables"],
)
def test_an_officers_file_that_no_reader_can_hold_is_a_sentence(text: str) -> None:
    with pytest.raises(standard_file.NotAStandardError):
        standard_file.read(text)


@pytest.mark.parametrize(
    "pattern",
    ["{number:0>1000000000}", "{number:999999999d}", "{number.__class__}", "{number!r}", "{year}", "{number:{year}}",
     "{", "{0}", "{number}" + "x" * 100, "{number}\n"],
)  # fmt: skip
def test_how_a_number_is_written_cannot_fill_the_memory_nor_reach_into_objects(tmp_path: Path, pattern: str) -> None:
    folder = Path(shutil.copytree(own_standards(), tmp_path / "standards"))
    file = folder / "pekalongan/agency.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"{number:04d}/{year}"', json.dumps(pattern)), encoding="utf-8")
    with pytest.raises(StandardsRefusedError, match=r"books\[0\]\.pattern"):
        read(folder)


# ── what would bar a correction ──


def test_a_version_may_not_bar_every_later_one() -> None:
    desk = house()
    for number, begins, place in (
        (9_999, "2026-04-01", "version"),
        (10**20, "2026-04-01", "version"),
        (2, "2199-12-31", "valid_from"),
    ):
        command = version(desk)
        ref = command.standard.model_copy(update={"version": number})
        desk.when(command.model_copy(update={"standard": ref, "valid_from": begins}), ADMIN)
        assert isinstance(desk.decision, Refusal)
        assert [each["place"] for each in desk.decision.detail["mistakes"]] == [place]
    desk.when(version(desk), ADMIN).then(StandardPublished)


def test_a_decree_of_days_to_come_may_not_bar_the_true_one() -> None:
    desk = house()
    days = (ClosedDay(on="2027-01-01", reason="Tahun Baru"),)
    far = ConfirmCalendar(year=2027, number="SKB 0", decreed_on="2199-01-01", closed=days)
    desk.when(far, ADMIN).refused("organisation.decree-in-future")
    desk.when(ConfirmSeason(season=season(decreed_on="2199-01-01")), ADMIN).refused("organisation.decree-in-future")


# ── what would leave no working day ──


def every(weekday: int, year: int) -> list[str]:
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range(366))
    return [day.isoformat() for day in days if day.weekday() == weekday and day.year == year]


def test_a_year_without_mondays_cannot_be_decreed_nor_made_day_by_day() -> None:
    desk = house()
    mondays = every(0, 2027)
    closed = tuple(ClosedDay(on=on, kind="national", reason="Libur") for on in mondays)
    whole = ConfirmCalendar(year=2027, number="SKB 9", decreed_on="2026-03-01", closed=closed)
    desk.when(whole, ADMIN).refused("organisation.calendar-too-closed")
    for on in mondays[: bounds.MOST_CLOSED_PER_WEEKDAY]:
        desk.when(CloseOffice(on=on, reason="Libur"), ADMIN)
        assert not isinstance(desk.decision, Refusal), desk.decision
    last = CloseOffice(on=mondays[bounds.MOST_CLOSED_PER_WEEKDAY], reason="Libur")
    desk.when(last, ADMIN).refused("organisation.calendar-too-closed")
    for on in ("0001-01-01", "9999-12-31", "1969-12-31"):
        desk.when(CloseOffice(on=on, reason="Libur"), ADMIN)
        assert isinstance(desk.decision, Refusal)


def season(**changes: Any) -> Season:
    hours = (SeasonHours(days=("mon",), open="08:00", close="10:00"),)
    wanted = {
        "season": "ramadan", "name": "Ramadan", "from_on": "2026-02-18", "until_on": "2026-03-19", "hours": hours,
        "number": "SE 1", "decreed_on": "2026-02-01",
    }  # fmt: skip
    return Season.model_validate({**wanted, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"hours": (SeasonHours(days=("mon",), open="08:00", close="08:01"),)},
        {"hours": (SeasonHours(days=("mon",), open="08:00", close="12:00", breaks=(("08:01", "11:59"),)),)},
        {"until_on": "2026-12-31"},
        {"until_on": "2199-12-31"},
        {"from_on": "0001-01-01"},
        {"hours": tuple(SeasonHours(days=("mon",), open="08:00", close="12:00") for _ in range(2_000))},
    ],
)
def test_a_season_may_not_swallow_the_year_nor_the_day(changes: dict[str, Any]) -> None:
    desk = house()
    desk.when(ConfirmSeason(season=season(**changes)), ADMIN)
    assert isinstance(desk.decision, Refusal)
    assert desk.decision.status == 422


@pytest.mark.parametrize(
    ("hours", "limit", "place"),
    [
        ([{"days": ["mon"], "open": "08:00", "close": "08:05"}], {"service_minutes": 60}, "rules.hours[0].close"),
        ([{"days": ["mon"], "open": "08:00", "close": "09:00"}], {"working_days": 300}, "rules.deadline"),
        ([{"days": ["mon"], "open": "08:00", "close": "09:00"}], {"service_minutes": 50_000}, "rules.deadline"),
        (
            [{"days": ["mon"], "open": "08:00", "close": "15:00", "valid_from": "2190-01-01"}], {"working_days": 1},
            "rules.hours",
        ),
        (
            [{"days": ["mon"], "open": "08:00", "close": "15:00", "valid_from": f"20{n:02d}-01-01"} for n in range(20)],
            {"working_days": 1}, "rules.hours",
        ),
    ],
)  # fmt: skip
def test_hours_that_never_bring_a_deadline_are_refused(
    hours: list[dict[str, Any]], limit: dict[str, int], place: str
) -> None:
    desk = house()
    desk.when(version(desk, hours=hours, deadline=limit), ADMIN)
    assert isinstance(desk.decision, Refusal)
    assert any(each["place"].startswith(place) for each in desk.decision.detail["mistakes"]), desk.decision


# ── what is allowed works, at its edges too ──

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@st.composite
def weeks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Usual hours: one frame per weekday that is open, from half an hour up to the whole day."""
    frames = []
    for day in draw(st.sets(st.sampled_from(DAYS), min_size=1)):
        opens = draw(st.sampled_from([0, 1, 8 * 60, 23 * 60 + 30]))
        most = 1440 - opens
        length = draw(st.sampled_from(sorted({30, min(450, most), most})))
        frames.append({"days": [day], "open": clock(opens), "close": clock(min(opens + length, 1439))})
    return [frame for frame in frames if minutes(frame) >= bounds.LEAST_OPEN_MINUTES] or [
        {"days": ["mon"], "open": "08:00", "close": "08:30"}
    ]


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minutes(frame: Mapping[str, Any]) -> int:
    begins, ends = (int(frame[key][:2]) * 60 + int(frame[key][3:]) for key in ("open", "close"))
    return ends - begins


@st.composite
def limits(draw: st.DrawFn, hours: list[dict[str, Any]]) -> dict[str, int]:
    """At the edge of what these hours allow, or small."""
    days, whole = len(hours), sum(minutes(frame) for frame in hours)
    most_days = min(bounds.MOST_WORKING_DAYS, bounds.MOST_WEEKS * days)
    most_minutes = min(bounds.MOST_SERVICE_MINUTES, bounds.MOST_WEEKS * whole)
    edges = {"working_days": (1, most_days), "service_minutes": (1, most_minutes)}
    return draw(st.sampled_from([{kind: amount} for kind, amounts in edges.items() for amount in amounts]))


@st.composite
def standards(draw: st.DrawFn) -> dict[str, Any]:
    hours = draw(weeks())
    limit = limits(hours)
    most = min(bounds.MOST_SERVICE_MINUTES, bounds.MOST_WEEKS * sum(minutes(frame) for frame in hours))
    reminder = st.sampled_from([1, most])
    tiers = [
        {"position": position, "title": "T", "limit": draw(limit), "remind_before": draw(reminder)}
        for position in ("kasi-persandian", "kabid-aplikasi-persandian", "kadis")
    ]
    row = {"recipient_class": "walikota", "routes": ["courier"], "proof": "receipt", "limit": draw(limit)}
    other = {**row, "recipient_class": "kepala-opd", "limit": draw(limit)}
    return {
        "hours": hours, "deadline": draw(limit), "remind_before": draw(reminder), "tiers": tiers,
        "delivery": [row, other],
    }  # fmt: skip


@st.composite
def years(draw: st.DrawFn) -> list[ClosedDay]:
    """As many closed days of each weekday of a year as may be."""
    which = draw(st.sets(st.integers(0, 6)))
    days = (day for weekday in which for day in every(weekday, 2026)[-bounds.MOST_CLOSED_PER_WEEKDAY :])
    return [ClosedDay(on=day, reason="Libur") for day in sorted(days)]


@given(rules=standards(), closed=years(), brief=st.sampled_from([(), DAYS]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_under_whatever_was_published_within_the_bounds_a_letter_goes_the_whole_road(
    rules: dict[str, Any], closed: list[ClosedDay], brief: tuple[str, ...]
) -> None:
    desk = house()
    desk.when(version(desk, **rules), ADMIN).then(StandardPublished).tell()
    if closed:
        decree = ConfirmCalendar(year=2026, number="SKB 9", decreed_on="2026-03-01", closed=tuple(closed))
        desk.when(decree, ADMIN)
        assert not isinstance(desk.decision, Refusal), desk.decision
    if brief:
        hours = (SeasonHours(days=brief, open="10:00", close="10:30"),)
        desk.when(ConfirmSeason(season=season(from_on="2026-03-10", until_on="2026-09-01", hours=hours)), ADMIN)
        assert not isinstance(desk.decision, Refusal), desk.decision
    desk.tell()
    walk(desk)
    desk.when(CloseOffice(on="2026-03-17", reason="Mendadak"), ADMIN).tell()
    Watched(desk).look()
    desk.tell()
    assert desk.parked == []
    registered = desk.fact(LetterRegistered)
    assert desk.fact(RoundOpened).limit is not None
    assert registered.due_at.year <= 2110
    try:
        assert deadline(desk, letter_id(1)).deadline is not None
    except BeyondCalendarError:
        assert (registered.due_at - desk.now).days > 365 * 3, "only what takes years is not told day by day"


def walk(desk: Desk) -> None:
    """From the mailbox to the courier; nothing is refused."""
    identity, operator = letter_id(1), person(desk, "operator")
    desk.when(message())
    fields = FIELDS
    pack = ProducePrintPack(letter_id=identity, blob=blob("pack"), pages=3)
    for command in (
        ExamineMessage(letter_id=identity, fields=fields), RegisterLetter(letter_id=identity), pack,
        ForwardLetter(letter_id=identity),
    ):  # fmt: skip
        desk.when(command, operator)
        assert not isinstance(desk.decision, Refusal), desk.decision
    desk.tell()
    for head in ("kasi", "kabid", "kadis"):
        desk.when(InitialLetter(letter_id=identity), person(desk, head))
        assert not isinstance(desk.decision, Refusal), desk.decision
    assert desk.fact(TierInitialled).by.person_id == "kadis"
    desk.tell()
    assign = AssignCourier(letter_id=identity, courier_id="caraka-1", courier_name="Caraka")
    desk.when(assign, person(desk, "kasi")).then(CourierAssigned)


@given(
    rules=standards(),
    year=st.sampled_from([1970, 1971, 2026, 2198, 2199]),
    second=st.integers(0, 366 * 86_400 - 1),
    zone=st.sampled_from(["Asia/Jakarta", "Asia/Jayapura", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_the_engine_reckons_everything_that_is_allowed_from_every_moment(
    rules: dict[str, Any], year: int, second: int, zone: str
) -> None:
    """Half of every weekday closed in every year, and each clock of the world: no exception, and answers that agree."""
    holidays = [day for each in range(year, year + 3) for weekday in range(7) for day in every(weekday, each)[::2][:26]]
    calendar = Calendar.from_rules({"zone": zone, "hours": rules["hours"], "holidays": sorted(holidays)})
    received = min(datetime(year, 1, 1, tzinfo=UTC) + timedelta(seconds=second), datetime(2199, 12, 31, tzinfo=UTC))
    for limit in (rules["deadline"], *(tier["limit"] for tier in rules["tiers"])):
        ends = due(calendar, received, limit)
        assert received < ends
        assert next_opening(calendar, received) <= ends
        assert remaining_minutes(calendar, received, ends) >= 0
        if "service_minutes" in limit:
            assert elapsed_minutes(calendar, received, ends) == limit["service_minutes"]
        before = minutes_before(calendar, ends, rules["remind_before"])
        assert before <= ends


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Asia/Jakarta"])
def test_hours_in_the_night_when_clocks_are_moved_never_run_backwards(zone: str) -> None:
    halves = [(at, at + 29) for at in range(0, 1440, 30)]
    breaks = [[clock(end), clock(begin)] for (_, end), (begin, _) in pairwise(halves)]
    hours = [{"days": list(DAYS), "open": "00:00", "close": "23:59", "breaks": breaks}]
    calendar = Calendar.from_rules({"zone": zone, "hours": hours, "holidays": []})
    ledger = calendar.ledger(*(2 * [int(datetime(2026, 6, 1, tzinfo=UTC).timestamp()) * 1_000_000]))
    edges = [edge for window in zip(ledger.opens, ledger.closes, strict=True) for edge in window]
    assert edges == sorted(edges)
    assert ledger.until == sorted(ledger.until)
    start = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))
    ends = due(calendar, start, {"service_minutes": 60_000})
    assert elapsed_minutes(calendar, start, ends) == 60_000


def test_a_reminder_longer_than_anybody_has_worked_is_due_at_the_first_opening() -> None:
    hours = [{"days": ["mon", "tue"], "open": "08:00", "close": "09:00", "valid_from": "2026-03-02"}]
    calendar = Calendar.from_rules({"zone": "Asia/Jakarta", "hours": hours, "holidays": []})
    ends = due(calendar, datetime(2026, 3, 2, 1, 0, tzinfo=UTC), {"working_days": 2})
    assert minutes_before(calendar, ends, 60_000) == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


# ── what was published before there were bounds ──


def test_limits_from_before_the_bounds_stop_no_letter_without_naming_their_row() -> None:
    """A stored standard with 10^8 working days: its letters are held with the row, the others go on."""
    desk = house()
    wild = version(desk, tiers=[{**_tier(), "limit": {"working_days": 10**8}}])
    published = desk.fact(StandardPublished)
    rules = {**published.rules, "tiers": wild.rules["tiers"], "deadline": {"working_days": 10**8}}
    fact = StandardPublished(
        standard=wild.standard, name=wild.name, valid_from="2026-03-12", components=wild.components, rules=rules
    )
    desk.given(f"standard:{wild.standard.standard}", fact).tell()
    (_, refusal) = desk.parked[-1]
    assert (refusal.code, refusal.detail["place"]) == ("intake.standard-incomplete", "rules.deadline.working_days")
    own = own_rules(published.rules)
    again = version(desk, number=3, valid_from="2026-03-13", tiers=own["tiers"], deadline=own["deadline"])
    told = previews.preview(directory(desk), desk.agency, StandardPreview(draft=draft_of(again)), desk.now)
    assert told.mistakes == ()
    assert told.examples[0].old_due_at is None
    desk.when(again, ADMIN).then(StandardPublished)


def test_a_letter_that_carries_such_a_limit_is_parked_with_its_row_and_an_open_round_goes_on() -> None:
    desk = house()
    walk(desk)
    forwarded = desk.fact(LetterForwarded)
    wild = TimeLimit(working_days=10**8)
    first, *others = forwarded.tiers
    tiers = (first, *(tier.model_copy(update={"limit": wild}) for tier in others))
    copies = (forwarded.copies[0].model_copy(update={"limit": wild, "routes": ("courier",)}),)
    other = forwarded.model_copy(update={"letter_id": letter_id(2), "tiers": tiers, "copies": copies})
    desk.given(f"letter:{letter_id(2)}", other).tell()
    refusals = {refusal.code: refusal.detail for _, refusal in desk.parked}
    assert refusals["approval.limit-unusable"]["place"] == "tiers[1].limit"
    assert refusals["dispatch.limit-unusable"]["place"] == "copies[0].limit"
    opened = desk.fact(RoundOpened).model_copy(update={"letter_id": letter_id(3), "tiers": tiers})
    desk.given(f"round:{letter_id(3)}", opened)
    desk.when(InitialLetter(letter_id=letter_id(3)), person(desk, "kasi")).then(TierInitialled)
    assert desk.fact(TierInitialled).next_limit is None


def version(desk: Desk, *, number: int = 2, valid_from: str = "2026-03-12", **rules: Any) -> PublishStandard:
    """The next version of the office's standard, with these rules instead of its own."""
    before = desk.fact(StandardPublished)
    return PublishStandard(
        standard=StandardRef(standard=before.standard.standard, version=number, decree="061/050/2026"),
        name=before.name,
        valid_from=valid_from,
        components=before.components,
        rules={**own_rules(before.rules), **rules},
    )


def draft_of(command: PublishStandard) -> StandardDraft:
    return StandardDraft(
        standard=command.standard.standard, decree=command.standard.decree, name=command.name,
        valid_from=command.valid_from, components=command.components, rules=command.rules,
    )  # fmt: skip
