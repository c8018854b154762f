"""``caraka hooks``: webhooks of an agency, from the console; the running service says, and a deed has its author."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import typer

from services.cli.console import AsJson, as_report, say, say_json, settings_or_exit

if TYPE_CHECKING:
    from contracts.base import Command, ServiceRequest
    from services.kit.bus.connection import Bus

hooks_app = typer.Typer(name="hooks", help="Webhooks: other systems that hear of facts.", no_args_is_help=True)
Agency = Annotated[str, typer.Option(help="whose webhooks")]
Hook = Annotated[UUID, typer.Argument(help="its id, from the list")]
Reason = Annotated[str, typer.Option(help="why; it stands in the event")]
NOTHING_RUNS = "Tidak ada layanan yang berjalan."
SECONDS = 10.0


@hooks_app.callback()
def hooks() -> None:
    """Webhooks of an agency."""


@hooks_app.command("list")
def listed(agency: Agency, as_json: AsJson = False) -> None:  # noqa: FBT002 - typer's way
    """Each with its state, and the private ranges that are allowed.

    Example: caraka hooks list --agency pekalongan
    """
    _said(lambda bus: _list(bus, agency, as_json=as_json), as_json=as_json)


@hooks_app.command("subscribe")
def subscribe(
    url: Annotated[str, typer.Argument(help="https://…")],
    kind: Annotated[list[str], typer.Option(help="a kind of fact; several times for several")],
    label: Annotated[str, typer.Option(help="whose system it is and what for")],
    agency: Agency,
) -> None:
    """Subscribes an address; its secret is shown this once.

    Example: caraka hooks subscribe https://… --kind intake.LetterRegistered --label "Aplikasi persuratan" --agency …
    """
    from contracts.notifications import GrantHookSecret

    identity = uuid4()
    said = {"url": url, "event_kinds": kind, "label": label, "hook_id": identity, "command_id": identity}
    _said(lambda bus: _granted(bus, agency, GrantHookSecret.model_validate({**said, "by": _actor()})))


@hooks_app.command("rotate")
def rotate(hook: Hook, agency: Agency) -> None:
    """A new secret, shown this once; for 24 hours both sign.

    Example: caraka hooks rotate 2f0d… --agency pekalongan
    """
    from contracts.notifications import GrantHookRotation

    _said(
        lambda bus: _granted(
            bus, agency, GrantHookRotation.model_validate({"hook_id": hook, "by": _actor(), "command_id": uuid4()})
        )
    )


@hooks_app.command("suspend")
def suspend(hook: Hook, agency: Agency, reason: Reason) -> None:
    """Nothing is sent to it until it is resumed.

    Example: caraka hooks suspend 2f0d… --agency pekalongan --reason "server tujuan dipindah"
    """
    from contracts.notifications import SuspendHook

    _said(lambda bus: _done(bus, agency, SuspendHook(hook_id=hook, reason=reason)))


@hooks_app.command("resume")
def resume(hook: Hook, agency: Agency) -> None:
    """Sends what waits, and goes on.

    Example: caraka hooks resume 2f0d… --agency pekalongan
    """
    from contracts.notifications import ResumeHook

    _said(lambda bus: _done(bus, agency, ResumeHook(hook_id=hook)))


@hooks_app.command("end")
def end(hook: Hook, agency: Agency, reason: Reason) -> None:
    """Ends it for good.

    Example: caraka hooks end 2f0d… --agency pekalongan --reason "aplikasinya tidak dipakai lagi"
    """
    from contracts.notifications import EndHook

    _said(lambda bus: _done(bus, agency, EndHook(hook_id=hook, reason=reason)))


@hooks_app.command("test")
def test(hook: Hook, agency: Agency) -> None:
    """Sends it a message that is about nothing.

    Example: caraka hooks test 2f0d… --agency pekalongan
    """
    from contracts.notifications import TestHook

    _said(lambda bus: _done(bus, agency, TestHook(hook_id=hook)))


@hooks_app.command("allow")
def allow(network: str, agency: Agency, reason: Reason) -> None:
    """Lets webhooks lead into a private range.

    Example: caraka hooks allow 10.20.0.0/16 --agency pekalongan --reason "jaringan kantor"
    """
    from contracts.notifications import AllowHookRange

    _said(lambda bus: _done(bus, agency, AllowHookRange(network=network, reason=reason)))


def _said(ask: Callable[[Bus], Awaitable[str]], *, as_json: bool = False) -> None:
    """Prints the answer; 1 where it was refused or nobody answered."""
    told, fine = asyncio.run(_asked(ask))
    if as_json and not fine:
        say_json({"sentence": told}, ok=False)
    else:
        say(told)
    if not fine:
        raise typer.Exit(1)


async def _asked(ask: Callable[[Bus], Awaitable[str]]) -> tuple[str, bool]:
    from pydantic import ValidationError

    from services.kit.bus.connection import Bus, BusError, QueryRefused

    try:
        bus = await Bus.connect(settings_or_exit().broker_url, service="console", patience=3)
    except BusError:
        return NOTHING_RUNS, False
    try:
        return await ask(bus), True
    except QueryRefused as refused:
        return f"Ditolak: {refused}", False
    except _RefusedError as refused:
        return f"Ditolak: {refused}", False
    except ValidationError as wrong:
        return "\n".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors()), False
    except BusError as error:
        return f"notifications: {error}", False
    finally:
        await bus.close()


class _RefusedError(Exception):
    """What the service answered instead: its code."""


async def _list(bus: Bus, agency: str, *, as_json: bool) -> str:
    from contracts.notifications import Hooks, HooksAnswer

    known = await bus.query(agency, Hooks(), HooksAnswer, timeout=SECONDS)
    if as_json:
        return as_report({"hooks": [row.model_dump(mode="json") for row in known.hooks],
                          "ranges": [each.model_dump(mode="json") for each in known.ranges]})  # fmt: skip
    lines = [f"{row.hook_id} {row.state:9} {row.address} ({row.label})" for row in known.hooks]
    lines += [f"  boleh: {each.network} ({each.reason})" for each in known.ranges]
    return "\n".join(lines) or "Belum ada webhook."


async def _granted(bus: Bus, agency: str, asked: ServiceRequest) -> str:
    from contracts.notifications import HookGranted

    granted = await bus.query(agency, asked, HookGranted, timeout=SECONDS)
    return f"{granted.hook_id}\nRahasia ini hanya ditampilkan sekali: {granted.secret}"


async def _done(bus: Bus, agency: str, command: Command) -> str:
    from contracts.base import Ask, Refusal
    from services.kit.runtime.kit import now

    identity = uuid4()
    ask = Ask(
        command_id=identity, agency=agency, kind=command.kind(), actor=_actor(), asked_at=now(),
        correlation_id=identity, body=command.model_dump(mode="json"),
    )  # fmt: skip
    outcome = await bus.ask(ask, timeout=SECONDS)
    if isinstance(outcome, Refusal):
        raise _RefusedError(outcome.code)
    return "Sudah."


def _actor() -> object:
    """Whoever has the console keeps the machine."""
    from contracts.base import Actor

    return Actor(id="console", roles=("admin",))
