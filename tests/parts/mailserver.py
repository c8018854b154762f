"""A real SMTP server on loopback (aiosmtpd): keeps what it accepts, and misbehaves as a test tells it to."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.parts.ports import free_port


@dataclass
class Postbox:
    """``answers``: address → what RCPT is answered; ``at_data``: what DATA is answered ("": nothing, the connection is
    dropped when the message is there). ``pause``: seconds before it answers DATA.
    """

    port: int = 0
    came: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    return_paths: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    at_data: str = "250 kept"
    pause: float = 0.0
    keeps_dropped: bool = True

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(each, policy=default) for each in self.came]  # type: ignore[misc] # by its policy

    def forget(self) -> None:
        """What has come so far."""
        self.came.clear()
        self.recipients.clear()
        self.return_paths.clear()

    def to(self, address: str) -> list[EmailMessage]:
        return [each for each, whom in zip(self.messages, self.recipients, strict=True) if whom == address]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        await asyncio.sleep(self.pause)
        if self.at_data.startswith("250") or not self.at_data:
            content = envelope.content
            assert isinstance(content, bytes)
            self.came.append(content)
            self.recipients.append(envelope.rcpt_tos[0])
            self.return_paths.append(str(envelope.mail_from))
        if not self.at_data:
            assert server.transport is not None
            server.transport.abort()
        return self.at_data or "250 never said"


class _Users:
    def __call__(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == (b"caraka", b"rahasia")
        return AuthResult(success=right, handled=right)


@contextmanager
def mail_server(
    *, context: ssl.SSLContext | None = None, starttls: bool = False, login: bool = False
) -> Iterator[Postbox]:
    """``context``: TLS from the first byte, or (``starttls``) when it is asked for."""
    box = Postbox(free_port())
    words: dict[str, Any] = {"authenticator": _Users()} if login else {}
    if starttls:
        words |= {"tls_context": context, "require_starttls": True}
    elif context is not None:
        words["ssl_context"] = context
        words["auth_require_tls"] = False
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **words)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
