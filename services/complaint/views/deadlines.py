"""Why a complaint is due when it is due, from its own events and those of its standard and calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from contracts.base import Query, Refusal
from contracts.complaint import ComplaintClosed, ComplaintDeadline, ComplaintDeadlineAnswer
from services.complaint.domain.clock import CLOCKS
from services.complaint.domain.state import complaint_stream
from services.complaint.policy import refuse
from services.complaint.ports import History
from services.kit import deadlines
from services.kit.service import QueryHandler


def reckoning(history: History, clock: Callable[[], datetime]) -> Mapping[type[Query], QueryHandler]:
    async def deadline(agency: str, asked: ComplaintDeadline) -> ComplaintDeadlineAnswer | Refusal:
        told = await history(agency, complaint_stream(asked.complaint_id))
        if not told:
            return refuse("unknown")
        # What is closed is watched no more, and was due when it was due all the same.
        complaint = [each for each in told if not isinstance(each.event, ComplaintClosed)]
        standard = deadlines.standard_of(CLOCKS, complaint)
        if standard is None:
            return ComplaintDeadlineAnswer()
        rules = await history(agency, deadlines.standard_stream(standard))
        calendar = await history(agency, deadlines.YEARS)
        try:
            return ComplaintDeadlineAnswer(**deadlines.answer(CLOCKS, complaint, rules, calendar, clock()))
        except ValueError as error:  # decades, which nobody would read day by day
            return refuse("beyond-calendar", reason=str(error))

    return {ComplaintDeadline: deadline}
