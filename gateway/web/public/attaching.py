"""Files in the forms of strangers: what was chosen is cleaned and stored at once, what is bad is named beside its
field, and nothing that was typed is lost by it.

Names of files are told back to whoever has just chosen them, and kept nowhere.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from contracts.words import BlobUpload
from gateway.edge.budgets import network_of
from gateway.edge.i18n import mark as _
from gateway.edge.problems import Problem
from gateway.edge.strangers import spend_for_upload
from gateway.edge.uploads import Shelf
from gateway.web.forms import line
from gateway.web.login.first_password import from_own_page
from gateway.web.page import told
from gateway.web.public.kinds import PublicForm, PublicKind
from gateway.web.public.strangers import Strangers

CHOSEN, DROPPED = "-baru", "buang"
"""Of names of fields: newly chosen files; the button that takes one out again, its value ``<field>:<place>``."""
SOME_REFUSED = _("Ada berkas yang tidak diambil. Isian lain tidak ada yang hilang.")
LONGEST_NAME = 80
TOO_MANY = 429
PHOTO, PAPER, DOCUMENT = _("Foto"), _("PDF"), _("Dokumen")


def word_of(media_type: str) -> str:
    """What a file is called, whose own name is kept nowhere."""
    return PHOTO if media_type.startswith("image/") else PAPER if media_type == "application/pdf" else DOCUMENT


@dataclass(frozen=True, slots=True)
class Refused:
    """``name``: as it was chosen, or empty. ``said``: why it was not taken."""

    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Attached:
    """``files``: by field, with the word for each. ``refused``: by field."""

    files: Mapping[str, Sequence[tuple[str, BlobUpload]]] = field(default_factory=dict)
    refused: Mapping[str, Sequence[Refused]] = field(default_factory=dict)
    stays: bool = False


async def attach(  # noqa: PLR0913 - a form, and whose it is
    desk: Strangers, request: Request, agency: str, kind: PublicKind, form: PublicForm, sent: FormData,
    values: dict[str, str], wrong: dict[str, str], command_id: UUID | None, case_id: UUID | None = None,
) -> Attached:  # fmt: skip
    """Stores what was newly chosen, and puts the tokens of all files into ``values``, what was refused into ``wrong``.

    ``command_id`` None: the form is over, and nothing new is stored for it. Raises Problem where nothing can be stored.
    """
    files: dict[str, Sequence[tuple[str, BlobUpload]]] = {}
    refused: dict[str, Sequence[Refused]] = {}
    for each in form.with_files(values):
        kept, lost = carried(desk, agency, kind, values[each.name], _dropped(sent, each.name))
        told_off = [Refused("", told(request, Problem("gateway.upload-gone", 422)))] * bool(lost)
        new = list(_chosen(sent, each.name))
        if new:
            from_own_page(request, desk.base_url)
            taken, bad = await _taken(desk, request, agency, kind, values, new, len(kept), command_id, case_id)
            kept, told_off = kept + taken, told_off + bad
        values[each.name] = " ".join(desk.uploads.token(agency, _service(kind), one) for one in kept)
        files[each.name] = [(word_of(one.media_type), one) for one in kept]
        if told_off:
            refused[each.name], wrong[each.name] = told_off, SOME_REFUSED
        elif kept:
            wrong.pop(each.name, None)
    return Attached(files, refused, stays=bool(line(sent, DROPPED)))


async def at_home(  # noqa: PLR0913 - as above
    desk: Strangers, agency: str, kind: PublicKind, form: PublicForm, values: Mapping[str, str],
    command_id: UUID, case_id: UUID | None = None,
) -> Mapping[str, tuple[BlobUpload, ...]]:  # fmt: skip
    """What the command names, under the key of the case that it files or belongs to. Raises Problem 422."""
    found: dict[str, tuple[BlobUpload, ...]] = {}
    for each in form.with_files(values):
        kept = carried(desk, agency, kind, values[each.name], None)[0]
        if kept:
            shelf = await shelf_for(desk, agency, kind, values, command_id, case_id)
            found[each.name] = tuple([await desk.uploads.at_home(shelf, one) for one in kept])
    return found


async def _taken(  # noqa: PLR0913 - as above
    desk: Strangers, request: Request, agency: str, kind: PublicKind, values: Mapping[str, str],
    new: Sequence[UploadFile], already: int, command_id: UUID | None, case_id: UUID | None,
) -> tuple[list[BlobUpload], list[Refused]]:  # fmt: skip
    taken: list[BlobUpload] = []
    bad: list[Refused] = []
    shelf = None
    for file in new:
        try:
            _spend(desk, request, agency, file.size or 0, already + len(taken))
            shelf = shelf or await shelf_for(desk, agency, kind, values, command_id, case_id)
            taken.append(await desk.uploads.take(shelf, file.file, file.size or 0))
        except Problem as problem:
            bad.append(Refused((file.filename or "")[:LONGEST_NAME], told(request, _waiting(problem))))
    return taken, bad


def _spend(desk: Strangers, request: Request, agency: str, size: int, already: int) -> None:
    """What is too large is refused for that. Raises Problem."""
    if already >= desk.uploads.most_files:
        raise Problem("gateway.upload-many", 422, most=desk.uploads.most_files)
    spend_for_upload(desk.budgets, agency, network_of(request), size, desk.uploads.most_bytes)


def _waiting(problem: Problem) -> Problem:
    if problem.status != TOO_MANY:
        return problem
    minutes = math.ceil(int(problem.detail.get("seconds", 60)) / 60)
    return Problem("gateway.upload-waits", TOO_MANY, minutes=minutes)


def carried(
    desk: Strangers, agency: str, kind: PublicKind, tokens: str, dropped: int | None
) -> tuple[list[BlobUpload], bool]:
    """The files that a form has brought along as tokens; whether there was one that it cannot have."""
    read = [desk.uploads.read(agency, _service(kind), token) for token in tokens.split()][: desk.uploads.most_files]
    return [each for at, each in enumerate(read) if each is not None and at != dropped], None in read


def _chosen(sent: FormData, name: str) -> Iterator[UploadFile]:
    """An empty field for files is sent as a file without name and content."""
    for each in sent.getlist(f"{name}{CHOSEN}"):
        if isinstance(each, UploadFile) and (each.filename or each.size):
            yield each


def _dropped(sent: FormData, name: str) -> int | None:
    which, _, place = line(sent, DROPPED).partition(":")
    return int(place) if which == name and place.isascii() and place.isdigit() and len(place) == 1 else None


async def shelf_for(  # noqa: PLR0913 - as above
    desk: Strangers, agency: str, kind: PublicKind, values: Mapping[str, str], command_id: UUID | None,
    case_id: UUID | None,
) -> Shelf:  # fmt: skip
    if command_id is None:
        raise Problem("gateway.upload-late", 422)
    if kind.keeps is None:
        raise Problem("gateway.not-found", 404)
    nip = values.get(kind.nip, "")[:40] if kind.nip else ""
    return await desk.uploads.shelf(agency, kind.keeps(command_id=command_id, case_id=case_id, nip=nip))


def _service(kind: PublicKind) -> str:
    return kind.question.service()
