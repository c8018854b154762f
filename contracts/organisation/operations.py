"""What a person does to the machine itself, noted before it is done: in the agency's own stream, with his name."""

from uuid import UUID

from pydantic import Field

from contracts.base import Command, Event, Officer, ServiceName, Slug


class NoteOperation(Command):
    """``operation``: replay, discard, rebuild, refeed, retell-timers, adopt, settle, job-retry, job-discard, job-pause,
    job-resume, retell-jobs. Stream ``operations:<year>``.

    ``of_service``: to which service it is done; ``parked``: ``<agency>/`` and the parked case, ``job:<id>`` or
    ``queue:<name>``; ``case_kind``: the kind of event parked, or the job's queue.
    """

    operation: Slug
    of_service: ServiceName
    parked: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    case_kind: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    reason: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$")


class OperationNoted(Event):
    """``letter_id``: whose case it was, where it was a letter's."""

    case = "letter_id"
    operation: Slug
    of_service: ServiceName
    parked: str = ""
    case_kind: str = ""
    reason: str = ""
    letter_id: UUID | None = None
    by: Officer | None = None
