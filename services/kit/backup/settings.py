"""``CARAKA_BACKUP_*``: where backups go, for whom they are sealed, how often, and which are kept."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.backup.buckets import Access
from services.kit.backup.retention import Keep
from services.kit.settings import from_files


class BackupSettings(BaseSettings):
    """Unset ``to``: nothing happens by itself. ``recipient``: age public keys; ``identity``: a file with a private one.

    ``proven_days``: a restore that was tried longer ago than this counts as not proven. ``s3_…``: of buckets;
    ``keys_s3_…`` of the keys', who should be another user.
    """

    model_config = SettingsConfigDict(env_prefix="CARAKA_BACKUP_", extra="ignore", frozen=True)

    to: str = ""
    keys_to: str = ""
    recipient: str = ""
    identity: Path | None = None
    every_hours: float = Field(default=24.0, gt=0, le=24 * 31)
    keep: str = "7,5,12"
    proven_days: int = Field(default=40, ge=1, le=3660)
    s3_endpoint: str = ""
    s3_region: str = ""
    s3_key_id: str = ""
    s3_secret: SecretStr = SecretStr("")
    keys_s3_endpoint: str = ""
    keys_s3_region: str = ""
    keys_s3_key_id: str = ""
    keys_s3_secret: SecretStr = SecretStr("")

    @model_validator(mode="before")
    @classmethod
    def _from_files(cls, values: dict[str, object]) -> dict[str, object]:
        return from_files(cls, values, "CARAKA_BACKUP_")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        Keep.parse(self.keep)
        return self

    def access(self, *, keys: bool = False) -> Access:
        """To a bucket of the archives, or of the keys: each of these is the archives' where it is not said."""
        own = Access(self.s3_endpoint, self.s3_region, self.s3_key_id, self.s3_secret.get_secret_value())
        if not keys:
            return own
        said = (self.keys_s3_endpoint, self.keys_s3_region, self.keys_s3_key_id, self.keys_s3_secret.get_secret_value())
        return Access(*(mine or theirs for mine, theirs in zip(said, own, strict=True)))

    def keys_beside(self, place: str) -> str:
        """Where the keys go: as it is said, else beside a folder, in one of their own. Empty: it has to be said."""
        if self.keys_to:
            return self.keys_to
        return "" if "://" in place else f"{place.rstrip('/')}-kunci"
