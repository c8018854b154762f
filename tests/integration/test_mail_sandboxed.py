"""Hostile mail in the real sandbox: every message ends as a reading, nothing raises, the next one is read as ever."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.intake.adapters import mail_parser
from services.intake.adapters.mail_parser import READING, SandboxedParser, mail_sandbox
from services.intake.adapters.maildir import Maildir
from services.intake.mail import ParserOptions
from services.kit.sandbox.sandbox import Sandbox, SandboxFailure
from tests.hostile_mail import HOSTILE, letter, with_attachment, with_subject
from tests.parts.papers import pdf_saying

REAL_MESSAGES = Path(os.environ.get("CARAKA_TEST_MAIL", Path(__file__).parents[3] / "shared" / "mail"))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    sandbox = mail_sandbox()
    yield sandbox
    await sandbox.close()


@pytest.fixture
async def starved() -> AsyncIterator[Callable[..., Sandbox]]:
    made: list[Sandbox] = []

    def make(**limits: float) -> Sandbox:
        usual = {"memory_bytes": 600_000_000, "cpu_seconds": 10, "wall_seconds": 20.0, "output_bytes": 4_000_000}
        made.append(Sandbox(preload=(READING,), **{**usual, **limits}))  # type: ignore[arg-type] # one table of mixed limits
        return made[-1]

    yield make
    for sandbox in made:
        await sandbox.close()


def drop_real_messages(folder: Path) -> dict[str, bytes]:
    files = {file.name: file.read_bytes() for file in REAL_MESSAGES.glob("*.eml")}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return files


async def test_every_hostile_message_is_read_within_the_limits(sandbox: Sandbox) -> None:
    parser = SandboxedParser(sandbox, ParserOptions())
    for name, make in HOSTILE.items():
        hostile = make()
        message = await parser.parse(hostile.raw)
        assert (name, message.quarantine) == (name, hostile.quarantine)
        assert hostile.warnings <= set(message.warnings), name
    assert (await parser.parse(letter())).subject == "Undangan rapat"


@pytest.mark.skipif(not REAL_MESSAGES.is_dir(), reason="the folder of real messages (../shared/mail) is not here")
async def test_every_real_message_put_into_the_mailbox_is_read_and_its_bytes_are_kept(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    source = Maildir(tmp_path, mailbox="sanapati", settle_seconds=0)
    await source.fetch(None, 1)
    files = drop_real_messages(tmp_path / "new")
    parser = SandboxedParser(sandbox, ParserOptions())
    kept, quarantined = {}, {}
    while batch := await source.fetch(None, 20):
        for message in batch:
            assert message.raw is not None
            kept[message.uid] = message.raw
            reading = await parser.parse(message.raw)
            if reading.quarantine:
                quarantined[message.uid] = reading.quarantine
        await source.acknowledge(batch)
    assert kept == files
    assert quarantined == {"mikel-sample_output_multipart.eml": "empty"}


async def test_a_message_that_needs_too_much_memory_is_quarantined_with_its_sender_and_subject(
    starved: Callable[..., Sandbox],
) -> None:
    sandbox = starved(memory_bytes=30_000_000)
    parser = SandboxedParser(sandbox, ParserOptions())
    message = await parser.parse(with_attachment(bytes(15_000_000)))
    assert (message.quarantine, message.warnings) == ("unparsable", ["parser-memory"])
    assert (message.subject, message.sender[0].address) == ("Undangan rapat", "sekretariat@contoh.go.id")
    assert (await parser.parse(letter())).quarantine is None
    await sandbox.close()


async def test_what_cannot_be_read_at_all_is_still_told_apart_when_it_is_classified(
    starved: Callable[..., Sandbox],
) -> None:
    sandbox = starved(memory_bytes=30_000_000)
    parser = SandboxedParser(sandbox, ParserOptions())
    message = await parser.parse(with_subject("RAHASIA") + bytes(40_000_000))
    assert (message.quarantine, message.subject) == ("classified", "")
    await sandbox.close()


async def test_a_reading_that_is_too_long_for_the_answer_is_quarantined(starved: Callable[..., Sandbox]) -> None:
    sandbox = starved(output_bytes=5_000)
    message = await SandboxedParser(sandbox, ParserOptions()).parse(letter(body=b"x" * 10_000))
    assert (message.quarantine, message.subject) == ("unparsable", "Undangan rapat")


async def test_an_attachment_is_taken_out_by_its_hash(sandbox: Sandbox) -> None:
    parser = SandboxedParser(sandbox, ParserOptions())
    content = bytes(range(256)) * 20_000
    raw = with_attachment(content, "peta.png")
    (attachment,) = (await parser.parse(raw)).attachments
    assert await parser.attachment(raw, attachment.sha256) == content
    assert await parser.attachment(raw, "0" * 64) is None


async def test_without_a_sandbox_nothing_is_quarantined_by_mistake(sandbox: Sandbox) -> None:
    await sandbox.close()
    with pytest.raises(SandboxFailure, match="refused"):
        await SandboxedParser(sandbox, ParserOptions()).parse(letter())


async def test_a_letter_whose_attachment_is_marked_shows_nothing_of_itself(sandbox: Sandbox) -> None:
    parser = SandboxedParser(sandbox, ParserOptions())
    raw = with_attachment(pdf_saying("Nomor : 7\nSifat : Rahasia"), "undangan.pdf")
    shut = await parser.parse(raw)
    assert (shut.quarantine, shut.subject, shut.text, shut.attachments) == ("classified", "", "", [])
    released = await parser.parse_released(raw)
    assert (released.quarantine, released.subject) == (None, "Undangan rapat")
    assert (await parser.parse_post(raw)).quarantine is None, "a citizen marks nothing"


async def test_an_attachment_that_kills_its_reader_costs_the_letter_a_warning(
    starved: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_parser, "LOOKING", "tests.integration.sandbox_deeds")
    parser = SandboxedParser(starved(), ParserOptions())
    read = await parser.parse(with_attachment(pdf_saying("Sifat : Biasa"), "undangan.pdf"))
    assert (read.quarantine, read.subject) == (None, "Undangan rapat")
    assert "attachment-unread" in read.warnings
