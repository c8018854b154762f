"""The worker's side of e-mail: one message to one mail server, and honestly what came of it.

Before the last line of a message has left, a failure is *temporary*; once it has and no answer came, *unknown*.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate
from typing import Any
from uuid import UUID

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from services.kit.jobs import Effect, EffectDone
from services.notifications.settings import SmtpSettings

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
IDLE_SECONDS = 20.0
PER_CONNECTION = 100  # some servers end a connection after that many messages
LASTS = 500  # from here on a refusal lasts
FULL, BUSY, UNKNOWN_BOX = {452, 552}, {421, 450, 451}, {550, 551, 553}
URL = re.compile(r"https?://[^\s<>\"]+")


class Ended(Exception):
    """What came of it; carried past the connection's own care."""

    def __init__(self, done: EffectDone) -> None:
        super().__init__(done.reason)
        self.done = done


@dataclass(slots=True)
class Held:
    """An open connection that may carry more."""

    client: aiosmtplib.SMTP
    left: int
    since: float


class Mailer:
    """Sends over a few connections that are kept for a while. ``effect`` is what the workers of the queue do."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._idle: list[Held] = []
        self._seats = asyncio.Semaphore(settings.connections)

    async def close(self) -> None:
        while self._idle:
            await _leave(self._idle.pop().client)

    async def effect(self, _job_id: UUID, _agency: str, payload: Mapping[str, Any]) -> EffectDone:
        message = composed(payload)
        async with self._seats:
            try:
                return await self._sent(message, payload)
            except Ended as ended:
                return ended.done

    async def _sent(self, message: EmailMessage, payload: Mapping[str, Any]) -> EffectDone:
        held, envelope_sender = await self._connection(), str(payload.get("return_path") or payload["sender"])
        try:
            try:
                await held.client.mail(envelope_sender)
            except (SMTPServerDisconnected, SMTPTimeoutError):
                if held.left == PER_CONNECTION:
                    raise
                await _leave(held.client)  # it had been kept for too long: nothing was said on it yet
                held = await self._opened()
                await held.client.mail(envelope_sender)
            await held.client.rcpt(str(payload["to"]))
        except (SMTPException, OSError, ValueError) as failed:
            await _leave(held.client)
            raise Ended(_refused(failed)) from failed
        try:
            answer = await held.client.data(message.as_bytes(policy=SMTP_POLICY))
        except SMTPResponseException as refused:
            await _leave(held.client)
            raise Ended(_refused(refused)) from refused
        except (SMTPException, OSError, asyncio.CancelledError) as lost:
            await _leave(held.client)
            if isinstance(lost, asyncio.CancelledError):
                raise
            raise Ended(EffectDone("unknown", "answer-lost")) from lost
        held.left -= 1
        if held.left > 0:
            held.since = asyncio.get_running_loop().time()
            self._idle.append(held)
        else:
            await _leave(held.client)
        return EffectDone(result={"provider_id": str(answer.message), "sha256": str(payload["sha256"])})

    async def _connection(self) -> Held:
        now = asyncio.get_running_loop().time()
        while self._idle:
            held = self._idle.pop()
            if held.client.is_connected and now - held.since < IDLE_SECONDS:
                return held
            await _leave(held.client)
        return await self._opened()

    async def _opened(self) -> Held:
        said = self._settings
        client = aiosmtplib.SMTP(
            hostname=said.host, port=said.port, timeout=ANSWER_SECONDS, use_tls=said.security == "tls",
            start_tls=said.security == "starttls", tls_context=_context(said),
        )  # fmt: skip
        try:
            await client.connect(timeout=CONNECT_SECONDS)
            if said.user:
                await client.login(said.user, said.password())
        except (SMTPException, OSError, ValueError) as failed:
            await _leave(client)
            raise Ended(_unreachable(failed)) from failed
        return Held(client, PER_CONNECTION, asyncio.get_running_loop().time())


@contextlib.asynccontextmanager
async def mailing(settings: SmtpSettings) -> AsyncIterator[Mapping[str, Effect]]:
    """Queue → what its workers do, until left."""
    mailer = Mailer(settings)
    try:
        yield {"email": mailer.effect}
    finally:
        await mailer.close()


def composed(payload: Mapping[str, Any]) -> EmailMessage:
    """Plain text with a simple HTML beside it; headers by which mail programs know it for what it is."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = f"Caraka <{payload['sender']}>"
    message["To"] = str(payload["to"])
    if payload.get("reply_to"):
        message["Reply-To"] = str(payload["reply_to"])
    message["Subject"] = _one_line(str(payload["subject"]))
    message["Date"] = formatdate()
    message["Message-ID"] = str(payload["message_id"])
    message["List-Id"] = str(payload["list_id"])
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = str(payload["language"])
    body = str(payload["body"])
    message.set_content(body + "\n")
    message.add_alternative(as_html(body, str(payload["language"])), subtype="html")
    return message


def as_html(body: str, language: str) -> str:
    """Paragraphs and links, nothing that a mail program would have to fetch."""
    linked, at = [], 0
    for found in URL.finditer(body):
        address = html.escape(found[0])
        linked += [html.escape(body[at : found.start()]), f'<a href="{address}">{address}</a>']
        at = found.end()
    linked.append(html.escape(body[at:]))
    said = "".join(linked).replace("\n", "<br>\n")
    return f'<!doctype html>\n<html lang="{html.escape(language)}"><body><p>{said}</p></body></html>\n'


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _refused(failed: Exception) -> EffectDone:
    """Before the message: nothing has been sent. What a server said is not told on: it may hold the address."""
    if isinstance(failed, SMTPResponseException):
        code = failed.code
        if code in FULL:
            return EffectDone("temporary" if code < LASTS else "permanent", "mailbox-full")
        if code < LASTS:
            return EffectDone("temporary", "server-busy" if code in BUSY else "too-many")
        return EffectDone("permanent", "mailbox-unknown" if code in UNKNOWN_BOX else "refused")
    if isinstance(failed, ValueError):  # an address that no server would be given
        return EffectDone("permanent", "refused")
    return EffectDone("temporary", "timeout" if isinstance(failed, SMTPTimeoutError) else "server-away")


def _unreachable(failed: Exception) -> EffectDone:
    if isinstance(failed, SMTPAuthenticationError):
        return EffectDone("temporary", "login")  # the office's own mistake: the recipient's address is none the worse
    cause: BaseException | None = failed
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return EffectDone("temporary", "tls")
        cause = cause.__cause__ or cause.__context__
    if isinstance(failed, SMTPTimeoutError):
        return EffectDone("temporary", "timeout")
    if isinstance(failed, SMTPConnectError | SMTPServerDisconnected | OSError):
        return EffectDone("temporary", "server-away")
    if isinstance(failed, SMTPResponseException):
        return EffectDone("temporary", "server-busy")
    return EffectDone("temporary", "tls" if isinstance(failed, SMTPException) else "server-away")


def _context(settings: SmtpSettings) -> ssl.SSLContext | None:
    if settings.security == "plain":
        return None
    return ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)


async def _leave(client: aiosmtplib.SMTP) -> None:
    with contextlib.suppress(SMTPException, OSError, TimeoutError):
        if client.is_connected:
            client.close()
