"""A backup of the running product, brought back by this process: whole, or nothing, with a sentence that names why."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from contracts.organisation import EraseSubject
from services.cli import verify
from services.cli.backup.afterwards import asked, hold_jobs, state
from services.cli.backup.checking import check, newest_report
from services.cli.backup.emptiness import refuse_half_restored
from services.cli.backup.keeping import kept
from services.cli.backup.making import PURPOSE, make
from services.cli.backup.numbers import guess
from services.cli.backup.restoring import Asked, restore
from services.cli.backup.told import restored as restored_in_words
from services.cli.catalogue import JOBS
from services.cli.demo import carry
from services.kit.backup import journal
from services.kit.backup.cut import silent
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import FORMAT, MANIFEST
from services.kit.backup.places import BackupPlace
from services.kit.backup.sealing import new_identity
from services.kit.backup.settings import BackupSettings
from services.kit.bus.connection import Bus
from services.kit.operations.health import HealthReport, ask_health
from services.kit.runtime.admission import NotAdmitted, admit
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings
from services.kit.store import open_log, open_store
from services.kit.store.timetable import micros
from tests.integration.waiting import until
from tests.parts.backups import backed_up, brought_back, opened
from tests.parts.books import first_number, this_year
from tests.parts.product import ROOT, WITH_EVENTS, Product, start_product


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running product that has carried a letter."""
    running = start_product(tmp_path_factory.mktemp("office"))
    asyncio.run(carry(running.settings, None))
    yield running
    running.discard()


@pytest.fixture(scope="module")
def archives(office: Product, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The place of one backup; a test that spoils it takes a copy."""
    place = tmp_path_factory.mktemp("backups") / "place"
    backed_up(office.settings, place)
    return place


@pytest.fixture
def place(archives: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(archives, tmp_path / "place")
    shutil.copytree(f"{archives}-kunci", tmp_path / "place-kunci")
    return tmp_path / "place"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "elsewhere", nats_port=1)


@pytest.fixture(scope="module")
def settled(archives: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Stores that were brought back, for tests that spoil their jobs."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("settled") / "var", nats_port=1)
    brought_back(settings, archives)
    return settings


def refused(code: str, settings: Settings, place: Path, identity: Path | None = None) -> str:
    """The sentence; and nothing is there that was not before."""
    with pytest.raises(BackupFault) as fault:
        restore(settings, opened(place, identity), Asked({}, "test", silent))
    assert fault.value.code == f"backup.{code}", str(fault.value)
    assert not settings.data_dir.exists() or list(settings.data_dir.iterdir()) == []
    return str(fault.value)


def part_of(place: Path, name: str) -> Path:
    return next(place.glob(f"archives/*/{name}.age"))


def events(settings: Settings, service: str) -> list[dict[str, object]]:
    log = open_log(settings, service)
    try:
        return [orjson.loads(row.data) for row in log.read(0, 10_000)]
    finally:
        log.close()


def test_what_comes_back_is_what_was_there_and_says_what_is_missing(
    office: Product, archives: Path, elsewhere: Settings
) -> None:
    restored = brought_back(elsewhere, archives)
    assert restored.whole
    checked = {each.invariant for each in restored.findings if each.checked}
    assert {"I1", "I2", "I3", "I4", "I5", "I6", "I8", "I10", "I12", "I13"} <= checked
    for service in WITH_EVENTS:
        before = [row.data for row in office.rows(service)][: restored.manifest.heads[service].head]
        log = open_log(elsewhere, service)
        assert [row.data for row in log.read(0, len(before))] == before
        assert log.store_id.epoch == restored.manifest.heads[service].epoch + 1
        log.close()
    (book,) = [each for each in restored.books if each.year == this_year()]
    last = first_number()
    assert (book.last, book.until, book.guessed) == (last, last + 10, True)
    assert " untuk " in restored.delivered[0], "as it stands on paper, not by its id"
    assert "nomor " in restored.delivered[0]


def test_the_last_number_on_paper_is_said_and_the_next_one_follows_it(archives: Path, elsewhere: Settings) -> None:
    restored = brought_back(elsewhere, archives, (f"pekalongan/masuk/{this_year()}=1260",))
    (book,) = [each for each in restored.books if each.year == this_year()]
    last = first_number()
    assert (book.last, book.until, book.guessed) == (last, 1260, False)
    facts = [each["data"] for each in events(elsewhere, "intake") if "NumbersReserved" in str(each["type"])]
    (reserved,) = [each for each in facts if isinstance(each, dict) and each["year"] == this_year()]
    assert (reserved["first"], reserved["last"]) == (last + 1, 1260)


def test_a_book_that_is_not_there_is_named_and_nothing_is_left(archives: Path, elsewhere: Settings) -> None:
    with pytest.raises(BackupFault, match="pekalongan/keluar/2026"):
        brought_back(elsewhere, archives, ("pekalongan/keluar/2026=7",))
    assert list(elsewhere.data_dir.iterdir()) == []


def test_another_key_opens_nothing(archives: Path, elsewhere: Settings, tmp_path: Path) -> None:
    new_identity(tmp_path / "other.txt")
    assert "kunci lain" in refused("wrong-key", elsewhere, archives, identity=tmp_path / "other.txt")


@pytest.mark.parametrize("text", ["", "AGE-SECRET-KEY-1NONSENSE", "# only words"])
def test_a_key_that_is_none_is_named(archives: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.txt").write_text(text)
    with pytest.raises(BackupFault) as fault:
        opened(archives, identity=tmp_path / "broken.txt")
    assert fault.value.code == "backup.identity-lost"


def test_keys_that_were_lost_are_missed_before_anything_is_touched(place: Path) -> None:
    shutil.rmtree(f"{place}-kunci/keys")
    with pytest.raises(BackupFault) as fault:
        opened(place)
    assert fault.value.code == "backup.none"


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("spoil", [cut_short, one_bit, Path.unlink])
@pytest.mark.parametrize("part", ["intake", "audit", "blobs"])
def test_a_part_that_was_cut_changed_or_taken_away_is_named(
    place: Path, elsewhere: Settings, part: str, spoil: Callable[[Path], None]
) -> None:
    spoil(part_of(place, part))
    assert part in refused("missing" if spoil is Path.unlink else "changed", elsewhere, place)


def test_a_manifest_that_says_something_else_is_not_believed(place: Path, elsewhere: Settings) -> None:
    path = next(place.glob(f"archives/*/{MANIFEST}"))
    said = orjson.loads(path.read_bytes())
    said["heads"]["intake"]["events"] += 1
    path.write_bytes(orjson.dumps(said))
    refused("changed", elsewhere, place)


def test_an_archive_of_a_later_version_is_refused_by_name(place: Path) -> None:
    path = next(place.glob(f"archives/*/{MANIFEST}"))
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "format": FORMAT + 1, "version": "9.9"}))
    with pytest.raises(BackupFault, match=r"9\.9") as fault:
        opened(place)
    assert fault.value.code == "backup.newer"


@pytest.mark.parametrize(
    ("spoil", "code"), [(cut_short, "blobs-missing"), (Path.unlink, "blobs-missing"), (one_bit, "broken")]
)
def test_a_blob_that_was_cut_changed_or_taken_away_is_found(
    place: Path, elsewhere: Settings, spoil: Callable[[Path], None], code: str
) -> None:
    spoil(max(place.glob("blobs/*/*"), key=lambda path: path.stat().st_size))
    refused(code, elsewhere, place)


def test_what_was_broken_before_comes_back_when_a_person_wants_it_so(place: Path, elsewhere: Settings) -> None:
    one_bit(max(place.glob("blobs/*/*"), key=lambda path: path.stat().st_size))
    restored = restore(elsewhere, opened(place), Asked({}, "test", silent, despite=True))
    assert [each.invariant for each in restored.findings if not each.ok] == ["I5"]
    assert "TIDAK utuh: I5" in restored_in_words(restored, elsewhere)
    assert (elsewhere.data_dir / "intake.sqlite").exists()


def test_the_next_backup_copies_only_new_blobs_and_mends_one_that_was_cut(office: Product, place: Path) -> None:
    first, second = sorted(place.glob("blobs/*/*"), key=lambda path: path.stat().st_size)[-2:]
    cut_short(first)
    size, before = first.stat().st_size, second.stat().st_mtime_ns
    backed_up(office.settings, place)
    assert first.stat().st_size > size
    assert second.stat().st_mtime_ns == before
    assert len(BackupPlace(str(place)).archives()) == 1, "of one day the newest stays"


def test_a_place_that_is_not_empty_is_refused_and_left_as_it_is(archives: Path, elsewhere: Settings) -> None:
    brought_back(elsewhere, archives)
    before = {path.name: path.stat().st_mtime_ns for path in elsewhere.data_dir.iterdir()}
    with pytest.raises(BackupFault) as fault:
        brought_back(elsewhere, archives)
    assert fault.value.code == "backup.not-empty"
    assert {path.name: path.stat().st_mtime_ns for path in elsewhere.data_dir.iterdir()} == before


def test_an_archive_of_an_earlier_version_gets_the_tables_that_it_lacks(
    archives: Path, elsewhere: Settings, tmp_path: Path
) -> None:
    brought_back(elsewhere, archives)
    for service in WITH_EVENTS:
        with sqlite3.connect(elsewhere.data_dir / f"{service}.sqlite") as connection:
            connection.execute("DROP TABLE restored")
    backed_up(elsewhere, tmp_path / "earlier")
    third = elsewhere.model_copy(update={"data_dir": tmp_path / "third"})
    assert brought_back(third, tmp_path / "earlier").whole


def test_a_backup_of_what_was_restored_is_restored_again_under_the_next_epoch(
    archives: Path, elsewhere: Settings, tmp_path: Path
) -> None:
    first = brought_back(elsewhere, archives)
    backed_up(elsewhere, tmp_path / "again")
    third = elsewhere.model_copy(update={"data_dir": tmp_path / "third"})
    assert brought_back(third, tmp_path / "again").whole
    store = open_store(third, "intake")
    assert store.identity().epoch == first.manifest.heads["intake"].epoch + 2
    assert len(store.restored()) == 2
    store.close()


def test_what_was_out_at_the_cut_waits_for_a_person_and_all_queues_rest(
    archives: Path, elsewhere: Settings, tmp_path: Path
) -> None:
    brought_back(elsewhere, archives)
    with sqlite3.connect(elsewhere.data_dir / "notifications.sqlite") as connection:
        connection.execute("DELETE FROM jobs")
        out = connection.executemany(
            "INSERT INTO jobs VALUES (?, 'pekalongan', 's', ?, 'email', 0, 0, 1, 'sent', 1, x'', '', '', '', '')",
            [(f"surat-{number}", f"surat-{number}") for number in range(3)],
        ).rowcount
    backed_up(elsewhere, tmp_path / "again")
    third = elsewhere.model_copy(update={"data_dir": tmp_path / "third"})
    asked = Asked({}, "test", silent, despite=True)  # nothing in this office wants these jobs
    assert restore(third, opened(tmp_path / "again"), asked).jobs == out
    with sqlite3.connect(third.data_dir / "notifications.sqlite") as connection:
        assert connection.execute("SELECT DISTINCT state, reason FROM jobs").fetchall() == [("parked", "restored")]
        assert connection.execute("SELECT queue, agency, paused_by FROM job_pauses ORDER BY queue").fetchall() == [
            (queue, "*", "restore") for queue in sorted(JOBS["notifications"])
        ]


@pytest.mark.parametrize(
    ("service", "queue"), [(service, queue) for service, queues in JOBS.items() for queue in queues]
)
def test_an_effect_that_may_have_been_done_waits_for_a_person_whatever_it_is(
    settled: Settings, service: str, queue: str
) -> None:
    """E-mail, webhook, provisioning: out, tried before, or due since; what is due later was done by nobody."""
    now = datetime.now(UTC)
    due, later = micros(now - timedelta(seconds=1)), micros(now + timedelta(days=1))
    jobs = {
        "out": ("sent", later, 1),
        "tried": ("waiting", later, 2),
        "due": ("waiting", due, 0),
        "later": ("waiting", later, 0),
    }
    with closing(sqlite3.connect(settled.data_dir / f"{service}.sqlite")) as connection, connection:
        connection.execute("DELETE FROM jobs")
        connection.execute("DELETE FROM job_pauses")
        for name, (state_of, moment, tries) in jobs.items():
            connection.execute(
                "INSERT INTO jobs VALUES (?, 'pekalongan', 's', ?, ?, ?, ?, ?, ?, 1, x'', '', '', '', '')",
                (f"{queue}-{name}", name, queue, moment, moment, tries, state_of),
            )
    assert hold_jobs(settled, now) >= len(jobs) - 1
    with closing(sqlite3.connect(settled.data_dir / f"{service}.sqlite")) as connection:
        held = connection.execute("SELECT name FROM jobs WHERE state = 'parked' AND reason = 'restored' ORDER BY name")
        assert [row[0] for row in held] == ["due", "out", "tried"]
        paused = connection.execute("SELECT agency, paused_by FROM job_pauses WHERE queue = ?", (queue,)).fetchall()
    assert paused == [("*", "restore")]


def test_who_was_erased_after_the_backup_stays_erased(archives: Path, elsewhere: Settings, tmp_path: Path) -> None:
    brought_back(elsewhere, archives)
    before = tmp_path / "before"
    backed_up(elsewhere, before)
    with sqlite3.connect(elsewhere.data_dir / "keys.sqlite") as connection:
        agency, subject = connection.execute(
            "SELECT agency, subject_id FROM keys WHERE seal_class IN ('applicant', 'reporter', 'contact') AND"
            " wrapped IS NOT NULL LIMIT 1"
        ).fetchone()
    state(
        elsewhere, "organisation",
        [asked("erase", agency, EraseSubject(subject_id=subject, reason="diminta"), datetime.now(UTC))],
    )  # fmt: skip
    keys = open_keys(elsewhere)
    gone = [row[0] for row in sqlite3.connect(elsewhere.data_dir / "keys.sqlite").execute(
        "SELECT key_id FROM keys WHERE wrapped IS NULL")]  # fmt: skip
    keys.dispose()
    journal.write(BackupPlace(str(before)), gone, load_keyring(elsewhere).derive(PURPOSE))
    third = elsewhere.model_copy(update={"data_dir": tmp_path / "third"})
    restored = brought_back(third, before)
    assert restored.erased == 1
    keys = open_keys(third)
    assert keys.destroyed(gone) == set(gone)
    keys.dispose()
    erased = [each["data"] for each in events(third, "organisation") if "SubjectErased" in str(each["type"])]
    assert [each["subject_id"] for each in erased if isinstance(each, dict)] == [subject]


def test_a_journal_that_was_changed_destroys_nobodys_key(place: Path, elsewhere: Settings) -> None:
    path = next(place.glob("journal/*/erasures.json"))
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "destroyed": ["0" * 32]}))
    refused("journal", elsewhere, place)


def test_a_check_restores_aside_and_leaves_its_report(place: Path, elsewhere: Settings) -> None:
    report = check(elsewhere, opened(place), silent)
    assert report["ok"]
    assert report["rate"] > 0
    assert not elsewhere.data_dir.exists()
    one_bit(part_of(place, "intake"))
    failed = check(elsewhere, opened(place), silent)
    assert (failed["ok"], failed["code"]) == (False, "backup.changed")
    proven = newest_report(BackupPlace(str(place)))
    assert proven is not None
    assert proven["checked_at"] == report["checked_at"]


def killed(words: list[str], settings: Settings, point: str) -> int:
    """Runs a command that dies at a crash point; its exit status."""
    environment = {
        **os.environ,
        "CARAKA_DATA_DIR": str(settings.data_dir),
        "CARAKA_CRASH": point,
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "services", *words], env=environment, check=False, capture_output=True, timeout=120
    )
    return done.returncode


@pytest.mark.parametrize("point", ["backup.after-keys", "backup.after-blobs", "backup.before-manifest"])
def test_a_backup_that_is_killed_leaves_no_archive_and_the_one_before_it_stands(
    office: Product, place: Path, elsewhere: Settings, point: str
) -> None:
    names = BackupPlace(str(place)).archives()
    assert killed(["backup", str(place)], office.settings, point) == -9
    assert BackupPlace(str(place)).archives() == names
    assert brought_back(elsewhere, place).whole


@pytest.mark.parametrize("point", ["restore.after-store", "restore.views-built", "restore.moving"])
def test_a_restore_that_is_killed_is_used_by_nobody_and_begun_anew(
    archives: Path, elsewhere: Settings, point: str
) -> None:
    assert killed(["restore", str(archives)], elsewhere, point) == -9
    with pytest.raises(SystemExit, match="belum selesai"):
        refuse_half_restored(elsewhere)
    assert brought_back(elsewhere, archives).whole
    refuse_half_restored(elsewhere)


def test_views_are_built_in_a_process_of_their_own_and_a_restore_is_refused_where_that_is_killed(
    archives: Path, elsewhere: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "is_worth", lambda _: True)
    assert brought_back(elsewhere, archives).whole
    again = elsewhere.model_copy(update={"data_dir": elsewhere.data_dir.with_name("again")})
    monkeypatch.setenv("CARAKA_CRASH", "restore.views-built")  # this process has read it long ago, the other one will
    assert "I3" in refused("broken", again, archives)


def test_the_keys_never_lie_with_the_archives(office: Product, tmp_path: Path) -> None:
    own = BackupSettings(to="", keys_to=str(tmp_path / "place"), recipient="")
    with pytest.raises(BackupFault) as fault:
        make(office.settings, own, str(tmp_path / "place"), silent)
    assert fault.value.code == "backup.same-place"


def test_a_restored_product_is_not_admitted_beside_the_living_one(
    office: Product, archives: Path, elsewhere: Settings
) -> None:
    brought_back(elsewhere, archives)

    async def looked() -> None:
        bus = await Bus.connect(office.settings.broker_url, service="migrate", patience=10)
        try:
            await admit(elsewhere, bus, WITH_EVENTS, WITH_EVENTS, patience=0)
        finally:
            await bus.close()

    with pytest.raises(NotAdmitted, match="Caraka yang hidup"):
        asyncio.run(looked())


def test_as_many_numbers_are_reserved_as_were_ever_given_out_in_so_long_a_time() -> None:
    days = [datetime(2026, 11, day, hour, tzinfo=UTC) for day in range(2, 7) for hour in (1, 2, 3)]
    assert guess(days, timedelta(days=2)) == 20, "nine in two days and a bit, five more, to full tens"
    assert guess([], timedelta(days=2)) == 10
    assert guess([datetime(2026, 11, 2, tzinfo=UTC)] * 5_000, timedelta(hours=1)) == 500


def test_the_schedule_makes_a_backup_and_tells_the_operations_room(office: Product, tmp_path: Path) -> None:
    own = BackupSettings(to=str(tmp_path / "kept"), keys_to=str(tmp_path / "keys"), recipient="", every_hours=1)

    async def looked() -> HealthReport:
        async with kept(office.settings, own) as keeper:
            await until(lambda: keeper.standing.newest is not None, seconds=60)
            async with office.bus() as bus:
                reports = await ask_health(bus, seconds=3)
                return next(each for each in reports if each.parts.get("backup", {}).get("place") == own.to)

    report = asyncio.run(looked())
    assert (report.service, report.warnings) == ("backup", ())
    assert report.parts["backup"]["state"] == "kept"
    assert len(BackupPlace(own.to).archives()) == 1
