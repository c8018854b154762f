"""What binds an answer by mail to its case: a reference that only the office can have written. Pure.

It stands in the reply address, the subject or the Message-ID of what the office sends, and mail programs bring it back.
It lets somebody write into the case and read nothing of it; whoever only knows the number, or the sender's address,
has none.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from uuid import UUID

from services.kit.links import LENGTH, Link, token_of
from services.kit.public_numbers import public_case_id, read_public_number

PURPOSE = "thread"
REFERENCE = re.compile(rf"(?i)(?<![0-9a-z])([a-z]{{2,6}}(?:-[0-9a-z]{{5}}){{2}})\.([0-9a-z]{{{LENGTH}}})(?![0-9a-z])")
MOST = 20
"""References looked at in one message: an honest one has a few."""


def reference_of(key: bytes, case_id: UUID, number: str) -> str:
    """``adu-7k3qm-9xtb2.<token>``: 42 characters, fit for a local part. ``key``: *links*."""
    return f"{number}.{_token(key, case_id)}".lower()


def references_in(texts: Iterable[str]) -> list[str]:
    """Whatever looks like one, each once, in order."""
    found = dict.fromkeys(match[0].lower() for text in texts for match in REFERENCE.finditer(text))
    return list(found)[:MOST]


def proven(key: bytes, agency: str, service: str, references: Iterable[str]) -> UUID | None:
    """The case of ``service`` that the first true one of them names."""
    for text in references:
        found = REFERENCE.fullmatch(text)
        if found is None:
            continue
        case_id = public_case_id(agency, service, read_public_number(found[1]))
        if hmac.compare_digest(_token(key, case_id), found[2].lower()):
            return case_id
    return None


def _token(key: bytes, case_id: UUID) -> str:
    return token_of(key, Link(PURPOSE, str(case_id), 0, None))
