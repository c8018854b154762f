"""The working time under which cases run: of each version of a standard, with what was adopted since."""

import json
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import Connection

from services.kit.projections import Generation
from services.kit.worktime import Calendar, with_seasons, with_years


def calendars_of(connection: Connection, generation: Generation, agency: str) -> Mapping[str, Calendar]:
    """``<standard>.<version>`` → its working time, with the years and seasons that were adopted since."""
    rules, years, others = generation["calendars"], generation["closed_years"], generation["seasons"]
    told = connection.scalar(sa.select(others.c.seasons).where(others.c.agency == agency))
    seasons = json.loads(told) if told else ()
    adopted = connection.execute(sa.select(years.c.year, years.c.closed).where(years.c.agency == agency))
    closed = {year: json.loads(days) for year, days in adopted}
    found = connection.execute(sa.select(rules.c.standard, rules.c.rules).where(rules.c.agency == agency))
    return {
        standard: Calendar.from_rules(with_seasons(with_years(json.loads(text), closed), seasons))
        for standard, text in found
    }
