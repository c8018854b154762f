"""F10: the disk turns read-only, or has no inode left; what was answered stays true, and it is said what is wrong."""

import asyncio
import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.load import Load
from tests.faults.telling import doctor, readiness, unfaulted
from tests.faults.trial import Trial
from tests.integration.waiting import until
from tests.parts.product import TOGETHER, Product

MEGABYTES = 192
INODES = 4_000
AT_ERRORS = ("mount", "-o", "loop,errors=remount-ro")


def may(*command: str) -> str:
    """What it said; the test is skipped where this machine does not let us."""
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode:
        pytest.skip(f"this machine does not let us: {' '.join(command)}: {said.stderr.strip()}")
    return said.stdout.strip()


@contextlib.contextmanager
def running_on(product: Product) -> Iterator[Product]:
    """On what is mounted; ended and unmounted afterwards."""
    place = product.settings.data_dir
    try:
        (place / "no-samples").touch()
        product.begin()
        yield product
    finally:
        product.discard()
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def ext4_product(tmp_path: Path) -> Iterator[Product]:
    """Its data folder is a file system that goes read-only at its first error, as Debian mounts it."""
    product = Product(tmp_path / "product")
    product.settings.data_dir.mkdir(parents=True)
    with image_of(product).open("wb") as file:
        file.truncate(MEGABYTES * 1024 * 1024)
    may("mkfs.ext4", "-q", "-F", str(image_of(product)))
    may(*AT_ERRORS, str(image_of(product)), str(product.settings.data_dir))
    with running_on(product):
        yield product


def image_of(product: Product) -> Path:
    return product.home / "disk"


@pytest.fixture
def few_inodes_product(tmp_path: Path) -> Iterator[Product]:
    product = Product(tmp_path / "product")
    place = product.settings.data_dir
    place.mkdir(parents=True)
    may("mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,nr_inodes={INODES}", "caraka-test", str(place))
    with running_on(product):
        yield product


@pytest.mark.long
@pytest.mark.fault("F10")
async def test_no_inode_is_left(few_inodes_product: Product, trial: Trial) -> None:
    product, full = few_inodes_product, few_inodes_product.settings.data_dir / "filler"
    full.mkdir()
    async with Load(product, trial).work() as load:
        await asyncio.sleep(trial.dice.uniform(1, 2))
        with taken(full) as take:
            for _ in range(int(8 * (1 + trial.lasting))):  # what is freed meanwhile is taken again
                take()
                await asyncio.sleep(0.25)
            await until(lambda: '"event": "loop.failed"' in product.said(), seconds=30)
            told = await readiness(product)
            assert "inode" in told, told
            assert "inode" in await asyncio.to_thread(doctor, product)
        load.healed()
    trial.note(f"clients were told {load.answered()}")
    unfaulted(load)
    assert await load.settled() == []
    assert load.archived
    product.wait_ready()


@pytest.mark.long
@pytest.mark.fault("F10")
async def test_one_that_is_started_without_an_inode_says_so(few_inodes_product: Product, trial: Trial) -> None:
    product, full = few_inodes_product, few_inodes_product.settings.data_dir / "filler"
    full.mkdir()
    async with Load(product, trial).work() as load:
        await asyncio.sleep(trial.dice.uniform(1, 2))
        await asyncio.to_thread(product.stop)
        with taken(full) as take:
            take()
            status, said = await asyncio.to_thread(product.try_command, TOGETHER)
            assert status
            assert "inode" in said
            assert "Traceback" not in said
        await asyncio.to_thread(product.start)
        load.healed()
    unfaulted(load)
    assert await load.settled() == []


@contextlib.contextmanager
def taken(folder: Path) -> Iterator[Callable[[], None]]:
    """Called, every inode of the disk is taken; at the end all are given back."""
    made: list[Path] = []

    def take() -> None:
        with contextlib.suppress(OSError):
            for _ in range(INODES):
                file = folder / str(len(made))
                file.touch()
                made.append(file)

    try:
        yield take
    finally:
        for file in made:
            file.unlink()


@pytest.mark.long
@pytest.mark.fault("F10")
async def test_the_disk_turns_read_only(ext4_product: Product, trial: Trial) -> None:
    """As the kernel does it at an error. It is mounted anew by hand, and the product started."""
    product, place = ext4_product, ext4_product.settings.data_dir
    device = Path(may("findmnt", "-n", "-o", "SOURCE", str(place))).name
    break_it = Path("/sys/fs/ext4") / device / "trigger_fs_error"
    if not break_it.exists():
        pytest.skip("this kernel breaks no file system")
    async with Load(product, trial).work() as load:
        await asyncio.sleep(trial.dice.uniform(1, 2))
        break_it.write_text("1")
        await asyncio.sleep(1)
        told = await readiness(product)
        assert "disk" in told or "bus: NATS tidak menjawab" in told, told  # as the broker finds it out sooner or later
        await asyncio.sleep(4 + trial.lasting)
        assert await readiness(product)
        told = await asyncio.to_thread(doctor, product)
        assert "read-only" in told, told
        await asyncio.to_thread(product.stop)
        status, said = await asyncio.to_thread(product.try_command, TOGETHER)
        assert status
        assert "Read-only file system" in said
        assert "Traceback" not in said
        may("umount", str(place))
        may(*AT_ERRORS, str(image_of(product)), str(place))
        await asyncio.to_thread(product.start)
        load.healed()
    trial.note(f"clients were told {load.answered()}")
    unfaulted(load)
    assert await load.settled() == []
    assert load.archived
