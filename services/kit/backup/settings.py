"""``CARAKA_BACKUP_*``: where backups go, for whom they are sealed, how often, and which are kept."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.backup.retention import Keep


class BackupSettings(BaseSettings):
    """Unset ``to``: nothing happens by itself. ``recipient``: age public keys; ``identity``: a file with a private one.

    ``proven_days``: a restore that was tried longer ago than this counts as not proven.
    """

    model_config = SettingsConfigDict(env_prefix="CARAKA_BACKUP_", extra="ignore", frozen=True)

    to: str = ""
    keys_to: str = ""
    recipient: str = ""
    identity: Path | None = None
    every_hours: float = Field(default=24.0, gt=0, le=24 * 31)
    keep: str = "7,5,12"
    proven_days: int = Field(default=40, ge=1, le=3660)

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        Keep.parse(self.keep)
        return self

    def keys_beside(self, place: str) -> str:
        """Where the keys go: as it is said, else beside a folder, in one of their own. Empty: it has to be said."""
        if self.keys_to:
            return self.keys_to
        return "" if "://" in place else f"{place.rstrip('/')}-kunci"
