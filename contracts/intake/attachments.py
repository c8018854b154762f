"""An attachment of a letter, opened: as the file that it is, or as a page that can do nothing."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Query, Sha256, Shape
from contracts.words import BlobRef

Form = Literal["pages", "picture", "text", "file"]
"""How it can be shown, by what its bytes are, whatever it is called. *file*: only to be taken away."""


class AttachmentFile(Query):
    """Its bytes as they came. ``sha256``: as the letter names it."""

    letter_id: UUID
    sha256: Sha256


class AttachmentFileAnswer(Shape):
    """None: the letter has no such attachment, or its bytes are gone."""

    blob: BlobRef | None = None


class AttachmentShown(Query):
    """One page of it, drawn in the sandbox; ``page`` counts from 1."""

    letter_id: UUID
    sha256: Sha256
    page: int = Field(default=1, ge=1, le=2000)


class AttachmentShownAnswer(Shape):
    """``pages``: how many there are, 0 where nothing can be shown. ``picture``: the page, a PNG or JPEG.

    ``why``: why nothing is shown (a slug): kind, locked, unreadable, too-heavy.
    """

    form: Form = "file"
    pages: int = 0
    picture: BlobRef | None = None
    text: str = ""
    cut: bool = False
    why: str = ""
