"""The routes in force, and who would have been told last month by others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from contracts.base import Query
from contracts.notifications import Routes, RoutesAnswer, RoutesPreview, RoutesPreviewAnswer
from services.kit.service import QueryHandler
from services.notifications.ports import History, case_of, office_of
from services.notifications.views import foreseen


def routes(
    history: History, log: foreseen.Log, decode: foreseen.Decode, clock: Callable[[], datetime]
) -> Mapping[type[Query], QueryHandler]:
    async def current(agency: str, _asked: Routes) -> RoutesAnswer:
        office = await office_of(history, agency)
        said = office.published
        if said is None:
            return RoutesAnswer(number=office.number, rules=office.rules)
        return RoutesAnswer(
            number=office.number, rules=office.rules, label=said.label, at=said.at, by=said.by.person_id
        )  # fmt: skip

    async def preview(agency: str, asked: RoutesPreview) -> RoutesPreviewAnswer:
        office = await office_of(history, agency)
        told = await asyncio.to_thread(
            lambda: list(foreseen.facts(log, decode, agency, clock() - foreseen.SPAN))[-foreseen.MOST_FACTS :]
        )
        cases = {(each.event_kind.partition(".")[0], str(each.case_id)) for each in told}
        known = {each: await case_of(history, agency, *each) for each in cases}
        return await asyncio.to_thread(foreseen.foreseen, told, known, office, asked.rules)

    return {Routes: current, RoutesPreview: preview}
