"""What strangers may bring here: a new kind of case is a row of `KINDS`, and its pages follow from it.

Pages, limits, codes and receipts are the same for all; a row says in the office's words what is asked, which command
that makes, which question tells how far a case is, and what its stages mean to whoever waits.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from starlette.datastructures import FormData

from contracts.base import Command
from contracts.organisation import StandardRow
from contracts.tracking import TrackCase
from gateway.web.forms import NEEDED, TOO_LONG, line
from gateway.web.words import Word

LONGEST_NUMBER = 60
NUMBER = re.compile(r"[A-Z0-9][A-Z0-9/.-]*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A field. ``kind``: text, area, email, tel or date, as browsers have them. ``most``: characters."""

    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    need: bool = True
    most: int = 500


@dataclass(frozen=True, slots=True)
class Brought:
    """What a stranger has sent in. ``code_mac``: of the case's code; ``case_id``, ``number``: where there is a case."""

    command_id: UUID
    code_mac: str
    values: Mapping[str, str]
    case_id: UUID | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class PublicForm:
    """``lead``: what happens with it, before anybody writes; ``send``: the button; ``done``: said afterwards."""

    title: str
    lead: str
    send: str
    done: str
    asked: tuple[Asked, ...]
    command: Callable[[Brought], Command]

    def read(self, form: FormData) -> tuple[dict[str, str], dict[str, str]]:
        """Values, and what is wrong with them by name."""
        values = {each.name: line(form, each.name) for each in self.asked}
        wrong = {}
        for each in self.asked:
            said = values[each.name]
            if each.need and not said:
                wrong[each.name] = NEEDED
            elif len(said) > each.most or "\0" in said:
                wrong[each.name] = TOO_LONG
        return values, wrong


@dataclass(frozen=True, slots=True)
class Stage:
    """``said``: what it means to whoever waits."""

    word: Word
    said: str


def everywhere(_standards: Sequence[StandardRow]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class PublicKind:
    """``slug``: in addresses. ``noun``: what a case is called (Permohonan). ``numbers``: how its numbers look.

    ``road``: the stages on the way, in order. ``replies``: what may be added to a case, by the service's own slugs.
    ``offered``: whether an office with these standards takes it.
    """

    slug: str
    noun: str
    numbers: re.Pattern[str]
    question: type[TrackCase]
    form: PublicForm
    stages: Mapping[str, Stage]
    road: tuple[str, ...]
    replies: Mapping[str, PublicForm] = field(default_factory=dict)
    offered: Callable[[Sequence[StandardRow]], bool] = everywhere


KINDS: tuple[PublicKind, ...] = ()


def read_number(text: str) -> str:
    """A case's number as somebody typed it; "" where it can be none."""
    plain = "".join(text.upper().split())
    return plain if len(plain) <= LONGEST_NUMBER and NUMBER.fullmatch(plain) else ""


def kind_of(kinds: Sequence[PublicKind], number: str) -> PublicKind | None:
    """Whose number this looks like."""
    return next((kind for kind in kinds if kind.numbers.fullmatch(number)), None)
