"""Files that an officer adds for somebody: the same cleaning, tokens and keys as in the forms of strangers."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from starlette.datastructures import FormData

from contracts.base import Command
from contracts.words import BlobUpload
from gateway.edge.client import identity_of
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.web.forms import line
from gateway.web.public.accounts import ACCOUNTS, LETTER
from gateway.web.public.attaching import Attached, at_home, attach
from gateway.web.public.complaints import COMPLAINTS, PHOTOS
from gateway.web.public.kinds import Asked, Brought, PublicForm, PublicKind
from gateway.web.public.strangers import Strangers

SCANS = LETTER[-1]


@dataclass(frozen=True, slots=True)
class Brings:
    """``field``: for files, of this kind of case."""

    kind: PublicKind
    field: Asked

    @property
    def form(self) -> PublicForm:
        return PublicForm("", "", "", "", (self.field,), _nothing)


def _nothing(_brought: Brought) -> Command:
    raise TypeError("an officer's form makes its own command")


TO_COMPLAINT, TO_REQUEST = Brings(COMPLAINTS, PHOTOS), Brings(ACCOUNTS, SCANS)


@dataclass(frozen=True, slots=True)
class Files:
    """``values``: with the tokens of what lies there. ``wrong``: empty, or what the page says at its field."""

    brings: Brings
    values: Mapping[str, str]
    wrong: Mapping[str, str]
    attached: Attached
    uploads: tuple[BlobUpload, ...] = ()

    def told(self) -> None:
        """Raises Problem 422 where some file was refused: the form comes back with the others."""
        if self.wrong or self.attached.stays:
            raise Problem("gateway.malformed", 422)


def none_yet(brings: Brings) -> Files:
    return Files(brings, {brings.field.name: ""}, {}, Attached())


async def files_in(  # noqa: PLR0913 - a form, and whose it is
    desk: Strangers, request: Request, visitor: Visitor, brings: Brings, form: FormData, key: str | None, *,
    case_id: UUID | None = None, nip: str = "",
) -> Files:  # fmt: skip
    """Stored, and under the key of the case that this form's command files or belongs to. Raises Problem."""
    command_id = identity_of(visitor, key)
    values = {brings.field.name: line(form, brings.field.name), brings.kind.nip: nip}
    wrong: dict[str, str] = {}
    attached = await attach(
        desk, request, visitor.agency, brings.kind, brings.form, form, values, wrong, command_id, case_id
    )
    kept = await at_home(desk, visitor.agency, brings.kind, brings.form, values, command_id, case_id)
    return Files(brings, values, wrong, attached, kept.get(brings.field.name, ()))
