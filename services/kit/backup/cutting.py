"""Makes the cut, whatever the stores lie on."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from services.kit.backup.cut import Cut
from services.kit.backup.postgres import cut_of_database
from services.kit.backup.sqlite import cut_of_files
from services.kit.settings import Settings


def cut(settings: Settings, services: Sequence[str], stating: Sequence[str]) -> AbstractContextManager[Cut]:
    """All of them at one moment. Raises BackupFault where a store is missing or cannot be read."""
    if settings.database_url is not None:
        return cut_of_database(settings.database_url.get_secret_value(), services, stating)
    return cut_of_files(settings, services, stating)
