"""Which stage a letter is in, which column of the board, and whose task it is: tables, read by Python and by SQL alike.

A stage rule is a conjunction of checks over a letter's columns; the first rule that holds gives the stage. ``a > b`` is
false where either side is missing. ``…_as`` are versions of the letter's own stream. The columns come from intake,
approval and dispatch, in whatever order those were heard.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Sign = Literal["==", ">", "known", "missing"]


@dataclass(frozen=True, slots=True)
class Check:
    """``column sign than``; ``than`` is another column or a number."""

    column: str
    sign: Sign
    than: str | int = 0


SENT = Check("forwarded", "known")
REVISED = Check("revised_as", ">", "forwarded_as")
OUT = Check("released", "==", "forwarded")  # what is out is what went round; an earlier revision is recalled

STAGE_RULES: tuple[tuple[str, tuple[Check, ...]], ...] = (
    ("", (Check("received_at", "missing"),)),
    ("cancelled", (Check("cancelled_at", "known"),)),
    ("archived", (Check("archived_at", "known"),)),
    ("printed", (SENT, REVISED, Check("printed_as", ">", "revised_as"))),
    ("registered", (SENT, REVISED)),
    ("proven", (OUT, Check("completed_at", "known"))),
    ("delivering", (OUT, Check("copies_reported", ">", 0))),
    ("assigned", (OUT, Check("copies_assigned", ">", 0))),
    ("released", (OUT,)),
    ("returned", (SENT, Check("returned", "==", "forwarded"))),
    ("forwarded", (SENT,)),
    ("registered", (Check("revised_as", ">", "printed_as"),)),
    ("printed", (Check("printed_as", "known"),)),
    ("registered", (Check("registered_at", "known"),)),
    ("examined", (Check("examined_at", "known"),)),
    ("quarantined", (Check("quarantine", "known"),)),
    ("twin", (Check("twin_of", "known"),)),
    ("captured", ()),
)

Letter = Mapping[str, int | str | None]


def stage(letter: Letter) -> str | None:
    """The stage of a letter; None while intake has not told of it (another service was heard first)."""
    found = next((name for name, checks in STAGE_RULES if all(holds(check, letter) for check in checks)), "")
    return found or None


def holds(check: Check, letter: Letter) -> bool:
    value = letter.get(check.column)
    if check.sign == "missing":
        return value is None
    if check.sign == "known":
        return value is not None
    than = letter.get(check.than) if isinstance(check.than, str) else check.than
    if not isinstance(value, int) or not isinstance(than, int):
        return False
    return value == than if check.sign == "==" else value > than


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the live board. ``recent``: only cards that changed within this time, newest first."""

    key: str
    stages: tuple[str, ...]
    recent: timedelta | None = None


BOARD: tuple[Column, ...] = (
    Column("masuk", ("captured", "twin")),
    Column("diperiksa", ("examined",)),
    Column("terdaftar", ("registered", "printed")),
    Column("paraf", ("forwarded",)),
    Column("kembali", ("returned",)),
    Column("siap", ("released",)),
    Column("diantar", ("assigned", "delivering")),
    Column("terbukti", ("proven",)),
    Column("arsip", ("archived",), timedelta(days=7)),
)

# What the operator does with a letter in each stage.
OPERATOR = "operator"
DESK: dict[str, str] = {
    "captured": "examine",
    "twin": "decide-twin",
    "examined": "register",
    "registered": "print",
    "printed": "forward",
    "returned": "revise",
    "proven": "archive",
}

# For whom a letter waits in a stage: the action, and the column of the position (None: the operator's desk).
WAITS: dict[str, tuple[str, str | None]] = {
    "registered": ("print", None),
    "printed": ("forward", None),
    "forwarded": ("initial", "round_position"),
    "returned": ("revise", None),
    "released": ("assign", "assigner"),
    "assigned": ("deliver", None),
    "delivering": ("deliver", None),
}

# What is to be done first; an urgency that is not named here comes last.
URGENCY_RANK = {"sangat-segera": 0, "segera": 1, "penting": 2}
RANK_STEP = 10**16  # more than any moment in microseconds of this century

PERSONNEL = "personnel"

# Of a request for an account: what keeps it open, the columns of its board, and what its operator's desk does.
REQUEST_BOARD: tuple[Column, ...] = (
    Column("belum-lengkap", ("incomplete", "asked")),
    Column("ditinjau", ("complete",)),
    Column("dibuatkan", ("provisioning", "undoing")),
    Column("macet", ("failed",)),
    Column("belum-dikabari", ("provisioned", "rejected", "given-up")),
    Column("dikabari", ("notified", "received", "closed", "withdrawn"), timedelta(days=7)),
)
REQUEST_DESK: dict[str, str] = {
    "failed": "repair",
    "provisioned": "tell",
    "rejected": "tell",
    "given-up": "tell",
    "incomplete": "complete",
}
REQUEST_WAITS: dict[str, str] = {**REQUEST_DESK, "complete": "decide"}

# Of a complaint: the columns of its board; what the complaint officer does in each stage; and what waits for who acts
# for a position, which stands in the named column.
COMPLAINT_OFFICER = "complaint-officer"
COMPLAINT_BOARD: tuple[Column, ...] = (
    Column("masuk", ("filed", "acknowledged")),
    Column("ditangani", ("classified", "assigned")),
    Column("menunggu-pelapor", ("asked",)),
    Column("persetujuan", ("proposed",)),
    Column("dijawab", ("answered",)),
    Column("selesai", ("closed", "referred", "set-aside", "withdrawn"), timedelta(days=7)),
)
COMPLAINT_DESK: dict[str, str] = {
    "filed": "acknowledge",
    "acknowledged": "classify",
    "classified": "assign-complaint",
}
COMPLAINT_TURNS: dict[str, tuple[str, str]] = {
    "assigned": ("answer", "handler"),
    "proposed": ("approve-answer", "approver"),
}

# Routes that need no courier: the operator records the report or the reference number.
SENT_BY_DESK = ("fax", "online")
UNDER_WAY = ("released", "assigned", "delivering")


def urgency_rank(urgency: str) -> int:
    return URGENCY_RANK.get(urgency, len(URGENCY_RANK))


# Raised when a handler's result changes without a change of tables: the views are built anew at the next start.
VERSION = 8
