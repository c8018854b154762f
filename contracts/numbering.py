"""The fields of what is said about where a numbered book begins, and how it is asked. The agenda books of letters and
the register of complaints each have classes of their own with them. What follows from them:
`services/kit/numbering.py`.
"""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from contracts.base import Line, Officer, Shape

LAST_NUMBER = 9_999_999


class CorrectingFields(BaseModel):
    """Of the command: ``opening`` is the last number of the paper book. While nothing was given out after it."""

    opening: int = Field(ge=0, le=LAST_NUMBER)
    reason: Line


class CorrectedFields(BaseModel):
    """``was``: what stood there before."""

    was: int
    opening: int
    reason: str
    by: Officer | None = None


class OpeningStep(Shape):
    """Somebody said where the book begins; ``was``: None: the first time. ``name``: empty: the standard said it."""

    at: AwareDatetime
    opening: int
    was: int | None = None
    reason: str = ""
    name: str = ""
    title: str = ""
    capacity: Literal["holder", "plt", "plh"] = "holder"


class NumberingAnswer(Shape):
    """``opening``: None: nobody has said it. ``given_out``: a number was given out or kept back: it stays as it is."""

    opening: int | None = None
    given_out: bool = False
    steps: tuple[OpeningStep, ...] = ()
