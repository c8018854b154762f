"""Sealing of a stream: AES-256-GCM in chunks of 64 KiB, each of which opens by itself, and only in its place. Pure.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár): nonce = prefix (7 bytes) ‖ number (4) ‖ whether it is the
last (1). So a chunk that is moved, left out, cut off or added is found when it is read, and nothing is handed out
before it has been checked. A key seals one text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.kit.sealing.fields import TAG_BYTES, SealBroken

CHUNK_BYTES = 64 * 1024
PREFIX_BYTES = 7
FORM = b"\x01"
"""How it is made; stands before all of it."""
HEAD_BYTES = len(FORM) + PREFIX_BYTES


def close_stream(key: bytes, prefix: bytes, parts: Iterable[bytes], place: str) -> Iterator[bytes]:
    """``prefix``: random. ``place``: what it is bound to."""
    cipher, bound = AESGCM(key), place.encode()
    yield FORM + prefix
    for number, (chunk, last) in enumerate(_chunks(parts, CHUNK_BYTES)):
        yield cipher.encrypt(_nonce(prefix, number, last=last), chunk, bound)


def open_stream(key: bytes, parts: Iterable[bytes], place: str) -> Iterator[bytes]:
    """The plaintext, each chunk once it is known to be whole. Raises SealBroken where one is not, or its end is not."""
    cipher, bound, coming = AESGCM(key), place.encode(), iter(parts)
    head = bytearray()
    while len(head) < HEAD_BYTES and (part := next(coming, b"")):
        head += part
    if len(head) < HEAD_BYTES or head[: len(FORM)] != FORM:
        raise SealBroken(place)
    prefix, rest = bytes(head[len(FORM) : HEAD_BYTES]), bytes(head[HEAD_BYTES:])
    for number, (chunk, last) in enumerate(_chunks(_after(rest, coming), CHUNK_BYTES + TAG_BYTES)):
        try:
            yield cipher.decrypt(_nonce(prefix, number, last=last), chunk, bound)
        except (InvalidTag, ValueError) as error:  # ValueError: shorter than a tag
            raise SealBroken(place) from error


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _after(first: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from parts


def _chunks(parts: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces of ``size``, and the last, which is no longer, with True; of nothing one empty piece."""
    held = bytearray()
    for part in parts:
        held += part
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True
