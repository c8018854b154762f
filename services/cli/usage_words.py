"""What the console says of a wrong command line, in Indonesian: the library's own sentences, found by how they read."""

import re
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer import rich_utils
from typer.exceptions import TyperException

from services.cli.console import log_beside

USAGE, OPTIONS, BELOW = "Pakai: ", "[PILIHAN]", "PERINTAH [ISIAN]..."
SAID = {
    "ERRORS_PANEL_TITLE": "Salah", "ABORTED_TEXT": "Dihentikan.", "REQUIRED_LONG_STRING": "[wajib]",
    "DEFAULT_STRING": "[bawaan: {}]",
}  # fmt: skip
MISTAKES: Sequence[tuple[str, str]] = (
    (r"Missing (?:option|argument|parameter) '?(.+?)'?\.(?: .*)?", r"\1 belum diisi."),
    (r"Missing command\.", "Sebutkan perintahnya."),
    (r"No such command '(.+?)'\.(?: Did you mean (.+)\?)?", r"Perintah '\1' tidak ada.@ Maksud Anda \2?"),
    (r"No such option: (\S+)(?: (?:\(Possible options: (.+)\)|Did you mean (.+)\?))?",
     r"Pilihan \1 tidak ada.@ Maksud Anda \2\3?"),
    (r"(?:Option )?'?(--?[\w-]+)'? (?:option )?requires (?:an|\d+) arguments?\.", r"\1 memerlukan isi sesudahnya."),
    (r"Option '?(--?[\w-]+)'? does not take a value\.", r"\1 tidak memerlukan isi."),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.+)\)", r"Kelebihan isian: \1."),
    (r"Invalid value for '?(.+?)'?: Input should be a valid (?:integer|number).*", r"\1 harus bilangan."),
    (r"Invalid value for '?(.+?)'?: Input should be a valid UUID.*", r"\1 harus pengenal yang lengkap."),
    (r"Invalid value for '?(.+?)'?: (.*)", r"\1: \2"),
)  # fmt: skip


def say_usage(command: Any) -> None:
    """Its line of usage, and the small words of its help."""
    for name, said in SAID.items():
        setattr(rich_utils, name, said)
    formatter = command.context_class.formatter_class

    def write_usage(self: Any, prog: str, args: str = "", prefix: str | None = None) -> None:
        formatter.write_usage(self, prog, args, USAGE if prefix is None else prefix)

    in_words = type("InWords", (formatter,), {"write_usage": write_usage})
    command.context_class = type("InWordsContext", (command.context_class,), {"formatter_class": in_words})
    if command.options_metavar:
        command.options_metavar = OPTIONS
    if getattr(command, "subcommand_metavar", None):
        command.subcommand_metavar = BELOW


def mistake(text: str) -> str:
    """The sentence in Indonesian; one that is not known stays as it is."""
    for pattern, said in MISTAKES:
        found = re.fullmatch(pattern, text)
        if found:
            always, more, asked = said.partition("@")
            return found.expand(always + asked if more and any(found.groups()[1:]) else always)
    return text


def run(command: Any, args: Sequence[str] | None = None) -> int:
    """The exit status. What is wrong with the line is a sentence, with the way to the help."""
    log_beside()
    try:
        ended = command.main(args=args, prog_name="caraka", standalone_mode=False)
    except typer.Abort:
        sys.stderr.write(f"{SAID['ABORTED_TEXT']}\n")
        return 1
    except TyperException as error:
        _tell(error)
        return error.exit_code
    return ended if isinstance(ended, int) else 0


def _tell(error: TyperException) -> None:
    context = getattr(error, "ctx", None)
    if context is None:
        sys.stderr.write(f"{mistake(error.format_message())}\n")
        return
    if type(error).__name__ == "NoArgsIsHelpError":  # a group alone: its help is the answer
        sys.stderr.write(f"{error.format_message()}\n")
        return
    sys.stderr.write(
        f"{mistake(error.format_message())}\n{context.get_usage()}\nPenjelasannya: {context.command_path} --help\n"
    )
