"""A new version as an officer writes it: fields over the newest version, or its whole file; what was typed is kept."""

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from contracts.offices import PositionRow, StandardDraft, StandardVersion
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.web.forms import line
from gateway.web.settings import standard_file
from gateway.web.settings.words import COMPONENTS, WEEKDAYS

MOST_FILE = 400_000
ANOTHER = _("Berkas ini milik standar {standard}, bukan standar di halaman ini.")
UNFIT = _("Bagian {place} belum benar.")
TIERS = 6
NAMES = ("open", "close", "rest_from", "rest_until")


@dataclass
class DraftForm:
    """``by_file``: the whole file is the draft; else the fields are laid over the ``base`` version."""

    base: StandardVersion | None
    by_file: bool = False
    source: str = ""
    head: dict[str, str] = field(default_factory=dict)
    words: dict[str, tuple[str, str]] = field(default_factory=dict)
    hours: dict[str, dict[str, str]] = field(default_factory=dict)
    own_hours: bool = False
    tiers: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, base: StandardVersion | None, *, by_file: bool = False) -> "DraftForm":
        """As the base version stands; its number and first day are to be said anew."""
        if base is None:
            return cls(None, by_file=True)
        kind, amount = next(iter(base.rules.get("deadline", {"working_days": 1}).items()))
        head = {"decree": "", "name": base.name, "valid_from": "", "kind": kind, "amount": str(amount)}
        words = {
            key: (str(part.get("text", "")), "\n".join(part.get("items", ()))) for key, part in base.components.items()
        }
        tiers = [str(tier["position"]) for tier in base.rules.get("tiers", ())]
        said = base.model_dump(include={"name", "valid_from", "components", "rules"}) | {"decree": base.standard.decree}
        source = standard_file.written(base.standard.standard, base.standard.version + 1, said)
        return cls(
            base, by_file, source, head, words, hours_of(base.rules), bool(base.rules.get("hours_stated", True)), tiers
        )

    @classmethod
    async def entered(cls, base: StandardVersion | None, form: FormData) -> "DraftForm":
        """Raises NotAStandardError where an uploaded file is no text."""
        made = cls.of(base)
        made.by_file = base is None or line(form, "by_file") == "1"
        source = form.get("source")
        made.source = str(source)[:MOST_FILE] if isinstance(source, str) else made.source
        file = form.get("file")
        if isinstance(file, UploadFile) and file.filename:
            raw = await file.read(MOST_FILE)
            await file.close()
            try:
                made.source, made.by_file = raw.decode("utf-8"), True
            except UnicodeDecodeError:
                raise standard_file.NotAStandardError(standard_file.NOT_TEXT) from None
        made.head = {name: line(form, name) or value for name, value in made.head.items()} | {
            name: line(form, name) for name in ("decree", "name", "valid_from", "amount")
        }
        made.words = {
            key: (_text(form, f"text-{key}", text), _text(form, f"items-{key}", items))
            for key, (text, items) in made.words.items()
        }
        made.own_hours = line(form, "own_hours") == "1"
        made.hours = {day: {name: line(form, f"{day}-{name}") for name in NAMES} for day in WEEKDAYS}
        made.tiers = [str(each) for each in form.getlist("tier") if each][:TIERS]
        return made

    @property
    def hours_by_fields(self) -> bool:
        """Whether seven rows can say the hours; seasons and second breaks are said in the file."""
        frames = self.base.rules.get("hours", ()) if self.base else ()
        return all(len(f.get("breaks", ())) <= 1 and not f.get("season") and not f.get("valid_from") for f in frames)

    def draft(self, positions: Sequence[PositionRow]) -> StandardDraft:
        """Raises NotAStandardError for a file that cannot be read."""
        said = standard_file.read(self.source) if self.by_file else self._by_fields(positions)
        said.pop("version", None)
        if self.base is not None and said.get("standard") != self.base.standard.standard:
            raise standard_file.NotAStandardError(ANOTHER, standard=str(said.get("standard", "?"))[:64])
        try:
            return StandardDraft.model_validate(said)
        except ValidationError as error:
            place = ".".join(str(step) for step in error.errors()[0]["loc"])
            raise standard_file.NotAStandardError(UNFIT, place=place) from None

    def _by_fields(self, positions: Sequence[PositionRow]) -> dict[str, Any]:
        base = self.base
        if base is None:
            raise standard_file.NotAStandardError(standard_file.CUT_SHORT)
        titles = {row.position: row.title for row in positions}
        parts = copy.deepcopy(base.components)
        for key, (text, items) in self.words.items():
            _say(parts[key], text, items)
        rules = copy.deepcopy(base.rules)
        amount = self.head["amount"]
        rules["deadline"] = {self.head["kind"]: int(amount) if amount.isascii() and amount.isdigit() else amount}
        before = {tier["position"]: tier for tier in base.rules.get("tiers", ())}
        rules["tiers"] = [
            {
                **before.get(name, {"position": name}),
                "title": titles.get(name) or before.get(name, {}).get("title", name),
            }
            for name in self.tiers
        ]
        if self.hours_by_fields:
            rules["hours"] = frames_of(self.hours) if self.own_hours else []
            rules["hours_stated"] = self.own_hours
        return {
            "standard": base.standard.standard,
            **{name: self.head[name] for name in ("decree", "name", "valid_from")},
            "components": parts,
            "rules": rules,
        }


def _say(part: dict[str, Any], text: str, items: str) -> None:
    for name, value in (("text", text), ("items", [each.strip() for each in items.splitlines() if each.strip()])):
        if value:
            part[name] = value
        else:
            part.pop(name, None)


def _text(form: FormData, name: str, before: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n").strip("\n") if isinstance(value, str) else before


def hours_of(rules: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    rows = {day: dict.fromkeys(NAMES, "") for day in WEEKDAYS}
    for frame in rules.get("hours", ()):
        rest = next(iter(frame.get("breaks", ())), ("", ""))
        for day in frame["days"]:
            rows[day] = dict(zip(NAMES, (frame["open"], frame["close"], rest[0], rest[1]), strict=True))
    return rows


def frames_of(rows: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """Days with the same hours stand in one frame, in the order of the week."""
    frames: dict[tuple[str, ...], dict[str, Any]] = {}
    for day, row in rows.items():
        said = tuple(row[name] for name in NAMES)
        if not any(said):
            continue
        frame = frames.setdefault(said, {"days": [], "open": said[0], "close": said[1]})
        frame["days"].append(day)
        if said[2] or said[3]:
            frame["breaks"] = [[said[2], said[3]]]
    return list(frames.values())


def digest(draft: StandardDraft) -> str:
    """What was previewed and what is published must be the same words."""
    return hashlib.sha256(json.dumps(draft.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:32]


def field_of(place: str) -> str:
    """Which field of the form a place belongs to; "" where the file alone can say it."""
    if place in {"decree", "name", "valid_from"}:
        return place
    parts = place.replace("[", ".").split(".")
    if parts[0] == "components" and len(parts) > 1 and parts[1] in COMPONENTS:
        return f"text-{parts[1]}"
    return {"deadline": "amount", "hours": "hours", "tiers": "tiers"}.get(parts[1] if len(parts) > 1 else "", "")


def said(error: standard_file.NotAStandardError, language: str) -> str:
    return translate(error.text, language).format(**error.places)
