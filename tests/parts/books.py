"""How the demonstration's books count in the year in which the tests run."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

AGENCY = Path(__file__).parents[2] / "contracts/standards/pekalongan/agency.toml"


def this_year() -> int:
    """At the office, whose year begins seven hours before Greenwich's."""
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Jakarta")).year


def first_number(year: int | None = None) -> int:
    """The agenda's first of a year (None: of this one): in the year in which Caraka came the paper book goes before."""
    (book,) = tomllib.loads(AGENCY.read_text(encoding="utf-8"))["books"]
    return int(book["openings"].get(str(this_year() if year is None else year), 0)) + 1
