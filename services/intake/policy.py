"""Intake's named rules and tables: who may ask, what is refused and how, and what a service standard says of a letter.

``rules`` are those of one adopted version of a standard, as `StandardAdopted` keeps them; a case never changes version.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from contracts.base import Actor, Refusal
from contracts.intake import MessageSource
from contracts.words import Copy, LetterFields, RecipientEntry, Tier, TimeLimit, WorkingTime
from services.kit.policy import Refusals
from services.kit.worktime import Calendar, Pause, due, minutes_before

SERVICE = "service"

REFUSALS: Mapping[str, int] = {
    "unknown-letter": 404,
    "letter-id-taken": 409,
    "nothing-read": 422,
    "quarantined": 409,
    "cancelled": 409,
    "archived": 409,
    "not-examined": 409,
    "not-registered": 409,
    "not-printed": 409,
    "already-registered": 409,
    "not-rendered": 422,
    "reprint-needs-reason": 422,
    "urgency-unknown": 422,
    "letter-date": 422,
    "recipients-missing": 422,
    "recipient-twice": 422,
    "copy-kind-unknown": 422,
    "no-delivery-rule": 422,
    "received-in-future": 422,
    "no-standard": 409,
    "standard-incomplete": 422,
    "standard-version-taken": 409,
    "book-of-another-standard": 409,
    "unknown-book": 404,
    "book-closed": 409,
    "book-open": 409,
    "not-qualified": 403,
    "pause-not-allowed": 422,
    "clock-paused": 409,
    "clock-stopped": 409,
    "not-due": 409,
    "beyond-calendar": 422,
}

refuse = Refusals("intake", REFUSALS)

URGENCIES = ("biasa", "penting", "segera", "sangat-segera")
COPY_KINDS = ("asli", "tembusan")
RULES_NEEDED = ("zone", "deadline", "tiers", "assigner", "delivery", "books")
ANY = "*"
MAILBOX_BOOK = "masuk"  # the book of what comes by the mailbox

# What comes from the agency and the year's decree, not from a standard's own text; `organisation` has the same list.
AGENCY_RULES = frozenset({"calendar", "holidays", "seasons", "decreed_years", "decrees", "letterhead", "books", "zone"})
CLOCK_FACTS = ("zone", "calendar", "holidays", "decreed_years")
YEARS_BACK = 10
REMINDERS_KNOWN = 500
SOME_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
SENDERS = UUID("5b9a3f0e-7d43-5d0e-8f0f-2c7a4c1d9e11")
KEPT = 1_000
A = TypeVar("A")
B = TypeVar("B")


def once_each(work: Callable[[A], B]) -> Callable[[A], B]:
    """Remembers by identity, for mappings that nobody changes (adopted rules): they cannot be hashed.

    Each is held as long as it is remembered, so that its identity stays its own.
    """
    known: OrderedDict[int, tuple[Any, B]] = OrderedDict()

    @wraps(work)
    def remembered(value: A) -> B:
        found = known.get(id(value))
        if found is None:
            found = known[id(value)] = (value, work(value))
            if len(known) > KEPT:
                known.popitem(last=False)
        return found[1]

    return remembered


def sender_subject(agency: str, address: str, letter_id: UUID) -> str:
    """Whose key seals the sender's name and address: one person per address; without one each letter stands alone.

    Acceptable without a secret: it tells nothing to anybody who does not hold the address already, and who asks to be
    forgotten is found by the address he names. A keyed hash would need a key here, where nothing is read.
    """
    plain = address.strip().casefold()
    return (uuid5(SENDERS, f"{agency}/{plain}") if plain else uuid5(letter_id, "sender")).hex


def message_key(source: MessageSource) -> str:
    """The identity of a message in its mailbox, as a claim."""
    return f"{source.mailbox}/{source.uidvalidity}/{source.uid}"


def message_id_key(message_id: str | None) -> str | None:
    """SHA-256 of a usable Message-ID; None for a missing or empty one, which makes nobody anybody's twin."""
    plain = (message_id or "").strip().strip("<>").strip()
    return sha256(plain.encode("utf-8", "replace")).hexdigest() if plain else None


def faulty(fields: LetterFields) -> Refusal | None:
    """What is wrong with the fields as entered, whatever the standard says."""
    seen: set[tuple[str, str, str]] = set()
    if fields.urgency not in URGENCIES:
        return refuse("urgency-unknown", urgency=fields.urgency, known=list(URGENCIES))
    if fields.letter_on and not _is_date(fields.letter_on):
        return refuse("letter-date", letter_on=fields.letter_on)
    if not fields.recipients:
        return refuse("recipients-missing")
    for recipient in fields.recipients:
        if recipient.copy_kind not in COPY_KINDS:
            return refuse("copy-kind-unknown", copy_kind=recipient.copy_kind, known=list(COPY_KINDS))
        who = (recipient.recipient_class, recipient.office, recipient.copy_kind)
        if who in seen:
            return refuse("recipient-twice", office=recipient.office)
        seen.add(who)
    return None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def unusable(rules: Mapping[str, Any]) -> Refusal | None:
    """Rules that letters cannot run under are refused when they are adopted, not at the counter."""
    if missing := [name for name in RULES_NEEDED if not rules.get(name)]:
        return refuse("standard-incomplete", missing=missing)
    try:
        due(Calendar.from_rules(rules), SOME_MONDAY, rules["deadline"])
    except ValueError as error:
        place, colon, _ = str(error).partition(": ")
        return refuse("standard-incomplete", place=f"rules.{place if colon else 'deadline'}", reason=str(error))
    return None


def zone(rules: Mapping[str, Any]) -> ZoneInfo:
    return ZoneInfo(rules["zone"])


def civil_year(rules: Mapping[str, Any], now: datetime) -> int:
    """The year whose book is open: the civil year of allocation in the agency's zone."""
    return now.astimezone(zone(rules)).year


def own_rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    """What a version itself says: the rest is the agency's, and may change under it."""
    theirs = AGENCY_RULES if rules.get("hours_stated", True) else {*AGENCY_RULES, "hours"}
    return {key: value for key, value in rules.items() if key not in theirs}


def clock_facts(rules: Mapping[str, Any]) -> dict[str, Any]:
    """What the agency says of its calendar; its usual hours where the standard states none of its own."""
    keys = CLOCK_FACTS if rules.get("hours_stated", True) else (*CLOCK_FACTS, "hours")
    return {key: rules[key] for key in keys if key in rules}


def unqualified(rules: Mapping[str, Any], actor: Actor) -> Refusal | None:
    """Only the qualified register (sandi), a substitute too; the standard says which qualification it asks."""
    wanted = rules.get("registrar_qualification")
    return refuse("not-qualified", needs=wanted) if wanted and wanted not in actor.qualifications else None


def deadline(rules: Mapping[str, Any], received_at: datetime, pauses: tuple[Pause, ...] = ()) -> tuple[datetime, str]:
    """When the letter is due (aware UTC), and the calendar that said so.

    What came outside service hours counts as received at the next opening (the engine's rule).
    """
    calendar = Calendar.from_rules(rules)
    return due(calendar, received_at, rules["deadline"], pauses), calendar.version


def reminder(rules: Mapping[str, Any], due_at: datetime) -> datetime | None:
    """When the assigner is reminded of a deadline: so many service minutes before it, where the standard says so."""
    minutes = rules.get("remind_before")
    if not minutes:
        return None
    known = _reminders(rules)
    if due_at not in known:
        if len(known) >= REMINDERS_KNOWN:
            known.clear()
        known[due_at] = minutes_before(Calendar.from_rules(rules), due_at, minutes)
    return known[due_at]


@once_each
def _reminders(_rules: Mapping[str, Any]) -> dict[datetime, datetime]:
    """Deadline to reminder, as they have been reckoned: the letters of a day are often due at the same moment."""
    return {}


def working_time(rules: Mapping[str, Any], since: datetime) -> WorkingTime | None:
    """What the limits of tiers and couriers are computed from; None where the standard sets none.

    Closed days from the civil year of ``since`` on: that of the letter's receipt, before which none of them begins.
    """
    if not any(row.get("limit") for row in (*rules["tiers"], *rules["delivery"])):
        return None
    calendar = Calendar.from_rules(rules)
    year = civil_year(rules, since)
    closed = sorted(day for day in calendar.closed if day.year >= year and calendar.closing(day))
    return WorkingTime(
        calendar=calendar.version,
        zone=calendar.zone,
        hours=tuple(rules["hours"]),
        closed=tuple(day.isoformat() for day in closed),
        seasons=tuple(rules.get("seasons", ())),
    )


def agenda(rules: Mapping[str, Any], book: str, year: int, number: int) -> str:
    """The agenda number as people write it, for example ``0845/2026``."""
    pattern: str = rules["books"][book].get("pattern", "{number:04d}/{year}")
    return pattern.format(number=number, year=year, book=book)


@once_each
def tiers(rules: Mapping[str, Any]) -> tuple[Tier, ...]:
    """Who initials, bottom up."""
    return tuple(Tier.model_validate(tier) for tier in rules["tiers"])


@once_each
def _carried(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A copy as a row of the delivery rules makes it, but for whom: checked once, not with every letter."""
    routes = tuple(row["routes"])
    limit = TimeLimit.model_validate(row["limit"]) if row.get("limit") else None
    anyone = {"recipient_class": "any", "office": "any", "copy_kind": "any"}
    return dict(Copy(copy_id=SENDERS, **anyone, route=routes[0], routes=routes, proof=row["proof"], limit=limit))


def openings(rules: Mapping[str, Any], book: str) -> dict[int, int]:
    """Civil year to the last number used on paper, for an office that goes live with its standard; often none."""
    return {int(year): int(last) for year, last in rules["books"][book].get("openings", {}).items()}


def delivery_rule(rules: Mapping[str, Any], recipient: RecipientEntry) -> Mapping[str, Any] | None:
    """The first row for the recipient's class and kind of copy; ``*`` stands for any."""
    for row in rules["delivery"]:
        fits_class = row["recipient_class"] in (ANY, recipient.recipient_class)
        if fits_class and row.get("copy_kind", ANY) in (ANY, recipient.copy_kind):
            return row  # type: ignore[no-any-return]  # rules are plain data, checked when the standard is loaded
    return None


def copies(
    rules: Mapping[str, Any], letter_id: UUID, recipients: tuple[RecipientEntry, ...], before: tuple[Copy, ...] = ()
) -> tuple[Copy, ...] | Refusal:
    """A copy for each recipient. Who ever had one (``before``) keeps its id: paper stays valid, no id passes on."""
    known = {(copy.recipient_class, copy.office, copy.copy_kind): copy.copy_id for copy in before}
    used = {copy.copy_id for copy in before}
    fresh = (made for n in range(1, 10_000) if (made := uuid5(letter_id, f"copy-{n}")) not in used)
    minted: list[Copy] = []
    for recipient in recipients:
        row = delivery_rule(rules, recipient)
        if row is None:
            return refuse(
                "no-delivery-rule",
                office=recipient.office,
                recipient_class=recipient.recipient_class,
                copy_kind=recipient.copy_kind,
            )
        key = (recipient.recipient_class, recipient.office, recipient.copy_kind)
        told = {
            "copy_id": known.get(key) or next(fresh),
            "recipient_class": recipient.recipient_class,
            "office": recipient.office,
            "copy_kind": recipient.copy_kind,
        }
        minted.append(Copy(**{**_carried(row), **told}))
    return tuple(minted)
