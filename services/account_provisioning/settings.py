"""Where each agency's accounts live, from ``CARAKA_DIRECTORIES`` (JSON); else in the service's own database.

An entry: ``{"agency": "purbalingga", "kind": "ldap", "host": …, "port": 636, "bind_dn": …, "password_file": …,
"base": …, "tree": …}`` or ``{"agency": …, "kind": "passwd-file", "path": …}``; both with ``"doveadm": {"url": …,
"key_file": …}`` where Dovecot remembers secrets, and ``"servers": {"imap": "host:993", "smtp": "host:465", "webmail":
"https://…"}``, which people are told. Secrets come from files only.
"""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.base import Agency
from services.kit.mistakes import mistake_within

HOST_PORT = r"^([A-Za-z0-9.-]{1,250}:[0-9]{1,5})?$"
ATTRIBUTE = r"^([A-Za-z][A-Za-z0-9-]{0,63})?$"
NO_ALIASES = {"mail", "maildrop", "mailforwardingaddress", "mailroutingaddress"}
"""By the first people log in, by the others mail goes elsewhere."""
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DoveadmDoor(_Row):
    """``url``: of Dovecot's HTTP door; plain HTTP to this machine only. ``last_login``: its ``last_login_dict``, as it
    stands in its own settings, where its plugin of this name keeps who logged in when.
    """

    url: str
    key_file: Path
    last_login: str = Field(default="", max_length=300)

    @model_validator(mode="after")
    def _closed_on_the_way(self) -> Self:
        address = urlsplit(self.url)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
            raise ValueError("harus https; http hanya untuk mesin ini sendiri")
        return self


class ServersRow(_Row):
    """For people: ``host:port``, and the mail server's page in a browser."""

    imap: str = Field(default="", pattern=HOST_PORT)
    smtp: str = Field(default="", pattern=HOST_PORT)
    webmail: str = Field(default="", pattern=r"^(https://[^\s\"<>]+)?$", max_length=200)


class _Directory(_Row):
    agency: Agency
    doveadm: DoveadmDoor | None = None
    servers: ServersRow = Field(default_factory=ServersRow)


class PasswdFileRow(_Directory):
    kind: Literal["passwd-file"]
    path: Path


class LdapRow(_Directory):
    """``tree``: what is searched for addresses that are taken; unset: ``base``. ``quota_attribute``: in which the mail
    server reads a mailbox's megabytes; unset: quotas are not kept there. ``alias_attribute``: in which it looks for
    additional addresses of a mailbox (``mailLocalAddress``); unset: none are kept there.
    """

    kind: Literal["ldap"]
    host: str
    port: int = Field(default=636, ge=1, le=65535)
    bind_dn: str
    password_file: Path
    base: str
    tree: str = ""
    security: Literal["ldaps", "starttls", "plain"] = "ldaps"
    ca_file: str | None = None
    quota_attribute: str = Field(default="", pattern=ATTRIBUTE)
    alias_attribute: str = Field(default="", pattern=ATTRIBUTE)

    @model_validator(mode="after")
    def _closed_on_the_way(self) -> Self:
        if self.security == "plain" and self.host not in LOOPBACK:
            raise ValueError("security=plain hanya untuk mesin ini sendiri; pakai ldaps atau starttls")
        return self

    @model_validator(mode="after")
    def _alias_is_no_login(self) -> Self:
        if self.alias_attribute.casefold() in NO_ALIASES:
            raise ValueError("alias_attribute: bukan atribut alamat akun atau terusan; pakai misalnya mailLocalAddress")
        return self


Row = Annotated[PasswdFileRow | LdapRow, Field(discriminator="kind")]


class AccountSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CARAKA_", extra="ignore", frozen=True)
    directories: str | None = None


def directories_of(own: AccountSettings) -> list[PasswdFileRow | LdapRow]:
    """The configured directories. Raises ValueError with the place of the mistake."""
    try:
        rows = TypeAdapter(list[Row]).validate_json(own.directories or "[]")
    except ValidationError as error:
        raise ValueError(mistake_within("CARAKA_DIRECTORIES", error)) from error
    names = [(row.agency, row.kind) for row in rows]
    if len(set(names)) < len(names):
        raise ValueError("CARAKA_DIRECTORIES: satu direktori dari tiap jenis untuk satu instansi")
    return rows
