"""Notices as the screens ask for them: a reader's inbox with its bell, and the office's log of what was sent."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Query, ReaderQuery, Shape, Slug
from contracts.notices import Language


class NoticeList(ReaderQuery):
    """What this reader was told: in person, or as who acts for a position today. Newest first.

    ``cursor`` comes from the page before; ``limit`` 0: only the count of the bell. ``notice_id``: this
    one alone.
    """

    language: Language = "id"
    unseen: bool = False
    notice_id: UUID | None = None
    cursor: str = Field(default="", max_length=100)
    limit: int = Field(default=50, ge=0, le=200)


class NoticeRow(Shape):
    """``subject``, ``body``: in the reader's language, made anew from the plain values. ``position``: as whom.
    ``dated``: who reported the case is anonymous, so every moment is the beginning of its day.
    """

    notice_id: UUID
    case_kind: Slug
    case_id: UUID
    number: str = ""
    subject: str = ""
    body: str = ""
    position: str | None = None
    urgent: bool = False
    at: AwareDatetime
    seen_at: AwareDatetime | None = None
    seen_by: str = ""
    dated: bool = False


class NoticeListAnswer(Shape):
    """``unseen``: how many of all that he was told nobody has seen yet."""

    notices: tuple[NoticeRow, ...] = ()
    unseen: int = 0
    cursor: str = ""


class NoticeLog(ReaderQuery):
    """What was sent in this agency and what came of it, without words and contacts; newest first.

    Of letters and requests the whole log holds what his roles see; what only names him is found by its ``case_id``.
    ``stages`` as in `NoticeLogRow`; ``hook_id``: those of one webhook; ``notice_id``: this one alone. Nothing is in it,
    or counted, that is about a case that the reader may not see. Who keeps the machine alone sees neither whose it was
    nor which case, and nothing of complaints.
    """

    stages: tuple[Slug, ...] = ()
    case_id: UUID | None = None
    hook_id: UUID | None = None
    notice_id: UUID | None = None
    cursor: str = Field(default="", max_length=100)
    limit: int = Field(default=50, ge=1, le=200)


class NoticeLogRow(Shape):
    """``stage``: inbox (nothing is sent), waiting, manual (waits for a person), unknown, accepted, given-up.

    ``channel``: by which it goes or went; ``how``: what a person said. ``reason``: a word of the last failure.
    ``dated``: as in `NoticeRow`. ``hidden``: it is for a reporter who has not said who he is;
    machines alone tell him.
    """

    notice_id: UUID
    event_id: UUID | None = None
    event_kind: str
    audience: str
    position: str | None = None
    person_id: str | None = None
    hook_id: UUID | None = None
    case_kind: str = ""
    case_id: UUID | None = None
    number: str = ""
    stage: Slug
    channel: str = ""
    how: str = ""
    reason: str = ""
    tries: int = 0
    urgent: bool = False
    planned_at: AwareDatetime
    not_before: AwareDatetime
    changed_at: AwareDatetime
    seen_at: AwareDatetime | None = None
    seen_by: str = ""
    by: str = ""
    dated: bool = False
    hidden: bool = False


class NoticeLogAnswer(Shape):
    """``counts``: by stage, up to `MOST_COUNTED`; ``more``: the stages of which there are more than that."""

    notices: tuple[NoticeLogRow, ...] = ()
    counts: dict[str, int] = Field(default_factory=dict)
    more: tuple[Slug, ...] = ()
    cursor: str = ""


class ContactBlocks(ReaderQuery):
    """By which ways whom nothing reaches any more, and what was said of each; for who looks after notices."""


class ContactStep(Shape):
    """``what``: blocked, unblocked. ``by`` "": a server's word, or a contact that was stated anew."""

    what: Slug
    at: AwareDatetime
    reason: str = ""
    by: str = ""


class ContactBlock(Shape):
    """``blocked``: it is now. ``steps``: newest first."""

    person_id: str
    channel: str
    blocked: bool
    steps: tuple[ContactStep, ...]


class ContactBlocksAnswer(Shape):
    """Those that are blocked first, each by the newest."""

    contacts: tuple[ContactBlock, ...] = ()


QUERIES: tuple[type[Query], ...] = (NoticeList, NoticeLog, ContactBlocks)
ANSWERS: dict[type[Query], type[Shape]] = {
    NoticeList: NoticeListAnswer, NoticeLog: NoticeLogAnswer, ContactBlocks: ContactBlocksAnswer,
}  # fmt: skip
MOST_COUNTED = 1_000
STAGES = ("inbox", "waiting", "manual", "unknown", "accepted", "given-up")
