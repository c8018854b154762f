"""Sealing of fields and bytes: AES-256-GCM, bound to its place. Pure: keys, nonces and places come in.

A field's associated data is ``<event id>/<field path>``: a ciphertext moved to another event or field does not open.
"""

from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from pydantic import BaseModel

from contracts.base import Sealed

Close = Callable[[Sealed, str], dict[str, str]]
"""``(sealed, place) -> stored form``."""


TAG_BYTES = 16


class SealBroken(Exception):
    """The ciphertext does not belong to this place or this key, or was changed."""


def close_bytes(key: bytes, nonce: bytes, plain: bytes, place: str) -> bytes:
    return AESGCM(key).encrypt(nonce, plain, place.encode())


def open_bytes(key: bytes, nonce: bytes, ciphertext: bytes, place: str) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, place.encode())
    except InvalidTag as error:
        raise SealBroken(place) from error


def close_parts(key: bytes, nonce: bytes, parts: Iterable[bytes], place: str) -> Iterator[bytes]:
    """The same as `close_bytes`, a part at a time."""
    cipher = Cipher(AES(key), GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(place.encode())
    for part in parts:
        yield cipher.update(part)
    yield cipher.finalize()
    yield cipher.tag


def open_parts(key: bytes, nonce: bytes, parts: Iterable[bytes], place: str) -> Iterator[bytes]:
    """What `close_parts` or `close_bytes` made. Only when it ends without SealBroken were its parts the right ones."""
    cipher = Cipher(AES(key), GCM(nonce)).decryptor()
    cipher.authenticate_additional_data(place.encode())
    rest = b""
    for part in parts:
        rest += part
        yield cipher.update(rest[:-TAG_BYTES])
        rest = rest[-TAG_BYTES:]
    try:
        yield cipher.finalize_with_tag(rest)
    except (InvalidTag, ValueError) as error:  # ValueError: cut short
        raise SealBroken(place) from error


def open_field(sealed: Sealed, cipher: AESGCM) -> str:
    place = sealed.place
    try:
        plain = cipher.decrypt(a2b_base64(sealed.nonce), a2b_base64(sealed.ciphertext), place.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(place) from error
    return plain.decode()


def is_empty(sealed: Sealed) -> bool:
    """Of a stored field: nothing was sealed. The text is empty, and belongs to no place and no key."""
    return not (sealed.key_id or sealed.nonce or sealed.ciphertext)


def carries_sealed(cls: type[BaseModel]) -> bool:
    """Whether a message of this class has a sealed field, however deep."""
    return bool(_sealed_fields(cls))


@cache
def _sealed_fields(cls: type[BaseModel]) -> tuple[str, ...]:
    return tuple(name for name, field in cls.model_fields.items() if _holds_sealed(field.annotation))


def _holds_sealed(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation is Sealed or bool(_sealed_fields(annotation))
    return any(_holds_sealed(part) for part in get_args(annotation))


def places(value: BaseModel, path: str = "") -> Iterator[tuple[str, Sealed]]:
    """Every sealed field of an event with its path, for example ``fields.sender`` or ``copies.0.office``."""
    for name in _sealed_fields(type(value)):
        yield from _within(getattr(value, name), f"{path}{name}")


def _within(value: Any, path: str) -> Iterator[tuple[str, Sealed]]:
    if isinstance(value, Sealed):
        yield path, value
    elif isinstance(value, BaseModel):
        yield from places(value, f"{path}.")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _within(item, f"{path}.{number}")


__all__ = [
    "SealBroken",
    "carries_sealed",
    "close_bytes",
    "close_parts",
    "is_empty",
    "open_bytes",
    "open_field",
    "open_parts",
    "places",
]
