"""Who is plugged into whom: mailboxes into the reader, parser and printer into their sandboxes."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from contracts.base import Refusal
from contracts.intake import (
    AttachmentFile,
    AttachmentShown,
    BookNumbering,
    BookNumberingAnswer,
    BookOpened,
    InitialsSheet,
    LetterDeadline,
    LetterDeadlineAnswer,
    ProducePrintPack,
    ReleaseMessage,
    UploadMessage,
)
from services.intake import views
from services.intake.adapters import mailbox_reader
from services.intake.adapters.attachments import Attachments, attachment_sandbox
from services.intake.adapters.imap import ImapMailbox
from services.intake.adapters.imap_session import ImapAccount
from services.intake.adapters.initials_sheet import InitialsSheets
from services.intake.adapters.mail_parser import SandboxedParser, mail_sandbox
from services.intake.adapters.mailbox_reader import MailboxReader
from services.intake.adapters.maildir import Maildir
from services.intake.adapters.post import PostReader
from services.intake.adapters.print_render import SandboxedPrinter
from services.intake.adapters.printing import printing
from services.intake.adapters.releases import releasing
from services.intake.adapters.uploads import reading_uploads
from services.intake.domain.books import book_stream
from services.intake.domain.capture import stream
from services.intake.domain.clock import CLOCKS
from services.intake.handlers import COMMANDS, STREAMS
from services.intake.mail import ParserOptions
from services.intake.policy import LETTERS, refuse
from services.intake.ports import MailSource
from services.intake.reactions import REACTIONS
from services.intake.settings import ImapBox, IntakeSettings, MaildirBox, mailboxes_of
from services.kit.deadlines import YEARS, standard_stream
from services.kit.numbering import LOOKED_AT, numbering
from services.kit.runtime import Kit
from services.kit.sandbox import Sandbox
from services.kit.service import Lone, QueryHandler, Service
from services.kit.settings import Settings


def build(settings: Settings, kit: Kit) -> Service:
    own = IntakeSettings()
    boxes = mailboxes_of(settings, own)
    reading = mail_sandbox()
    drawing = print_sandbox()
    looking = attachment_sandbox()
    attachments = Attachments(kit.history, kit.blobs, looking)
    parser = SandboxedParser(reading, ParserOptions(authserv_id=own.authserv_id))
    readers = {f"mailbox-{box.agency}-{box.name}": _reader(box, kit, parser) for box in boxes}
    drawn = SandboxedPrinter(drawing)
    printer = printing(kit.history, kit.keys.open, kit.blobs, drawn, settings.base_url, kit.clock)
    initials = InitialsSheets(kit.history, kit.keys.open, kit.blobs, drawn, settings.base_url)

    async def close() -> None:
        for reader in readers.values():
            await reader.close()
        await reading.close()
        await drawing.close()
        await looking.close()

    return Service(
        name="intake",
        commands=COMMANDS,
        streams=STREAMS,
        reactions=REACTIONS,
        before={
            UploadMessage: reading_uploads(kit.blobs, parser),
            ProducePrintPack: printer,
            ReleaseMessage: releasing(kit.history, kit.blobs, parser),
        },
        queries={
            LetterDeadline: deadlines(kit),
            BookNumbering: book_numbering(kit),
            InitialsSheet: initials.answer,
            AttachmentFile: attachments.file,
            AttachmentShown: attachments.shown,
        },
        clocks=CLOCKS,
        person_blobs=True,
        loops={name: Lone(reader.run) for name, reader in readers.items()},
        health={name: reader.health for name, reader in readers.items()},
        migrate=partial(mailbox_reader.METADATA.create_all, kit.engine),
        close=close,
    )


def deadlines(kit: Kit) -> QueryHandler:
    """Why a letter is due when it is due, from its own events and those of its standard and calendar."""

    async def deadline(agency: str, asked: LetterDeadline) -> LetterDeadlineAnswer | Refusal:
        letter = await kit.history(agency, stream(asked.letter_id))
        if not letter:
            return refuse("unknown-letter")
        standard = views.standard_of(letter)
        if standard is None:
            return LetterDeadlineAnswer()
        rules = await kit.history(agency, standard_stream(standard))
        try:
            return views.deadline(letter, rules, await kit.history(agency, YEARS), kit.clock())
        except ValueError as error:  # decades, which nobody would read day by day
            return refuse("beyond-calendar", reason=str(error))

    return deadline


def book_numbering(kit: Kit) -> QueryHandler:
    """Where a book begins, and who said so."""

    async def answer(agency: str, asked: BookNumbering) -> BookNumberingAnswer:
        told = await kit.beginning(agency, book_stream(asked.book, asked.year), LOOKED_AT)
        return BookNumberingAnswer(**dict(await asyncio.to_thread(numbering, told, BookOpened, kit.keys.open)))

    return answer


def print_sandbox() -> Sandbox:
    """The limits under which sheets are set (100 pages take about 120 MB)."""
    return Sandbox(
        preload=("services.intake.adapters.print_render",),
        memory_bytes=1_200_000_000,
        cpu_seconds=60,
        wall_seconds=60,
        output_bytes=50_000_000,
        threads=True,
    )


def mailboxes(settings: Settings) -> Mapping[tuple[str, str], MailSource]:
    """(agency, mailbox) → an independent reader of it, for the reconciliation."""
    return {(box.agency, box.name): source_of(box) for box in mailboxes_of(settings, IntakeSettings())}


def source_of(box: MaildirBox | ImapBox) -> MailSource:
    if isinstance(box, MaildirBox):
        return Maildir(box.path, mailbox=box.name, max_bytes=box.max_bytes, settle_seconds=box.settle_seconds)
    account = ImapAccount(
        host=box.host,
        port=box.port,
        user=box.user,
        password=box.password_file.read_text(encoding="utf-8").strip(),
        folder=box.folder,
        security=box.security,
        ca_file=box.ca_file,
    )
    return ImapMailbox(account, mailbox=box.name, max_bytes=box.max_bytes, mark_seen=box.mark_seen, move_to=box.move_to)


def _reader(box: MaildirBox | ImapBox, kit: Any, parser: SandboxedParser) -> MailboxReader:
    return MailboxReader(
        box.agency,
        box.kind,
        source_of(box),
        engine=kit.engine,
        blobs=kit.blobs,
        parser=parser,
        execute=kit.execute,
        poll_seconds=box.poll_seconds,
        post=None if box.purpose == LETTERS else _post(box, kit, parser),
    )


def _post(box: MaildirBox | ImapBox, kit: Kit, parser: SandboxedParser) -> PostReader:
    return PostReader(
        box.agency,
        box.kind,
        box.purpose,
        parser=parser,
        blobs=kit.person_blobs,
        links=lambda agency: kit.keys.purpose(agency, "links"),
    )
