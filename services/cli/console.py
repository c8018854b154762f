"""What every command does: read the settings, or say what is wrong with them; say what has come of it."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import typer
from pydantic import ValidationError

from services.kit.settings import Settings

SAID = {
    "int_parsing": "isinya harus bilangan bulat",
    "int_type": "isinya harus bilangan bulat",
    "bool_parsing": "isinya harus true atau false",
    "less_than_equal": "paling besar {le}",
    "greater_than_equal": "paling kecil {ge}",
}


def settings_or_exit() -> Settings:
    """The settings from the environment, or a clear sentence and exit status 2."""
    try:
        return Settings()
    except (ValidationError, OSError) as error:
        sys.stderr.write("Pengaturan tidak dapat dipakai:\n")
        for line in _mistakes(error):
            sys.stderr.write(f"  {line}\n")
        raise typer.Exit(2) from None


def _mistakes(error: Exception) -> list[str]:
    if not isinstance(error, ValidationError):
        return [str(error)]
    found = error.errors(include_input=False, include_url=False)
    return [
        f"CARAKA_{'_'.join(str(step) for step in one['loc']).upper()}: {_said(one)}".replace("CARAKA_: ", "")
        for one in found
    ]


def _said(mistake: Mapping[str, Any]) -> str:
    """By its kind; a sentence of our own validators as it is."""
    words = SAID.get(mistake["type"])
    return words.format(**mistake.get("ctx", {})) if words else str(mistake["msg"]).removeprefix("Value error, ")


def told(outcome: Callable[[], str]) -> None:
    """What is wrong with an argument is a sentence, not a traceback."""
    try:
        say(outcome())
    except (LookupError, ValueError, OSError) as error:
        sys.stderr.write(f"{error.args[0] if error.args else error}\n")
        raise typer.Exit(1) from None


def say(text: Any) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
