"""A third agency by data alone: the shipped files, and Wakatobi in another zone, with two tiers and another book."""

import shutil
from pathlib import Path

from services.organisation.adapters.standards_files import own_standards

AGENCY = "wakatobi"


def with_wakatobi(made: Path, year: int = 2026) -> Path:
    """Writes the folder of standards and returns it; Wakatobi's paper book ended at 7 in this year."""
    shutil.copytree(own_standards(), made, ignore=shutil.ignore_patterns("*.py", "__pycache__", "samples"))
    third = made / AGENCY
    shutil.copytree(made / "pekalongan", third)
    rewrite(
        third / "agency.toml",
        ('"pekalongan"', f'"{AGENCY}"'),
        ("Kota Pekalongan", "Kabupaten Wakatobi"),
        ("Asia/Jakarta", "Asia/Makassar"),
        ("{number:04d}/{year}", "{number}/SM/{year}"),
        ("2026 = 843", f"{year} = 7"),
    )
    standard = third / "standard-berita-biasa-sanapati.toml"
    lines = standard.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.strip().startswith('{ position = "kabid-aplikasi-persandian"')]
    standard.write_text("\n".join(kept), encoding="utf-8")
    return made


def rewrite(path: Path, *changes: tuple[str, str]) -> None:
    """Raises AssertionError where a word is not there: the files have changed."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, (path, old)
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
