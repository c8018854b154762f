"""Bytes of persons: streamed, sealed under his key, erased with it; what no fact names is swept away after a day."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import orjson
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from contracts.base import ERASED
from contracts.words import BlobUpload, PersonBlob
from services.kit.blobs import BlobLost, PersonBlobs, open_person_blobs
from services.kit.blobs.shelf import Folder
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.deciding import kept_blob
from services.kit.runtime.blob_sweep import AGE, METADATA, BlobSweep
from services.kit.sealing.keys import Keys, open_keys
from services.kit.sealing.sealer import Sealer
from services.kit.sealing.streams import CHUNK_BYTES
from services.kit.settings import Settings
from services.kit.store.identity import StoreId

AGENCY, CLASS, CASE = "pekalongan", "reporter", "case-1"
PLACE = "case-1/photo-1"
WORDS = b"foto jalan rusak, dari pelapor. " * 10_000


def settings_in(folder: Path, kind: str) -> Settings:
    url = None
    if kind == "bucket":
        (folder / "bucket").mkdir()
        url = (folder / "bucket").as_uri()
    return Settings(data_dir=folder, blob_url=url, keyring=SecretStr("m1:" + "A" * 43 + "="))


@pytest.fixture(params=["folder", "bucket"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, request.param)


@pytest.fixture
def keys(settings: Settings) -> Iterator[Keys]:
    opened = open_keys(settings)
    opened.migrate()
    yield opened
    opened.dispose()


@pytest.fixture
def blobs(settings: Settings, keys: Keys) -> PersonBlobs:
    return open_person_blobs(settings, keys, "complaint")


def put(blobs: PersonBlobs, data: bytes = WORDS, subject: str = CASE, place: str = PLACE) -> BlobUpload:
    return blobs.put_now(AGENCY, "reporter", subject, place, BytesIO(data), "image/jpeg")


def got(blobs: PersonBlobs, ref: BlobUpload | PersonBlob) -> bytes:
    return b"".join(blobs.parts(AGENCY, ref))


def on_disk(settings: Settings) -> list[Path]:
    return sorted(path for path in settings.data_dir.rglob("*") if path.is_file() and "_persons" in path.parts)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES])
def test_what_is_put_is_got(blobs: PersonBlobs, size: int) -> None:
    data = os.urandom(size)
    ref = put(blobs, data)
    assert ref.size == size
    assert got(blobs, ref) == data


async def test_it_is_handed_out_in_parts_to_who_waits(blobs: PersonBlobs) -> None:
    ref = await blobs.put(AGENCY, "reporter", CASE, PLACE, WORDS, "image/jpeg")
    assert await blobs.has(AGENCY, ref)
    parts = [part async for part in await blobs.stream(AGENCY, ref)]
    assert b"".join(parts) == WORDS
    assert len(parts) == -(-len(WORDS) // CHUNK_BYTES)


def test_nothing_on_the_shelf_tells_what_it_is(blobs: PersonBlobs, settings: Settings) -> None:
    ref = put(blobs)
    (path,) = on_disk(settings)
    assert WORDS[:32] not in path.read_bytes()
    assert ref.sha256 not in str(path)
    assert path.name == ref.name


def test_the_same_upload_sent_again_is_the_same_blob_and_of_another_case_another(blobs: PersonBlobs) -> None:
    ref = put(blobs)
    assert put(blobs) == ref
    others = [put(blobs, place="case-1/photo-2"), put(blobs, data=b"x"), put(blobs, subject="case-2", place="case-2/1")]
    assert len({ref.name, *(other.name for other in others)}) == 4
    assert others[2].key_id != ref.key_id


def _spoil(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    sealed = CHUNK_BYTES + 16
    if how == "a bit":
        data[sealed + 50] ^= 1
    elif how == "cut at a chunk":
        del data[8 + sealed :]
    elif how == "cut within":
        del data[-100:]
    elif how == "a chunk more":
        data += data[8 : 8 + sealed]
    elif how == "chunks swapped":
        one, two = data[8 : 8 + sealed], data[8 + sealed : 8 + 2 * sealed]
        data[8 : 8 + 2 * sealed] = two + one
    elif how == "the head":
        data[0] ^= 1
    else:
        del data[:]
    path.write_bytes(data)


@pytest.mark.parametrize(
    "how", ["a bit", "cut at a chunk", "cut within", "a chunk more", "chunks swapped", "the head", "empty"]
)
def test_changed_bytes_are_found_and_no_wrong_one_is_handed_out(
    blobs: PersonBlobs, settings: Settings, how: str
) -> None:
    data = os.urandom(4 * CHUNK_BYTES)
    ref = put(blobs, data)
    _spoil(on_disk(settings)[0], how)
    seen = bytearray()

    def read() -> None:
        for part in blobs.parts(AGENCY, ref):
            seen.extend(part)

    with pytest.raises(BlobLost):
        read()
    assert data.startswith(seen)


def test_a_blob_under_another_name_or_of_another_service_is_lost(
    blobs: PersonBlobs, settings: Settings, keys: Keys
) -> None:
    one, other = put(blobs, b"one" * 100), put(blobs, b"two" * 100)
    paths = {path.name: path for path in on_disk(settings)}
    paths[one.name].write_bytes(paths[other.name].read_bytes())
    for lost in (
        lambda: got(blobs, one),
        lambda: got(open_person_blobs(settings, keys, "account_provisioning"), other),
    ):
        with pytest.raises(BlobLost):
            lost()


def test_erased_with_its_key_it_is_unreadable_and_then_gone(
    blobs: PersonBlobs, settings: Settings, keys: Keys, sweep: Callable[[], BlobSweep]
) -> None:
    ref, other = put(blobs), put(blobs, subject="case-2", place="case-2/1")
    keys.destroy(AGENCY, CASE)
    with pytest.raises(BlobLost, match="key is gone"):
        got(blobs, ref)
    assert sweep().sweep() == 1
    assert [path.name for path in on_disk(settings)] == [other.name]
    assert got(blobs, other) == WORDS


def test_erased_while_it_is_open_not_one_chunk_more_is_read(blobs: PersonBlobs, keys: Keys) -> None:
    parts = blobs.parts(AGENCY, put(blobs))
    assert next(parts) == WORDS[:CHUNK_BYTES]
    keys.destroy(AGENCY, CASE)
    with pytest.raises(BlobLost):
        next(parts)


async def test_what_was_deleted_is_gone_and_deleting_it_again_is_harmless(
    blobs: PersonBlobs, settings: Settings
) -> None:
    ref = put(blobs)
    assert await blobs.delete(AGENCY, ref)
    assert not await blobs.delete(AGENCY, ref)
    assert not await blobs.has(AGENCY, ref)
    assert on_disk(settings) == []
    with pytest.raises(BlobLost):
        await blobs.stream(AGENCY, ref)


def test_an_event_keeps_neither_the_hash_nor_the_name_of_the_file_in_the_clear(blobs: PersonBlobs, keys: Keys) -> None:
    ref = put(blobs)
    kept = kept_blob(ref, "reporter", CASE, "rumah Pak Budi.jpg")
    close = Sealer(keys, lambda: [(AGENCY, CLASS, CASE)]).of(AGENCY)
    stored = {
        **kept.model_dump(),
        "sha256": close(kept.sha256, "e/a.sha256"),
        "file_name": close(kept.file_name, "e/n"),
    }
    said = orjson.dumps(stored)
    assert ref.sha256.encode() not in said
    assert b"Budi" not in said
    back = PersonBlob.model_validate(stored)
    back.sha256.put_at("e/a.sha256")
    assert keys.open(back.sha256) == ref.sha256
    assert got(blobs, back) == WORDS
    keys.destroy(AGENCY, CASE)
    assert keys.open(back.sha256) is ERASED


def test_the_agency_is_no_person(blobs: PersonBlobs) -> None:
    with pytest.raises(ValueError, match="no person"):
        put(blobs, subject="agency")


def test_it_is_never_whole_in_memory(blobs: PersonBlobs, tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        for _ in range(1_000):
            file.write(os.urandom(CHUNK_BYTES))
    tracemalloc.start()
    with big.open("rb") as file:
        ref = blobs.put_now(AGENCY, "reporter", CASE, PLACE, file, "application/pdf")
    size = sum(len(part) for part in blobs.parts(AGENCY, ref))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 1_000 * CHUNK_BYTES
    assert peak < 32 * 1024 * 1024  # 62 MiB went in and out; a bucket takes parts of 5


# ---- the sweep: what lies there and stands in no fact


class Facts:
    """A log, in memory."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.store_id = StoreId("store", 1)

    def say(self, ref: BlobUpload) -> None:
        kept = kept_blob(ref, "reporter", CASE).model_dump()
        data = orjson.dumps({"data": {"complaint_id": "1", "attachments": [kept]}})
        self.rows.append(SimpleNamespace(position=len(self.rows) + 1, data=data))

    def head(self) -> int:
        return len(self.rows)

    def read(self, after: int, limit: int) -> list[Any]:
        return self.rows[after : after + limit]


@pytest.fixture
def facts() -> Facts:
    return Facts()


@pytest.fixture
def hour() -> dict[str, datetime]:
    """What the sweep takes for now."""
    return {"now": datetime.now(UTC)}


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    place = place_of(settings, "complaint")
    make_schema(place)
    made = engine_of(place)
    METADATA.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def sweep(
    blobs: PersonBlobs, keys: Keys, facts: Facts, engine: Engine, hour: dict[str, datetime]
) -> Callable[[], BlobSweep]:
    """A new one each time, as after a start."""
    return lambda: BlobSweep(
        "complaint",
        blobs=blobs,
        keys=keys,
        events=facts,  # type: ignore[arg-type]  # what it asks of a log
        engine=engine,
        clock=lambda: hour["now"],
    )


def test_what_no_fact_names_is_taken_away_a_day_later_and_what_one_names_is_never(
    blobs: PersonBlobs, facts: Facts, sweep: Callable[[], BlobSweep], hour: dict[str, datetime], settings: Settings
) -> None:
    named, orphan = put(blobs), put(blobs, b"nobody's", place="case-1/left")
    facts.say(named)
    assert sweep().sweep() == 0, "its fact may still come"
    hour["now"] += AGE + timedelta(minutes=1)
    assert sweep().sweep() == 1
    assert [path.name for path in on_disk(settings)] == [named.name]
    with pytest.raises(BlobLost):
        got(blobs, orphan)
    hour["now"] += timedelta(days=4000)
    assert sweep().sweep() == 0
    assert got(blobs, named) == WORDS


def test_an_upload_that_is_sent_again_a_day_later_is_no_orphan(
    blobs: PersonBlobs, sweep: Callable[[], BlobSweep], settings: Settings
) -> None:
    """What lies there is old, and is written anew in the moment in which it is swept."""
    ref = put(blobs)
    (stored,) = blobs.stored()
    assert not blobs.sweep(stored, stored.written_at - timedelta(seconds=1))
    assert got(blobs, ref) == WORDS
    assert len(on_disk(settings)) == 1


def test_a_fact_that_is_told_after_a_sweep_is_read_by_the_next(
    blobs: PersonBlobs, facts: Facts, sweep: Callable[[], BlobSweep], hour: dict[str, datetime]
) -> None:
    facts.say(put(blobs, b"first", place="case-1/1"))
    hour["now"] += AGE / 2
    assert sweep().sweep() == 0
    second = put(blobs, b"second", place="case-1/2")
    facts.say(second)
    hour["now"] += 2 * AGE
    assert sweep().sweep() == 0
    assert got(blobs, second) == b"second"


def test_of_another_store_everything_is_read_anew(
    blobs: PersonBlobs, facts: Facts, sweep: Callable[[], BlobSweep], hour: dict[str, datetime]
) -> None:
    """A store that was restored names fewer blobs."""
    ref = put(blobs)
    facts.say(ref)
    hour["now"] += 2 * AGE
    assert sweep().sweep() == 0
    facts.rows, facts.store_id = [], StoreId("store", 2)
    assert sweep().sweep() == 1


def test_a_log_that_cannot_be_read_takes_nothing_away(
    blobs: PersonBlobs, facts: Facts, sweep: Callable[[], BlobSweep], hour: dict[str, datetime]
) -> None:
    ref = put(blobs)
    facts.rows.append(SimpleNamespace(position=1, data=b'{"data": {"file_name": '))
    hour["now"] += 2 * AGE
    with pytest.raises(orjson.JSONDecodeError):
        sweep().sweep()
    assert got(blobs, ref) == WORDS


def test_keys_that_cannot_be_seen_are_not_taken_for_destroyed(keys: Keys) -> None:
    key_id, _ = keys.of_person(AGENCY, "reporter", CASE)
    assert keys.destroyed({key_id, uuid4().hex}) == set()
    keys.destroy(AGENCY, CASE)
    assert keys.destroyed({key_id, uuid4().hex}) == {key_id}


WRITING = """
import sys
from pathlib import Path
from pydantic import SecretStr
from services.kit.blobs import open_person_blobs
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings

class Slow:
    def __init__(self): self.at = 0
    def seek(self, at): self.at = at
    def read(self, size):
        self.at += 1
        if self.rounds == 2 and self.at == 30:
            print("half", flush=True)
            sys.stdin.read()
        return b"x" * size if self.at < 60 else b""

class Twice(Slow):
    rounds = 0
    def seek(self, at):
        super().seek(at)
        self.rounds += 1

settings = Settings(data_dir=Path(sys.argv[1]), keyring=SecretStr("m1:" + "A" * 43 + "="))
open_person_blobs(settings, open_keys(settings), "complaint").put_now(
    "pekalongan", "reporter", "case-1", "case-1/photo-1", Twice(), "image/jpeg"
)
"""


def test_killed_while_it_writes_it_leaves_nothing_that_counts_and_the_sweep_takes_the_rest(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "folder")
    keys = open_keys(settings)
    keys.migrate()
    writing = subprocess.Popen(
        [sys.executable, "-c", WRITING, str(tmp_path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert writing.stdout is not None
    assert writing.stdout.readline() == "half\n"
    writing.send_signal(signal.SIGKILL)
    writing.communicate()
    blobs = open_person_blobs(settings, keys, "complaint")
    (left,) = blobs.stored()
    assert left.name == ""
    whole = put(blobs)
    place = place_of(settings, "complaint")
    make_schema(place)
    engine = engine_of(place)
    METADATA.create_all(engine)
    facts, later = Facts(), datetime.now(UTC) + 2 * AGE
    facts.say(whole)
    sweep = BlobSweep("complaint", blobs=blobs, keys=keys, events=facts, engine=engine, clock=lambda: later)  # type: ignore[arg-type]  # as above
    assert sweep.sweep() == 1
    assert got(blobs, whole) == WORDS
    engine.dispose()
    keys.dispose()


def test_twenty_people_at_once_write_into_folders_that_are_swept(tmp_path: Path) -> None:
    """A folder that is empty for a moment is taken away under who is about to write into it."""
    shelf, stop = Folder(tmp_path), threading.Event()
    failed: list[BaseException] = []

    def sweeping() -> None:
        while not stop.is_set():
            for lying in list(shelf.lying("_persons")):
                if not lying.name.rpartition("/")[2].startswith("."):
                    shelf.delete(lying.name)

    def writing(number: int) -> None:
        try:
            for _ in range(60):
                shelf.put(f"_persons/complaint/{AGENCY}/{number % 2}/{number}", [b"x"])
        except OSError as error:
            failed.append(error)

    sweeper = threading.Thread(target=sweeping)
    sweeper.start()
    writers = [threading.Thread(target=writing, args=(number,)) for number in range(20)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    stop.set()
    sweeper.join()
    assert failed == []
