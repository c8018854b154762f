"""A year's probable closed days, proposed by the `holidays` package: national holidays and cuti bersama."""

import asyncio

import holidays
from holidays.constants import GOVERNMENT, PUBLIC

from contracts.words import ClosedDay


async def propose(year: int) -> tuple[ClosedDay, ...]:
    """Nothing of it counts until an officer confirms it with the decree's number."""
    return await asyncio.to_thread(proposed, year)


def proposed(year: int) -> tuple[ClosedDay, ...]:
    """``public`` are the national holidays; what only ``government`` has is joint leave. Two on one day share it."""
    national = holidays.country_holidays("ID", years=year, categories=(PUBLIC,), language="id")
    leave = holidays.country_holidays("ID", years=year, categories=(GOVERNMENT,), language="id")
    kinds = {**dict.fromkeys(leave, "joint-leave"), **dict.fromkeys(national, "national")}
    found = {**leave, **national}
    return tuple(
        ClosedDay.model_validate({"on": day.isoformat(), "kind": kinds[day], "reason": found[day]})
        for day in sorted(kinds)
        if day.year == year
    )
