"""Forms in, values and errors out: what was entered is kept, what is wrong is named beside its field."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NoReturn
from zoneinfo import ZoneInfo

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData

from contracts.projections import Letter
from contracts.words import LetterFields, RecipientEntry
from gateway.edge.bodies import bounded_form
from gateway.edge.i18n import mark as _
from gateway.edge.problems import Problem
from gateway.web import words

FEWEST_ROWS = 2
MOST_ROWS = 60
NAMED_OFFICES = ("walikota", "sekda")
FIELDS = ("sender", "letter_number", "letter_on", "subject", "summary", "urgency", "classification")

NEEDED = _("Wajib diisi.")
TOO_LONG = _("Terlalu panjang atau memuat huruf yang tidak dapat disimpan.")
NO_RECIPIENT = _("Isi paling sedikit satu penerima.")
OFFICE_NEEDED = _("Tulis nama jabatan atau kantor penerima.")
NOT_A_MOMENT = _("Isi tanggal dan jam.")
LONG_AGO = _("Tanggal ini lebih dari dua bulan yang lalu. Perbaiki, atau centang bahwa memang benar.")


@dataclass
class FormRow:
    """One recipient as it stands in the form."""

    recipient_class: str = "kepala-opd"
    office: str = ""
    copy_kind: str = "asli"


@dataclass
class LetterForm:
    values: dict[str, str]
    rows: list[FormRow]
    errors: dict[str, str] = field(default_factory=dict)
    dated_from: str = ""
    """The letter's words from which its date was guessed."""

    @classmethod
    def blank(cls) -> "LetterForm":
        return cls(dict.fromkeys(FIELDS, "") | {"urgency": "biasa"}, padded([]))

    @classmethod
    def examined(cls, letter: Letter) -> "LetterForm":
        row = letter.row
        values = {
            "sender": row.sender,
            "letter_number": row.letter_number,
            "letter_on": row.letter_on,
            "subject": row.subject,
            "summary": letter.summary,
            "urgency": row.urgency,
            "classification": letter.classification,
        }
        rows = [
            FormRow(
                str(each.get("recipient_class", "")), str(each.get("office", "")), str(each.get("copy_kind", "asli"))
            )
            for each in letter.recipients
        ]
        return cls(values, padded(rows))

    @classmethod
    def entered(cls, form: FormData) -> "LetterForm":
        values = {name: line(form, name) for name in FIELDS}
        classes, offices = form.getlist("recipient_class"), form.getlist("office")
        kinds = form.getlist("copy_kind")
        rows = [FormRow(str(c), str(o).strip(), str(k)) for c, o, k in zip(classes, offices, kinds, strict=False)]
        for row in rows:
            if not row.office and row.recipient_class in NAMED_OFFICES:
                row.office = words.CLASSES[row.recipient_class]
        return cls(values, padded(rows[:MOST_ROWS]))

    def checked(self) -> LetterFields | None:
        """The fields for the command, or None with ``errors`` filled."""
        for name in ("sender", "subject"):
            if not self.values[name]:
                self.errors[name] = NEEDED
        filled = [row for row in self.rows if row.office]
        if not filled:
            self.errors["recipients"] = NO_RECIPIENT
        if self.errors:
            return None
        try:
            return LetterFields(
                **self.values, recipients=tuple(RecipientEntry(**vars(row)) for row in filled)
            )  # pydantic checks the rest
        except ValidationError as error:
            for one in error.errors():
                where = str(one["loc"][0])
                self.errors[where] = TOO_LONG
            return None


def padded(rows: list[FormRow]) -> list[FormRow]:
    """Empty rows at the end, so that the form works without script."""
    filled = [row for row in rows if row.office]
    return filled + [FormRow("kepala-opd", "", "tembusan" if filled else "asli")] * max(1, FEWEST_ROWS - len(filled))


def line(form: Mapping[str, object], name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def version(form: Mapping[str, object]) -> int | None:
    """The version that the form was made from; a hand-made one counts as none."""
    text = line(form, "version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None  # noqa: PLR2004 - 64 bits


def key(form: Mapping[str, object], action: str) -> str | None:
    """The idempotency key of one submission; each command of it gets its own."""
    text = line(form, "key")
    return f"{text[:80]}:{action}" if text.isprintable() and text else None


def moment(text: str, zone: str) -> datetime | None:
    """A ``datetime-local`` value in the agency's zone as aware UTC; None when it is none."""
    try:
        naive = datetime.fromisoformat(text)
        return (naive if naive.tzinfo else naive.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):  # OverflowError: on the edge of the calendar
        return None


def wrong(code: str = "gateway.malformed", status: int = 422) -> NoReturn:
    """Ends the action with a problem, which the page then tells above its form."""
    raise Problem(code, status)


@asynccontextmanager
async def closing(form: FormData) -> AsyncIterator[FormData]:
    """Its files are gone afterwards, whatever became of it."""
    try:
        yield form
    finally:
        await form.close()


async def form_of(request: Request) -> FormData:
    """Its file lies on the disk; a form that is read twice is the one read first."""
    return await bounded_form(request)
