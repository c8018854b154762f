"""Who is plugged into whom: organisation into the question who acts, the mail server into the workers."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from services.kit.jobs import Effect
from services.kit.runtime import Kit
from services.kit.service import Service
from services.kit.settings import Settings
from services.notifications.adapters.case_contacts import CaseContacts
from services.notifications.adapters.directory import Directory
from services.notifications.adapters.email_queue import EmailQueue
from services.notifications.adapters.smtp import mailing
from services.notifications.handlers import COMMANDS, STREAMS
from services.notifications.reactions import REACTIONS
from services.notifications.settings import SmtpSettings
from services.notifications.views.asking import questions


def build(settings: Settings, kit: Kit) -> Service:
    smtp = SmtpSettings()
    directory = Directory(settings)
    contacts = CaseContacts(
        kit.history, kit.keys.open, lambda agency: kit.keys.purpose(agency, "links"), settings.base_url
    )
    email = EmailQueue(
        kit.history, directory.reach, settings.base_url, smtp.sender if smtp.on else "", kit.clock, contacts
    )
    return Service(
        name="notifications",
        commands=COMMANDS,
        streams=STREAMS,
        reactions=REACTIONS,
        queues={"email": email.queue()},
        queries=questions(kit.history, directory.reach, settings.base_url, contacts),
        close=directory.close,
    )


def effects(_settings: Settings) -> AbstractAsyncContextManager[Mapping[str, Effect]]:
    """Queue → what its workers do."""
    return mailing(SmtpSettings())
