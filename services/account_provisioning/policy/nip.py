"""Whether a number can be a civil servant's: 18 digits that say when he was born, since when he serves, and his sex.

A plausible number proves nothing: its first eight digits are a birth date that many people know.
"""

from datetime import date
from typing import Literal

LENGTH = 18
YOUNGEST, OLDEST = 16, 75  # at appointment; today
CONTRACTS = range(21, 30)  # of a PPPK: which contract it is, where a PNS has the month (check)
Fault = Literal["length", "birth-date", "age", "appointment", "sex", "order"]


def digits(text: str) -> str:
    """As it is compared and hashed: without the spaces and dots by which people write it in groups."""
    return "".join(sign for sign in text if not sign.isspace() and sign not in ".-")


def fault(text: str, today: date) -> Fault | None:
    """The first part of it that cannot be; None: it may be one. ``text``: with or without spaces."""
    number = digits(text)
    if len(number) != LENGTH or not (number.isascii() and number.isdecimal()):
        return "length"
    born = _date(number[:8])
    if born is None:
        return "birth-date"
    if not YOUNGEST <= _years(born, today) <= OLDEST:
        return "age"
    since = _appointed(number[8:12], number[12:14])
    if since is None or since > today or since.year - born.year < YOUNGEST:
        return "appointment"
    if number[14] not in "12":
        return "sex"
    return "order" if number[15:] == "000" else None


def employment(text: str) -> Literal["pns", "pppk"]:
    """By the two digits that are a month for the one and a contract's number for the other."""
    return "pppk" if int(digits(text)[12:14]) in CONTRACTS else "pns"


def _appointed(year: str, month: str) -> date | None:
    """A PPPK's number tells no month."""
    return _date(f"{year}0101" if int(month) in CONTRACTS else f"{year}{month}01")


def _date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
