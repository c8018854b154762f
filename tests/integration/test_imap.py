"""A real mailbox: read without a trace, whole and in order, through restarts, moves and a renumbering."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.intake.adapters.imap import ImapMailbox
from services.intake.adapters.imap_session import ImapAccount
from services.intake.ports import Cursor, MailboxUnavailableError, RawMessage
from tests.hostile_mail import letter, with_subject
from tests.parts.dovecot import Dovecot, start_dovecot
from tests.parts.ports import free_port


@pytest.fixture
def dovecot(tmp_path: Path) -> Iterator[Dovecot]:
    server = start_dovecot(tmp_path / "dovecot")
    yield server
    server.discard()


@pytest.fixture
def secured_dovecot(tmp_path: Path) -> Iterator[Dovecot]:
    server = start_dovecot(tmp_path / "dovecot", tls=True)
    yield server
    server.discard()


def account_of(dovecot: Dovecot, **settings: object) -> ImapAccount:
    usual = {"port": dovecot.port, "security": "plain", "password": dovecot.password, "pauses": (0.1, 0.3, 1.0, 2.0)}
    return ImapAccount(host=dovecot.host, user=dovecot.user, **{**usual, **settings})  # type: ignore[arg-type] # one table of mixed settings


def mailbox_of(dovecot: Dovecot, **settings: object) -> ImapMailbox:
    return ImapMailbox(account_of(dovecot), mailbox="sanapati", **settings)  # type: ignore[arg-type] # same


@pytest.fixture
async def mailbox(dovecot: Dovecot) -> AsyncIterator[ImapMailbox]:
    mailbox = mailbox_of(dovecot)
    yield mailbox
    await mailbox.close()


def numbered(count: int) -> list[bytes]:
    return [with_subject(f"Surat {number}") for number in range(1, count + 1)]


def cursor_of(message: RawMessage) -> Cursor:
    return Cursor(message.uidvalidity, message.uid)


async def everything(mailbox: ImapMailbox, limit: int = 3) -> list[RawMessage]:
    """As the service reads: from cursor to cursor until there is none."""
    found: list[RawMessage] = []
    cursor = None
    while batch := await mailbox.fetch(cursor, limit):
        found += batch
        cursor = cursor_of(batch[-1])
    return found


def flags_and_count(dovecot: Dovecot, folder: str = "INBOX") -> tuple[int, bytes]:
    client = dovecot.client()
    count = int((client.select(folder, readonly=True)[1][0] or b"0").decode())
    seen = client.search(None, "SEEN")[1][0]
    client.logout()
    return count, seen


async def test_letters_come_in_order_unchanged_with_the_time_of_their_arrival(
    dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    assert await mailbox.fetch(None, 10) == []
    at = datetime(2026, 3, 13, 2, 30, tzinfo=UTC)
    dovecot.append(*numbered(7), at=at)
    messages = await everything(mailbox)
    assert [message.raw for message in messages] == numbered(7)
    assert [message.uid for message in messages] == [str(uid) for uid in range(1, 8)]
    assert {message.received_at for message in messages} == {at}
    assert all(message.size == len(message.raw or b"") for message in messages)
    assert await mailbox.fetch(cursor_of(messages[-1]), 10) == []
    assert await mailbox.present() == [(message.uidvalidity, message.uid) for message in messages]


async def test_reading_leaves_no_trace(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    dovecot.append(*numbered(3))
    messages = await everything(mailbox)
    await mailbox.acknowledge(messages)
    assert flags_and_count(dovecot) == (3, b"")


async def test_where_it_is_allowed_letters_are_marked_and_moved(dovecot: Dovecot) -> None:
    dovecot.append(*numbered(3))
    mailbox = mailbox_of(dovecot, mark_seen=True, move_to="Tercatat")
    messages = await mailbox.fetch(None, 2)
    await mailbox.acknowledge(messages)
    assert flags_and_count(dovecot) == (1, b"")
    assert flags_and_count(dovecot, "Tercatat") == (2, b"1 2")
    await mailbox.acknowledge(messages)
    assert [message.raw for message in await mailbox.fetch(cursor_of(messages[-1]), 9)] == numbered(3)[2:]
    await mailbox.close()


async def test_a_letter_larger_than_the_limit_is_reported_and_not_fetched(dovecot: Dovecot) -> None:
    dovecot.append(letter(body=b"x" * 5_000 + b"\r\n"), letter())
    mailbox = mailbox_of(dovecot, max_bytes=2_000)
    big, small = await mailbox.fetch(None, 10)
    assert big.raw is None
    assert big.size > 5_000
    assert small.raw == letter()
    await mailbox.close()


async def test_a_batch_is_bounded_by_its_bytes_too(dovecot: Dovecot) -> None:
    dovecot.append(*[letter(body=b"x" * 900 + b"\r\n")] * 5)
    mailbox = mailbox_of(dovecot, batch_bytes=2_500)
    assert len(await mailbox.fetch(None, 10)) == 2
    assert len(await everything(mailbox, 10)) == 5
    await mailbox.close()


async def test_a_renumbered_mailbox_is_read_again_from_the_start(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    dovecot.append(*numbered(3))
    before = await everything(mailbox)
    dovecot.stop()
    listing = dovecot.maildir / "dovecot-uidlist"
    head, rest = listing.read_text().split("\n", 1)
    listing.write_text(head.replace(f"V{before[0].uidvalidity}", "V4711") + "\n" + rest)
    for index in dovecot.maildir.glob("dovecot.index*"):
        index.unlink()
    dovecot.start()
    again = await mailbox.fetch(cursor_of(before[-1]), 10)
    assert {message.uidvalidity for message in again} == {4711}
    assert [message.raw for message in again] == [message.raw for message in before]
    assert await mailbox.read([(before[0].uidvalidity, "1"), (4711, "2"), (4711, "99")]) == [again[1]]


async def test_a_letter_that_somebody_moves_away_does_not_stop_the_others(
    dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    dovecot.append(*numbered(5))
    first = await mailbox.fetch(None, 1)
    client = dovecot.client()
    client.select("INBOX")
    client.store("2:3", "+FLAGS", "\\Deleted")
    client.expunge()
    client.logout()
    rest = await mailbox.fetch(cursor_of(first[0]), 10)
    assert [message.uid for message in rest] == ["4", "5"]


async def test_a_server_that_restarts_while_it_is_read_costs_time_and_no_letter(
    dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    letters = [with_subject(f"Surat {number}") + b"x" * 200_000 + b"\r\n" for number in range(60)]
    dovecot.append(*letters)
    done = threading.Event()
    killed = 0

    def disturb() -> None:
        nonlocal killed
        while killed < 4 and not done.wait(0.05):
            dovecot.kill()
            killed += 1
            dovecot.start()

    disturbing = asyncio.create_task(asyncio.to_thread(disturb))
    messages = await everything(mailbox, 5)
    done.set()
    await disturbing
    assert killed
    assert [message.raw for message in messages] == letters


async def test_a_server_that_is_away_is_said_to_be_unavailable_and_welcome_back(
    dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    dovecot.append(letter())
    await mailbox.fetch(None, 1)
    dovecot.kill()
    with pytest.raises(MailboxUnavailableError):
        await mailbox.fetch(None, 1)
    started = time.monotonic()
    await mailbox.wait(0.2)
    assert time.monotonic() - started >= 0.19
    dovecot.start()
    assert len(await mailbox.fetch(None, 1)) == 1


async def test_waiting_ends_when_a_letter_arrives_and_else_after_the_time(
    dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    assert await mailbox.fetch(None, 10) == []
    started = time.monotonic()
    await mailbox.wait(0.4)
    assert time.monotonic() - started >= 0.39
    waiting = asyncio.create_task(mailbox.wait(60))
    await asyncio.sleep(0.3)
    await asyncio.to_thread(dovecot.append, letter())
    await asyncio.wait_for(waiting, 10)
    (first,) = await mailbox.fetch(None, 10)
    await asyncio.to_thread(dovecot.append, letter())  # between fetch and wait
    await asyncio.wait_for(mailbox.wait(60), 10)
    assert len(await mailbox.fetch(cursor_of(first), 10)) == 1


async def test_an_abandoned_wait_makes_room_and_closing_ends_one(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    await mailbox.fetch(None, 10)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await mailbox.wait(600)
    assert await asyncio.wait_for(mailbox.fetch(None, 10), 10) == []
    waiting = asyncio.create_task(mailbox.wait(600))
    await asyncio.sleep(0.2)
    await asyncio.wait_for(mailbox.close(), 10)
    await asyncio.wait_for(waiting, 10)


async def test_a_wrong_password_is_told_at_once_and_not_tried_again(dovecot: Dovecot) -> None:
    mailbox = ImapMailbox(account_of(dovecot, password="salah"), mailbox="sanapati")
    with pytest.raises(MailboxUnavailableError, match="login"):
        await mailbox.fetch(None, 1)
    await mailbox.close()


async def test_encryption_is_the_rule_and_an_unknown_certificate_is_refused(secured_dovecot: Dovecot) -> None:
    dovecot = secured_dovecot
    dovecot.append(letter())
    trusting = account_of(dovecot, security="tls", ca_file=str(dovecot.certificate))
    mailbox = ImapMailbox(trusting, mailbox="sanapati")
    (message,) = await mailbox.fetch(None, 10)
    assert message.raw == letter()
    waiting = asyncio.create_task(mailbox.wait(60))
    await asyncio.sleep(0.2)
    await asyncio.to_thread(dovecot.append, letter())
    await asyncio.wait_for(waiting, 10)
    await mailbox.close()
    doubting = ImapMailbox(account_of(dovecot, security="tls", pauses=()), mailbox="sanapati")
    with pytest.raises(MailboxUnavailableError, match="SSLCertVerificationError"):
        await doubting.fetch(None, 1)
    await doubting.close()


@pytest.mark.parametrize(("host", "security"), [("mail.contoh.go.id", "plain"), ("127.0.0.1", "ssl")])
def test_mail_is_never_read_in_the_clear_over_a_network(host: str, security: str) -> None:
    with pytest.raises(ValueError, match=r"encryption|security"):
        ImapAccount(host=host, user="u", password="p", port=free_port(), security=security)


def test_an_account_does_not_print_its_password() -> None:
    assert "kata-sandi" not in repr(ImapAccount(host="127.0.0.1", user="u", password="kata-sandi"))
