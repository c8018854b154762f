"""Intake's named rules and tables: who may ask, what is refused and how, and what a service standard says of a letter.

``rules`` are those of one adopted version of a standard, as `StandardAdopted` keeps them; a case never changes version.
"""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from contracts.base import EMPTY, Actor, Refusal, SealClass, Sealed
from contracts.intake import MessageSource, PostSource
from contracts.words import Copy, LetterFields, RecipientEntry, Tier, TimeLimit, WorkingTime
from services.kit import deadlines as kit_deadlines
from services.kit.deadlines import once_each, unreckonable, zone
from services.kit.policy import Refusals

SERVICE, SYSTEM = "service", "system"
SANDI = "sandi"
CLASSIFIED = "classified"
RELEASABLE = frozenset({CLASSIFIED, "dmarc"})
"""Reasons that a person can know better: what does harm, or cannot be read, is let out by nobody."""

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
    "not-drawn": 422,
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
    "opening-used": 409,
    "too-many-numbers": 422,
    "not-qualified": 403,
    "not-quarantined": 409,
    "not-releasable": 409,
    **kit_deadlines.CLOCK_REFUSALS,
    "beyond-calendar": 422,
}

refuse = Refusals("intake", REFUSALS)

URGENCIES = ("biasa", "penting", "segera", "sangat-segera")
COPY_KINDS = ("asli", "tembusan")
RULES_NEEDED = ("zone", "deadline", "tiers", "assigner", "delivery", "books")
ANY = "*"
MOST_RESERVED = 10_000
"""Numbers at once: more is a slip of the pen, and no book of paper."""
LETTERS = "surat"
PURPOSES: Mapping[str, str] = {"pengaduan": "complaint"}
"""What a mailbox may be for besides letters → the service whose cases its messages belong to."""
MAILBOX_BOOK = "masuk"  # the book of what comes by the mailbox

# What comes from the agency and the year's decree, not from a standard's own text; `organisation` has the same list.
AGENCY_RULES = kit_deadlines.AGENCY_RULES | {"books"}
YEARS_BACK = 10
SENDERS = UUID("5b9a3f0e-7d43-5d0e-8f0f-2c7a4c1d9e11")


def sender_subject(agency: str, address: str, letter_id: UUID) -> str:
    """Whose key seals the sender's name and address: one person per address; without one each letter stands alone.

    Acceptable without a secret: it tells nothing to anybody who does not hold the address already, and who asks to be
    forgotten is found by the address he names. A keyed hash would need a key here, where nothing is read.
    """
    plain = address.strip().casefold()
    return (uuid5(SENDERS, f"{agency}/{plain}") if plain else uuid5(letter_id, "sender")).hex


def own_key(letter_id: UUID) -> str:
    """Whose key seals a classified message: its own, so that it can be destroyed with nothing else."""
    return f"classified-{letter_id.hex}"


def unfit_for_quarantine(actor: Actor) -> Refusal | None:
    """Whatever the standard says of registrars: what is shut away is looked after by the qualified alone."""
    return None if SANDI in actor.qualifications else refuse("not-qualified", needs=SANDI)


def message_key(source: MessageSource | PostSource) -> str:
    """The identity of a message in its mailbox, as a claim."""
    return f"{source.mailbox}/{source.uidvalidity}/{source.uid}"


def sealed_of(text: str, seal_class: SealClass, subject: str) -> Sealed:
    """Nothing needs no key."""
    return Sealed.of(text, seal_class, subject) if text else EMPTY


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
    if (found := unreckonable(rules, "deadline", rules["deadline"])) is not None:
        return refuse("standard-incomplete", place=found[0], reason=found[1])
    return None


def civil_year(rules: Mapping[str, Any], now: datetime) -> int:
    """The year whose book is open: the civil year of allocation in the agency's zone."""
    return now.astimezone(zone(rules)).year


def unqualified(rules: Mapping[str, Any], actor: Actor) -> Refusal | None:
    """Only the qualified register (sandi), a substitute too; the standard says which qualification it asks."""
    wanted = rules.get("registrar_qualification")
    return refuse("not-qualified", needs=wanted) if wanted and wanted not in actor.qualifications else None


def working_time(rules: Mapping[str, Any], since: datetime) -> WorkingTime | None:
    """What the limits of tiers and couriers are computed from; None where the standard sets none.

    Closed days from the civil year of ``since`` on: that of the letter's receipt, before which none of them begins.
    """
    if not any(row.get("limit") for row in (*rules["tiers"], *rules["delivery"])):
        return None
    return kit_deadlines.working_time(rules, since)


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
