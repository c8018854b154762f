"""Years of letters in the stores, quickly: whole lives as real sealed envelopes, so that figures have a history behind.

A life is encoded once by the product's own code with marks in place of what differs; every letter then fills the marks
in, seals its fields and goes into the log through the store's own recorder, with the commands and claims it would have
left. The letters stand in the book of one past year; all but every ``unfinished``-th are archived.

    python -m benchmarks.history --letters 50000 [--database-url postgresql://…] [--data-dir var]
"""

import argparse
import json
import os
import re
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha1, sha256
from pathlib import Path
from uuid import UUID, uuid5

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.persistence import StoredEvent
from pydantic import SecretStr

from benchmarks.lives import AGENCY, COPIES, MARK_COMMAND, MARK_LETTER, MOMENT, WHOLE, YEAR, Step, life
from contracts.base import Actor, Ask, Sealed
from services.kit.codec.envelope import encode
from services.kit.ids import event_id, stream_id
from services.kit.sealing.keys import Keys, open_keys
from services.kit.sealing.sealer import Sealer
from services.kit.settings import Settings
from services.kit.store import schema
from services.kit.store.opening import Store, open_store

SPACE = UUID("0b9d6e0a-4a52-5a0e-9f5b-3a1c57d1f001")
SOURCES = ("intake", "approval", "dispatch")
MARKS = re.compile(
    rb'"@seal:(\d+)@"|' + MARK_LETTER.encode() + rb"|" + MARK_COMMAND.encode() + rb"|@(copy\d|round|agenda|sender|id)@"
    rb"|" + WHOLE["number"] + rb"|" + WHOLE["version"] + rb"|2099-01-01T00:00:(\d\d)Z"
)
BEGIN = datetime(YEAR, 1, 4, 1, 0, tzinfo=UTC)
SENDERS = 2_000
WAVE = 250


@dataclass(frozen=True, slots=True)
class Mould:
    """One event of a life: bytes and names of marks in turns; ``seals``: path and (class, plain) of sealed fields."""

    kind: str
    stream: str
    version: int
    number: int
    parts: tuple[bytes, ...]
    marks: tuple[str, ...]
    seals: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Command:
    """What one command writes in one service."""

    service: str
    claims: bool
    moulds: tuple[Mould, ...]


@dataclass(slots=True)
class Filled:
    """What has been written: events by service, letters, seconds."""

    events: dict[str, int] = field(default_factory=dict)
    letters: int = 0
    seconds: float = 0.0

    @property
    def total(self) -> int:
        return sum(self.events.values())


def moulds(copies: int) -> tuple[Command, ...]:
    """The life of a letter with so many copies."""
    versions: dict[str, int] = {}
    return tuple(_moulded(step, versions) for step in life(copies))


def _moulded(step: Step, versions: dict[str, int]) -> Command:
    found = []
    for number, (stream, event) in enumerate(step.events):
        versions[stream] = versions.get(stream, 0) + 1
        version = int(WHOLE["version"]) if stream.startswith("book:") else versions[stream]
        seals: list[tuple[str, str, str]] = []

        def close(sealed: Sealed, place: str, seals: list[tuple[str, str, str]] = seals) -> str:
            seals.append((place.partition("/")[2], sealed.seal_class, sealed.plain))
            return f"@seal:{len(seals) - 1}@"

        ask = Ask(
            command_id=UUID(MARK_COMMAND), agency=AGENCY, kind="x", actor=Actor(id=step.actor), asked_at=MOMENT,
            correlation_id=UUID(MARK_LETTER), body={},
        )  # fmt: skip
        identity = event_id(ask.command_id, number)
        data = encode(
            event, identity, ask=ask, stream=stream, version=version, at=MOMENT + timedelta(seconds=step.hour),
            fingerprint="history", close=close,  # type: ignore[arg-type]  # a checkpoint stands where the sealed field will
        )  # fmt: skip
        data = data.replace(str(identity).encode(), b"@id@")
        parts, marks, end = [], [], 0
        for checkpoint in MARKS.finditer(data):
            parts.append(data[end : checkpoint.start()])
            marks.append(checkpoint.group().decode().strip('"'))
            end = checkpoint.end()
        parts.append(data[end:])
        found.append(Mould(event.kind(), stream, version, number, tuple(parts), tuple(marks), tuple(seals)))
    return Command(step.service, step.claims, tuple(found))


@dataclass
class Scribe:
    """Fills moulds for one agency."""

    keys: Keys
    agency: str
    blob: Mapping[str, object]

    def __post_init__(self) -> None:
        """Makes the keys of all senders."""
        subjects = [(self.agency, "applicant", f"applicant-{each}") for each in range(SENDERS)]
        self.keys.ensure([(self.agency, "archive", "agency"), *subjects])
        self._cipher = lru_cache(maxsize=SENDERS + 1)(self._opened)
        self._agency = f'"{AGENCY}"'.encode(), f'"{self.agency}"'.encode()
        self._source = f"/caraka/{AGENCY}/".encode(), f"/caraka/{self.agency}/".encode()

    def _opened(self, seal_class: str, subject: str) -> tuple[AESGCM, bytes, bytes]:
        close = Sealer(self.keys, lambda: [(self.agency, seal_class, subject)]).of(self.agency)
        closed = close(Sealed.of("-", seal_class, subject), "")  # type: ignore[arg-type]  # both classes are words of the contract
        secret = self.keys.secret_of(closed["key_id"]) or b""
        before = f'","class":"{seal_class}","key_id":"{closed["key_id"]}","nonce":"'.encode()
        return AESGCM(secret), before, f'","subject_id":"{subject}"}}'.encode()

    def write(self, command: Command, letter: "Letter") -> Iterator[tuple[StoredEvent, UUID]]:
        """The events of one command of one letter."""
        identity = uuid5(letter.id, f"{command.service}/{command.moulds[0].kind}/{command.moulds[0].version}")
        for mould in command.moulds:
            event = str(event_id(identity, mould.number))
            values = dict(letter.values)
            values["@id@"], values[MARK_COMMAND] = event.encode(), str(identity).encode()
            filled = [mould.parts[0]]
            for checkpoint, part in zip(mould.marks, mould.parts[1:], strict=True):
                value = values.get(checkpoint)
                if value is None:
                    value = (
                        self._seal(mould, checkpoint, letter, event)
                        if checkpoint[1] == "s"
                        else letter.moment(checkpoint)
                    )
                filled += (value, part)
            stream = mould.stream.replace(MARK_LETTER, str(letter.id))
            version = letter.number + 1 if mould.stream.startswith("book:") else mould.version
            data = b"".join(filled)
            if self.agency != AGENCY:
                data = data.replace(*self._agency).replace(*self._source)
            yield StoredEvent(stream_id(self.agency, command.service, stream), version, mould.kind, data), identity

    def _seal(self, mould: Mould, checkpoint: str, letter: "Letter", event: str) -> bytes:
        path, seal_class, plain = mould.seals[int(checkpoint[6:-1])]
        subject = "agency" if seal_class == "archive" else letter.sender
        cipher, before, behind = self._cipher(seal_class, subject)
        nonce = os.urandom(12)
        text = plain.replace("@n@", str(letter.number)).replace("@topic@", TOPICS[letter.number % len(TOPICS)])
        sealed = cipher.encrypt(nonce, text.encode(), f"{event}/{path}".encode())
        return b"".join((b'{"ciphertext":"', b64encode(sealed), before, b64encode(nonce), behind))


TOPICS = (
    "rapat koordinasi", "peminjaman ruang", "laporan bulanan", "permohonan data", "undangan pelantikan",
    "perbaikan jaringan", "pengadaan perangkat", "sosialisasi keamanan informasi", "izin kegiatan", "hasil pemeriksaan",
)  # fmt: skip


class Letter:
    """What differs from letter to letter."""

    __slots__ = ("begin", "id", "number", "sender", "values")

    def __init__(self, agency: str, number: int, step: timedelta) -> None:
        self.number = number
        self.id = UUID(bytes=sha1(f"{agency}/{YEAR}/{number}".encode(), usedforsecurity=False).digest()[:16], version=5)
        self.begin = BEGIN + step * number
        self.sender = f"applicant-{number % SENDERS}"
        self.values = {
            MARK_LETTER: str(self.id).encode(),
            "@round@": str(uuid5(self.id, "round")).encode(),
            "@agenda@": f"{number:04d}/{YEAR}".encode(),
            "@sender@": self.sender.encode(),
            WHOLE["number"].decode(): str(number).encode(),
            WHOLE["version"].decode(): str(number + 1).encode(),
            **{f"@copy{each}@": str(uuid5(self.id, f"copy/{each}")).encode() for each in range(COPIES)},
        }

    def moment(self, checkpoint: str) -> bytes:
        """The marked second of 2099 is an hour of this letter's life."""
        return (self.begin + timedelta(hours=int(checkpoint[17:19]))).strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def fill(  # noqa: PLR0913 - what a history is made of
    stores: Mapping[str, Store],
    keys: Keys,
    blob: Mapping[str, object],
    letters: int,
    *,
    agency: str = AGENCY,
    unfinished: int = 200,
    first: int = 1,
) -> Filled:
    """Writes the lives of letters ``first`` … ``first + letters - 1``; with ``first`` above 1 it goes on.

    The services must not run on SQLite meanwhile (one process per store).
    """
    began, filled = time.perf_counter(), Filled(dict.fromkeys(SOURCES, 0))
    scribe = Scribe(keys, agency, blob)
    lives = [_with_blob(moulds(copies), blob) for copies in range(1, COPIES + 1)]
    step = timedelta(days=340) / max(first + letters, 1)
    if first == 1:
        opening = _opening(agency)
        _commit(stores["intake"], [opening], [], [], filled)
    for start in range(first, first + letters, WAVE):
        wave = [Letter(agency, number, step) for number in range(start, min(start + WAVE, first + letters))]
        _wave(stores, scribe, lives, wave, unfinished, filled)
        filled.letters += len(wave)
    filled.seconds = time.perf_counter() - began
    return filled


def _wave(  # noqa: PLR0913 - one turn of the loop above
    stores: Mapping[str, Store],
    scribe: Scribe,
    lives: Sequence[tuple[Command, ...]],
    wave: Sequence[Letter],
    unfinished: int,
    filled: Filled,
) -> None:
    """The letters of a wave take each step together, as the days of an office mix them."""
    longest = max(len(each) for each in lives)
    rows: dict[str, list[tuple[StoredEvent, UUID]]] = {source: [] for source in SOURCES}
    claims: list[tuple[str, str, str, str]] = []
    for number in range(longest):
        for letter in wave:
            commands = lives[letter.number % len(lives)]
            stops = 1 + letter.number // unfinished % (longest - 1) if letter.number % unfinished == 0 else longest
            if number >= min(len(commands), stops):
                continue
            command = commands[number]
            rows[command.service] += scribe.write(command, letter)
            if command.claims:
                owner = str(letter.id)
                content = sha256(letter.id.bytes).hexdigest()
                claims.append((scribe.agency, "message", f"history/{YEAR}/{letter.number}", owner))
                claims.append((scribe.agency, "content", content, owner))
    for source, found in rows.items():
        events = [event for event, _ in found]
        of = [command for _, command in found]
        _commit(stores[source], events, of, claims if source == "intake" else [], filled)


def _with_blob(commands: tuple[Command, ...], blob: Mapping[str, object]) -> tuple[Command, ...]:
    packed = orjson.dumps(blob, option=orjson.OPT_SORT_KEYS)
    known = re.compile(rb'\{"key_id":null,"media_type":"application/pdf","sha256":"f{64}","size":1\}')
    return tuple(
        Command(
            each.service,
            each.claims,
            tuple(
                Mould(
                    mould.kind, mould.stream, mould.version, mould.number,
                    tuple(known.sub(lambda _: packed, part) for part in mould.parts), mould.marks, mould.seals,
                )
                for mould in each.moulds
            ),
        )
        for each in commands
    )  # fmt: skip


def _opening(agency: str) -> StoredEvent:
    from contracts.intake import BookOpened

    ask = Ask(
        command_id=uuid5(SPACE, f"{agency}/{YEAR}"), agency=agency, kind="x", actor=Actor(id="history"),
        asked_at=BEGIN, correlation_id=SPACE, body={},
    )  # fmt: skip
    stream = f"book:masuk:{YEAR}"
    event = BookOpened(book="masuk", year=YEAR, opening=0)
    data = encode(
        event, event_id(ask.command_id, 0), ask=ask, stream=stream, version=1, at=BEGIN, fingerprint="history",
        close=lambda *_: {},
    )  # fmt: skip
    return StoredEvent(stream_id(agency, "intake", stream), 1, event.kind(), data)


def _commit(
    store: Store,
    events: Sequence[StoredEvent],
    commands: Sequence[UUID],
    claims: Sequence[tuple[str, str, str, str]],
    filled: Filled,
) -> None:
    if not events:
        return
    name = store.identity()
    with store.locked() as transaction:
        positions = transaction.insert(
            [(UUID(str(each.originator_id)), each.originator_version, each.topic, each.state) for each in events]
        )()
        last = dict(zip(commands, positions, strict=False))
        main = dict(zip(commands, events, strict=False))
        rows = [
            (
                str(command),
                "history",
                orjson.dumps(
                    {
                        "command_id": str(command), "stream": "history", "version": main[command].originator_version,
                        "after": f"{name.store}.{name.epoch}.{position}", "result": {},
                    }
                ),
            )
            for command, position in last.items()
        ]  # fmt: skip
        if rows:
            transaction.add(schema.REMEMBER, rows)
        if claims:
            transaction.add(schema.CLAIM, claims)
    filled.events[store.place.service] += len(events)


def fill_place(settings: Settings, letters: int, *, agency: str = AGENCY, unfinished: int = 200) -> Filled:
    """`fill` on the stores of these settings, made where they are missing."""
    import asyncio

    from services.kit.blobs import open_blobs
    from services.kit.database.place import make_schema, place_of

    make_schema(place_of(settings, "keys"))
    keys = open_keys(settings)
    keys.migrate()
    stores = {source: open_store(settings, source) for source in SOURCES}
    try:
        for store in stores.values():
            store.migrate()
            store.own()
        pack = asyncio.run(open_blobs(settings, keys).put(agency, b"a print pack of the history", "application/pdf"))
        return fill(stores, keys, pack.model_dump(), letters, agency=agency, unfinished=unfinished)
    finally:
        for store in stores.values():
            store.close()
        keys.dispose()


def main() -> None:
    """The command line."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--letters", type=int, default=50_000, help="about 18 events each")
    reader.add_argument("--unfinished", type=int, default=200, help="every n-th letter stops somewhere on its way")
    reader.add_argument("--agency", default=AGENCY)
    reader.add_argument("--database-url", default=os.environ.get("CARAKA_DATABASE_URL"))
    reader.add_argument("--data-dir", type=Path, default=Path("var"))
    asked = reader.parse_args()
    url = SecretStr(asked.database_url) if asked.database_url else None
    settings = Settings(data_dir=asked.data_dir, database_url=url)
    filled = fill_place(settings, asked.letters, agency=asked.agency, unfinished=asked.unfinished)
    print(json.dumps({"letters": filled.letters, "events": filled.events, "seconds": round(filled.seconds, 1)}))


if __name__ == "__main__":
    main()
