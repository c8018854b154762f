"""Names that say nothing to whom they are given: he can give one back, and no other reader can.

AES-SIV bound to the reader, over random bytes and a length that is always the same: two names of one thing differ, so
that whoever was named a place in a row twice does not learn whether anything came in between.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

SALT, ROOM = 8, 32


class Opaque:
    """``key``: 32 bytes, the same in all processes that read each other's names."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def name(self, plain: str, reader: str) -> str:
        """``plain`` for this reader alone; an empty one stays empty."""
        if not plain:
            return ""
        said = plain.encode()
        filled = os.urandom(SALT) + said + bytes(-len(said) % ROOM)
        return urlsafe_b64encode(self._cipher.encrypt(filled, [reader.encode()])).decode().rstrip("=")

    def plain(self, name: str, reader: str) -> str | None:
        """What was named for this reader; None: nothing was."""
        if not name:
            return ""
        try:
            sealed = urlsafe_b64decode(name + "=" * (-len(name) % 4))
            return self._cipher.decrypt(sealed, [reader.encode()])[SALT:].rstrip(b"\0").decode()
        except (ValueError, InvalidTag):
            return None
