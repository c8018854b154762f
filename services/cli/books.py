"""``caraka book``: agenda numbers that stand on paper and in no store, and where a book begins."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from services.cli.console import say, settings_or_exit
from services.cli.refusals import said

if TYPE_CHECKING:
    from contracts.base import Ask, Command
    from services.kit.settings import Settings

Agency = Annotated[str, typer.Option(help="whose book")]
Book = Annotated[str, typer.Option(help="the book's name")]
Year = Annotated[int, typer.Option(help="its year; unset: this one")]
Why = Annotated[str, typer.Option(help="why, and who says so")]

book_app = typer.Typer(name="book", help="Agenda books.", no_args_is_help=True)


@book_app.callback()
def books() -> None:
    """Agenda books."""


@book_app.command("reserve")
def reserve(
    agency: Agency,
    until: Annotated[int, typer.Option(help="the last number that stands on paper", min=1)],
    reason: Why,
    book: Book = "masuk",
    year: Year = 0,
) -> None:
    """The next number is the one after these: none of them is given to a letter again.

    Example: caraka book reserve --agency pekalongan --until 1260 --reason "sudah di kertas, menurut Bu Sri"
    """
    from contracts.intake import ReserveNumbers

    _state(agency, lambda now: ReserveNumbers(book=book, year=year or now.year, until=until, reason=reason))
    say(f"Nomor sampai {until} tidak diberikan lagi di buku {book} ({agency}).")


@book_app.command("correct")
def correct(
    agency: Agency,
    opening: Annotated[int, typer.Option(help="the last number of the paper book", min=0)],
    reason: Why,
    book: Book = "masuk",
    year: Year = 0,
) -> None:
    """Where the book begins, if it was opened with a wrong number and none was given out since.

    Example: caraka book correct --agency pekalongan --opening 1260 --reason "salah ketik, menurut Bu Sri"
    """
    from contracts.intake import CorrectOpening

    _state(agency, lambda now: CorrectOpening(book=book, year=year or now.year, opening=opening, reason=reason))
    say(f"Buku {book} ({agency}) mulai dari nomor {opening + 1}.")


def _state(agency: str, made: Callable[[datetime], Command]) -> None:
    """Ends with status 2 for what is written wrongly, with 1 for what is refused."""
    from pydantic import ValidationError

    from contracts.base import Ask, Refusal
    from services.organisation.adapters.console import CONSOLE

    identity, now = uuid4(), datetime.now(UTC)
    try:
        command = made(now)
        ask = Ask(
            command_id=identity, agency=agency, kind=command.kind(), actor=CONSOLE, asked_at=now,
            correlation_id=identity, body=command.model_dump(mode="json"),
        )  # fmt: skip
    except ValidationError as wrong:
        for each in wrong.errors(include_input=False, include_url=False):
            sys.stderr.write(f"{'.'.join(map(str, each['loc']))}: {each['msg']}\n")
        raise typer.Exit(2) from None
    outcome = asyncio.run(_done(settings_or_exit(), ask))
    if isinstance(outcome, Refusal):
        sys.stderr.write(f"{said(outcome)}\n")
        raise typer.Exit(1)


async def _done(settings: Settings, ask: Ask) -> object:
    """Over the bus, or by intake's own writer where nothing runs."""
    from services.cli.catalogue import build_of
    from services.cli.reaching import reachable
    from services.cli.standing import at_the_console
    from services.kit.bus.connection import BusError
    from services.kit.runtime.run import on_the_spot

    bus = await reachable(settings)
    if bus is not None:
        try:
            return await bus.ask(ask, timeout=10)
        except BusError:
            pass  # intake is away
        finally:
            await bus.close()
    async with on_the_spot(settings, build_of("intake"), "intake", at_the_console(settings, "intake")) as kit:
        return await kit.execute(ask)
