"""``caraka standard check|export``: the agencies' files checked before they are brought in, or as they stand."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from contracts import notifications, offices, organisation
from services.cli.office_files import imported
from services.kit.runtime.kit import now
from services.kit.settings import Settings
from services.organisation.adapters.standards_export import exported
from services.organisation.adapters.standards_files import StandardsRefusedError, load, read


def checked(path: Path) -> tuple[bool, tuple[str, ...]]:
    """A folder of all agencies, one agency's folder, or one of its files. Whether it is sound, and why not."""
    folder = _folder(path)
    if folder is None:
        said = (
            f"{path}: calendar.toml belum ada di sini maupun di atasnya. Salin calendar.toml dan notify.toml dari "
            "contracts/standards ke folder yang memuat folder instansi Anda; panduannya docs/panduan/instansi-baru.md."
        )
        return False, (said,)
    try:
        _, agencies = load(folder)
        refused = imported(read(folder), now())[1]
    except StandardsRefusedError as error:
        return False, error.sentences
    if refused:
        return False, tuple(refused)
    count = sum(len(files.standards) for files in agencies.values())
    return True, (f"{folder}: {len(agencies)} instansi, {count} standar pelayanan; semuanya dapat dipakai.",)


def _folder(path: Path) -> Path | None:
    """The folder that holds ``calendar.toml`` and the agencies, from any path in it."""
    inside = path.resolve()
    return next((each for each in (inside, *inside.parents[:2]) if (each / "calendar.toml").is_file()), None)


async def export(settings: Settings, agency: str, target: Path) -> list[str]:
    """Writes the running state below ``target`` (which must be new or empty) and reads it back; the paths written."""
    from services.cli.asking import asking

    async with asking(settings, agency) as ask:
        words = (await ask(organisation.AgencyFacts(), offices.AgencyFactsAnswer)).facts
        if words is None:
            raise LookupError(f"instansi {agency!r} tidak dikenal")
        routes = await ask(notifications.Routes(), notifications.RoutesAnswer)
        if routes.number:  # what an officer has published since stands in no file yet
            words = words.model_copy(update={"notify": routes.rules})
        files = exported(
            agency,
            words,
            await ask(organisation.People(), offices.PeopleAnswer),
            await ask(organisation.Positions(), offices.PositionsAnswer),
            await ask(organisation.Calendars(), offices.CalendarsAnswer),
            await ask(organisation.StandardVersions(), offices.StandardVersionsAnswer),
        )
    return await asyncio.to_thread(_laid_down, files, target)


def _laid_down(files: dict[str, str], target: Path) -> list[str]:
    _proven(files)
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(f"{target} tidak kosong")
    return [_written(target / name, text) for name, text in files.items()]


def _proven(files: dict[str, str]) -> None:
    """What is exported can be imported: it is read back before anybody relies on it."""
    with tempfile.TemporaryDirectory() as place:
        for name, text in files.items():
            _written(Path(place) / name, text)
        load(Path(place))


def _written(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)
