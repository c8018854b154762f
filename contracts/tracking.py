"""What a stranger is told of a case by its number and code: the same of every kind, and never a word about people.

A service that takes cases from strangers has a question of its own, a `TrackCase`, and answers it by
`services.kit.secrets.proves`: a wrong code and an unknown number are the same work and the same answer, nothing.
"""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from contracts.base import Query, SealClass, Sha256, Shape, Slug

CaseNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9/.-]{0,59}$")]
"""As it is asked for (`services.kit.public_numbers.typed_number`)."""


class TrackCase(Query):
    """``code_mac``: of the code that came with the number; the code itself stays at the edge."""

    number: CaseNumber
    code_mac: Sha256


class TrackedStep(Shape):
    """A step on the way, in the kind's own slugs, and when it was reached."""

    step: Slug
    at: AwareDatetime


class Tracked(Shape):
    """``number``: as the office writes it. ``stage``: in the kind's own slugs. ``paused``: its clock stands still, the
    office waits. ``replies``: what the applicant may do now, slugs of the kind's own. ``note``: the office's words to
    whoever filed. ``steps``: those reached so far.
    """

    case_id: UUID
    number: str
    stage: Slug
    filed_at: AwareDatetime
    due_at: AwareDatetime | None = None
    paused: bool = False
    replies: tuple[Slug, ...] = ()
    note: str = ""
    steps: tuple[TrackedStep, ...] = ()


class TrackedAnswer(Shape):
    """None: no such case, or not its code; nobody is told which."""

    case: Tracked | None = None


class FilesOf(Query):
    """Under whose key files of a case are stored before the command that names them. ``case_id``: of one that there is;
    else of the one that ``command_id`` is going to file, for the person with this ``nip`` where the kind asks for one.
    """

    command_id: UUID
    case_id: UUID | None = None
    nip: Annotated[str, StringConstraints(max_length=40)] = ""


class FilesOfAnswer(Shape):
    """``subject_id`` empty: there is no such case."""

    case_id: UUID
    seal_class: SealClass
    subject_id: str = ""
