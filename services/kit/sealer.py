"""Sealing the fields of one batch: keys looked up once, missing ones made in one transaction, nonces drawn at once."""

from __future__ import annotations

import os
from binascii import b2a_base64
from collections.abc import Callable, Iterable

from contracts.base import Sealed
from services.kit.closing import Close
from services.kit.keyring import NONCE_BYTES
from services.kit.keys import Key, Keys, Subject

DRAWN = 32 * NONCE_BYTES  # two letters' worth: most batches are small


class Sealer:
    """Lives as long as a batch, so that no key outlives its destruction in here."""

    def __init__(self, keys: Keys, subjects: Callable[[], Iterable[Subject]]) -> None:
        """``subjects``: all subjects of the batch's sealed fields; asked for only when a key is not at hand."""
        self._keys = keys
        self._subjects = subjects
        self._at_hand: dict[Subject, Key] = {}
        self._ensured = False
        self._nonces = b""
        self._drawn = 0

    def of(self, agency: str) -> Close:
        """``(sealed, place) -> stored form``. A field of an earlier event is opened there and sealed for its place."""

        def close(sealed: Sealed, place: str) -> dict[str, str]:
            told = sealed.__dict__
            if told["key_id"]:
                sealed = Sealed.of(self._keys.open(sealed), sealed.seal_class, sealed.subject_id)
            seal_class, subject_id = told["seal_class"], told["subject_id"]
            subject = (agency, seal_class, subject_id)
            key = self._at_hand.get(subject) or self._fetched(subject)
            nonce = self._nonce()
            plain = (sealed.__pydantic_private__ or {}).get("_plain") or ""
            closed = key.cipher.encrypt(nonce, plain.encode("utf-8", "replace"), place.encode())
            return {
                "class": seal_class,
                "subject_id": subject_id,
                "key_id": key.key_id,
                "nonce": b2a_base64(nonce, newline=False).decode("ascii"),
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

    def _nonce(self) -> bytes:
        if self._drawn >= len(self._nonces):
            self._nonces, self._drawn = os.urandom(DRAWN), 0
        self._drawn += NONCE_BYTES
        return self._nonces[self._drawn - NONCE_BYTES : self._drawn]
