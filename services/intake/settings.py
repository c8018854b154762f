"""Which mailboxes intake reads, from ``CARAKA_MAILBOXES`` (JSON); without it, a Maildir folder per agency with letters.

An entry: ``{"agency": "pekalongan", "name": "sanapati", "kind": "imap", "host": …, "port": 993, "user": …,
"password_file": …, "folder": "INBOX", "move_to": null, "mark_seen": false}`` or ``{"agency": …, "name": …,
"kind": "maildir", "path": …}``. ``"purpose": "pengaduan"``: its messages are complaints (otherwise *surat*, letters).
Secrets come from files only.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.base import Agency, Slug
from contracts.subjects import UNREADABLE
from contracts.words import DEPLOYMENT
from services.kit.mistakes import mistake_within
from services.kit.settings import Settings

EMBEDDED_AGENCIES = ("pekalongan",)
EMBEDDED_MAILBOX = "sanapati"


def _ordinary(agency: str) -> str:
    if agency in {DEPLOYMENT, UNREADABLE}:
        raise ValueError(f"{agency} is reserved and has no letters")
    return agency


class _Mailbox(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    agency: Annotated[Agency, AfterValidator(_ordinary)]
    name: Slug
    purpose: Literal["surat", "pengaduan"] = "surat"
    max_bytes: int = Field(default=50_000_000, ge=1)
    poll_seconds: float = Field(default=30.0, gt=0)


class MaildirBox(_Mailbox):
    kind: Literal["maildir"]
    path: Path
    settle_seconds: float = Field(default=1.0, ge=0)


class ImapBox(_Mailbox):
    """``security``: tls, starttls, or plain (to loopback only). Nothing on the server is changed unless allowed."""

    kind: Literal["imap"]
    host: str
    port: int = Field(default=993, ge=1, le=65535)
    user: str
    password_file: Path
    folder: str = "INBOX"
    security: Literal["tls", "starttls", "plain"] = "tls"
    ca_file: str | None = None
    mark_seen: bool = False
    move_to: str | None = None


Mailbox = Annotated[MaildirBox | ImapBox, Field(discriminator="kind")]


class IntakeSettings(BaseSettings):
    """``authserv_id``: the name under which the office's own mail server writes Authentication-Results."""

    model_config = SettingsConfigDict(env_prefix="CARAKA_", extra="ignore", frozen=True)
    mailboxes: str | None = None
    authserv_id: str | None = None


def mailboxes_of(settings: Settings, own: IntakeSettings) -> list[MaildirBox | ImapBox]:
    """The configured mailboxes. Raises ValueError with the place of the mistake."""
    if own.mailboxes is None:
        return [
            MaildirBox(
                agency=agency, name=EMBEDDED_MAILBOX, kind="maildir", path=settings.data_dir / "mailbox" / agency
            )
            for agency in EMBEDDED_AGENCIES
        ]
    try:
        return TypeAdapter(list[Mailbox]).validate_json(own.mailboxes)
    except ValidationError as error:
        raise ValueError(mistake_within("CARAKA_MAILBOXES", error)) from error
