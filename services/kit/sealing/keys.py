"""The key store: a mutable table of wrapped keys: one per agency (class *archive*), per purpose, and per person.

Destroying a person's key erases his fields in every event, view and blob; the hash chain stays whole, because it is
over ciphertext. Backed up apart from the event logs. The only module that knows keys by subject.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from contracts.base import ERASED, Erased, Sealed
from services.kit.database.place import Place, engine_of, make_schema, place_of
from services.kit.sealing.fields import SealBroken, open_field
from services.kit.sealing.keyring import Keyring, load_keyring
from services.kit.sealing.purposes import OF_THE_AGENCY, Purpose
from services.kit.secrets import part_of
from services.kit.settings import Settings

METADATA = MetaData()
KEYS = Table(
    "keys",
    METADATA,
    Column("key_id", String(40), primary_key=True),
    Column("agency", String(32), nullable=False),
    Column("seal_class", String(16), nullable=False),
    Column("subject_id", String(80), nullable=False),
    Column("active", Integer, nullable=True, doc="1 while it seals new fields; NULL once destroyed"),
    Column("wrapped", LargeBinary, nullable=True, doc="NULL: destroyed"),
    Column("made_at", Integer, nullable=False),
    Column("destroyed_at", Integer, nullable=True),
)
WATERMARK = Table(
    "watermark", METADATA, Column("id", Integer, primary_key=True), Column("destroyed", Integer, default=0)
)

Subject = tuple[str, str, str]
LOOK_AGAIN_SECONDS = 1.0
KEPT = 20_000
AT_ONCE = 1_000


@dataclass(slots=True)
class Key:
    key_id: str
    cipher: AESGCM
    secret: bytes


class Keys:
    """Thread-safe. Other processes' destructions are noticed within `LOOK_AGAIN_SECONDS`."""

    def __init__(self, place: Place, load: Callable[[], Keyring]) -> None:
        """``load`` is called when a key is first wrapped or unwrapped: who never does needs no master key."""
        self._place = place
        self._engine = engine_of(place)
        self._load = load
        self._lock = threading.RLock()
        self._by_subject: OrderedDict[Subject, Key] = OrderedDict()
        self._by_id: OrderedDict[str, Key | None] = OrderedDict()
        self._owners: OrderedDict[str, Subject] = OrderedDict()
        self._purposes: dict[tuple[str, Purpose], bytes] = {}
        self._looked_at = 0.0
        self._destroyed = -1

    @cached_property
    def _keyring(self) -> Keyring:
        return self._load()

    def migrate(self) -> None:
        unique = "CREATE UNIQUE INDEX IF NOT EXISTS one_active_key ON keys (agency, seal_class, subject_id, active)"
        make_schema(self._place)
        METADATA.create_all(self._engine)
        with self._engine.begin() as connection:
            connection.exec_driver_sql(unique)
            if connection.execute(select(WATERMARK)).first() is None:
                connection.execute(insert(WATERMARK).values(id=1, destroyed=0))

    def ensure(self, subjects: Iterable[Subject]) -> None:
        """Makes the missing keys of (agency, class, subject) in one transaction."""
        wanted = dict.fromkeys(subjects)
        with self._lock:
            if any(seal_class != "archive" for _, seal_class, _ in wanted):
                self._looked_at = 0.0  # never seal for a person with a key that was destroyed a moment ago
            self._notice()
            missing = [subject for subject in wanted if subject not in self._by_subject]
            if missing:
                self._fetch_or_make(missing)

    def at_hand(self, subject: Subject) -> Key | None:
        """The key without asking the table, unless a destruction has to be looked for again."""
        with self._lock:
            self._notice()
            return self._by_subject.get(subject)

    def for_sealing(self, subject: Subject) -> Key:
        """The key of (agency, class, subject); `ensure` has been called for it."""
        with self._lock:
            key = self._by_subject.get(subject)
            if key is None:  # another process has just erased somebody, and this cache was emptied
                self._fetch_or_make([subject])
                key = self._by_subject[subject]
        return key

    def open(self, sealed: Sealed) -> str | Erased:
        """The plain text of a field, or `ERASED` when its key is gone. Raises SealBroken for a changed ciphertext."""
        if not sealed.key_id:
            if sealed.nonce or sealed.ciphertext:
                raise SealBroken(sealed.place)
            return sealed.plain  # empty, or not sealed yet: then it has not left this process
        with self._lock:
            self._notice()
            key = self._of_id(sealed.key_id)
        return ERASED if key is None else open_field(sealed, key.cipher)

    def owner_of(self, key_id: str) -> Subject | None:
        """Whose key it is or was, as the store has it: what a field says of itself is not sealed with it."""
        with self._lock:
            if key_id not in self._owners:
                asked = select(KEYS.c.agency, KEYS.c.seal_class, KEYS.c.subject_id).where(KEYS.c.key_id == key_id)
                with self._engine.connect() as connection:
                    row = connection.execute(asked).one_or_none()
                if row is None:
                    return None
                self._owners[key_id] = (row.agency, row.seal_class, row.subject_id)
                if len(self._owners) > KEPT:
                    self._owners.popitem(last=False)
            return self._owners[key_id]

    def blob_key(self, agency: str) -> tuple[str, bytes]:
        """The agency's archive key, for bytes outside events."""
        subject = (agency, "archive", "agency")
        self.ensure([subject])
        key = self._by_subject[subject]
        return key.key_id, key.secret

    def purpose(self, agency: str, purpose: Purpose) -> bytes:
        """The agency's 32-byte key for one purpose, made when first asked for; it is the same for ever after.

        Blocks once for each; then it is at hand.
        """
        with self._lock:
            known = self._purposes.get((agency, purpose))
            if known is None:
                subject = (agency, purpose, OF_THE_AGENCY)
                self.ensure([subject])
                known = self._purposes[agency, purpose] = self.for_sealing(subject).secret
        return known

    def of_person(self, agency: str, seal_class: str, subject_id: str) -> tuple[str, bytes]:
        """A person's key, for bytes outside events; made where he has none (any more)."""
        if subject_id == OF_THE_AGENCY:
            raise ValueError("the agency is no person: nothing erases its key")
        subject = (agency, seal_class, subject_id)
        with self._lock:
            self.ensure([subject])
            key = self.for_sealing(subject)
        return key.key_id, key.secret

    def destroyed(self, key_ids: Collection[str]) -> set[str]:
        """Those that were destroyed. One that is not there, or not for this role, is not among them."""
        found: set[str] = set()
        wanted = list(key_ids)
        for start in range(0, len(wanted), AT_ONCE):
            mine = KEYS.c.key_id.in_(wanted[start : start + AT_ONCE])
            with self._engine.connect() as connection:
                found.update(connection.scalars(select(KEYS.c.key_id).where(mine, KEYS.c.wrapped.is_(None))))
        return found

    def secret_of(self, key_id: str) -> bytes | None:
        with self._lock:
            self._notice()
            key = self._of_id(key_id)
        return key.secret if key else None

    def secrets_of(self, key_ids: Collection[str]) -> dict[str, bytes | None]:
        """The same for many, in one question; None: destroyed, or never there."""
        with self._lock:
            self._notice()
            missing = [each for each in key_ids if each not in self._by_id]
            for start in range(0, len(missing), AT_ONCE):
                asked = select(KEYS).where(KEYS.c.key_id.in_(missing[start : start + AT_ONCE]))
                with self._engine.connect() as connection:
                    rows = connection.execute(asked).mappings().all()
                for row in rows:
                    self._by_id[row["key_id"]] = self._unwrapped(row) if row["wrapped"] is not None else None
            found = {each: self._by_id.get(each) for each in key_ids}
            self._trim()
        return {each: key.secret if key else None for each, key in found.items()}

    def destroy(self, agency: str, subject_id: str) -> tuple[str, ...]:
        """Destroys the person's keys and those of his parts (`part_of`), never the agency's own; returns all key ids
        ever destroyed for him.
        """
        if subject_id == OF_THE_AGENCY:
            raise ValueError("the agency's keys (archive, and those with a purpose) are not destroyed by an erasure")
        his = (KEYS.c.subject_id == subject_id) | KEYS.c.subject_id.startswith(part_of(subject_id, ""), autoescape=True)
        mine = (KEYS.c.agency == agency) & his
        with self._engine.begin() as connection:
            gone = connection.execute(
                update(KEYS)
                .where(mine, KEYS.c.wrapped.is_not(None))
                .values(wrapped=None, active=None, destroyed_at=int(time.time()))
            )
            if gone.rowcount:
                connection.execute(update(WATERMARK).values(destroyed=WATERMARK.c.destroyed + 1))
            ids = connection.scalars(select(KEYS.c.key_id).where(mine, KEYS.c.wrapped.is_(None))).all()
        with self._lock:
            self._looked_at = 0.0
            self._notice()
        return tuple(sorted(ids))

    def dispose(self) -> None:
        self._engine.dispose()

    def _notice(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        with self._engine.connect() as connection:
            destroyed = connection.scalar(select(WATERMARK.c.destroyed)) or 0
        if destroyed != self._destroyed:
            self._by_subject.clear()
            self._by_id.clear()
            self._destroyed = destroyed
        self._looked_at = now

    def _fetch_or_make(self, missing: list[Subject]) -> None:
        for attempt in range(3):
            try:
                with self._engine.begin() as connection:
                    found = self._active(connection, missing)
                    new = [self._new(subject) for subject in missing if subject not in found]
                    if new:
                        connection.execute(insert(KEYS), new)
                    found.update({(row["agency"], row["seal_class"], row["subject_id"]): row for row in new})
                break
            except IntegrityError:  # another process made one of them at the same moment: read it
                if attempt == 2:  # noqa: PLR2004 - the third time it is no race
                    raise
        for subject, row in found.items():
            self._keep(subject, self._unwrapped(row))

    @staticmethod
    def _active(connection: Any, subjects: list[Subject]) -> dict[Subject, Any]:
        wanted = {subject[2] for subject in subjects}
        rows = connection.execute(select(KEYS).where(KEYS.c.subject_id.in_(wanted), KEYS.c.active == 1)).mappings()
        found = {(row["agency"], row["seal_class"], row["subject_id"]): row for row in rows}
        return {subject: found[subject] for subject in subjects if subject in found}

    def _new(self, subject: Subject) -> dict[str, Any]:
        agency, seal_class, subject_id = subject
        key_id = uuid4().hex
        wrapped = self._keyring.wrap(secrets.token_bytes(32), key_id)
        return {
            "key_id": key_id, "agency": agency, "seal_class": seal_class, "subject_id": subject_id, "active": 1,
            "wrapped": wrapped, "made_at": int(time.time()),
        }  # fmt: skip

    def _unwrapped(self, row: Any) -> Key:
        secret = self._keyring.unwrap(row["wrapped"], row["key_id"])
        return Key(row["key_id"], AESGCM(secret), secret)

    def _keep(self, subject: Subject, key: Key) -> None:
        self._by_subject[subject] = key
        self._by_id[key.key_id] = key
        self._trim()

    def _trim(self) -> None:
        while len(self._by_subject) > KEPT:
            self._by_subject.popitem(last=False)
        while len(self._by_id) > KEPT:
            self._by_id.popitem(last=False)

    def _of_id(self, key_id: str) -> Key | None:
        if key_id not in self._by_id:
            with self._engine.connect() as connection:
                row = connection.execute(select(KEYS).where(KEYS.c.key_id == key_id)).mappings().first()
            if row is None:
                return None
            self._by_id[key_id] = self._unwrapped(row) if row["wrapped"] is not None else None
        return self._by_id[key_id]


def open_keys(settings: Settings) -> Keys:
    return Keys(place_of(settings, "keys"), partial(load_keyring, settings))
