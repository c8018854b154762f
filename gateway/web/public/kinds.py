"""What strangers may bring here: a new kind of case is a row of `served.KINDS`, and its pages follow.

Pages, limits, codes and receipts are the same for all; a row says in the office's words what is asked, which command
that makes, which question tells how far a case is, and what its stages mean to whoever waits.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from starlette.datastructures import FormData

from contracts.base import Command
from contracts.organisation import StandardRow
from contracts.tracking import FilesOf, TrackCase
from contracts.words import BlobUpload
from gateway.edge.i18n import mark as _
from gateway.web.forms import NEEDED, TOO_LONG, line
from gateway.web.words import Word
from services.kit.public_numbers import typed_number

LONGEST_NUMBER = 100
CHOOSE = _("Pilih salah satu.")
FILES = "files"
MOST_TOKENS = 5_000


def always(_values: Mapping[str, str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers; ``says``: what follows from it, before anybody takes it."""

    value: str
    label: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A field. ``kind``: text, area, email, tel or date, as browsers have them; choice, where there are ``choices``;
    files: its value are tokens of stored files (`gateway.edge.uploads`), a blank between them.

    ``most``: characters. ``only``: whether it exists at all, by what was answered so far; else nothing of it is read.
    """

    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    need: bool = True
    most: int = 500
    choices: tuple[Choice, ...] = ()
    only: Callable[[Mapping[str, str]], bool] = always

    def wrong(self, said: str) -> str:
        """What is wrong with this answer; empty: nothing."""
        if self.need and not said:
            return NEEDED if not self.choices else CHOOSE
        if len(said) > (MOST_TOKENS if self.kind == FILES else self.most) or "\0" in said:
            return TOO_LONG
        return CHOOSE if said and self.choices and said not in {each.value for each in self.choices} else ""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a stranger has sent in. ``code_mac``: of the case's code; ``case_id``, ``number``: where there is a case.

    ``files``: by the name of their field, under the key of the case.
    """

    command_id: UUID
    code_mac: str
    values: Mapping[str, str]
    case_id: UUID | None = None
    number: str = ""
    files: Mapping[str, tuple[BlobUpload, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormPage:
    """One thing asked on a page of its own. ``names``: of the fields; a page none of whose fields exists is passed."""

    title: str
    lead: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublicForm:
    """``lead``: what happens with it, before anybody writes; ``send``: the button; ``done``: said afterwards.

    ``pages``: one thing after the other, and all of it once more to check before it is sent; none: all on one page.
    ``proved``: the field whose hash stands on the receipt. ``limit``: how long it may take by the office's standard, as
    its rules say it (``working_days``, ``service_minutes``); empty: nothing is promised here.
    """

    title: str
    lead: str
    send: str
    done: str
    asked: tuple[Asked, ...]
    command: Callable[[Brought], Command]
    pages: tuple[FormPage, ...] = ()
    proved: str = ""
    limit: Mapping[str, int] = field(default_factory=dict)

    def read(self, form: FormData) -> tuple[dict[str, str], dict[str, str]]:
        """Values, and what is wrong with them by name. Of a field that does not exist nothing is read."""
        values: dict[str, str] = {}
        wrong: dict[str, str] = {}
        for each in self.asked:
            exists = each.only(values)
            values[each.name] = line(form, each.name).replace("\r\n", "\n") if exists else ""
            if exists and (said := each.wrong(values[each.name])):
                wrong[each.name] = said
        return values, wrong

    def with_files(self, values: Mapping[str, str]) -> tuple[Asked, ...]:
        """Its fields for files that exist."""
        return tuple(each for each in self.asked if each.kind == FILES and each.only(values))

    def on(self, page: int, values: Mapping[str, str]) -> tuple[Asked, ...]:
        """The fields of a page that exist."""
        names = self.pages[page].names
        return tuple(each for each in self.asked if each.name in names and each.only(values))

    def next_page(self, page: int, values: Mapping[str, str], step: int = 1) -> int:
        """The page after (or before) this one; `len(pages)`: all of it to check."""
        at = page + step
        while 0 <= at < len(self.pages) and not self.on(at, values):
            at += step
        return max(at, 0)


@dataclass(frozen=True, slots=True)
class AppForm:
    """The same form as an office's own app fills it in, in JSON. ``resource``: in addresses. ``names``: of the fields,
    there → here. ``lists``: those said as lists, with how many at most; files are always.

    ``unasked``: how a field is refused that these answers leave no room for; a page has none there.
    """

    resource: str
    names: Mapping[str, str]
    lists: Mapping[str, int] = field(default_factory=dict)
    unasked: str = "gateway.not-asked"


@dataclass(frozen=True, slots=True)
class Stage:
    """``said``: what it means to whoever waits."""

    word: Word
    said: str


def unchanged(form: PublicForm, _standards: Sequence[StandardRow]) -> PublicForm:
    return form


def everywhere(_standards: Sequence[StandardRow]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class PublicKind:
    """``slug``: in addresses. ``noun``: what a case is called (Permohonan). ``numbers``: how its numbers look; None:
    as the standard writes them, so each that no other kind's look is.

    ``road``: the stages on the way, in order. ``replies``: what may be added to a case, by the service's own slugs.
    ``offered``: whether an office with these standards takes it. ``thread``: the question for what was said on either
    side, answered by a `ReadThreadAnswer`. ``steps``: stage → the one of the road that it belongs to. ``outcomes``: how
    a case may have ended, in words. ``keeps``: the question under whose key its files are stored; ``nip``: the field
    that says of whom it asks. ``app``: how other programs file it; None: they cannot. ``under``: its form as an office
    with these standards has it.
    """

    slug: str
    noun: str
    numbers: re.Pattern[str] | None
    question: type[TrackCase]
    form: PublicForm
    stages: Mapping[str, Stage]
    road: tuple[str, ...]
    replies: Mapping[str, PublicForm] = field(default_factory=dict)
    thread: type[TrackCase] | None = None
    steps: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    offered: Callable[[Sequence[StandardRow]], bool] = everywhere
    keeps: type[FilesOf] | None = None
    nip: str = ""
    app: AppForm | None = None
    under: Callable[[PublicForm, Sequence[StandardRow]], PublicForm] = unchanged

    def here(self, standards: Sequence[StandardRow]) -> "PublicKind":
        """This kind in an office with these standards."""
        return replace(self, form=self.under(self.form, standards))


def read_number(text: str) -> str:
    """A case's number as somebody typed it; "" where it can be none."""
    plain = typed_number(text) if len(text) <= LONGEST_NUMBER else ""
    return plain if any(map(str.isdecimal, plain)) else ""


def kind_of(kinds: Sequence[PublicKind], number: str) -> PublicKind | None:
    """Whose number this looks like; None: nobody's."""
    if not number:
        return None
    named = (kind for kind in kinds if kind.numbers is not None and kind.numbers.fullmatch(number))
    return next(named, next((kind for kind in kinds if kind.numbers is None), None))
