"""Names that say nothing to whom they are given: the same name for the same reader, another one for everybody else.

AES-SIV: deterministic, so that a client may compare what it was given; bound to the reader, so that no two readers can.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV


class Opaque:
    """``key``: 32 bytes, the same in all processes that read each other's names."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def name(self, plain: str, reader: str) -> str:
        """``plain`` for this reader alone; an empty one stays empty."""
        if not plain:
            return ""
        return urlsafe_b64encode(self._cipher.encrypt(plain.encode(), [reader.encode()])).decode().rstrip("=")

    def plain(self, name: str, reader: str) -> str | None:
        """What was named for this reader; None: nothing was."""
        if not name:
            return ""
        try:
            sealed = urlsafe_b64decode(name + "=" * (-len(name) % 4))
            return self._cipher.decrypt(sealed, [reader.encode()]).decode()
        except (ValueError, InvalidTag):
            return None
