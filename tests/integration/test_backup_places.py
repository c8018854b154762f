"""A place that is full, away, taken off in the middle, or shared: a sentence, nothing half taken for whole, and the
next backup goes on.
"""

import asyncio
import multiprocessing
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from services.cli.backup.keeping import BackupKeeper, Rest, kept
from services.cli.backup.making import make
from services.cli.demo import carry
from services.cli.health import overview
from services.kit.backup.cut import Tell, silent
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import KEYS, name_at
from services.kit.backup.places import BackupPlace
from services.kit.backup.remembered import one_at_a_time
from services.kit.backup.settings import BackupSettings
from services.kit.settings import Settings
from tests.integration.waiting import until
from tests.parts.backups import backed_up, brought_back, small_disk
from tests.parts.product import Product, start_product

LEFT = {"journal"}
"""Written before the archive, and kept: who was erased stays erased."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = start_product(tmp_path_factory.mktemp("office"))
    asyncio.run(carry(running.settings, None))
    yield running
    running.discard()


def refused(
    office: Product, place: Path, *, tell: Tell = silent, keys: Path | None = None, new: bool = False
) -> BackupFault:
    own = BackupSettings(to="", keys_to=str(keys or ""), recipient="")
    with pytest.raises(BackupFault) as fault:
        make(office.settings, own, str(place), tell, new=new)
    return fault.value


def files(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def at(stage: str, deed: Callable[[], object]) -> Tell:
    """Done once, when the backup is there."""
    left = [deed]

    def tell(now: str, _done: int, _total: int) -> None:
        if now == stage and left:
            left.pop()()

    return tell


@pytest.mark.parametrize("size", ["100k", "400k", "900k", "1600k"])
def test_a_full_place_is_named_left_clean_and_used_again_when_there_is_room(
    office: Product, tmp_path: Path, size: str
) -> None:
    place = tmp_path / "place"
    with small_disk(place, size):
        fault = refused(office, place)
        assert fault.code == "backup.place-full"
        assert "penuh" in str(fault)
        assert BackupPlace(str(place)).archives() == []
        assert {name.split("/")[0] for name in files(place)} <= LEFT | {"blobs"}
        assert not any("/." in name for name in files(place)), "nothing half-written keeps it full"
        assert list(Path(f"{place}-kunci").glob("keys/*/*")) == [], "no keys without their archive"
        subprocess.run(["mount", "-o", "remount,size=100m", str(place)], check=True)
        made = backed_up(office.settings, place)
        assert BackupPlace(str(place)).archives() == [made.manifest.name]


def test_a_full_place_of_the_keys_is_named_and_no_archive_is_made(office: Product, tmp_path: Path) -> None:
    with small_disk(tmp_path / "keys", "16k") as keys:
        fault = refused(office, tmp_path / "place", keys=keys)
        assert (fault.code, str(keys) in str(fault)) == ("backup.place-full", True)
    assert BackupPlace(str(tmp_path / "place")).archives() == []


@pytest.mark.parametrize("stage", ["organisation", "audit", "blobs"])
def test_a_folder_that_is_removed_in_the_middle_becomes_no_archive(office: Product, tmp_path: Path, stage: str) -> None:
    place = tmp_path / "place"
    fault = refused(office, place, tell=at(stage, lambda: shutil.rmtree(place)))
    assert fault.code == "backup.place-away"
    assert not place.exists(), "nothing is written where nobody expects it"
    made = backed_up(office.settings, place)
    assert BackupPlace(str(place)).archives() == [made.manifest.name]


@pytest.mark.parametrize("stage", ["organisation", "blobs"])
def test_a_disk_that_is_taken_off_in_the_middle_leaves_the_folder_below_it_empty(
    office: Product, tmp_path: Path, stage: str
) -> None:
    place = tmp_path / "place"
    with small_disk(place, "100m"):
        fault = refused(office, place, tell=at(stage, lambda: subprocess.run(["umount", "-l", str(place)], check=True)))
        assert fault.code == "backup.place-away"
        assert files(place) == []


def test_what_somebody_cleared_away_meanwhile_is_missed_before_the_manifest_says_otherwise(
    office: Product, tmp_path: Path
) -> None:
    place = tmp_path / "place"

    def clear() -> None:
        for each in place.glob("archives/*/intake.age"):
            each.unlink()

    fault = refused(office, place, tell=at("blobs", clear))
    assert (fault.code, "intake" in str(fault)) == ("backup.place-away", True)
    assert BackupPlace(str(place)).archives() == []


def test_a_disk_that_is_not_mounted_is_not_taken_for_a_new_place(office: Product, tmp_path: Path) -> None:
    place, aside = tmp_path / "place", tmp_path / "aside"
    backed_up(office.settings, place)
    place.rename(aside)
    assert refused(office, place).code == "backup.place-away"
    assert not place.exists()
    place.mkdir()
    fault = refused(office, place)
    assert (fault.code, "--new" in str(fault), files(place)) == ("backup.place-empty", True, [])
    place.rmdir()
    aside.rename(place)
    backed_up(office.settings, place)
    shutil.rmtree(place)
    place.mkdir()
    own = BackupSettings(to="", keys_to="", recipient="")
    assert make(office.settings, own, str(place), silent, new=True).manifest.blobs


def test_two_backups_at_once_do_not_meet(office: Product, tmp_path: Path) -> None:
    with one_at_a_time(office.settings.data_dir):
        assert refused(office, tmp_path / "place").code == "backup.running"


def test_what_a_killed_backup_left_is_taken_away_after_a_day_and_nothing_else(office: Product, tmp_path: Path) -> None:
    place = tmp_path / "place"
    now = datetime.now(UTC)
    old, young = (name_at(now - timedelta(hours=hours), "abcdef") for hours in (25, 23))
    for name in (old, young, "orang-lain"):
        (place / "archives" / name).mkdir(parents=True)
        (place / "archives" / name / "intake.age").write_bytes(b"half")
    backed_up(office.settings, place)
    left = {each.name for each in (place / "archives").iterdir()}
    assert {young, "orang-lain"} < left
    assert old not in left


def test_a_backup_that_is_killed_at_any_moment_harms_no_other(office: Product, tmp_path: Path) -> None:
    place, dice = tmp_path / "place", random.Random(7)  # noqa: S311 - dice, no secret
    began = time.monotonic()
    backed_up(office.settings, place)
    span = time.monotonic() - began
    processes = multiprocessing.get_context("forkserver")  # each its own, without the seconds of an interpreter's start
    processes.set_forkserver_preload([backed_up.__module__])
    for _ in range(12):
        process = processes.Process(target=backed_up, args=(office.settings, place))
        before = _begun(place)
        process.start()
        until_begun(place, before)
        time.sleep(span * dice.random())
        process.kill()
        process.join(20)
        assert BackupPlace(str(place)).archives()
    made = backed_up(office.settings, place)
    restored = brought_back(Settings(data_dir=tmp_path / "elsewhere", nats_port=1), place)
    assert (restored.manifest.name, restored.whole) == (made.manifest.name, True)
    assert not (office.settings.data_dir / "backup.spool").exists()


def until_begun(place: Path, before: set[str]) -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends and _begun(place) <= before:
        time.sleep(0.002)


def _begun(place: Path) -> set[str]:
    return {each.name for each in Path(f"{place}-kunci", KEYS).iterdir()}


def test_a_schedule_whose_place_is_full_says_so_everywhere_and_goes_on_by_itself(
    office: Product, tmp_path: Path
) -> None:
    own = BackupSettings(to=str(tmp_path / "full"), keys_to=str(tmp_path / "keys"), recipient="", every_hours=1)
    again = Rest(look_seconds=0.5, again=timedelta(seconds=1))

    async def looked(keeper: BackupKeeper) -> None:
        await until(lambda: keeper.standing.failing_since is not None, seconds=60)
        (said,) = keeper.report().warnings
        assert "penuh" in said
        assert (await keeper.numbers())["caraka_backup_failing_seconds"][0][1] > 0
        for _ in range(60):  # who keeps backups answers the doctor when he has a moment
            doctor = await overview(office.settings)
            if said in doctor["report"]:
                break
            await asyncio.sleep(0.5)
        assert said in doctor["report"]
        assert not doctor["healthy"]
        words = ["mount", "-o", "remount,size=100m", own.to]
        await asyncio.to_thread(partial(subprocess.run, words, check=True))
        await until(lambda: keeper.standing.newest is not None and keeper.standing.failing_since is None, seconds=60)
        assert keeper.report().warnings == ()

    async def main() -> None:
        async with kept(office.settings, own, again) as keeper:
            await looked(keeper)

    with small_disk(Path(own.to), "400k"):
        asyncio.run(main())
