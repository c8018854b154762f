"""What is done to the machine from the console is noted in the history first: over the bus, or where nothing runs, by
the organisation's own writer.
"""

from __future__ import annotations

from uuid import uuid4

from contracts.base import Accepted, Ask, Refusal
from contracts.organisation import NoteOperation
from services.cli.catalogue import build_of
from services.cli.reaching import reachable
from services.cli.standing import at_the_console
from services.kit.bus.connection import BusError
from services.kit.runtime.kit import now
from services.kit.runtime.run import on_the_spot
from services.kit.settings import Settings
from services.organisation.adapters.console import CONSOLE

ASK_SECONDS = 10.0


class NotNoted(Exception):
    """The history could not take it, so it is not done. The message says why."""


async def noted(settings: Settings, agency: str, operation: NoteOperation) -> str:
    """The id of the command that stated it, for the operation that follows. Raises NotNoted."""
    identity = uuid4()
    ask = Ask(
        command_id=identity,
        agency=agency,
        kind=operation.kind(),
        actor=CONSOLE,
        asked_at=now(),
        correlation_id=identity,
        body=operation.model_dump(mode="json"),
    )
    outcome = await _asked(settings, ask)
    if isinstance(outcome, Refusal):
        raise NotNoted(outcome.code)
    return str(identity)


async def _asked(settings: Settings, ask: Ask) -> Accepted | Refusal:
    """The same command both ways: what a lost answer hides is found, not stated twice."""
    bus = await reachable(settings)
    if bus is not None:
        try:
            return await bus.ask(ask, timeout=ASK_SECONDS)
        except BusError:
            pass  # organisation is away, or this user of the bus sends no commands
        finally:
            await bus.close()
    try:
        judged = at_the_console(settings, "organisation")
        async with on_the_spot(settings, build_of("organisation"), "organisation", judged) as kit:
            return await kit.execute(ask)
    except Exception as failed:
        raise NotNoted(f"{type(failed).__name__}: {failed}"[:200]) from failed
