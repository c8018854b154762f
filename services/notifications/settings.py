"""By which mail server notices leave, prefix ``CARAKA_SMTP_``. Without a host nobody is written to by e-mail.

The password comes from a file only. TLS always; in the clear to this machine alone. And by which bus user this service
puts its question to organisation.
"""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notifications.domain.addresses import Range

LONGEST_BEFORE = 12
"""Signs before the token: with it they are the local part of an address, which has at most 64."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SmtpSettings(BaseSettings):
    """``sender``: an address of the office. ``security``: tls (port 465), starttls (587), plain (loopback only).

    ``replies`` (``CARAKA_SMTP_REPLIES``, JSON): agency → the address of its complaints' mailbox, to which reporters
    answer; with ``{thread}`` in it where the mail server takes ``pengaduan+anything@``.
    """

    model_config = SettingsConfigDict(env_prefix="CARAKA_SMTP_", extra="ignore", frozen=True, env_ignore_empty=True)

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["tls", "starttls", "plain"] = "starttls"
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    sender: str = ""
    connections: int = Field(default=4, ge=1, le=64)
    replies: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not self.host:
            return self
        if self.security == "plain" and self.host not in LOOPBACK:
            raise ValueError("CARAKA_SMTP_SECURITY=plain hanya untuk mesin ini sendiri; pakai tls atau starttls")
        if "@" not in self.sender or any(sign in self.sender for sign in "\r\n<> "):
            raise ValueError("CARAKA_SMTP_SENDER harus berisi alamat surel kantor, misalnya caraka@kota.go.id")
        for agency, address in self.replies.items():
            if "@" not in address or any(sign in address for sign in "\r\n<> ,"):
                raise ValueError(f"CARAKA_SMTP_REPLIES: {agency}: {address!r} bukan alamat surel")
        return self

    @property
    def on(self) -> bool:
        return bool(self.host)

    def password(self) -> str:
        return self.password_file.read_text(encoding="utf-8").strip() if self.password_file else ""


class BounceSettings(BaseSettings):
    """Prefix ``CARAKA_BOUNCES_``: where what could not be delivered comes back to. Without an address nothing is read.

    ``address``: an address of the office with ``{token}`` in it, such as ``caraka+{token}@kota.go.id``, that leads to
    one mailbox whatever the token; it is the return path of every e-mail. The mailbox: a ``maildir`` folder, or an IMAP
    account. ``security`` as in `SmtpSettings`.
    """

    model_config = SettingsConfigDict(env_prefix="CARAKA_BOUNCES_", extra="ignore", frozen=True, env_ignore_empty=True)

    address: str = ""
    maildir: Path | None = None
    host: str = ""
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "plain"] = "tls"
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    folder: str = "INBOX"
    poll_seconds: float = Field(default=30.0, gt=0)

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not self.address:
            return self
        before, found, behind = self.address.partition("{token}")
        if not found or "@" not in behind or len(before) > LONGEST_BEFORE or re.search(r"[\s<>\"{}]", before + behind):
            raise ValueError(
                "CARAKA_BOUNCES_ADDRESS harus alamat kantor dengan {token} di depan @, misalnya"
                " caraka+{token}@kota.go.id"
            )
        if self.maildir is None and not (self.host and self.user):
            raise ValueError("CARAKA_BOUNCES_MAILDIR, atau _HOST dan _USER, harus menyebut kotak suratnya")
        if self.security == "plain" and self.host and self.host not in LOOPBACK:
            raise ValueError("CARAKA_BOUNCES_SECURITY=plain hanya untuk mesin ini sendiri; pakai tls atau starttls")
        return self

    @property
    def on(self) -> bool:
        return bool(self.address)

    def password(self) -> str:
        return self.password_file.read_text(encoding="utf-8").strip() if self.password_file else ""


class WebhookSettings(BaseSettings):
    """Prefix ``CARAKA_WEBHOOK_``. ``ca_file``: of an authority of the office's own, beside those that the system knows.

    ``this_machine``: hooks may lead to this machine itself, also without TLS. Who runs the machine says so, and no
    administrator of an agency can: everything that listens here for this machine alone is then within his reach.
    """

    model_config = SettingsConfigDict(env_prefix="CARAKA_WEBHOOK_", extra="ignore", frozen=True, env_ignore_empty=True)

    ca_file: Path | None = None
    this_machine: bool = False

    @property
    def own_ranges(self) -> tuple[Range, ...]:
        return (ip_network("127.0.0.0/8"), ip_network("::1/128")) if self.this_machine else ()


class AskingSettings(BaseSettings):
    """``CARAKA_ASKING_NATS_URL_FILE``: a file with the bus's address for the user ``asking-notifications``.

    Without it, the address of the service itself (one user for all, on the embedded bus).
    """

    model_config = SettingsConfigDict(env_prefix="CARAKA_ASKING_", extra="ignore", frozen=True, env_ignore_empty=True)

    nats_url_file: Path | None = None

    @property
    def url(self) -> str:
        return self.nats_url_file.read_text(encoding="utf-8").strip() if self.nats_url_file else ""
