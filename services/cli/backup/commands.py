"""``caraka backup TO``, ``caraka backup check FROM``, ``caraka restore FROM``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from services.cli.console import AsJson, say, settings_or_exit

if TYPE_CHECKING:
    from services.kit.backup.cut import Tell
    from services.kit.backup.reading import Archive
    from services.kit.backup.settings import BackupSettings


NICE = 10


class PlaceFirst(TyperGroup):
    """``caraka backup TO`` is ``caraka backup now TO``: what is no word of ours is a place."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = {*self.commands, *self.get_help_option_names(ctx)}
        if args and args[0] not in known:
            args = ["now", *args]
        return super().parse_args(ctx, args)


backup_app = typer.Typer(name="backup", cls=PlaceFirst, help="Backups of everything.", no_args_is_help=True)
KeysTo = Annotated[str, typer.Option("--keys", help="the place of the keys; unset: CARAKA_BACKUP_KEYS_TO, or TO-kunci")]
IdentityFile = Annotated[
    Path | None,
    typer.Option("--identity", help="file with the private key; unset: CARAKA_BACKUP_IDENTITY, or with the keys"),
]
Name = Annotated[str, typer.Option("--archive", help="one of them by its name; unset: the newest")]


@backup_app.callback()
def backup() -> None:
    """Backups of everything."""


@backup_app.command("now")
def now(
    to: Annotated[str, typer.Argument(help="a folder, or s3://…; unset: CARAKA_BACKUP_TO")] = "",
    keys: KeysTo = "",
    recipient: Annotated[str, typer.Option(help="age1…: who can open it; unset: CARAKA_BACKUP_RECIPIENT")] = "",
    new: Annotated[bool, typer.Option("--new", help="also into a place that held backups and is empty now")] = False,  # noqa: FBT002 - typer's way
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
) -> None:
    """Copies everything to another place, sealed, while the product runs. `caraka backup TO` says the same.

    Example: caraka backup /mnt/cadangan
    """
    from services.cli.backup import told
    from services.cli.backup.making import make

    own = _own(keys, recipient=recipient)
    to = to or own.to
    if not to:
        sys.stderr.write("Sebutkan tempatnya: caraka backup TEMPAT, atau tetapkan CARAKA_BACKUP_TO.\n")
        raise typer.Exit(2)
    with _watched(as_json=as_json) as tell:
        made = make(settings_or_exit(), own, to, _after_the_office(tell), new=new)
    say(told.made_as_json(made) if as_json else told.made(made))


@backup_app.command("check")
def check(
    source: Annotated[str, typer.Argument(metavar="FROM", help="the place of the archives")] = "",
    keys: KeysTo = "",
    identity: IdentityFile = None,
    archive: Name = "",
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
) -> None:
    """Restores aside into a temporary place, verifies, measures, and leaves a report beside the archives.

    Example: caraka backup check /mnt/cadangan
    """
    from services.cli.backup import told
    from services.cli.backup.checking import check as try_it

    own = _own(keys, identity=identity)
    with _watched(as_json=as_json) as tell:
        report = try_it(settings_or_exit(), _opened(own, source or own.to, archive), tell)
    say(json.dumps(report, default=str, ensure_ascii=False) if as_json else told.checked(report))
    raise typer.Exit(0 if report["ok"] else 1)


@backup_app.command("keep")
def keep() -> None:
    """Makes backups by the schedule of CARAKA_BACKUP_*, in the foreground (part of `up`).

    Example: CARAKA_BACKUP_TO=/mnt/cadangan CARAKA_BACKUP_RECIPIENT=age1… caraka backup keep
    """
    from services.cli import running
    from services.cli.backup.keeping import kept
    from services.kit.runtime.supervise import asked_to_stop

    settings, own = settings_or_exit(), _own("")
    if not own.to:
        sys.stderr.write("Sebutkan tempatnya: CARAKA_BACKUP_TO.\n")
        raise typer.Exit(2)

    async def main() -> None:
        with asked_to_stop() as asked:
            async with kept(settings, own):
                running.say("ready: backup")
                await asked.wait()

    running.start(main(), settings)


@backup_app.command("identity")
def identity(path: Annotated[Path, typer.Argument(help="a new file for the private key")]) -> None:
    """Makes a key pair: the private key in a file to keep elsewhere, the public one for CARAKA_BACKUP_RECIPIENT.

    Example: caraka backup identity ~/kunci-cadangan.txt
    """
    from services.kit.backup.sealing import new_identity

    try:
        public = new_identity(path)
    except FileExistsError:
        sys.stderr.write(f"{path} sudah ada, dan tidak ditimpa.\n")
        raise typer.Exit(1) from None
    say(f"Kunci pribadi di {path}: simpan di tempat lain, tanpa itu cadangan tidak terbuka. Penerima: {public}")


def restore(  # noqa: PLR0913 - what may be said of a restore
    source: Annotated[str, typer.Argument(metavar="FROM", help="the place of the archives")],
    keys: KeysTo = "",
    identity: IdentityFile = None,
    archive: Name = "",
    paper: Annotated[
        list[str] | None, typer.Option(help="agency/book/year=N: the last agenda number that stands on paper")
    ] = None,
    by: Annotated[str, typer.Option(help="who restores; kept in the history")] = "konsol",
    despite: Annotated[  # noqa: FBT002 - typer's way
        bool, typer.Option("--despite", help="also where verify names something that was so before the backup")
    ] = False,
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
) -> None:
    """Brings everything back into an empty data folder (and database), verified, and says what is missing since.

    Example: CARAKA_DATA_DIR=./baru caraka restore /mnt/cadangan
    """
    from services.cli import folder
    from services.cli.backup import numbers, told
    from services.cli.backup.restoring import Asked
    from services.cli.backup.restoring import restore as bring_back

    settings, own = settings_or_exit(), _own(keys, identity=identity)
    with folder.held(settings), _watched(as_json=as_json) as tell:
        asked = Asked(numbers.parsed(paper or ()), by, tell, despite)
        restored = bring_back(settings, _opened(own, source, archive), asked)
    say(told.restored_as_json(restored) if as_json else told.restored(restored, settings))


def backup_settings_or_exit() -> BackupSettings:
    """From the environment, or a clear sentence and exit status 2."""
    from pydantic import ValidationError

    from services.kit.backup.settings import BackupSettings
    from services.kit.mistakes import mistakes_in

    try:
        return BackupSettings()
    except ValidationError as error:
        for sentence in mistakes_in(error, "CARAKA_BACKUP_"):
            sys.stderr.write(f"{sentence}\n")
        raise typer.Exit(2) from None


def _own(keys: str, recipient: str = "", identity: Path | None = None) -> BackupSettings:
    own = backup_settings_or_exit()
    said = {"keys_to": keys, "recipient": recipient, "identity": identity}
    return own.model_copy(update={name: value for name, value in said.items() if value})


def _opened(own: BackupSettings, source: str, archive: str) -> Archive:
    from services.cli.backup.making import IDENTITY
    from services.kit.backup.faults import BackupFault
    from services.kit.backup.places import BackupPlace
    from services.kit.backup.reading import Archive
    from services.kit.backup.sealing import identities_in

    beside = own.keys_beside(source)
    for each in (source, beside):
        if "://" not in each and not Path(each).is_dir():
            raise BackupFault("place-away", f"Tempat cadangan {each or '(kunci: --keys)'} tidak ada.")
    place, keys = BackupPlace(source, own.access()), BackupPlace(beside, own.access(keys=True))
    path = own.identity or (keys.folder / IDENTITY if keys.folder is not None else None)
    if path is None:
        raise BackupFault("identity-lost", "Sebutkan berkas kunci pribadi cadangan: --identity.")
    return Archive.open(place, keys, identities_in(path), archive)


@contextmanager
def _watched(*, as_json: bool) -> Iterator[Tell]:
    """Progress for whoever watches; a fault as one sentence, or as JSON, with exit status 1."""
    from rich.console import Console

    from services.cli import findings
    from services.cli.invariants.ground import Step
    from services.kit.backup.faults import BackupFault

    try:
        with findings.watched(Console(stderr=True)) as progress:
            yield _steps(progress, Step)
    except BackupFault as fault:
        if as_json:
            say(json.dumps({"ok": False, "code": fault.code, "sentence": str(fault)}, ensure_ascii=False))
        sys.stderr.write(f"{fault}\n")
        raise typer.Exit(1) from None


def _after_the_office(tell: Tell) -> Tell:
    """From the first step on, when no store is locked any more, whoever works comes before the backup."""
    left = [NICE]

    def told(stage: str, done: int, total: int) -> None:
        if left:
            os.nice(left.pop())
        tell(stage, done, total)

    return told


def _steps(progress: Callable[[Any], None], step: Callable[[str, int, int, float], Any]) -> Tell:
    import time

    began: dict[str, float] = {}

    def tell(stage: str, done: int, total: int) -> None:
        progress(step(stage, done, total, time.monotonic() - began.setdefault(stage, time.monotonic() - 1e-6)))

    return tell
