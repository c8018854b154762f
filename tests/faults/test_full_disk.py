"""F9: the disk is full for the stores, the bus, the blobs; what is answered stays true, and room makes all go on."""

import asyncio
import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.parts.product import Product

PLACES = {"stores": (".", 64), "blobs": ("blobs", 24), "bus": ("nats", 48)}
"""Folder below the data folder, and MB."""


@pytest.fixture(scope="module")
def small_disks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product whose stores, blobs and bus lie on small disks of their own."""
    home = tmp_path_factory.mktemp("small")
    product, mounted = Product(home), []
    try:
        for folder, megabytes in PLACES.values():
            place = home / "var" / folder
            place.mkdir(parents=True, exist_ok=True)
            command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "caraka-test", str(place)]
            said = subprocess.run(command, capture_output=True, text=True, check=False)
            if said.returncode:
                pytest.skip(f"this machine does not let us mount a small disk: {said.stderr.strip()}")
            mounted.append(place)
        (home / "var" / "no-samples").touch()
        product.begin()
        yield product
    finally:
        product.discard()
        for place in reversed(mounted):
            subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.fault("F9")
@pytest.mark.parametrize("where", PLACES)
async def test_a_disk_is_full(small_disks: Product, trial: Trial, where: str) -> None:
    filler = small_disks.settings.data_dir / PLACES[where][0] / "filler"
    try:
        async with Load(small_disks, trial).work() as load:
            await asyncio.sleep(trial.dice.uniform(1, 2))
            fill(filler)
            for _ in range(int(4 * (1 + trial.lasting))):  # what is freed meanwhile is taken again
                await asyncio.sleep(0.25)
                fill(filler)
            filler.unlink()
            load.healed()
    finally:
        filler.unlink(missing_ok=True)
    trial.note(f"clients were told {load.answered()}")
    assert await load.settled() == []
    assert load.archived


def fill(place: Path) -> None:
    """Takes the last byte of the disk."""
    with place.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(64 * 1024)):
            pass
