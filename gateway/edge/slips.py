"""What a stranger's form carries: a number used once, signed for one agency and one form, good for some hours.

It makes the command's id, so a form that is sent twice is one command with one answer; with one actor for all
strangers no key of their own choice could do that. Nothing is kept of it here.
"""

import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from services.kit.ids import stranger_command_id
from services.kit.secrets import framed

NONCE_BYTES = 16
MAC_HEX = 32
LASTS_SECONDS = 6 * 3600
"""Somebody writes, is called away, and comes back."""
FORM = re.compile(rf"([0-9a-f]{{{2 * NONCE_BYTES}}})\.([0-9]{{1,12}})\.([0-9a-f]{{{MAC_HEX}}})")


@dataclass(frozen=True, slots=True)
class Slip:
    """``text``: as it stands in the form. ``ends``: seconds since 1970."""

    text: str
    nonce: str
    ends: int
    command_id: UUID


class Slips:
    """``key``: the same in all gateways of the installation."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    def new(self, agency: str, form: str) -> Slip:
        return self._signed(agency, form, secrets.token_hex(NONCE_BYTES), int(self._clock()) + LASTS_SECONDS)

    def of_key(self, agency: str, form: str, key: UUID) -> Slip:
        """Of a form that an app sends under a random key of its own: no text, for nobody carries it."""
        command_id = stranger_command_id(agency, f"{form}/{key}")
        return Slip("", command_id.hex, int(self._clock()) + LASTS_SECONDS, command_id)

    def read(self, text: str, agency: str, form: str) -> Slip | None:
        """None: it is no slip of this form, or it is over."""
        found = FORM.fullmatch(text)
        if found is None:
            return None
        slip = self._signed(agency, form, found[1], int(found[2]))
        same = hmac.compare_digest(slip.text.encode(), text.encode())
        return slip if same and self._clock() < slip.ends else None

    def mark(self, slip: Slip, *words: str) -> str:
        """Signs what became of a slip: its number, for the receipt."""
        return hmac.digest(self._key, framed("mark", slip.nonce, *words), sha256).hex()[:MAC_HEX]

    def marked(self, slip: Slip, mark: str, *words: str) -> bool:
        return hmac.compare_digest(self.mark(slip, *words).encode(), mark.encode())

    def _signed(self, agency: str, form: str, nonce: str, ends: int) -> Slip:
        mac = hmac.digest(self._key, framed("slip", agency, form, nonce, str(ends)), sha256).hex()[:MAC_HEX]
        return Slip(f"{nonce}.{ends}.{mac}", nonce, ends, stranger_command_id(agency, nonce))
