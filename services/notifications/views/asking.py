"""Questions that are put to notifications: why somebody heard, and what a person needs to tell somebody himself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote

from contracts.base import Query
from contracts.notices import MANUAL
from contracts.notifications import (
    ManualTask,
    ManualTaskAnswer,
    NoticePlanned,
    WaysOf,
    WaysOfAnswer,
    WhyNotice,
    WhyNoticeAnswer,
)
from contracts.organisation import ContactOfAnswer
from services.kit.service import QueryHandler
from services.notifications.domain.notice import stream
from services.notifications.domain.planning import event_stream
from services.notifications.domain.wording import Unsayable, Words, whom, words_of
from services.notifications.ports import History, Reach, notice_of, office_of, shuts, ways_of
from services.notifications.views import why as reasons


class OfCase(Protocol):
    """Who is reached by the contact of his case."""

    async def reach(self, agency: str, planned: NoticePlanned) -> ContactOfAnswer: ...

    async def link(self, agency: str, planned: NoticePlanned) -> str: ...

    async def hides(self, agency: str, planned: NoticePlanned) -> bool: ...


class Filled(Protocol):
    """What a notice says that stands nowhere: a code, and where it is said. Raises `Unsayable`'s kin."""

    async def filled(self, agency: str, planned: NoticePlanned) -> tuple[NoticePlanned, str]: ...


def questions(
    history: History, reach: Reach, base_url: str, codes: Filled, contacts: OfCase | None = None
) -> Mapping[type[Query], QueryHandler]:
    async def why(agency: str, asked: WhyNotice) -> WhyNoticeAnswer:
        planned = reasons.planned_of(await history(agency, event_stream(asked.event_id)))
        named = [each for route in planned.routes for each in route.notices] if planned else []
        found = await asyncio.gather(*(history(agency, stream(each)) for each in named))
        return reasons.why(planned, dict(zip(named, found, strict=True)))

    async def manual(agency: str, asked: ManualTask) -> ManualTaskAnswer:
        """Raises what `Reach` raises: the bus says then that this is unavailable."""
        notice = await notice_of(history, agency, asked.notice_id)
        if notice.planned is None or notice.planned.hook_id is not None or notice.accepted:
            return ManualTaskAnswer()
        planned, own, by_contact = notice.planned, "", contacts if notice.planned.by_contact else None
        if by_contact is not None and await by_contact.hides(agency, planned):
            return ManualTaskAnswer(open=notice.channel == MANUAL, hidden=True)
        if by_contact is not None:
            reached = await by_contact.reach(agency, notice.planned)
            own = await by_contact.link(agency, notice.planned)
        else:
            reached = await reach(agency, whom(planned))
            if await shuts(history, agency, planned, reached):
                return ManualTaskAnswer()
        try:
            if by_contact is None:
                planned, own = await codes.filled(agency, planned)
            words = words_of(planned, await office_of(history, agency), asked.language, base_url, own)
        except Unsayable:
            words = Words("", "")
        return ManualTaskAnswer(
            open=notice.channel == MANUAL, name=reached.name, title=reached.title, phone=reached.phone,
            link=wa_link(reached.phone, words.body) if reached.phone and words.body else "",
            subject=words.subject, words=words.body, unverified="phone" in reached.to_verify,
        )  # fmt: skip

    async def ways(agency: str, asked: WaysOf) -> WaysOfAnswer:
        found = await ways_of(history, agency, asked.person_id)
        return WaysOfAnswer(muted=found.muted, blocked=dict(found.blocked))

    return {WhyNotice: why, ManualTask: manual, WaysOf: ways}


def wa_link(phone: str, words: str) -> str:
    """``phone``: E.164. Opens WhatsApp with the words written; a person sends them."""
    return f"https://wa.me/{phone.removeprefix('+')}?text={quote(words, safe='')}"
