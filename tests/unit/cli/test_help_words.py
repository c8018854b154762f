"""The console explains itself in the office's language."""

import typer

from services.__main__ import app
from services.cli.catalogue import SERVICES
from services.cli.help_words import WORDS, commands, parted, spoken


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
