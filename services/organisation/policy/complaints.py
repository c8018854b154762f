"""What a standard may say of complaints beside their classes (``[[rules.ladder]]``, ``[rules.answers]``).

The complaint service reads it. ``default``: the standard's text states none of it, these are the house's words.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts import bounds
from contracts.base import Line, Slug


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Amount(_Row):
    """Working time: exactly one of the two."""

    service_minutes: bounds.Minutes | None = None
    working_days: bounds.Days | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.service_minutes is None) == (self.working_days is None):
            raise ValueError("service_minutes atau working_days, salah satu")
        return self


class Rung(_Row):
    """A step of the ladder, the lowest first. By itself it is reached ``after`` so long since the receipt, or
    ``past_due`` so long since the deadline; neither: by hand only.
    """

    position: Slug
    after: Amount | None = None
    past_due: Amount | None = None
    default: bool = False

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.after is not None and self.past_due is not None:
            raise ValueError("after atau past_due, paling banyak salah satu")
        return self


class PauseReason(_Row):
    """Why a complaint's clock may stand still; ``title`` is for people."""

    reason: Slug
    title: Line


class TextModule(_Row):
    """Words that an answer or a question may be made from; whoever handles it inserts and changes them."""

    module: Slug
    title: Line
    use: Literal["answer", "question"] = "answer"
    words: Annotated[str, Field(min_length=1, max_length=5_000, pattern=r"^[^\x00]*$")]


class AnswerRules(_Row):
    """``officer``: the position that receives complaints; ``superior``: the one that does where it is complained about.
    ``approval``: the one that approves answers.

    ``acknowledge``: how soon they are acknowledged. ``objections``: how many there may be, each within
    ``objection_window``. ``silence``: after so long without a word of the reporter an answered one is closed.
    ``retention_days``: after so many days who reported is forgotten. ``letter``: answers go out as official letters
    whose numbers are written so.
    """

    officer: Slug
    superior: Slug | None = None
    approval: Slug | None = None
    acknowledge: Amount = Amount(working_days=3)
    objection_window: Amount = Amount(working_days=10)
    objections: int = Field(default=2, ge=0, le=9)
    silence: Amount = Amount(working_days=10)
    retention_days: int = Field(default=90, ge=1, le=36_500)
    remind_before: bounds.Minutes | None = None
    pauses: Annotated[list[PauseReason], Field(max_length=bounds.MOST_ROWS)] = []
    letter: bounds.Pattern | None = None
    modules: Annotated[list[TextModule], Field(max_length=bounds.MOST_ROWS)] = []
    default: bool = False
