"""The files of the guide for a new agency are ones that can be brought in as they stand there."""

import re
import shutil
from pathlib import Path

from services.cli.standards import checked
from services.organisation.adapters.standards_files import own_standards

GUIDE = Path(__file__).parents[2] / "docs/panduan/instansi-baru.md"


def test_the_guide_s_own_files_are_sound(tmp_path: Path) -> None:
    home = tmp_path / "tegal"
    home.mkdir()
    for name in ("calendar.toml", "notify.toml"):
        shutil.copy(own_standards() / name, tmp_path)
    shutil.copy(own_standards() / "pekalongan/standard-berita-biasa-sanapati.toml", home)
    shown = re.findall(
        r"^`(\w+\.toml)`.*?```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert [name for name, _ in shown] == ["agency.toml", "positions.toml", "people.toml"]
    for name, text in shown:
        (home / name).write_text(text, encoding="utf-8")
    sound, said = checked(tmp_path)
    assert sound, said


def test_without_a_calendar_the_next_step_is_said(tmp_path: Path) -> None:
    sound, said = checked(tmp_path)
    assert not sound
    assert ["calendar.toml" in each and "instansi-baru.md" in each for each in said] == [True]
