"""What notifications is asked: why somebody heard or did not, and what a person needs to tell somebody himself."""

from uuid import UUID

from pydantic import AwareDatetime

from contracts.base import Query, Shape, Slug
from contracts.notices import Language


class WhyNotice(Query):
    """Of one fact: each route, whom it told by which way, or why nobody."""

    event_id: UUID


class NoticeStep(Shape):
    """``what``: planned, accepted, delivered, bounced, failed, unknown, given-up, sent-again, seen. ``reason``: a
    word.
    """

    at: AwareDatetime
    what: Slug
    channel: str = ""
    reason: str = ""
    by: str = ""


class ToldOrNot(Shape):
    """One recipient of a route, or ``why`` there is none (`RouteTold.why`)."""

    audience: Slug
    template: Slug
    why: str = ""
    notice_id: UUID | None = None
    position: str | None = None
    person_id: str | None = None
    hook_id: UUID | None = None
    channels: tuple[str, ...] = ()
    not_before: AwareDatetime | None = None
    steps: tuple[NoticeStep, ...] = ()


class WhyNoticeAnswer(Shape):
    """``known``: this fact was looked at, and a route was in force for its kind. ``case_kind``, ``case_id``: whose
    fact it is; who may not see that case hears nothing of it.
    """

    known: bool = False
    event_kind: str = ""
    case_kind: str = ""
    case_id: UUID | None = None
    happened_at: AwareDatetime | None = None
    rules: int = 0
    told: tuple[ToldOrNot, ...] = ()


class ManualTask(Query):
    """What a person needs to tell somebody himself: who it is now, how to reach him, what to say.

    Asked by the gateway for who may tick it; the answer holds a contact and is kept nowhere.
    """

    notice_id: UUID
    language: Language = "id"


class ManualTaskAnswer(Shape):
    """``link``: opens WhatsApp with the words; "" without a telephone number that has WhatsApp. ``unverified``:
    there is a number, whose owner has not said the code yet. ``hidden``: no person may know who it is, so nothing of
    him stands here.
    """

    open: bool = False
    name: str = ""
    title: str = ""
    phone: str = ""
    link: str = ""
    subject: str = ""
    words: str = ""
    unverified: bool = False
    hidden: bool = False


ANSWERS: dict[type[Query], type[Shape]] = {WhyNotice: WhyNoticeAnswer, ManualTask: ManualTaskAnswer}
