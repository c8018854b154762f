"""Settings by environment, prefix ``CARAKA_``; every secret may come from a file named by ``<NAME>_FILE``."""

import os
import secrets
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    public_url: str | None = None
    keyring: SecretStr | None = None
    standards_dir: Path | None = None
    otlp_url: str | None = None
    log_format: str = "auto"
    log_level: str = "info"
    public_ways: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_files(cls, values: dict[str, object]) -> dict[str, object]:
        for name in cls.model_fields:
            path = os.environ.get(f"CARAKA_{name.upper()}_FILE")
            if path and name not in values:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
        return values

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        url = self.database_url.get_secret_value() if self.database_url else ""
        if url and urlsplit(url).scheme not in {"postgresql", "postgres"}:
            raise ValueError("CARAKA_DATABASE_URL must begin with postgresql:// (unset it for SQLite)")
        if self.log_format not in {"auto", "json", "pretty"}:
            raise ValueError("CARAKA_LOG_FORMAT must be auto, json or pretty")
        address = urlsplit(self.public_url or "")
        if self.public_url and address.scheme == "http" and address.hostname not in LOOPBACK:
            raise ValueError("CARAKA_PUBLIC_URL must be https: plain HTTP is served on loopback only")
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
    def base_url(self) -> str:
        """The address that people and QR codes use, without a trailing slash."""
        return (self.public_url or f"http://{self.http_host}:{self.http_port}").rstrip("/")

    def effective(self) -> dict[str, str]:
        """What start prints: every setting, secrets masked."""
        return {name: _masked(str(value)) for name, value in self.model_dump().items() if value is not None}


def local_token(data_dir: Path) -> str:
    """What opens the embedded broker to the owner of the data folder and to nobody else on this machine (mode 0600)."""
    path = data_dir / "nats-token"
    data_dir.mkdir(parents=True, exist_ok=True)
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
