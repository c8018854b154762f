"""Secrets that are computed and never stored: codes of public cases, and whose key a person's fields have. Pure.

The keys are handed in (`Keys.purpose`). A code follows from the command that filed the case, so it is shown again when
the command is repeated and stands nowhere; what is stored and compared is its mac, which tells nothing to whoever lacks
the key.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import sha256
from uuid import UUID

GROUPS, GROUP = 3, 4
LENGTH = GROUPS * GROUP
"""Characters of a code, 5 bits each: 60 bits, which nobody guesses at a door that counts."""
SENT = 8
PERSON_BITS = 160
_RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O: read as the digits that they look like; and no U
_SPELL = str.maketrans(_RFC4648, _CROCKFORD)
_LOOK_ALIKE = str.maketrans("ILO", "110")
_CODE = re.compile(f"[{_CROCKFORD}]{{{LENGTH}}}")
_SENT = re.compile(f"[{_CROCKFORD}]{{{SENT}}}")
_APART = re.compile(r"[\s\-\u2010-\u2015.]+")
DUMMY = "0" * 64
"""Stands for the mac of a case that does not exist: comparing with it is the same work, and is never a match."""


def framed(*words: str) -> bytes:
    """Words as one text that no other words make: each with its length before it."""
    parts = [word.encode() for word in words]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def keyed(key: bytes, *words: str) -> bytes:
    """HMAC-SHA-256 over the words, 32 bytes. The first word says what it is made for."""
    return hmac.digest(key, framed(*words), sha256)


def spelled(value: bytes, length: int) -> str:
    """The first ``length`` characters of it in Crockford's base32."""
    return b32encode(value).decode().translate(_SPELL)[:length]


def read_token(text: str, length: int) -> str:
    """What somebody brings as such a text in lower case; empty where it has another length."""
    plain = text.strip().upper().translate(_LOOK_ALIKE)
    return plain.lower() if len(plain) == length else ""


def code_of(key: bytes, command_id: UUID) -> str:
    """The code of the case that this command filed, as it is shown: ``K7QM-3XWD-9HTR``. ``key``: *codes*."""
    plain = spelled(keyed(key, "code", str(command_id)), LENGTH)
    return "-".join(plain[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def read_code(text: str) -> str:
    """What somebody typed, as the code it means (``K7QM3XWD9HTR``); empty where it can be none."""
    if len(text) > 4 * LENGTH:
        return ""
    plain = _APART.sub("", text).upper().translate(_LOOK_ALIKE)
    return plain if _CODE.fullmatch(plain) else ""


def mac_of(key: bytes, code: str) -> str:
    """What is stored and compared of a code, 64 hex digits; what can be no code has one too. ``key``: *codes*."""
    return keyed(key, "mac", read_code(code) or "none").hex()


def proves(presented: str, stored: str | None) -> bool:
    """Whether a mac is the case's. None: there is no such case; it takes the same work and is no match."""
    same = hmac.compare_digest(presented.encode(), (DUMMY if stored is None else stored).encode())
    return same and stored is not None


def sent_code(key: bytes, *words: str) -> str:
    """A short code that is sent to somebody, as it is shown: ``K7QM-3XWD``. ``words``: what it is for, each time
    another. It is good for a while and a few tries, no more: 40 bits.
    """
    plain = spelled(keyed(key, "sent", *words), SENT)
    return f"{plain[:GROUP]}-{plain[GROUP:]}"


def sent_mac(key: bytes, code: str, *words: str) -> str:
    """What is stored and compared of such a code, 64 hex digits; what can be no code has one too."""
    plain = _APART.sub("", code).upper().translate(_LOOK_ALIKE)
    return keyed(key, "sent-mac", *words, plain if _SENT.fullmatch(plain) else "none").hex()


def part_of(subject_id: str, part: str) -> str:
    """A subject with a key of its own, that can be destroyed before the person's and is destroyed with it."""
    return f"{subject_id}:{part}"


def person_of(key: bytes, nip: str) -> str:
    """A person's subject in the key store, from his NIP, however it is spaced. ``key``: *identity*.

    Without the key nobody can tell which of all numbers it is, before an erasure or after it.
    """
    plain = _APART.sub("", nip)
    if not plain:
        raise ValueError("nobody has an empty NIP")
    return keyed(key, "person", plain).hex()[: PERSON_BITS // 4]
