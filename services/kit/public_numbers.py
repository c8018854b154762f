"""Numbers of cases that strangers have: they tell neither how many there are nor which came next to which. Pure.

A number follows from the command that filed the case, and the case's id from the number: so an upload can be stored
under the case's own key before it is filed, and a case is found by its number without a table of them.
"""

from __future__ import annotations

import re
from hashlib import sha256
from uuid import UUID

from services.kit.ids import named
from services.kit.secrets import framed, spelled

LONGEST = 60
"""Characters of a number that is asked for."""
GROUP = 5
"""Characters of each of two groups, 50 bits: a million cases share none but once in two thousand offices."""
_LOOK_ALIKE = str.maketrans("ILO", "110")
_SAYS_NOTHING = re.compile(r"[^A-Z0-9/.-]")
_SPELLED = re.compile(r"([A-Z]{2,6})-([0-9A-Z]{5})-([0-9A-Z]{5})")


def public_number(prefix: str, command_id: UUID) -> str:
    """``ADU-7K3QM-9XTB2``."""
    plain = spelled(sha256(framed("number", prefix, str(command_id))).digest(), 2 * GROUP)
    return f"{prefix}-{plain[:GROUP]}-{plain[GROUP:]}"


def typed_number(text: str) -> str:
    """What a number is asked for by, whatever pattern it was written by: small letters are capitals, and spaces and
    all signs but ``/.-`` are left out. It never gets longer; empty: there is nothing to ask for.
    """
    return _SAYS_NOTHING.sub("", text.upper()).lstrip("/.-")[:LONGEST]


def read_public_number(text: str) -> str:
    """What somebody typed as the number it means; what can be none as it is."""
    found = _SPELLED.fullmatch(text.strip().upper())
    return (
        text if found is None else "-".join((found[1], *(part.translate(_LOOK_ALIKE) for part in found.groups()[1:])))
    )


def public_case_id(agency: str, service: str, number: str) -> UUID:
    return named("case", agency, service, number)
