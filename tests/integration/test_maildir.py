"""The watched folder: what lies in it is read once, never changed before it is taken in, never lost."""

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.intake.adapters.maildir import Maildir
from services.intake.ports import MailboxUnavailableError


def a_folder(path: Path, **settings: float) -> Maildir:
    return Maildir(path, mailbox="sanapati", **{"settle_seconds": 0, **settings})  # type: ignore[arg-type] # one table of mixed settings


def deliver(folder: Path, name: str, content: bytes = b"isi", *, into: str = "new", at: float = 1_773_367_200) -> Path:
    for directory in ("tmp", "new", "cur"):
        (folder / directory).mkdir(parents=True, exist_ok=True)
    (folder / "tmp" / name).write_bytes(content)
    os.utime(folder / "tmp" / name, (at, at))
    return (folder / "tmp" / name).rename(folder / into / name)


async def test_an_empty_folder_is_made_and_holds_nothing(tmp_path: Path) -> None:
    source = a_folder(tmp_path / "surat")
    assert await source.fetch(None, 10) == []
    assert await source.present() == []


async def test_letters_come_oldest_first_with_the_time_of_their_file(tmp_path: Path) -> None:
    deliver(tmp_path, "kedua", b"2", at=1_773_367_300)
    deliver(tmp_path, "pertama", b"1")
    deliver(tmp_path, "ketiga:2,F", b"3", into="cur", at=1_773_367_400)
    messages = await a_folder(tmp_path).fetch(None, 10)
    assert [(message.uid, message.raw) for message in messages] == [
        ("pertama", b"1"),
        ("kedua", b"2"),
        ("ketiga", b"3"),
    ]
    assert messages[0].received_at == datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
    assert {message.uidvalidity for message in messages} == {0}


async def test_reading_changes_nothing_until_the_letter_is_taken_in(tmp_path: Path) -> None:
    deliver(tmp_path, "a")
    deliver(tmp_path, "b:2,F", into="cur")
    source = a_folder(tmp_path)
    messages = await source.fetch(None, 10)
    assert await a_folder(tmp_path).fetch(None, 10) == messages
    await source.acknowledge(messages)
    assert sorted(file.name for file in (tmp_path / "cur").iterdir()) == ["a:2,S", "b:2,FS"]
    assert list((tmp_path / "new").iterdir()) == []
    assert await source.fetch(None, 10) == []
    assert await source.present() == [(0, "a"), (0, "b")]
    await source.acknowledge(messages)


async def test_a_reconciliation_can_read_what_somebody_else_opened_first(tmp_path: Path) -> None:
    deliver(tmp_path, "dibaca-orang:2,S", b"isi", into="cur")
    source = a_folder(tmp_path)
    assert await source.fetch(None, 10) == []
    (message,) = await source.read([(0, "dibaca-orang"), (0, "tidak-ada"), (7, "dibaca-orang")])
    assert message.raw == b"isi"


async def test_a_letter_larger_than_the_limit_is_reported_and_not_read(tmp_path: Path) -> None:
    deliver(tmp_path, "besar", b"x" * 101)
    deliver(tmp_path, "pas", b"x" * 100)
    big, fits = await a_folder(tmp_path, max_bytes=100).fetch(None, 10)
    assert (big.size, big.raw) == (101, None)
    assert fits.raw == b"x" * 100


async def test_many_letters_come_in_batches_bounded_by_number_and_by_bytes(tmp_path: Path) -> None:
    for number in range(7):
        deliver(tmp_path, f"{number}", b"x" * 100)
    source = a_folder(tmp_path, batch_bytes=250)
    sizes = []
    while batch := await source.fetch(None, 5):
        sizes.append(len(batch))
        await source.acknowledge(batch)
    assert sizes == [3, 3, 1]


async def test_links_pipes_hidden_and_unfinished_files_are_left_alone(tmp_path: Path) -> None:
    deliver(tmp_path, "surat")
    (tmp_path / "tmp" / "setengah").write_bytes(b"belum selesai")
    (tmp_path / "new" / ".sampah").write_bytes(b"x")
    (tmp_path / "new" / "tautan").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "new" / "pipa")
    (tmp_path / "new" / "map").mkdir()
    assert [message.uid for message in await a_folder(tmp_path).fetch(None, 10)] == ["surat"]


async def test_a_file_still_being_copied_in_waits_until_it_is_whole(tmp_path: Path) -> None:
    source = a_folder(tmp_path, settle_seconds=0.6)
    await source.fetch(None, 10)
    (tmp_path / "new" / "surat").write_bytes(b"separuh ")
    assert await source.fetch(None, 10) == []
    with (tmp_path / "new" / "surat").open("ab") as copying:
        copying.write(b"selebihnya")
    messages: list[bytes | None] = []
    until = time.monotonic() + 10
    while not messages and time.monotonic() < until:
        await source.wait(1)
        messages = [message.raw for message in await source.fetch(None, 10)]
    assert messages == [b"separuh selebihnya"]


async def test_files_that_come_and_go_while_the_folder_is_read_do_no_harm(tmp_path: Path) -> None:
    source = a_folder(tmp_path)
    done = False

    def stir() -> None:
        number = 0
        while not done:
            deliver(tmp_path, f"tetap-{number % 50}")
            deliver(tmp_path, f"pergi-{number}").unlink(missing_ok=True)  # it may just have been taken in
            number += 1

    stirring = asyncio.create_task(asyncio.to_thread(stir))
    taken = set()
    for _ in range(60):
        messages = await source.fetch(None, 100)
        taken |= {message.uid for message in messages}
        await source.acknowledge(messages)
    done = True
    await stirring
    assert {uid for _, uid in await source.present()} <= {f"tetap-{number}" for number in range(50)} | taken


async def test_strange_names_have_identities_that_every_store_takes(tmp_path: Path) -> None:
    deliver(tmp_path, os.fsdecode(b"surat\xff\n"))
    source = a_folder(tmp_path)
    (message,) = await source.fetch(None, 10)
    assert message.uid == "%surat%FF%0A"
    await source.acknowledge([message])
    assert await source.fetch(None, 10) == []
    assert await source.read([(0, "%surat%FF%0A")]) == [message]


async def test_waiting_ends_as_soon_as_a_letter_arrives_and_else_after_the_time(tmp_path: Path) -> None:
    source = a_folder(tmp_path)
    await source.fetch(None, 10)
    started = time.monotonic()
    await source.wait(0.3)
    assert time.monotonic() - started >= 0.29
    waiting = asyncio.create_task(source.wait(60))
    await asyncio.sleep(0.05)
    deliver(tmp_path, "surat")
    await asyncio.wait_for(waiting, 10)
    waiting = asyncio.create_task(source.wait(60))
    await source.fetch(None, 10)
    await source.close()
    await asyncio.wait_for(waiting, 10)


async def test_a_folder_that_cannot_be_used_is_said_to_be_unavailable(tmp_path: Path) -> None:
    (tmp_path / "berkas").write_bytes(b"")
    with pytest.raises(MailboxUnavailableError):
        await a_folder(tmp_path / "berkas").fetch(None, 10)
