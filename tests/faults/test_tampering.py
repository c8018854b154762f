"""F21: whoever edits, removes or swaps in a store is found, by name of the place."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.cli.demo import carry
from tests.parts.product import Product, start_product


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product with a letter in the archive, at rest."""
    product = start_product(tmp_path_factory.mktemp("archived"))
    asyncio.run(carry(product.settings, None))
    asyncio.run(product.until_quiet())
    product.stop()
    yield product
    product.discard()


def edit_one_byte(store: sqlite3.Connection, position: int) -> None:
    (state,) = store.execute("SELECT state FROM stored_events WHERE rowid = ?", (position,)).fetchone()
    place = state.index(b'"ciphertext"') + 20 if b'"ciphertext"' in state else len(state) // 2
    other = b"A" if state[place : place + 1] != b"A" else b"B"
    changed = state[:place] + other + state[place + 1 :]
    store.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", (changed, position))


def remove_one(store: sqlite3.Connection, position: int) -> None:
    store.execute("DELETE FROM stored_events WHERE rowid = ?", (position,))


def swap_two(store: sqlite3.Connection, position: int) -> None:
    for was, becomes in ((position, -1), (position + 1, position), (-1, position + 1)):
        store.execute("UPDATE stored_events SET rowid = ? WHERE rowid = ?", (becomes, was))


@pytest.mark.fault("F21")
@pytest.mark.parametrize("deed", [edit_one_byte, remove_one, swap_two])
@pytest.mark.parametrize("service", ["intake", "dispatch"])
def test_tampering_with_a_store_is_found_and_named(
    archived: Product, tmp_path: Path, service: str, deed: Callable[[sqlite3.Connection, int], None]
) -> None:
    status, said = archived.try_command("verify")
    assert status == 0, said
    copy = tmp_path / "var"
    shutil.copytree(archived.settings.data_dir, copy, ignore=shutil.ignore_patterns("*.lock", "nats*"))
    store = sqlite3.connect(copy / f"{service}.sqlite")
    deed(store, 4)
    store.commit()
    store.close()
    status, said = archived.try_command("verify", env={"CARAKA_DATA_DIR": str(copy), "COLUMNS": "300"})
    assert status == 1, said
    assert f"{service}/pekalongan, posisi {4}" in said or f"{service}/pekalongan, posisi {5}" in said, said
