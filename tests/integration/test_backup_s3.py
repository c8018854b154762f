"""Backups in buckets of a real S3 server: made, checked, brought back, kept; and a sentence for whatever is wrong."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.cli.backup.checking import check, newest_report
from services.cli.backup.making import Made, make
from services.cli.backup.restoring import Asked, restore
from services.cli.demo import carry
from services.kit.backup.buckets import Access
from services.kit.backup.cut import silent
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import ARCHIVES, name_at
from services.kit.backup.places import BackupPlace
from services.kit.backup.reading import Archive
from services.kit.backup.retention import Keep
from services.kit.backup.sealing import identities_in, new_identity
from services.kit.backup.settings import BackupSettings
from services.kit.backup.writing import tidy
from services.kit.settings import Settings
from tests.faults.wire import Wire
from tests.parts.product import ROOT, Product, start_product
from tests.parts.s3 import S3

SOON = 2.0


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    server = S3(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = start_product(tmp_path_factory.mktemp("office"))
    asyncio.run(carry(running.settings, None))
    yield running
    running.discard()


@pytest.fixture
def own(s3: S3, tmp_path: Path) -> BackupSettings:
    """Two buckets, each with its own user; the key pair lies apart."""
    (key, secret), (keys_key, keys_secret) = s3.users["archives"], s3.users["keys"]
    return BackupSettings(
        to=f"s3://archives/{tmp_path.name}", keys_to=f"s3://keys/{tmp_path.name}",
        recipient=new_identity(tmp_path / "identity.txt"), identity=tmp_path / "identity.txt",
        s3_endpoint=s3.url, s3_region="us-east-1", s3_key_id=key, s3_secret=SecretStr(secret),
        keys_s3_key_id=keys_key, keys_s3_secret=SecretStr(keys_secret),
    )  # fmt: skip


def backed_up(office: Product, own: BackupSettings) -> Made:
    return make(office.settings, own, own.to, silent)


def opened(own: BackupSettings) -> Archive:
    place, keys = BackupPlace(own.to, own.access()), BackupPlace(own.keys_to, own.access(keys=True))
    assert own.identity is not None
    return Archive.open(place, keys, identities_in(own.identity))


def test_what_was_backed_up_to_a_bucket_is_checked_and_brought_back(
    office: Product, own: BackupSettings, tmp_path: Path
) -> None:
    made = backed_up(office, own)
    elsewhere = Settings(data_dir=tmp_path / "elsewhere", nats_port=1)
    report = check(elsewhere, opened(own), silent)
    assert (report["ok"], report["archive"]) == (True, made.manifest.name)
    proven = newest_report(BackupPlace(own.to, own.access()))
    assert proven is not None
    restored = restore(elsewhere, opened(own), Asked({}, "test", silent))
    assert restored.whole
    assert restored.manifest.blobs == made.manifest.blobs > 0


def test_in_a_bucket_the_next_backup_copies_only_new_blobs_and_the_old_ones_go(
    office: Product, own: BackupSettings
) -> None:
    first = backed_up(office, own)
    place, keys = BackupPlace(own.to, own.access()), BackupPlace(own.keys_to, own.access(keys=True))
    before = {each.name: each.written_at for each in place.lying("blobs")}
    killed = name_at(datetime.now(UTC) - timedelta(days=2), "abcdef")
    place.put(f"{ARCHIVES}/{killed}/intake.age", [b"half"])
    time.sleep(1.1)  # an archive's name tells seconds
    second = backed_up(office, own)
    assert {each.name: each.written_at for each in place.lying("blobs")} == before
    assert place.archives() == [second.manifest.name], "of one day the newest stays"
    left = {each.name.split("/")[1] for each in place.lying(ARCHIVES)}
    assert left == {second.manifest.name}, (first.manifest.name, killed)
    place.put("blobs/" + "0" * 64, [b"of no archive"])
    tidy(place, keys, Keep(), datetime.now(UTC) + timedelta(days=2))
    assert {each.name for each in place.lying("blobs")} == set(before)


def test_the_command_takes_its_bucket_from_settings_and_its_secret_from_a_file(
    office: Product, own: BackupSettings, tmp_path: Path
) -> None:
    status, said, _ = command(office, own, tmp_path)
    assert status == 0, said
    assert BackupPlace(own.to, own.access()).archives()
    for secret in (own.s3_secret, own.keys_s3_secret):
        assert secret.get_secret_value() not in said


def command(office: Product, own: BackupSettings, folder: Path) -> tuple[int, str, float]:
    """Exit status, all that it said, and how long it took after it had begun to work."""
    (folder / "secret").write_text(own.s3_secret.get_secret_value() + "\n")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("CARAKA_", "AWS_"))},
        "PYTHONPATH": str(ROOT), "CARAKA_DATA_DIR": str(office.settings.data_dir),
        "CARAKA_BACKUP_TO": own.to, "CARAKA_BACKUP_KEYS_TO": own.keys_to, "CARAKA_BACKUP_RECIPIENT": own.recipient,
        "CARAKA_BACKUP_S3_ENDPOINT": own.s3_endpoint, "CARAKA_BACKUP_S3_REGION": own.s3_region,
        "CARAKA_BACKUP_S3_KEY_ID": own.s3_key_id, "CARAKA_BACKUP_S3_SECRET_FILE": str(folder / "secret"),
        "CARAKA_BACKUP_KEYS_S3_KEY_ID": own.keys_s3_key_id,
        "CARAKA_BACKUP_KEYS_S3_SECRET": own.keys_s3_secret.get_secret_value(),
    }  # fmt: skip
    words, began = [sys.executable, "-m", "services", "backup", "now"], time.monotonic()
    done = subprocess.run(words, env=environment, capture_output=True, check=False, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr, time.monotonic() - began


WRONG = {
    "a wrong secret": ({"s3_secret": SecretStr("salah")}, "place-closed", "menolak kunci"),
    "an unknown key": ({"s3_key_id": "siapa"}, "place-closed", "menolak kunci"),
    "somebody else's bucket": ({"to": "s3://keys/x"}, "place-closed", "tidak boleh"),
    "a bucket that is not there": ({"to": "s3://tiada"}, "place-", "tida"),
    "nobody at the port": ({"s3_endpoint": "http://127.0.0.1:9"}, "place-away", "tidak menjawab"),
    "an unknown host": ({"s3_endpoint": "http://tiada.invalid"}, "place-away", "tidak menjawab"),
    "no address at all": ({"to": "s3//archives:x://"}, "place-away", "bukan alamat"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_a_bucket_is_one_sentence_at_once(office: Product, own: BackupSettings, wrong: str) -> None:
    change, code, words = WRONG[wrong]
    wrongly = own.model_copy(update=change)
    began = time.monotonic()
    with pytest.raises(BackupFault) as fault:
        backed_up(office, wrongly)
    took = time.monotonic() - began
    assert fault.value.code.startswith(f"backup.{code}"), str(fault.value)
    assert re.search(words, str(fault.value)), str(fault.value)
    assert "\n" not in str(fault.value)
    assert took < SOON


def test_a_server_that_takes_the_call_and_stays_silent_is_given_up(own: BackupSettings) -> None:
    with socket.socket() as silent_one:
        silent_one.bind(("127.0.0.1", 0))
        silent_one.listen()
        access = Access(f"http://127.0.0.1:{silent_one.getsockname()[1]}", "us-east-1", "a", "b")
        with pytest.raises(BackupFault, match="tidak menjawab"):
            BackupPlace(own.to, access)


def test_a_server_that_dies_in_the_middle_leaves_no_archive_and_the_next_one_goes_on(
    office: Product, own: BackupSettings, s3: S3
) -> None:
    wire = Wire(s3.port)
    wire.start()
    try:
        through = own.model_copy(update={"s3_endpoint": f"http://127.0.0.1:{wire.port}"})

        def tell(stage: str, _done: int, _total: int) -> None:
            if stage == "audit":
                wire.cut()

        with pytest.raises(BackupFault) as fault:
            make(office.settings, through, own.to, tell)
        assert fault.value.code == "backup.place-away"
        assert BackupPlace(own.to, own.access()).archives() == []
        wire.heal()
        made = backed_up(office, through)
        assert BackupPlace(own.to, own.access()).archives() == [made.manifest.name]
    finally:
        wire.close()
