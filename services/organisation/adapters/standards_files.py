"""Reads the agencies' TOML files and turns them into commands. A wrong file stops the start: file, place, reason.

The ids of the commands come from agency and content: a second start asks the same again and nothing changes; a changed
file asks something new, and a published version refuses it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ValidationError

from contracts.base import Accepted, Actor, Ask, Command, Refusal
from contracts.notices import NoticeRules
from contracts.offices import AgencyWords
from contracts.organisation import (
    AddUser,
    AppointHolder,
    DescribeAgency,
    EstablishPosition,
    NameSubstitute,
    PublishStandard,
)
from contracts.words import StandardRef
from services.kit.worktime import Calendar
from services.organisation.policy import IMPORTER_ID, RESERVED_AGENCIES, SYSTEM, completed
from services.organisation.policy.agreement import contradictions
from services.organisation.policy.notices import NotifyFile, together
from services.organisation.policy.notices import mistakes_in as mistakes_in_notices
from services.organisation.policy.reach import beyond
from services.organisation.policy.shapes import (
    AgencyFile,
    CalendarFile,
    PeopleFile,
    PositionsFile,
    StandardFile,
    plain,
)
from services.organisation.policy.shapes import mistakes as mistakes_in
from services.organisation.ports import Execute

IMPORTS = UUID("0b6a6f0e-6a0b-5d52-8a52-7c1f9d3c2e11")
IMPORTER = Actor(id=IMPORTER_ID, roles=(SYSTEM,))
MOST_BYTES = 2_000_000  # of one file
NOTICES = "notify.toml"
S = TypeVar("S", bound=BaseModel)


class StandardsRefusedError(ValueError):
    """``sentences``: one per mistake, each with its file and place, in Indonesian."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__("\n".join(self.sentences))


@dataclass(frozen=True, slots=True)
class AgencyFiles:
    """One agency's folder, checked."""

    agency: AgencyFile
    positions: PositionsFile
    people: PeopleFile
    standards: dict[str, StandardFile]
    notices: NoticeRules = field(default_factory=NoticeRules)

    def opening_books(self) -> Iterator[tuple[str, int, int]]:
        """(book, year, last number used on paper), as the office states them."""
        for book in self.agency.books:
            for year, opening in book.openings.items():
                yield book.book, int(year), opening


GO_ON = frozenset({
    "organisation.version-published", "organisation.version-outdated", "organisation.versions-overlap",
})  # fmt: skip


class Refused(NamedTuple):
    """``goes_on``: the office works with what has been published before, until somebody numbers the change."""

    sentence: str
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Import:
    agency: str
    command_id: UUID
    command: Command

    def ask(self, now: datetime) -> Ask:
        return Ask(
            command_id=self.command_id,
            agency=self.agency,
            kind=self.command.kind(),
            actor=IMPORTER,
            asked_at=now,
            correlation_id=self.command_id,
            body=self.command.model_dump(mode="json"),
        )


def own_standards() -> Path:
    """The files that come with Caraka."""
    return Path(str(files("contracts"))) / "standards"


def load(folder: Path) -> tuple[CalendarFile, dict[str, AgencyFiles]]:
    """All agencies by their slug. Raises StandardsRefusedError with every mistake that was found."""
    mistakes: list[str] = []
    calendar = _file(folder, folder / "calendar.toml", CalendarFile, mistakes)
    common = _notices(folder, mistakes)
    agencies: dict[str, AgencyFiles] = {}
    for home in sorted(entry for entry in folder.glob("*/") if (entry / "agency.toml").exists()):
        agency = _file(folder, home / "agency.toml", AgencyFile, mistakes)
        positions = _file(folder, home / "positions.toml", PositionsFile, mistakes)
        people = _file(folder, home / "people.toml", PeopleFile, mistakes)
        found = {
            path.name: _file(folder, path, StandardFile, mistakes) for path in sorted(home.glob("standard-*.toml"))
        }
        standards = {name: standard for name, standard in found.items() if standard}
        if home.name in RESERVED_AGENCIES:
            mistakes.append(f"{home.name}: nama ini dicadangkan dan bukan nama instansi")
        if agency and agency.agency != home.name:
            mistakes.append(f"{home.name}/agency.toml: agency: harus sama dengan nama folder, {home.name!r}")
        if not (calendar and agency and positions and people and len(standards) == len(found)):
            continue
        notices = together(common, agency)
        agencies[home.name] = AgencyFiles(agency, positions, people, standards, notices)
        seats = frozenset(position.slug for position in positions.positions)
        mistakes += [f"{home.name}/agency.toml: {each}" for each in mistakes_in_notices(notices, seats)]
        mistakes += contradictions(home.name, agency, positions, people, standards)
        for name, standard in standards.items():
            rules = _rules(calendar, agency, standard)
            try:
                Calendar.from_rules(rules)
            except ValueError as error:
                mistakes.append(f"{home.name}/{name}: rules: {error}")
                continue
            too_much = beyond(rules, standard.valid_from.isoformat())
            mistakes += [f"{home.name}/{name}: {each.place}: {each.reason}" for each in too_much]
    if not agencies and not mistakes:
        mistakes.append(f"{folder}: tidak ada satu pun folder instansi dengan agency.toml")
    if mistakes or calendar is None:
        raise StandardsRefusedError(mistakes)
    return calendar, agencies


def read(folder: Path) -> list[Import]:
    """People first, then the positions that they hold, then the standards, agency by agency."""
    calendar, agencies = load(folder)
    return [
        Import(slug, _command_id(slug, command), command)
        for slug, agency in agencies.items()
        for command in _commands(calendar, agency)
    ]


async def bring_in(imports: Iterable[Import], execute: Execute, now: datetime) -> list[Refused]:
    """Asks for everything in order; a second time nothing changes."""
    refusals = []
    for wanted in imports:
        outcome = await execute(wanted.ask(now))
        if not isinstance(outcome, Accepted):
            refusals.append(Refused(_refusal(wanted, outcome), goes_on=outcome.code in GO_ON))
    return refusals


def _refusal(wanted: Import, refusal: Refusal) -> str:
    match wanted.command:
        case PublishStandard() as command if refusal.code == "organisation.version-published":
            number = command.standard.version
            return (
                f"{wanted.agency}/{command.standard.standard}: versi {number} sudah diterbitkan dengan isi lain;"
                f" beri nomor versi {number + 1} dan tanggal berlaku yang baru"
            )
    reason = f": {refusal.detail['reason']}" if "reason" in refusal.detail else ""
    return f"{wanted.agency}: {wanted.command.kebab()} ditolak ({refusal.code}{reason})"


def _commands(calendar: CalendarFile, files: AgencyFiles) -> Iterator[Command]:
    yield DescribeAgency(facts=words_of(calendar, files.agency, files.notices))
    for person in files.people.people:
        yield AddUser(
            person_id=person.id,
            name=person.name,
            nip=person.nip,
            roles=tuple(person.roles),
            qualifications=tuple(person.qualifications),
        )
    for position in files.positions.positions:
        yield EstablishPosition(position=position.slug, title=position.title, role=position.role, unit=position.unit)
    for position in files.positions.positions:
        if position.substitute:
            yield NameSubstitute(position=position.slug, substitute=position.substitute)
        if position.holder:
            yield AppointHolder(
                position=position.slug,
                title=position.title,
                role=position.role,
                unit=position.unit,
                person_id=position.holder,
            )
    for standard in sorted(files.standards.values(), key=lambda each: (each.standard, each.version)):
        yield PublishStandard(
            standard=StandardRef(standard=standard.standard, version=standard.version, decree=standard.decree),
            name=standard.name,
            valid_from=standard.valid_from.isoformat(),
            components=plain(standard)["components"],
            rules=_rules(calendar, files.agency, standard),
        )


def _rules(calendar: CalendarFile, agency: AgencyFile, standard: StandardFile) -> dict[str, Any]:
    """The standard's own rules with what the agency and the common calendar add; JSON words only."""
    return completed(plain(standard)["rules"], words_of(calendar, agency))


def words_of(calendar: CalendarFile, agency: AgencyFile, notices: NoticeRules = NoticeRules()) -> AgencyWords:  # noqa: B008 - an immutable value
    """What the files say of the whole agency."""
    return AgencyWords.model_validate(
        {
            "name": agency.name,
            "zone": agency.zone,
            "letterhead": plain(agency.letterhead),
            "books": {book.book: plain(book) for book in agency.books},
            "calendar": calendar.calendar,
            "hours": [plain(frame) for frame in calendar.hours],
            "decrees": [
                {**plain(decree), "closed": [plain(day) for day in decree.closed]} for decree in calendar.decrees
            ],
            "closed": [plain(day) for day in agency.closed],
            "units": [plain(unit) for unit in agency.units],
            "aides": [plain(aide) for aide in agency.aides],
            "notify": notices.model_dump(),
        }
    )


def _command_id(agency: str, command: Command) -> UUID:
    said = json.dumps([agency, command.kind(), command.model_dump(mode="json")], sort_keys=True)
    return uuid5(IMPORTS, hashlib.sha256(said.encode()).hexdigest())


def _notices(folder: Path, mistakes: list[str]) -> NotifyFile:
    """What holds for every agency: the folder's own file, else the one that comes with Caraka."""
    home = folder if (folder / NOTICES).exists() else own_standards()
    return _file(home, home / NOTICES, NotifyFile, mistakes) or NotifyFile()


def _file(folder: Path, path: Path, shape: type[S], mistakes: list[str]) -> S | None:
    place = path.relative_to(folder).as_posix()
    try:
        if path.stat().st_size > MOST_BYTES:
            mistakes.append(f"{place}: lebih besar dari {MOST_BYTES} bita")
            return None
        return shape.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        mistakes.append(f"{place}: berkas ini belum ada")
    except RecursionError:
        mistakes.append(f"{place}: bersarang terlalu dalam")
    except UnicodeDecodeError:
        mistakes.append(f"{place}: bukan teks UTF-8")
    except ValidationError as error:
        mistakes += [
            f"{place}: {each.place}: {each.reason}" if each.place else f"{place}: {each.reason}"
            for each in mistakes_in(error)
        ]
    except ValueError as error:  # what the reader refuses, a number of thousands of digits among it
        mistakes.append(f"{place}: bukan TOML yang benar: {_in_words(str(error))}")
    return None


def _in_words(complaint: str) -> str:
    return complaint.replace("at line", "pada baris").replace("column", "kolom").replace("at end of", "di akhir")
