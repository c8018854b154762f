"""Settings by environment, prefix ``CARAKA_``; every secret may come from a file named by ``<NAME>_FILE``."""

import os
import secrets
from ipaddress import ip_network
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

TOKEN_FILE = "nats-token"  # noqa: S105 - where it lies, not what it is
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Settings(BaseSettings):
    """Unset ``nats_url``: an embedded broker. Unset ``database_url``: SQLite below ``data_dir``."""

    model_config = SettingsConfigDict(env_prefix="CARAKA_", extra="ignore", frozen=True)

    data_dir: Path = Path("./var")
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    nats_url: str | None = None
    nats_port: int = Field(default=4222, ge=0, le=65535)
    database_url: SecretStr | None = None
    blob_url: str | None = None
    http_published: str | None = None
    public_url: str | None = None
    trusted_proxies: str | None = None
    keyring: SecretStr | None = None
    standards_dir: Path | None = None
    otlp_url: str | None = None
    log_format: str = "auto"
    log_level: str = "info"
    public_ways: bool = False
    upload_files: int = Field(default=5, ge=1, le=5)
    upload_megabytes: int = Field(default=25, ge=1, le=25)

    @model_validator(mode="before")
    @classmethod
    def _from_files(cls, values: dict[str, object]) -> dict[str, object]:
        return from_files(cls, values, "CARAKA_")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        url = self.database_url.get_secret_value() if self.database_url else ""
        if url and urlsplit(url).scheme not in {"postgresql", "postgres"}:
            raise ValueError("CARAKA_DATABASE_URL harus diawali postgresql:// (kosongkan untuk SQLite).")
        if self.log_format not in {"auto", "json", "pretty"}:
            raise ValueError("CARAKA_LOG_FORMAT harus auto, json, atau pretty.")
        address = urlsplit(self.public_url or "")
        if self.public_url and (address.scheme not in {"http", "https"} or not address.hostname):
            raise ValueError("CARAKA_PUBLIC_URL harus alamat lengkap, misalnya https://surat.kota.go.id.")
        if self.public_url and address.scheme == "http" and address.hostname not in LOOPBACK:
            raise ValueError("CARAKA_PUBLIC_URL harus https: http biasa hanya untuk mesin ini sendiri.")
        if self.reached_on not in LOOPBACK and address.scheme != "https":
            raise ValueError(
                f"Gerbang dapat dicapai dari luar mesin ini ({self.reached_on}), maka isi CARAKA_PUBLIC_URL dengan "
                "alamat https milik proksi TLS di depannya. Tanpa TLS, sandi dan surat dapat dibaca di jaringan; "
                "untuk mesin ini saja, kosongkan CARAKA_HTTP_HOST."
            )
        try:
            for proxy in self.proxies:
                ip_network(proxy)
        except ValueError as wrong:
            raise ValueError(
                "CARAKA_TRUSTED_PROXIES berisi alamat atau jaringan, dipisah koma: 10.0.0.2 atau 10.0.0.0/24."
            ) from wrong
        return self

    @property
    def embedded_broker(self) -> bool:
        return self.nats_url is None

    @property
    def broker_url(self) -> str:
        if self.nats_url is not None:
            return self.nats_url
        return f"nats://{local_token(self.data_dir)}@127.0.0.1:{self.nats_port}"

    @property
    def reached_on(self) -> str:
        """Where the gateway's port is found: its own address, or the one at which a container's port is published."""
        return self.http_published or self.http_host

    @property
    def proxies(self) -> list[str]:
        """Addresses and networks whose word about the client's address is believed."""
        return [each.strip() for each in (self.trusted_proxies or "").split(",") if each.strip()]

    @property
    def base_url(self) -> str:
        """The address that people and QR codes use, without a trailing slash."""
        return (self.public_url or f"http://{self.http_host}:{self.http_port}").rstrip("/")

    def effective(self) -> dict[str, str]:
        """What start prints: every setting, secrets masked."""
        return {name: _masked(str(value)) for name, value in self.model_dump().items() if value is not None}


def from_files(model: type[BaseSettings], values: dict[str, object], prefix: str) -> dict[str, object]:
    """What is not said itself comes from the file that ``<NAME>_FILE`` names."""
    for name in model.model_fields:
        path = os.environ.get(f"{prefix}{name.upper()}_FILE")
        if path and name not in values:
            values[name] = Path(path).read_text(encoding="utf-8").strip()
    return values


def local_token(data_dir: Path) -> str:
    """What opens the embedded broker to the owner of the data folder and to nobody else on this machine (mode 0600)."""
    path = data_dir / TOKEN_FILE
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    token = secrets.token_urlsafe(24)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token)
    return token


def _masked(text: str) -> str:
    """A URL without the password in it."""
    scheme, separator, rest = text.partition("://")
    credentials, at, host = rest.rpartition("@")
    if not separator or not at:
        return text
    name, colon, _ = credentials.partition(":")
    return f"{scheme}://{name if colon else ''}:********@{host}"
