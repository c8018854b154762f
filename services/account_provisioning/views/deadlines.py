"""Why a request is due when it is due, from its own events and those of its standard and calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from contracts.account_provisioning import RequestDeadline, RequestDeadlineAnswer
from contracts.base import Query, Refusal
from services.account_provisioning.domain.clock import CLOCKS
from services.account_provisioning.domain.state import request_stream
from services.account_provisioning.policy import refuse
from services.account_provisioning.ports import History
from services.kit import deadlines
from services.kit.service import QueryHandler


def reckoning(history: History, clock: Callable[[], datetime]) -> Mapping[type[Query], QueryHandler]:
    async def deadline(agency: str, asked: RequestDeadline) -> RequestDeadlineAnswer | Refusal:
        request = await history(agency, request_stream(asked.request_id))
        if not request:
            return refuse("unknown-request")
        standard = deadlines.standard_of(CLOCKS, request)
        if standard is None:
            return RequestDeadlineAnswer()
        rules = await history(agency, deadlines.standard_stream(standard))
        calendar = await history(agency, deadlines.YEARS)
        try:
            return RequestDeadlineAnswer(**deadlines.answer(CLOCKS, request, rules, calendar, clock()))
        except ValueError as error:  # decades, which nobody would read day by day
            return refuse("beyond-calendar", reason=str(error))

    return {RequestDeadline: deadline}
