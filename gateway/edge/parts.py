"""May this person have this part of this case in this state: the one place that answers it.

Pages, API, files, prints, search, lists, live changes and refusals ask here (through `gateway.edge.cases`, the only
module that may look at a case). `TABLE` is read as: a part, given of this matter, to whoever stands in one of these
relations to it. What stands in no cell is given to nobody. `gateway.edge.rights` says earlier who may knock at a route
at all; a service's own policy, what may be done. Decision 0049.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar, cast

from contracts.base import Refusal
from contracts.projections import AccountRequest, CaseRow, HistoryEntry, Letter, LetterRow
from contracts.words import STAND_IN
from gateway.edge.principals import Visitor
from gateway.edge.rights import COMPLAINT_READERS, READERS, REQUEST_READERS

R = TypeVar("R", bound=CaseRow)
UNTOLD = frozenset({"quarantined", "cancelled"})  # stages that do not say what kind of thing is behind them
SANDI = "sandi"  # the qualification by which the Sanapati mailbox is operated


class Part(Enum):
    """What can be had of a case."""

    ROW = "its row in the register: that it came, when and how, how far it is"
    TITLE = "who sent it, about what, under which number"
    CONTENTS = "what was examined; recipients, copies, initials, notes"
    TEXT = "the text of the message"
    ATTACHMENTS = "what is attached, by name, kind and size"
    RAW = "the message as it came, byte by byte"
    PRINT_PACK = "the print pack"
    INITIALS_SHEET = "the sheet of the initials"
    DEADLINE = "why it is due when it is due"
    HISTORY = "what happened, in sentences"
    RAW_EVENT = "an event as it is stored"
    CHANGE = "live: that it has moved to another stage"
    STOP = "a copy on its way: number, subject, addressee, limit"
    REFUSAL = "the particulars of why something was refused"
    GENUINE = "that a copy on paper is genuine, its number, for whom, how far"
    REQUEST = "a request for an account: of whom, of which unit, about which address, how far it is"
    REQUEST_HISTORY = "what happened to a request, in sentences"
    ACCOUNT = "an account in the directory: its address, its holder's name and unit, its state, what happened to it"
    REPLY = "the reply letter to an applicant"
    COMPLAINT = "a complaint that the views let him see: its gist, class, stage, handler, limits"
    COMPLAINT_HISTORY = "what happened to a complaint, in sentences"
    COMPLAINT_WORDS = "what its reporter said and what was answered; the service says what of it is his"
    COMPLAINT_FILES = "photos and files of its reporter; the service names them to its handlers alone"
    LETTER_SCAN = "the scan of an applicant's letter"
    APPLICANT = "an applicant's number, how to reach him, what he wishes, what was written"


class Matter(Enum):
    """What kind of thing the case holds, by what its examination said."""

    ORDINARY = "read, and nothing against it"
    UNREADABLE = "nobody knows what is in it, or its sender's domain disowns it"
    HARMFUL = "known to do harm when it is opened"
    CLASSIFIED = "marked above biasa"


class Relation(Enum):
    """How somebody stands to a case."""

    READER = "reads the letters of his agency: operator, heads, inspector, whoever initials or assigns"
    OPERATOR = "operator transmisi sandi"
    SANDI = "operator transmisi sandi, a person, with the qualification sandi"
    INSPECTOR = "inspector"
    STAND_IN = "would act for a tier of it, its registrar being barred"
    COURIER = "carries a copy of it"
    PAPER = "holds a copy on paper"
    REQUEST_READER = "may read requests for accounts: which, the views say (all; the admin of a unit those of his own)"
    COMPLAINT_READER = "may read complaints: which, the views say of each (its handler, officer, leaders, inspector)"
    REVIEWER = "acts for a position that reviews this request by its standard"


NOBODY: frozenset[Relation] = frozenset()
READER = frozenset({Relation.READER})
INVOLVED = READER | {Relation.STAND_IN}
HEARING = READER | {Relation.COMPLAINT_READER, Relation.REQUEST_READER}
COMPLAINING = frozenset({Relation.COMPLAINT_READER})
CARRYING = READER | {Relation.COURIER}
INSPECTOR = frozenset({Relation.INSPECTOR})
ORDINARY, UNREADABLE, HARMFUL, CLASSIFIED = Matter

TABLE: Mapping[Part, Mapping[Matter, frozenset[Relation]]] = {
    Part.ROW: {ORDINARY: INVOLVED, UNREADABLE: READER, HARMFUL: READER, CLASSIFIED: READER},
    Part.TITLE: {ORDINARY: INVOLVED, UNREADABLE: READER, HARMFUL: READER},
    Part.CONTENTS: {ORDINARY: INVOLVED},
    Part.TEXT: {ORDINARY: INVOLVED},
    Part.ATTACHMENTS: {ORDINARY: INVOLVED},
    Part.RAW: {ORDINARY: INSPECTOR | {Relation.OPERATOR}, UNREADABLE: frozenset({Relation.SANDI})},
    Part.PRINT_PACK: {ORDINARY: INVOLVED},
    Part.INITIALS_SHEET: {ORDINARY: INVOLVED},
    Part.DEADLINE: {ORDINARY: INVOLVED, UNREADABLE: READER, HARMFUL: READER, CLASSIFIED: READER},  # there is none
    Part.HISTORY: {ORDINARY: INVOLVED, UNREADABLE: READER, HARMFUL: READER, CLASSIFIED: READER},
    Part.RAW_EVENT: dict.fromkeys(Matter, INSPECTOR),
    Part.CHANGE: dict.fromkeys(Matter, HEARING),  # of each only who sees the case: `gateway.api.stream`
    Part.STOP: {ORDINARY: CARRYING},
    Part.REFUSAL: dict.fromkeys(Matter, READER),
    Part.GENUINE: {ORDINARY: frozenset({Relation.PAPER})},
    Part.REQUEST: {ORDINARY: frozenset({Relation.REQUEST_READER})},
    Part.REQUEST_HISTORY: {ORDINARY: frozenset({Relation.REQUEST_READER})},
    Part.ACCOUNT: {ORDINARY: frozenset({Relation.REQUEST_READER})},
    Part.REPLY: {ORDINARY: frozenset({Relation.REQUEST_READER})},
    Part.COMPLAINT: {ORDINARY: COMPLAINING},
    Part.COMPLAINT_HISTORY: {ORDINARY: COMPLAINING},
    Part.COMPLAINT_WORDS: {ORDINARY: COMPLAINING},
    Part.COMPLAINT_FILES: {ORDINARY: COMPLAINING},
    Part.LETTER_SCAN: {ORDINARY: frozenset({Relation.OPERATOR, Relation.REVIEWER})},
    Part.APPLICANT: {ORDINARY: frozenset({Relation.OPERATOR, Relation.REVIEWER})},
}

# Why a message was quarantined → what that makes of it. A reason that nobody knows here is as closed as can be.
MATTERS: Mapping[str | None, Matter] = {
    None: ORDINARY,
    "classified": CLASSIFIED,
    "malware": HARMFUL,
    "archive-bomb": HARMFUL,
    "dmarc": UNREADABLE,
    "empty": UNREADABLE,
    "oversize": UNREADABLE,
    "too-deep": UNREADABLE,
    "too-many-parts": UNREADABLE,
    "unparsable": UNREADABLE,
}

# Which fields of the answers belong to which part; a field that is in no row is shown to nobody.
ROW_FIELDS: Mapping[Part, tuple[str, ...]] = {
    Part.ROW: (
        "kind", "case_id", "number", "stage", "step", "urgency", "received_at", "due_at", "completed_at", "paused_at",
        "changed_at", "progress", "versions", "dated", "letter_id", "agenda", "channel", "warnings", "copies",
        "copies_proven", "waiting_position", "twin_of", "quarantine",
    ),
    Part.TITLE: ("title", "who", "sender", "subject", "letter_number", "letter_on"),
    Part.ATTACHMENTS: ("attachments",),
    Part.STOP: ("kind", "case_id", "number", "title", "stage", "urgency", "received_at", "due_at", "changed_at"),
}  # fmt: skip
LETTER_FIELDS: Mapping[Part, tuple[str, ...]] = {
    Part.ROW: ("cancel_reason", "registrar_id", "quarantine_confirmed_at"),
    Part.TITLE: ("from_name", "from_address", "message_subject", "sent_at", "automatic"),
    Part.CONTENTS: (
        "summary", "classification", "print_number", "standard", "revision", "returned_note", "recipients", "round",
        "initials", "copies", "archive_place",
    ),
    Part.TEXT: ("text",),
    Part.ATTACHMENTS: ("attachments",),
    Part.RAW: ("blob",),
    Part.PRINT_PACK: ("print_pack",),
}  # fmt: skip
WHOLE_ROWS: Mapping[str, Part] = {
    "requests": Part.REQUEST, "accounts": Part.ACCOUNT, "complaints": Part.COMPLAINT,
}  # fmt: skip
"""Kinds of case that are shown as the views have them, or not at all."""
OF_TITLE = frozenset({"who", "what"})  # the opened words in a sentence of the history
OF_THE_ASKER = frozenset({"needs", "version", "copy_id"})  # of a refusal: what is his own, or a rule


def may(relations: frozenset[Relation], part: Part, matter: Matter) -> bool:
    return bool(relations & TABLE.get(part, {}).get(matter, NOBODY))


def matter_of(quarantine: str | None) -> Matter:
    return MATTERS.get(quarantine, CLASSIFIED)


def matter_of_row(row: CaseRow) -> Matter | None:
    """A row of a list of all kinds does not say why it was set aside: then the closest. None: no kind of ours."""
    if row.kind != "letters":
        return None
    if isinstance(row, LetterRow):
        return matter_of(row.quarantine)
    return CLASSIFIED if row.stage in UNTOLD else ORDINARY


def relations(visitor: Visitor, letter: Letter | None = None) -> frozenset[Relation]:
    """To every case of his agency; with a letter, to that one as well."""
    roles, found = visitor.roles, set[Relation]()
    if roles & READERS:
        found.add(Relation.READER)
    if roles & REQUEST_READERS:
        found.add(Relation.REQUEST_READER)
    if roles & COMPLAINT_READERS:
        found.add(Relation.COMPLAINT_READER)
    if "operator" in roles:
        found.add(Relation.OPERATOR)
        if SANDI in visitor.actor.qualifications and not visitor.machine:  # a program is nobody's certified hands
            found.add(Relation.SANDI)
    if "inspector" in roles:
        found.add(Relation.INSPECTOR)
    if letter is not None and _stands_in(visitor, letter):
        found.add(Relation.STAND_IN)
    return frozenset(found)


def of_request(visitor: Visitor, request: AccountRequest) -> frozenset[Relation]:
    """To one request: its reviewers are named by its standard."""
    found = relations(visitor)
    if any(visitor.actor.holding(position) is not None for position in request.reviewers):
        return found | {Relation.REVIEWER}
    return found


def of_task(visitor: Visitor, action: str) -> frozenset[Relation]:
    """To a case that waits for him: what is asked for him by his own id and positions is his."""
    found = relations(visitor)
    if action == "deliver" and "courier" in visitor.roles:
        return found | {Relation.COURIER}
    if action == "initial" and STAND_IN in visitor.roles:
        return found | {Relation.STAND_IN}
    return found


def _stands_in(visitor: Visitor, letter: Letter) -> bool:
    tiers = {tier.position for tier in letter.initials}
    return any(each.position in tiers and each.instead_of == letter.registrar_id for each in visitor.actor.stand_ins)


def row_for(known: frozenset[Relation], row: R) -> R | None:
    """The row as whoever stands in these relations may see it; None: not at all."""
    if row.kind in WHOLE_ROWS:
        return row if may(known, WHOLE_ROWS[row.kind], ORDINARY) else None
    matter = matter_of_row(row)
    if matter is None:
        return None
    if may(known, Part.ROW, matter):
        given = [part for part in (Part.ROW, Part.TITLE, Part.ATTACHMENTS) if may(known, part, matter)]
    elif may(known, Part.STOP, matter):
        given = [Part.STOP]
    else:
        return None
    shape = type(row)
    names = {name for part in given for name in ROW_FIELDS[part]} & shape.model_fields.keys()
    if names == shape.model_fields.keys():
        return row
    return cast("R", shape.model_construct(**_some(row, names)))


def letter_for(visitor: Visitor, letter: Letter) -> Letter | None:
    """The letter without the parts that this visitor may not have; None: he may not know of it."""
    known, matter = relations(visitor, letter), matter_of(letter.row.quarantine)
    row = row_for(known, letter.row) if may(known, Part.ROW, matter) else None
    if row is None:
        return None
    names = {name for part, fields in LETTER_FIELDS.items() if may(known, part, matter) for name in fields}
    return Letter.model_construct(row=row, **_some(letter, names))


def entry_for(known: frozenset[Relation], matter: Matter, entry: HistoryEntry) -> HistoryEntry:
    """An entry of a history that he may have, without what belongs to other parts."""
    changes: dict[str, Any] = {}
    if not may(known, Part.TITLE, matter):
        changes["params"] = {name: value for name, value in entry.params.items() if name not in OF_TITLE}
    if not may(known, Part.RAW_EVENT, matter):
        changes["raw"] = None
    return entry.model_copy(update=changes)


def refusal_for(visitor: Visitor, refusal: Refusal) -> Refusal:
    """Of a command about a case. Who sees no letters is told why not, without what the case would tell."""
    if may(relations(visitor), Part.REFUSAL, CLASSIFIED):
        return refusal
    told = {name: value for name, value in refusal.detail.items() if name in OF_THE_ASKER}
    return refusal.model_copy(update={"detail": told})


def hears(visitor: Visitor) -> bool:
    """Whether live changes are for him: they do not say what a case holds, so every matter must allow it."""
    return all(may(relations(visitor), Part.CHANGE, matter) for matter in Matter)


def _some(shape: Letter | CaseRow, names: set[str]) -> dict[str, Any]:
    return {name: getattr(shape, name) for name in names}
