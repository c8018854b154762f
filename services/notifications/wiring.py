"""Who is plugged into whom: organisation into the question who acts, servers outside into the workers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from services.kit.jobs import Effect
from services.kit.runtime import Kit
from services.kit.service import Lone, Service
from services.kit.settings import Settings
from services.notifications.adapters.bounces import Bounces, inbox_of, return_path
from services.notifications.adapters.case_contacts import CaseContacts
from services.notifications.adapters.contact_codes import ContactCodes
from services.notifications.adapters.directory import Directory
from services.notifications.adapters.email_queue import EmailQueue
from services.notifications.adapters.granting import granting
from services.notifications.adapters.smtp import mailing
from services.notifications.adapters.watch import Watch
from services.notifications.adapters.webhook_queue import WebhookQueue
from services.notifications.adapters.webhooks import posting
from services.notifications.handlers import COMMANDS, STREAMS
from services.notifications.reactions import REACTIONS
from services.notifications.settings import BounceSettings, SmtpSettings, WebhookSettings
from services.notifications.views.asking import questions
from services.notifications.views.hooks import subscribed
from services.notifications.views.routes import routes


def build(settings: Settings, kit: Kit) -> Service:
    smtp = SmtpSettings()
    directory = Directory(settings)

    def hooks_key(agency: str) -> bytes:
        return kit.keys.purpose(agency, "hooks")

    codes = ContactCodes(lambda agency: kit.keys.purpose(agency, "contact-codes"), settings.base_url, kit.clock)
    contacts = CaseContacts(kit.history, kit.keys.open, kit.keys.purpose, settings.base_url)
    bouncing = BounceSettings()
    path = return_path(bouncing.address, lambda agency: kit.keys.purpose(agency, "links")) if bouncing.on else None
    email = EmailQueue(
        kit.history, directory.reach, settings.base_url, smtp.sender if smtp.on else "", kit.clock, codes, contacts,
        path, smtp.replies,
    )  # fmt: skip
    webhook = WebhookQueue(kit.history, kit.keys.open, hooks_key, settings.base_url, kit.clock)
    watch = Watch(
        directory.reports, directory.keepers, kit.history, kit.execute, kit.clock, settings.data_dir
    )  # fmt: skip
    bounces = _bounces(bouncing, directory, kit) if bouncing.on else None
    return Service(
        name="notifications",
        commands=COMMANDS,
        streams=STREAMS,
        reactions=REACTIONS,
        queues={"email": email.queue(), "webhook": webhook.queue()},
        queries={
            **questions(kit.history, directory.reach, settings.base_url, codes, contacts),
            **subscribed(kit.history, kit.keys.open),
            **routes(kit.history, kit.log, kit.decode, kit.clock),
        },
        requests=granting(kit.execute, hooks_key, kit.clock),
        loops={"watch": Lone(watch.run), **({"bounces": Lone(bounces.run)} if bounces else {})},
        health={"watch": watch.health, **({"bounces": bounces.health} if bounces else {})},
        close=directory.close,
    )


def _bounces(settings: BounceSettings, directory: Directory, kit: Kit) -> Bounces:
    async def agencies() -> tuple[str, ...]:
        return tuple(each.agency for each in (await directory.keepers()).agencies)

    def key(agency: str) -> bytes:
        return kit.keys.purpose(agency, "links")

    return Bounces(settings, inbox_of(settings), agencies, key, kit.execute, kit.clock)


@asynccontextmanager
async def effects(_settings: Settings) -> AsyncIterator[Mapping[str, Effect]]:
    """Queue → what its workers do."""
    async with mailing(SmtpSettings()) as mails, posting(WebhookSettings()) as hooks:
        yield {**mails, **hooks}
