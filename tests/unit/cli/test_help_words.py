"""The console explains itself in the office's language."""

import pytest
import typer

from services.__main__ import app
from services.cli.catalogue import SERVICES
from services.cli.help_words import WORDS, commands, parted, spoken
from services.cli.usage_words import run


def test_every_command_and_every_word_of_it_has_its_indonesian() -> None:
    told = [
        (path, parted(text)[0])
        for path, command in commands(typer.main.get_command(app))
        for text in (command.help, *(getattr(each, "help", None) for each in command.params))
        if text and not set(text.split()) <= {*SERVICES}  # names are the same in every language
    ]
    assert len(told) > 100
    assert [(path, text) for path, text in told if text not in WORDS] == []
    assert set(WORDS) - {text for _, text in told} == set(), "said by nobody"


def test_the_help_of_a_command_is_indonesian_with_its_example() -> None:
    from click.testing import CliRunner as Plain

    shown = Plain().invoke(spoken(app), ["backup", "now", "--help"])
    assert shown.exit_code == 0
    assert "Menyalin semuanya ke tempat lain" in shown.output
    assert "Contoh: caraka backup /mnt/cadangan" in shown.output
    assert "Tampilkan bantuan ini." in shown.output
    assert "Example" not in shown.output


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("docter", "Perintah 'docter' tidak ada. Maksud Anda 'doctor'?"),
        ("rabbit", "Perintah 'rabbit' tidak ada."),
        ("user add", "--agency belum diisi."),
        ("health", "service belum diisi."),
        ("user add --person", "--person memerlukan isi sesudahnya."),
        ("up --hlp", "Pilihan --hlp tidak ada. Maksud Anda --help?"),
        ("doctor x", "Kelebihan isian: x."),
        ("calendar draft abc", "year harus bilangan."),
        ("bench --rounds x", "--rounds harus bilangan."),
    ],
)
def test_a_wrong_line_is_answered_in_indonesian_with_the_way_on(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(spoken(app), line.split()) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == said
    assert all(not each.startswith(("Usage", "Error", "Try")) for each in lines)


def test_a_group_alone_shows_what_it_can(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(spoken(app), ["user"]) == 2
    shown = "".join(capfd.readouterr())
    assert "Pakai: caraka user [PILIHAN] PERINTAH [ISIAN]..." in shown
    assert "Menambah orang" in shown
