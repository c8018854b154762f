"""How much a standard, a calendar, a season or an agency's file may ask for.

The figures are far beyond what an office needs and far within what every service can reckon with: under them each
deadline falls in the calendar's years, however the closed days lie. They bind what is published from now on; what was
published before is read as it is.
"""

import re
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, Field

MOST_WORKING_DAYS = 366
MOST_SERVICE_MINUTES = 60_000
MOST_WEEKS = 104
"""A deadline is reached within so many weeks of the hours that it counts in, closed days aside."""

LEAST_OPEN_MINUTES = 30  # of a day that is open at all
MOST_CLOSED_PER_WEEKDAY = 26  # Mondays of one year, Tuesdays, …: half of each stays open
MOST_SEASON_DAYS = 183  # of one year
MOST_SEASONS = 40
MOST_FRAMES = 40
MOST_SETS = 10  # days on which other weekly hours begin
MOST_BREAKS = 4
MOST_VERSION = 9_999
MOST_SKIPPED = 100
"""Of version numbers: a jump to the last one would leave none for a correction."""
MOST_AHEAD_DAYS = 731
"""A version begins within two years: it bars every later one until then."""
MOST_NUMBER = 9_999_999  # of an agenda book
MOST_ROWS = 200
MOST_TIERS = 20
MOST_PEOPLE = 5_000
MOST_YEARS = 201
MOST_BYTES = 100_000
"""Of a standard's words and rules as JSON: all its versions travel in one answer."""

_FIELD = re.compile(r"0?[1-9]?d?")

Days = Annotated[int, Field(ge=1, le=MOST_WORKING_DAYS)]
Minutes = Annotated[int, Field(ge=1, le=MOST_SERVICE_MINUTES)]
Version = Annotated[int, Field(ge=1, le=MOST_VERSION)]


def _pattern(text: str) -> str:
    """``{number}``, ``{number:04d}``, ``{year}``: nothing of an object, and no width that fills the memory."""
    try:
        fields = [(name, form, how) for _, name, form, how in Formatter().parse(text) if name is not None]
    except ValueError:
        raise ValueError("kurung kurawal tidak lengkap") from None
    if not text.isprintable():
        raise ValueError("hanya huruf yang dapat dicetak")
    for name, form, how in fields:
        if name not in {"number", "year"} or how or not _FIELD.fullmatch(form or ""):
            raise ValueError("hanya {number} dan {year} yang dapat diisi, paling lebar {number:09d}")
    if not any(name == "number" for name, _, _ in fields):
        raise ValueError("harus memuat {number}")
    return text


Pattern = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_pattern)]
"""How a book's agenda numbers are written."""
