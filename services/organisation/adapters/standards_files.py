"""Reads the agencies' TOML files and turns them into commands. A wrong file stops the start: file, place, reason.

The ids of the commands come from agency and content: a second start asks the same again and nothing changes; a changed
file asks something new, and a published version refuses it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ValidationError

from contracts.base import Accepted, Actor, Ask, Command
from contracts.organisation import AddUser, AppointHolder, PublishStandard
from contracts.words import StandardRef
from services.kit.worktime import Calendar
from services.organisation.adapters.standards_checks import contradictions
from services.organisation.adapters.standards_shapes import (
    AgencyFile,
    CalendarFile,
    Frame,
    PeopleFile,
    PositionsFile,
    StandardFile,
    plain,
)
from services.organisation.policy import SYSTEM
from services.organisation.ports import Execute

IMPORTS = UUID("0b6a6f0e-6a0b-5d52-8a52-7c1f9d3c2e11")
IMPORTER = Actor(id="standards-import", roles=(SYSTEM,))
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

    def opening_books(self) -> Iterator[tuple[str, int, int]]:
        """(book, year, last number used on paper), as the office states them."""
        for book in self.agency.books:
            for year, opening in book.openings.items():
                yield book.book, int(year), opening


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
    agencies: dict[str, AgencyFiles] = {}
    for home in sorted(entry for entry in folder.glob("*/") if (entry / "agency.toml").exists()):
        agency = _file(folder, home / "agency.toml", AgencyFile, mistakes)
        positions = _file(folder, home / "positions.toml", PositionsFile, mistakes)
        people = _file(folder, home / "people.toml", PeopleFile, mistakes)
        found = {
            path.name: _file(folder, path, StandardFile, mistakes) for path in sorted(home.glob("standard-*.toml"))
        }
        standards = {name: standard for name, standard in found.items() if standard}
        if agency and agency.agency != home.name:
            mistakes.append(f"{home.name}/agency.toml: agency: harus sama dengan nama folder, {home.name!r}")
        if not (calendar and agency and positions and people and len(standards) == len(found)):
            continue
        agencies[home.name] = AgencyFiles(agency, positions, people, standards)
        mistakes += contradictions(home.name, agency, positions, people, standards)
        for name, standard in standards.items():
            try:
                Calendar.from_rules(_rules(calendar, agency, standard))
            except ValueError as error:
                mistakes.append(f"{home.name}/{name}: rules: {error}")
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


async def bring_in(imports: Iterable[Import], execute: Execute, now: datetime) -> list[str]:
    """Asks for everything in order; a second time nothing changes. Returns a sentence per refusal."""
    refusals = []
    for wanted in imports:
        outcome = await execute(wanted.ask(now))
        if not isinstance(outcome, Accepted):
            refusals.append(_refusal(wanted, outcome.code))
    return refusals


def _refusal(wanted: Import, code: str) -> str:
    match wanted.command:
        case PublishStandard() as command if code == "organisation.version-published":
            number = command.standard.version
            return (
                f"{wanted.agency}/{command.standard.standard}: versi {number} sudah diterbitkan dengan isi lain;"
                f" beri nomor versi {number + 1} dan tanggal berlaku yang baru"
            )
    return f"{wanted.agency}: {wanted.command.kebab()} ditolak ({code})"


def _commands(calendar: CalendarFile, files: AgencyFiles) -> Iterator[Command]:
    for person in files.people.people:
        yield AddUser(
            person_id=person.id,
            name=person.name,
            nip=person.nip,
            roles=tuple(person.roles),
            qualifications=tuple(person.qualifications),
        )
    for position in files.positions.positions:
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
    own = plain(standard)["rules"]
    closed = [*(day for decree in calendar.decrees for day in decree.closed), *agency.closed]
    books = {book.book: {**plain(book)} for book in agency.books if book.book in standard.rules.books}
    return {
        **own,
        "zone": agency.zone,
        "calendar": calendar.calendar,
        "hours": [plain(frame) for frame in _frames(calendar, standard)],
        "hours_stated": bool(standard.rules.hours),
        "holidays": [plain(day) for day in sorted(closed, key=lambda day: day.on)],
        "decreed_years": sorted({decree.year for decree in calendar.decrees}),
        "decrees": [{"year": d.year, "number": d.number, "check": d.check} for d in calendar.decrees],
        "tiers": own.get("tiers", []),
        "delivery": [{"copy_kind": "*", **row} for row in own.get("delivery", [])],
        "books": books,
        "letterhead": plain(agency.letterhead),
    }


def _frames(calendar: CalendarFile, standard: StandardFile) -> list[Frame]:
    return standard.rules.hours or calendar.hours


def _command_id(agency: str, command: Command) -> UUID:
    said = json.dumps([agency, command.kind(), command.model_dump(mode="json")], sort_keys=True)
    return uuid5(IMPORTS, hashlib.sha256(said.encode()).hexdigest())


def _file(folder: Path, path: Path, shape: type[S], mistakes: list[str]) -> S | None:
    place = path.relative_to(folder).as_posix()
    try:
        return shape.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        mistakes.append(f"{place}: berkas ini belum ada")
    except UnicodeDecodeError:
        mistakes.append(f"{place}: bukan teks UTF-8")
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{place}: bukan TOML yang benar: {_in_words(str(error))}")
    except ValidationError as error:
        mistakes += [f"{place}: {sentence}" for sentence in _sentences(error)]
    return None


def _in_words(complaint: str) -> str:
    return complaint.replace("at line", "pada baris").replace("column", "kolom").replace("at end of", "di akhir")


REASONS = {
    "missing": "belum ada",
    "extra_forbidden": "kunci tidak dikenal",
    "string_type": "harus teks",
    "int_type": "harus bilangan bulat",
    "bool_type": "harus true atau false",
    "list_type": "harus daftar",
    "dict_type": "harus tabel",
    "model_type": "harus tabel",
    "date_type": "harus tanggal TTTT-BB-HH tanpa tanda kutip",
    "time_type": "harus jam JJ:MM:00 tanpa tanda kutip",
    "string_pattern_mismatch": "bentuknya salah",
    "string_too_short": "tidak boleh kosong",
    "string_too_long": "terlalu panjang",
    "too_short": "tidak boleh kosong",
    "greater_than_equal": "terlalu kecil",
    "less_than_equal": "terlalu besar",
    "literal_error": "bukan salah satu pilihan",
}


def _sentences(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors(include_url=False):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in mistake["loc"]).lstrip(".")
        if mistake["type"] == "value_error":
            reason = str(mistake["ctx"]["error"])
        else:
            reason = REASONS.get(mistake["type"], "tidak sah")
            if "expected" in mistake.get("ctx", {}):
                reason += f" ({mistake['ctx']['expected'].replace(' or ', ', ')})"
        yield f"{place}: {reason}" if place else reason
