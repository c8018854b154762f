"""What is printed of a round of initials: who gave which, in which capacity. Intake draws, approval decided."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Query, Shape, Slug
from contracts.words import BlobRef


class GivenInitial(Shape):
    """What a tier of the present round has said, as approval's facts tell it.

    ``state``: initialled, returned. ``title``: of the position by which he acted, without Plt. or Plh.: ``capacity``
    says that. ``passed``: why it was not the tier's own officer (`TierInitialled.passed`).
    """

    tier: int = Field(ge=0)
    state: Slug = "initialled"
    name: str = Field(max_length=200)
    nip: str = Field(default="", max_length=60)
    title: str = Field(default="", max_length=500)
    capacity: Slug = "holder"
    passed: Slug | None = None
    note: str = Field(default="", max_length=2000)
    at: AwareDatetime


class GivenInitials(Shape):
    """The round so far; ``revision`` is that of the letter it belongs to."""

    revision: int
    initials: tuple[GivenInitial, ...] = Field(default=(), max_length=20)


class InitialsSheet(Query):
    """The sheet of the initials (lembar paraf) of a forwarded letter.

    ``given`` is looked up in the views by who asks (the gateway), never taken from a client. The same round gives the
    same bytes, whenever and however often it is asked for.
    """

    letter_id: UUID
    given: GivenInitials


class InitialsSheetAnswer(Shape):
    """The PDF; None: the letter has not been forwarded."""

    blob: BlobRef | None = None
