"""``caraka timers retell``: the tables of timers are written anew from the events, by the running services."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.catalogue import WITH_STREAMS
from services.cli.console import settings_or_exit

if TYPE_CHECKING:
    from services.kit.settings import Settings

timers_app = typer.Typer(name="timers", help="Reminders and limits.", no_args_is_help=True)


@timers_app.callback()
def timers() -> None:
    """Reminders and limits, as they stand in the stores."""


@timers_app.command("retell")
def retell(
    services: Annotated[list[str] | None, typer.Argument(help="by their names; none: all that have them")] = None,
) -> None:
    """Writes the tables of timers anew from the events, after a loss. What was asked already is not set again.

    Example: caraka timers retell;  caraka timers retell approval
    """
    if strange := sorted(set(services or ()) - set(WITH_STREAMS)):
        sys.stderr.write(f"Layanan tanpa pengingat: {', '.join(strange)}. Yang punya: {', '.join(WITH_STREAMS)}\n")
        raise typer.Exit(2)
    told, whole = asyncio.run(retold(settings_or_exit(), services or ()))
    sys.stdout.write(f"{told}\n")
    if not whole:
        raise typer.Exit(1)


async def retold(settings: Settings, services: Sequence[str]) -> tuple[str, bool]:
    """A sentence for each service, and whether all of them did it. None named: all that have timers."""
    from services.cli.parking import housekeeping

    wanted = tuple(services) or WITH_STREAMS
    answers = [await housekeeping(settings, service, "retell-timers") for service in wanted]
    lines, whole = [], True
    for service, answer in zip(wanted, answers, strict=True):
        count = _count(answer)
        whole = whole and count is not None
        lines.append(answer if count is None else f"{service}: {count} pengingat ditulis ulang dari peristiwanya.")
    return "\n".join(dict.fromkeys(lines)), whole


def _count(answer: str) -> int | None:
    try:
        found = json.loads(answer)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, int) else None
