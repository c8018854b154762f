"""The master keyring: wraps every stored key. From ``CARAKA_KEYRING``, or made once in the data folder (mode 0600).

Form: ``<id>:<base64 of 32 bytes>[,<older id>:<base64>…]``; the first wraps new keys, the others still open old ones.
"""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from services.kit.sealing.fields import close_bytes, open_bytes
from services.kit.settings import Settings

KEY_BYTES = 32
NONCE_BYTES = 12


@dataclass(frozen=True)
class Keyring:
    """``masters`` in order; the first is the newest."""

    masters: dict[str, bytes]

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Raises ValueError with a clear sentence when a part is not ``id:base64`` of 32 bytes."""
        masters: dict[str, bytes] = {}
        for part in text.strip().split(","):
            name, _, encoded = part.strip().partition(":")
            try:
                key = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
            except ValueError as error:
                raise ValueError(f"CARAKA_KEYRING: {name!r} is not base64") from error
            if not name or len(key) != KEY_BYTES:
                raise ValueError("CARAKA_KEYRING must be <id>:<base64 of 32 bytes>, several joined by commas")
            masters[name] = key
        return cls(masters)

    def wrap(self, key: bytes, key_id: str) -> bytes:
        name, master = next(iter(self.masters.items()))
        nonce = secrets.token_bytes(NONCE_BYTES)
        return f"{name}:".encode() + nonce + close_bytes(master, nonce, key, key_id)

    def unwrap(self, wrapped: bytes, key_id: str) -> bytes:
        name, _, rest = wrapped.partition(b":")
        return open_bytes(self.masters[name.decode()], rest[:NONCE_BYTES], rest[NONCE_BYTES:], key_id)

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose that needs no destruction (fingerprints, cookies)."""
        oldest = list(self.masters.values())[-1]
        return blake2b(purpose.encode(), key=oldest, digest_size=KEY_BYTES).digest()


def load_keyring(settings: Settings) -> Keyring:
    if settings.keyring is not None:
        return Keyring.parse(settings.keyring.get_secret_value())
    return Keyring.parse(_made_once(settings.data_dir / "keyring"))


def _made_once(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    text = f"m1:{urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return text
