"""What workers and the owner of a job say to each other: the message, `take` and `settle`, all JSON.

A worker of a queue hears `JobMessage` from the work-queue stream, asks ``take.<agency>.<service>.<queue>``, does the
effect in less than the consumer's ack_wait, says on ``settle.<agency>.<service>.<queue>`` what came of it, and
acknowledges the message as soon as it has an answer, whatever that says. Only where nobody answers it gives the message
back with a delay.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.base import Agency, Shape, Slug

Reason = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Count = Annotated[int, Field(ge=1, le=2**53)]
Outcome = Literal["accepted", "temporary", "permanent", "unknown"]
"""*accepted*: the effect was done. *temporary*: not, and trying later may help. *permanent*: it will never be.
*unknown*: nobody can tell.
"""


class JobMessage(Shape):
    """A job on its way: which one, and its how-manieth sending (``publication``: a number that grows, not by one)."""

    job_id: UUID
    agency: Agency
    service: str
    queue: Slug
    publication: Count
    traceparent: str | None = None


class TakeJob(Shape):
    """Asked before the effect. ``delivered``: how often the broker has delivered this message (from its metadata)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: UUID
    publication: Count
    delivered: Count


class JobTaken(Shape):
    """*gone*: nothing is to be done any more. *later*: nothing now, the owner sends it again. *ready*: do it.

    ``token`` goes back with the settlement. ``payload``: what the queue's owner promises for it. ``seconds``: the
    effect must have ended by then.
    """

    job: Literal["gone", "later", "ready"]
    token: str = ""
    seconds: float = 0.0
    payload: dict[str, Any] = Field(default_factory=dict)


class SettleJob(Shape):
    """``reason``: a line for a person, nothing personal. ``retry_after``: seconds, the provider's wish.

    ``result``: what the queue's owner asks back (a provider's id, a hash).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: UUID
    publication: Count
    delivered: Count
    token: Annotated[str, Field(max_length=200)]
    outcome: Outcome
    reason: Reason = ""
    retry_after: Annotated[int, Field(ge=0, le=86_400)] | None = None
    result: dict[str, Any] = Field(default_factory=dict)


class JobSettled(Shape):
    """*settled*: it is recorded. *gone*: it was settled before, or is no longer wanted: nothing was recorded.

    *refused*: the owner cannot record this (``code``); a person is told, or it is sent again.
    """

    job: Literal["settled", "gone", "refused"]
    code: str = ""
