"""Sealing the fields of one batch: keys looked up once, missing ones made in one transaction, nonces drawn at once."""

from __future__ import annotations

import os
from binascii import b2a_base64
from collections.abc import Callable, Iterable

from contracts.base import EMPTY, Erased, Sealed
from services.kit.sealing.fields import Close, SealBroken
from services.kit.sealing.keyring import NONCE_BYTES
from services.kit.sealing.keys import Key, Keys, Subject

DRAWN = 8  # nonces at once, a letter's worth: most batches are small
SPELLED = 4 * NONCE_BYTES // 3  # a nonce in base64, whatever stands beside it: no byte shares a character with the next
NOTHING: dict[str, str] = EMPTY.model_dump()


class Sealer:
    """Lives as long as a batch, so that no key outlives its destruction in here."""

    def __init__(self, keys: Keys, subjects: Callable[[], Iterable[Subject]]) -> None:
        """``subjects``: of all fields of the batch that say something; asked for only when a key is not at hand."""
        self._keys = keys
        self._subjects = subjects
        self._at_hand: dict[Subject, Key] = {}
        self._ensured = False
        self._nonces: list[tuple[bytes, str]] = []

    def of(self, agency: str) -> Close:
        """``(sealed, place) -> stored form``. A field of an earlier event is opened there and sealed for its place.

        Whose it is then tells its key, and not the field. What was erased stays as it is: nothing opens it, here or
        there. An empty text needs no key: it is stored without one, and reads as empty for ever (decision 0039).
        """

        def close(sealed: Sealed, place: str) -> dict[str, str]:
            seal_class: str = sealed.seal_class
            subject_id = sealed.subject_id
            if sealed.key_id or sealed.ciphertext:
                plain: str = self._keys.open(sealed)
                _, seal_class, subject_id = carried_subject(self._keys, agency, sealed)
                if isinstance(plain, Erased):
                    return {**sealed.model_dump(), "class": seal_class, "subject_id": subject_id}
            else:
                plain = sealed.plain
            if not plain:
                return NOTHING if subject_id == "agency" and seal_class == "archive" else _nothing_of(sealed)
            subject = (agency, seal_class, subject_id)
            key = self._at_hand.get(subject) or self._fetched(subject)
            nonce, spelled = self._nonce()
            closed = key.cipher.encrypt(nonce, plain.encode("utf-8", "replace"), place.encode())
            return {
                "class": seal_class,
                "subject_id": subject_id,
                "key_id": key.key_id,
                "nonce": spelled,
                "ciphertext": b2a_base64(closed, newline=False).decode("ascii"),
            }

        return close

    def _fetched(self, subject: Subject) -> Key:
        key = self._keys.at_hand(subject) if subject[1] == "archive" else None
        if key is None:  # a person's key is asked for anew in every batch: it may have been destroyed a moment ago
            if not self._ensured:
                self._keys.ensure(self._subjects())
                self._ensured = True
            key = self._keys.for_sealing(subject)
        self._at_hand[subject] = key
        return key

    def _nonce(self) -> tuple[bytes, str]:
        """And as it is spelled in base64."""
        if not self._nonces:
            drawn = os.urandom(DRAWN * NONCE_BYTES)
            text = b2a_base64(drawn, newline=False).decode("ascii")
            each = range(DRAWN)
            nonces = (drawn[n * NONCE_BYTES : (n + 1) * NONCE_BYTES] for n in each)
            self._nonces = list(zip(nonces, (text[n * SPELLED : (n + 1) * SPELLED] for n in each), strict=True))
        return self._nonces.pop()


def subject_of(keys: Keys, agency: str, sealed: Sealed) -> Subject | None:
    """Whose key the field will need; None: none, it is empty, or erased."""
    if not sealed.key_id:
        return (agency, sealed.seal_class, sealed.subject_id) if sealed.plain else None
    return None if keys.secret_of(sealed.key_id) is None else carried_subject(keys, agency, sealed)


def carried_subject(keys: Keys, agency: str, sealed: Sealed) -> Subject:
    """Whose a field of an earlier event is. Raises SealBroken: nobody's, or of another agency."""
    owner = keys.owner_of(sealed.key_id)
    if owner is None or owner[0] != agency:
        raise SealBroken(sealed.place)
    return owner


def _nothing_of(sealed: Sealed) -> dict[str, str]:
    return {**NOTHING, "class": sealed.seal_class, "subject_id": sealed.subject_id}
