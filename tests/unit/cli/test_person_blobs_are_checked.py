"""I5 reads bytes of persons too: lost and changed ones are named, erased ones are counted as erased."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from services.cli.invariants.blobs import StoredBlobs
from services.cli.invariants.ground import Finding, Seen
from services.kit.blobs import open_blobs, open_person_blobs
from services.kit.database.place import engine_of, place_of
from services.kit.deciding import kept_blob
from services.kit.sealing.keys import Keys, open_keys
from services.kit.settings import Settings
from services.kit.store.recent import LogRow

SOURCE: Any = SimpleNamespace(service="complaint")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, keyring=SecretStr("m1:" + "A" * 43 + "="))


@pytest.fixture
def keys(settings: Settings) -> Keys:
    opened = open_keys(settings)
    opened.migrate()
    return opened


@pytest.fixture
def event(settings: Settings, keys: Keys) -> Seen:
    """A fact with one photo of a reporter."""
    blobs = open_person_blobs(settings, keys, "complaint")
    ref = blobs.put_now("pekalongan", "reporter", "case-1", "case-1/1", b"foto" * 50_000, "image/jpeg")
    data = {"complaint_id": "1", "attachments": [kept_blob(ref, "reporter", "case-1").model_dump(mode="json")]}
    said = {"agency": "pekalongan", "subject": "complaint:1", "data": data}
    return Seen(LogRow(7, 6, "x", 1, "", orjson.dumps(said)), said)


def i5(settings: Settings, keys: Keys, event: Seen) -> Finding:
    persons = partial(open_person_blobs, settings, keys)
    check = StoredBlobs(open_blobs(settings, keys), engine_of(place_of(settings, "keys")), persons)
    check.part(SOURCE, [event])
    return check.finding()


def photo(settings: Settings) -> Path:
    return next(path for path in (settings.data_dir / "blobs").rglob("*") if path.is_file())


def test_what_is_whole_is_read_to_its_end(settings: Settings, keys: Keys, event: Seen) -> None:
    found = i5(settings, keys, event)
    assert found.ok
    assert found.figures == {"blobs": 1, "bytes": 200_000, "erased": 0}


def test_what_is_erased_is_no_breach(settings: Settings, keys: Keys, event: Seen) -> None:
    keys.destroy("pekalongan", "case-1")
    photo(settings).unlink()
    found = i5(settings, keys, event)
    assert found.ok
    assert found.figures == {"blobs": 1, "bytes": 0, "erased": 1}


@pytest.mark.parametrize("how", ["lost", "changed", "cut"])
def test_what_is_lost_or_changed_is_named(settings: Settings, keys: Keys, event: Seen, how: str) -> None:
    path = photo(settings)
    whole = path.read_bytes()
    if how == "lost":
        path.unlink()
    else:
        path.write_bytes(whole[:-1] if how == "cut" else whole[:-1] + bytes([whole[-1] ^ 1]))
    found = i5(settings, keys, event)
    assert not found.ok
    assert "complaint/pekalongan, posisi 7" in found.where


def test_a_reference_that_cannot_be_read_is_named(settings: Settings, keys: Keys, event: Seen) -> None:
    event.data["attachments"][0]["name"] = "../../etc/passwd"
    found = i5(settings, keys, event)
    assert not found.ok
    assert "tidak terbaca" in found.sentence
