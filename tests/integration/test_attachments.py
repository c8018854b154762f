"""An attachment is taken out and drawn in the real sandbox, of a letter that may be opened and of no other."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.intake import AttachmentFile, AttachmentShown, MessageCaptured, MessageQuarantined
from services.intake.adapters.attachments import Attachments, attachment_sandbox
from services.intake.adapters.mail_reading import read
from services.intake.adapters.reading import reading_of
from services.intake.mail import ParserOptions
from services.kit.blobs import Blobs
from services.kit.blobs.shelf import Folder
from services.kit.sandbox import Sandbox
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings
from tests.hostile_mail import with_attachment
from tests.unit.intake.test_attachment_drawing import pdf_of, picture_of
from tests.unit.office import counter, letter_id, message

ID = letter_id(1)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    made = attachment_sandbox()
    yield made
    await made.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    keys = open_keys(Settings(data_dir=tmp_path))
    keys.migrate()
    return Blobs(Folder(tmp_path / "blobs"), keys)


async def letter_with(blobs: Blobs, sandbox: Sandbox, content: bytes, *, quarantine: str | None = None) -> Attachments:
    raw = with_attachment(content, "surat.pdf")
    blob = await blobs.put("pekalongan", raw, "message/rfc822")
    reading = None if quarantine else reading_of(read(raw, ParserOptions()))
    desk = counter().when(message(1, reading=reading, quarantine=quarantine, blob=blob))
    fact = desk.fact(MessageQuarantined if quarantine else MessageCaptured)

    async def history(_agency: str, _stream: str) -> list[Any]:
        return [SimpleNamespace(event=fact)]

    return Attachments(history, blobs, sandbox)


def named(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(("content", "form"), [(pdf_of(2, script=True), "pages"), (picture_of("PNG"), "picture")])
async def test_a_page_is_drawn_and_the_file_is_taken_as_it_came(
    content: bytes, form: str, blobs: Blobs, sandbox: Sandbox
) -> None:
    attachments = await letter_with(blobs, sandbox, content)
    shown = await attachments.shown("pekalongan", AttachmentShown(letter_id=ID, sha256=named(content)))
    assert (shown.form, shown.why) == (form, "")
    assert shown.picture is not None
    assert (await blobs.get("pekalongan", shown.picture)).startswith(b"\xff\xd8\xff")
    taken = await attachments.file("pekalongan", AttachmentFile(letter_id=ID, sha256=named(content)))
    assert taken.blob is not None  # type: ignore[union-attr]  # no refusal
    assert await blobs.get("pekalongan", taken.blob) == content  # type: ignore[union-attr]  # no refusal


async def test_text_comes_as_text(blobs: Blobs, sandbox: Sandbox) -> None:
    content = "Rapat – Senin".encode()
    attachments = await letter_with(blobs, sandbox, content)
    shown = await attachments.shown("pekalongan", AttachmentShown(letter_id=ID, sha256=named(content)))
    assert (shown.form, shown.text, shown.picture) == ("text", "Rapat – Senin", None)


async def test_of_a_message_in_quarantine_nothing_is_opened(blobs: Blobs, sandbox: Sandbox) -> None:
    content = pdf_of(1)
    attachments = await letter_with(blobs, sandbox, content, quarantine="classified")
    asked = {"letter_id": ID, "sha256": named(content)}
    assert (await attachments.shown("pekalongan", AttachmentShown(**asked))).why == "gone"
    assert (await attachments.file("pekalongan", AttachmentFile(**asked))).blob is None  # type: ignore[union-attr]  # no refusal


async def test_what_the_letter_does_not_name_is_not_there(blobs: Blobs, sandbox: Sandbox) -> None:
    attachments = await letter_with(blobs, sandbox, pdf_of(1))
    assert (await attachments.shown("pekalongan", AttachmentShown(letter_id=ID, sha256="0" * 64))).why == "gone"
