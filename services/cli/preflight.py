"""What must hold before anything is started. What does not is one sentence that says what to do, within two seconds.

Only ``caraka up`` looks at places (ports, the database): a service that runs apart waits for what it needs.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_settings import SettingsError

from services.account_provisioning.settings import AccountSettings, directories_of
from services.cli.folder import unwritable
from services.intake.settings import IntakeSettings, mailboxes_of
from services.kit.backup.faults import BackupFault
from services.kit.backup.sealing import recipients_of
from services.kit.backup.settings import BackupSettings
from services.kit.database.reach import Unreachable, reach
from services.kit.mistakes import mistakes_in
from services.kit.sealing.keyring import load_keyring
from services.kit.settings import Settings
from services.notifications.settings import AskingSettings, BounceSettings, SmtpSettings, WebhookSettings
from services.organisation.adapters.standards_files import StandardsRefusedError, load

DATABASE_SECONDS = 2
KEYRING_FILE = "keyring"


class NotReady(SystemExit):
    """The message is the sentence for the person at the console."""


def files(settings: Settings) -> None:
    """Settings that are read later, and what they point to. Raises NotReady with the first mistake."""
    _first(_keys, _mailboxes, _directories, _mail, _backups, _standards, settings=settings)


def places(settings: Settings) -> None:
    """Disk, ports and the database. Raises NotReady with the first that cannot be had."""
    _first(_folder, _http, _bus, _database, settings=settings)


def _first(*checks: Callable[[Settings], Iterator[str]], settings: Settings) -> None:
    for check in checks:
        for sentence in check(settings):
            raise NotReady(sentence)


def _keys(settings: Settings) -> Iterator[str]:
    if settings.keyring is None and not (settings.data_dir / KEYRING_FILE).exists():
        return  # made when it is first needed, by whoever needs it
    try:
        load_keyring(settings)
    except (ValueError, OSError):  # neither a key nor a path of one is shown
        yield (
            "CARAKA_KEYRING (atau berkas kuncinya) tidak dapat dibaca: isinya <nama>:<base64 dari 32 bita>, beberapa "
            "dipisah koma. Pasang kembali kunci yang lama; dengan kunci lain data tidak terbuka."
        )


def _mailboxes(settings: Settings) -> Iterator[str]:
    try:
        mailboxes_of(settings, IntakeSettings())
    except ValueError as error:
        yield f"Kotak surat tidak dapat dipakai. {error}. Contoh pengaturan: docs/operations.md, bagian kotak surat."


def _directories(_settings: Settings) -> Iterator[str]:
    try:
        rows = directories_of(AccountSettings())
    except ValueError as error:
        yield f"Direktori akun tidak dapat dipakai. {error}. Contoh pengaturan: docs/operations.md, bagian direktori."
        return
    for row in rows:
        yield from _unread("CARAKA_DIRECTORIES", getattr(row, "password_file", None))


def _mail(_settings: Settings) -> Iterator[str]:
    """How notices leave and how what did not arrive comes back."""
    for kind in (SmtpSettings, BounceSettings, WebhookSettings, AskingSettings):
        prefix = kind.model_config.get("env_prefix", "")
        try:
            own = kind()
        except ValidationError as error:
            yield next(mistakes_in(error, prefix))
        except SettingsError:
            yield f"{prefix}REPLIES: bukan JSON yang benar"
        else:
            for name, value in own:
                yield from _unread(f"{prefix}{name.upper()}", value if name.endswith("_file") else None)


def _backups(_settings: Settings) -> Iterator[str]:
    try:
        own = BackupSettings()
        if own.recipient:
            recipients_of(own.recipient)
    except ValidationError as error:
        yield next(mistakes_in(error, "CARAKA_BACKUP_"))
    except BackupFault as fault:
        yield str(fault)


def _unread(name: str, path: Path | None) -> Iterator[str]:
    if path is not None and not os.access(path, os.R_OK):
        yield f"{name}: berkas {path} tidak ada atau tidak dapat dibaca."


def _standards(settings: Settings) -> Iterator[str]:
    if settings.standards_dir is None:
        return
    if not settings.standards_dir.is_dir():
        yield f"Folder {settings.standards_dir} tidak ada. Perbaiki atau kosongkan CARAKA_STANDARDS_DIR."
        return
    try:
        load(settings.standards_dir)
    except StandardsRefusedError as error:
        left = len(error.sentences) - 1
        more = f" (dan {left} lagi; lihat `caraka standard check`)" if left else ""
        yield f"Berkas standar pelayanan tidak dapat dipakai: {error.sentences[0]}{more}"


def _folder(settings: Settings) -> Iterator[str]:
    why = unwritable(settings.data_dir)
    if why:
        yield (
            f"Folder data {settings.data_dir} tidak dapat ditulisi: {why}. Perbaiki disknya, atau pilih folder lain "
            "dengan CARAKA_DATA_DIR."
        )


def _http(settings: Settings) -> Iterator[str]:
    if _taken(settings.http_host, settings.http_port):
        yield (
            f"Port {settings.http_port} di {settings.http_host} sudah dipakai program lain. Hentikan program itu, atau "
            "pilih port lain dengan CARAKA_HTTP_PORT."
        )


def _bus(settings: Settings) -> Iterator[str]:
    if settings.embedded_broker and _taken("127.0.0.1", settings.nats_port):
        yield (
            f"Port {settings.nats_port} di 127.0.0.1, untuk bus bawaan, sudah dipakai program lain. Hentikan program "
            "itu, atau pilih port lain dengan CARAKA_NATS_PORT."
        )


def _database(settings: Settings) -> Iterator[str]:
    if settings.database_url is None:
        return
    url = settings.database_url.get_secret_value()
    try:
        reach(url, DATABASE_SECONDS)
    except Unreachable as error:
        where = urlsplit(url)
        why = "server menolak; pemakai, kata sandi atau nama basis data tidak cocok"
        yield (
            f"PostgreSQL di {where.hostname or 'mesin ini'}:{where.port or 5432} tidak dapat dipakai: "
            f"{why if error.refused else 'server tidak menjawab'}. "
            "Jalankan servernya, atau perbaiki CARAKA_DATABASE_URL."
        )


def _taken(host: str, port: int) -> bool:
    """Whether nobody could listen there now; a connection that has just ended does not count."""
    if port == 0:
        return False
    try:
        where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(where[0], where[1]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where[4])
    except OSError:
        return True
    return False
