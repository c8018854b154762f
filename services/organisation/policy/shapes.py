"""What the agencies' TOML files, and a standard published by hand, may say. Refusals are Indonesian, for officers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from contracts import bounds
from contracts.base import FIRST_YEAR, LAST_YEAR, Agency, Line, Slug, Text
from contracts.offices import Mistake, StandardDraft
from services.organisation.policy import COMPONENTS, ROLES
from services.organisation.policy.accounts import AccountsRules
from services.organisation.policy.complaints import AnswerRules, Rung
from services.organisation.policy.notices import NotifyFile


def _whole_minute(value: time) -> time:
    if value.second or value.microsecond:
        raise ValueError("jam dan menit saja, tanpa detik")
    return value


def _known_role(value: str) -> str:
    if value not in ROLES:
        raise ValueError(f"peran {value!r} tidak dikenal; yang ada: {', '.join(sorted(ROLES))}")
    return value


def _in_reach(value: date) -> date:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"tahun dari {FIRST_YEAR} sampai {LAST_YEAR}")
    return value


Clock = Annotated[time, AfterValidator(_whole_minute)]
Day = Annotated[date, AfterValidator(_in_reach)]
Role = Annotated[Slug, AfterValidator(_known_role)]
Days = Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(min_length=1, max_length=7)]
Short = Annotated[str, Field(max_length=500)]
Rows: Any = Field(default=[], max_length=bounds.MOST_ROWS)


class Strict(BaseModel):
    """Unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Frame(Strict):
    days: Days
    open: Clock
    close: Clock
    breaks: list[Annotated[list[Clock], Field(max_length=2)]] = Field(default=[], max_length=bounds.MOST_BREAKS)
    valid_from: Day | None = None
    season: Short | None = None
    season_from: Day | None = None
    season_until: Day | None = None


class Closed(Strict):
    on: Day
    kind: Literal["national", "joint-leave", "local"]
    reason: Line


class Decree(Strict):
    """The annual joint decree (SKB). ``check``: from secondary sources, to be confirmed by an officer."""

    year: int = Field(ge=2000, le=2200)
    number: Line
    check: bool = False
    closed: list[Closed] = Field(max_length=366)

    @model_validator(mode="after")
    def _of_its_year(self) -> Self:
        for at, day in enumerate(self.closed):
            if day.on.year != self.year:
                raise ValueError(f"closed[{at}]: {day.on} bukan tahun {self.year}")
        return self


class CalendarFile(Strict):
    calendar: Slug
    hours: list[Frame] = Field(min_length=1, max_length=bounds.MOST_FRAMES)
    decrees: list[Decree] = Field(default=[], max_length=bounds.MOST_YEARS)


class Letterhead(Strict):
    agency: Line
    office: Line
    place: Line
    address: list[Line] = Field(default=[], max_length=10)


class Book(Strict):
    """``openings``: year → the last number that the paper book has used."""

    book: Slug
    title: Line
    pattern: bounds.Pattern
    openings: dict[str, Annotated[int, Field(ge=0, le=bounds.MOST_NUMBER)]] = Field(default={}, max_length=50)

    @model_validator(mode="after")
    def _in_years(self) -> Self:
        for year in self.openings:
            if not re.fullmatch(r"2[01]\d\d", year):
                raise ValueError(f"openings: {year!r} bukan tahun")
        return self


class UnitEntry(Strict):
    unit: Slug
    title: Line
    recipient_class: Slug = "kepala-opd"


class AideEntry(Strict):
    recipient_class: Slug
    office: Line
    title: Line


class AgencyFile(NotifyFile):
    """``units``: offices that letters go to. ``aides``: who receives for the high offices."""

    agency: Agency
    name: Line
    zone: Line
    letterhead: Letterhead
    books: list[Book] = Rows
    closed: list[Closed] = Field(default=[], max_length=bounds.MOST_YEARS * bounds.MOST_CLOSED_PER_WEEKDAY)
    units: list[UnitEntry] = Field(default=[], max_length=bounds.MOST_PEOPLE)
    aides: list[AideEntry] = Rows


class PositionEntry(Strict):
    """``substitute``: the position whose holder is Plh. here while this one's is away."""

    slug: Slug
    title: Line
    role: Role
    unit: Short = ""
    holder: Slug | None = None
    substitute: Slug | None = None


class PositionsFile(Strict):
    positions: list[PositionEntry] = Field(max_length=bounds.MOST_PEOPLE)


class PersonEntry(Strict):
    """``nip``: 18 digits: birth date, month of appointment, sex (1, 2), order."""

    id: Slug
    name: Line
    nip: Annotated[str, Field(pattern=r"^(\d{8}\d{6}[12]\d{3})?$")] = ""
    roles: list[Role] = Field(default=[], max_length=20)
    qualifications: list[Slug] = Field(default=[], max_length=50)


class PeopleFile(Strict):
    demo: bool = False
    people: list[PersonEntry] = Field(max_length=bounds.MOST_PEOPLE)


class Channel(Strict):
    """One without an address is kept as published, and not shown."""

    kind: Slug
    label: Line
    address: Short = ""


class StandardPart(Strict):
    """Published words: a text, a list with its numbering, a flow of boxes, channels."""

    title: Short = ""
    text: Text = ""
    numbering: Literal["", "1.", "1)", "a."] = ""
    items: list[Line] = Rows
    flow: list[Line] = Rows
    channels: list[Channel] = Rows


class Superseded(StandardPart):
    sections: list[StandardPart] = Rows


class Component(StandardPart):
    """``text`` stands below the ``sections``, where there are some: what shall stand above them is a section of its
    own, without a title.
    """

    title: Line
    sections: list[StandardPart] = Rows
    superseded: Superseded | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.text or self.items or self.flow or self.channels or self.sections):
            raise ValueError("komponen ini kosong")
        return self


class Deadline(Strict):
    working_days: bounds.Days | None = None
    service_minutes: bounds.Minutes | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.working_days is None) == (self.service_minutes is None):
            raise ValueError("harus tepat satu dari working_days atau service_minutes")
        return self


class ClockEnds(Strict):
    starts: Slug
    ends: Slug


class TierEntry(Strict):
    """``limit``: how long a letter may wait here; ``remind_before`` its end (service minutes) its holder hears."""

    position: Slug
    title: Line
    limit: Deadline | None = None
    remind_before: bounds.Minutes | None = None
    escalate_to: Slug | None = None


class DeliveryRow(Strict):
    recipient_class: Slug
    copy_kind: Literal["*", "asli", "tembusan"] = "*"
    routes: list[Literal["aide", "courier", "fax", "online"]] = Field(min_length=1, max_length=4)
    proof: Slug
    proofs: dict[str, Slug] = Field(default={}, max_length=4)
    limit: Deadline | None = None


class ComplaintClass(Strict):
    """``default``: the standard states no clock; this one is the house's and is shown as such."""

    slug: Slug = Field(alias="class")
    title: Line
    deadline: Deadline
    default: bool = False
    restricted: bool = False


class Evaluation(Strict):
    every_months: int = Field(ge=1, le=12)
    by: list[Slug] = Field(min_length=1, max_length=50)


class PauseReason(Strict):
    """A reason for which a clock may stand still, for example waiting for the applicant."""

    reason: Slug
    title: Line


class Rules(Strict):
    """What runs. ``hours`` missing: those of calendar.toml. ``books``: names of the agency's books.

    ``remind_before``: so many service minutes before the deadline the assigner is reminded.
    """

    deadline: Deadline
    clock: ClockEnds
    assigner: Slug | None = None
    registrar_role: Role
    registrar_qualification: Slug | None = None
    books: list[Slug] = Rows
    oversight: Slug | None = None
    evaluation: Evaluation
    hours: list[Frame] = Field(default=[], max_length=bounds.MOST_FRAMES)
    tiers: list[TierEntry] = Field(default=[], max_length=bounds.MOST_TIERS)
    delivery: list[DeliveryRow] = Rows
    complaints: list[ComplaintClass] = Rows
    ladder: list[Rung] = Field(default=[], max_length=bounds.MOST_TIERS)
    answers: AnswerRules | None = None
    pauses: list[PauseReason] = Rows
    remind_before: bounds.Minutes | None = None
    accounts: AccountsRules | None = None


class StandardFile(Strict):
    standard: Slug
    version: bounds.Version
    decree: str = Field(max_length=200)
    name: Line
    valid_from: Day
    components: dict[str, Component] = Field(max_length=30)
    rules: Rules

    @model_validator(mode="after")
    def _fourteen(self) -> Self:
        strange = sorted(self.components.keys() - set(COMPONENTS))
        missing = [key for key in COMPONENTS if key not in self.components]
        if strange:
            raise ValueError(f"components: tidak dikenal: {', '.join(strange)}")
        if missing:
            raise ValueError(f"components: belum ada: {', '.join(missing)}")
        size = len(json.dumps([self.model_dump(mode="json", exclude_defaults=True)], ensure_ascii=False).encode())
        if size > bounds.MOST_BYTES:
            raise ValueError(f"terlalu panjang: {size} bita, paling banyak {bounds.MOST_BYTES}")
        return self


def plain(shape: BaseModel) -> dict[str, Any]:
    """JSON words only: dates as `YYYY-MM-DD`, clocks as `HH:MM`; what is absent is left out."""
    return {key: _plain(value) for key, value in shape.model_dump(by_alias=True, exclude_defaults=True).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else value


def mistakes_of(draft: StandardDraft) -> Iterator[Mistake]:
    """A standard published by hand has the form of its file; its number is given later."""
    said = {**draft.model_dump(), "version": 1}
    try:
        StandardFile.model_validate_json(json.dumps(said))
    except ValidationError as error:
        yield from mistakes(error)


LIMITS = {"ge": "paling sedikit", "le": "paling banyak", "max_length": "paling banyak"}
REASONS = {
    "missing": "belum ada",
    "extra_forbidden": "kunci tidak dikenal",
    "string_type": "harus teks",
    "int_type": "harus bilangan bulat",
    "bool_type": "harus true atau false",
    "list_type": "harus daftar",
    "dict_type": "harus tabel",
    "model_type": "harus tabel",
    "date_from_datetime_parsing": "harus tanggal TTTT-BB-HH",
    "date_parsing": "harus tanggal TTTT-BB-HH",
    "time_parsing": "harus jam JJ:MM",
    "date_type": "harus tanggal TTTT-BB-HH tanpa tanda kutip",
    "time_type": "harus jam JJ:MM:00 tanpa tanda kutip",
    "string_pattern_mismatch": "bentuknya salah",
    "string_too_short": "tidak boleh kosong",
    "string_too_long": "terlalu panjang",
    "too_short": "tidak boleh kosong",
    "too_long": "terlalu banyak baris",
    "greater_than_equal": "terlalu kecil",
    "less_than_equal": "terlalu besar",
    "literal_error": "bukan salah satu pilihan",
}


def mistakes(error: ValidationError) -> Iterator[Mistake]:
    """Each with its place, as ``rules.tiers[1].position``."""
    for found in error.errors(include_url=False):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"]).lstrip(".")
        if found["type"] == "value_error":
            reason = str(found["ctx"]["error"])
        else:
            reason, said = REASONS.get(found["type"], "tidak sah"), found.get("ctx", {})
            if "expected" in said:
                reason += f" ({said['expected'].replace(' or ', ', ')})"
            reason += "".join(f" ({word} {said[key]})" for key, word in LIMITS.items() if said.get(key, 1) > 1)
        yield Mistake(place=place, reason=reason)
