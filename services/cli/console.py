"""What every command does first: read the settings, or say what is wrong with them."""

import sys

import typer
from pydantic import ValidationError

from services.kit.settings import Settings


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
        f"CARAKA_{'_'.join(str(step) for step in one['loc']).upper()}: {one['msg']}".replace("CARAKA_: ", "")
        for one in found
    ]
