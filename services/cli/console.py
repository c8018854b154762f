"""What every command does: read the settings, or say what is wrong with them; say what has come of it."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from services.kit.mistakes import mistakes_in, said_of
from services.kit.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]
SLUG = r"^[a-z0-9][a-z0-9-]{0,63}$"
"""Of `contracts.base.Slug`."""


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
    return list(mistakes_in(error)) if isinstance(error, ValidationError) else [str(error)]


def told(outcome: Callable[[], str]) -> None:
    """What is wrong with an argument is a sentence, not a traceback."""
    try:
        say(outcome())
    except ValidationError as error:  # of a command that was made of the arguments
        for each in error.errors(include_input=False, include_url=False):
            sys.stderr.write(f"--{str(each['loc'][0]).removesuffix('_id').replace('_', '-')}: {_unfit(each)}\n")
        raise typer.Exit(1) from None
    except (LookupError, ValueError, OSError) as error:
        sys.stderr.write(f"{error.args[0] if error.args else error}\n")
        raise typer.Exit(1) from None


def reported(
    outcome: Callable[[], Mapping[str, Any]], in_words: Callable[[Mapping[str, Any]], str], *, as_json: bool
) -> None:
    """What a command found, in words or for machines; what is wrong with an argument is a sentence."""
    try:
        found = outcome()
    except (LookupError, ValueError, OSError) as error:
        sentence = str(error.args[0] if error.args else error)
        if as_json:
            say_json({"sentence": sentence}, ok=False)
        sys.stderr.write(f"{sentence}\n")
        raise typer.Exit(1) from None
    say_json(found) if as_json else say(in_words(found))


def _unfit(each: Mapping[str, Any]) -> str:
    if each["type"] == "string_pattern_mismatch" and each["ctx"]["pattern"] == SLUG:
        return "hanya huruf kecil, angka, dan tanda hubung, paling panjang 64 huruf; misalnya budi-santoso"
    return said_of(each)


def say(text: Any) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def as_report(found: Mapping[str, Any], *, ok: bool = True) -> str:
    """``{"ok": …, …}``: what a command found, for machines; where not ``ok``, ``sentence`` says why."""
    return json.dumps({"ok": ok, **found}, ensure_ascii=False, default=str)


def say_json(found: Mapping[str, Any], *, ok: bool = True) -> None:
    say(as_report(found, ok=ok))


def log_beside() -> None:
    """Logs go to stderr: what a command writes to stdout may be read by a machine."""
    import structlog

    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
