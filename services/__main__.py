"""The command ``caraka`` (also ``python -m services``). Everything heavy is imported where it is needed."""

import asyncio
import json
import os
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from services.cli.audit import audit_app
from services.cli.backup.commands import backup_app, restore
from services.cli.books import book_app
from services.cli.console import AsJson, say, say_json, settings_or_exit
from services.cli.hooks import hooks_app
from services.cli.jobs import jobs_app
from services.cli.notices import why_notice
from services.cli.office import OFFICE_APPS
from services.cli.store import store_app
from services.cli.streams import refeed, streams
from services.cli.timers import timers_app

app = typer.Typer(
    help="Caraka: registers, initials, delivers and archives the letters of an ICT office, and proves it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for part in (audit_app, backup_app, book_app, jobs_app, store_app, timers_app, *OFFICE_APPS):
    app.add_typer(part)


def _version(asked: bool) -> None:  # noqa: FBT001 - typer's way
    if asked:
        say(f"caraka {version('caraka')}")
        raise typer.Exit


@app.callback()
def caraka(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Tells the version.")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """The console of Caraka."""


@app.command()
def up() -> None:
    """Runs everything in the foreground on embedded defaults.

    Example: caraka up        (then open the printed address; Ctrl-C stops it)
    """
    from services.cli import folder, preflight, running
    from services.cli import up as starting
    from services.cli.backup.emptiness import refuse_half_restored

    settings = settings_or_exit()
    with folder.held(settings):
        refuse_half_restored(settings)
        preflight.files(settings)
        preflight.places(settings)
        running.start(starting.up(settings), settings)


@app.command()
def run(
    services: Annotated[
        list[str], typer.Argument(help="organisation intake approval dispatch notifications projections audit")
    ],
) -> None:
    """Runs one or more services in this process (needs PostgreSQL and a NATS server to share them between processes).

    Example: CARAKA_NATS_URL=nats://nats:4222 CARAKA_DATABASE_URL=postgresql://… caraka run intake
    """
    from services.cli import folder, preflight, running
    from services.cli.backup.emptiness import refuse_half_restored
    from services.cli.catalogue import SERVICES
    from services.kit.runtime.supervise import asked_to_stop

    settings = settings_or_exit()
    if unknown := [name for name in services if name not in SERVICES]:
        sys.stderr.write(f"Layanan tidak dikenal: {', '.join(unknown)}. Yang ada: {', '.join(SERVICES)}\n")
        raise typer.Exit(2)
    refuse_half_restored(settings)
    folder.close(settings)
    preflight.files(settings)

    async def main() -> None:
        with asked_to_stop() as asked:
            async with running.services(settings, services):
                running.say(f"ready: {' '.join(services)}")
                await asked.wait()

    running.start(main(), settings)


@app.command()
def worker(
    service: Annotated[str, typer.Argument(help="the service that owns the jobs")],
    queues: Annotated[list[str] | None, typer.Argument(help="its queues; none: all")] = None,
) -> None:
    """Works on jobs of a service in this process: any number of copies may run, each with the bus and nothing more.

    Example: CARAKA_NATS_URL=nats://worker-notifications:…@nats:4222 caraka worker notifications email
    """
    from services.cli import running
    from services.cli.catalogue import JOBS
    from services.kit.runtime.supervise import asked_to_stop

    settings = settings_or_exit()
    there = JOBS.get(service, {})
    if not there or not set(queues or ()) <= set(there):
        known = "; ".join(f"{name}: {', '.join(of)}" for name, of in JOBS.items())
        sys.stderr.write(f"Antrean tidak dikenal: {service} {' '.join(queues or ())}. Yang ada: {known}\n")
        raise typer.Exit(2)

    async def main() -> None:
        with asked_to_stop() as asked:
            async with running.worker(settings, service, queues or list(there)):
                running.say(f"ready: worker {service} {' '.join(queues or there)}")
                await asked.wait()

    running.start(main(), settings)


@app.command()
def gateway() -> None:
    """Runs the gateway: HTTP, pages, live stream.

    Example: CARAKA_NATS_URL=nats://gateway:…@nats:4222 caraka gateway
    """
    from services.cli import folder, running
    from services.kit.runtime.supervise import asked_to_stop

    settings = settings_or_exit()
    folder.close(settings)

    async def main() -> None:
        with asked_to_stop() as asked:
            async with running.gateway(settings):
                running.say(f"ready: gateway {settings.base_url}")
                await asked.wait()

    running.start(main(), settings)


app.command()(streams)


@app.command()
def migrate(
    roles: Annotated[
        Path | None, typer.Option(help="Folder with a file database_url_<service> each: their roles get their rights.")
    ] = None,
) -> None:
    """Makes the tables and streams that are missing. Harmless when repeated.

    Example: caraka migrate
    """
    from services.cli import folder, running
    from services.cli.backup.emptiness import refuse_half_restored

    settings = settings_or_exit()

    async def main() -> None:
        async with running.broker(settings) as here:
            await running.migrate(here)
        running.say("Tabel dan stream lengkap.")

    with folder.held(settings, alone=settings.embedded_broker):  # else services may run: that is harmless
        refuse_half_restored(settings)
        running.start(main(), settings)
    if roles is not None:
        from services.cli.roles import roles_or_why_not

        running.say(roles_or_why_not(settings, roles))


@app.command()
def health(service: Annotated[str, typer.Argument(help="gateway, or a service's name")]) -> None:
    """Exit status 0 when that service of this machine lives (for container health checks; `services.cli.entry`).

    Example: caraka health intake && echo hidup
    """
    from services.kit.runtime.heartbeat import alive

    raise typer.Exit(0 if alive(service) else 1)


@app.command()
def doctor(as_json: AsJson = False) -> None:  # noqa: FBT002 - typer's way
    """Tells what runs, how far behind it is, and what is parked.

    Example: caraka doctor
    """
    from services.cli.health import overview

    found = asyncio.run(overview(settings_or_exit()))
    say_json(found["raw"], ok=found["healthy"]) if as_json else say(found["report"])
    raise typer.Exit(0 if found["healthy"] else 1)


@app.command()
def demo(
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
    prepare: Annotated[  # noqa: FBT002 - typer's way
        bool, typer.Option("--prepare", help="Only give the demo people their password (after migrate).")
    ] = False,
) -> None:
    """Carries a sample letter along the whole road, a complaint to its answer, and an application to its mailbox,
    against the running product.

    Example: caraka up & caraka demo
    """
    from services.cli.demo import DemoFailed, prepared
    from services.cli.demo_walk import walk

    settings = settings_or_exit()
    if prepare:
        say(prepared(settings))
        return
    try:
        steps = asyncio.run(walk(settings, None if as_json else say))
    except DemoFailed as failed:
        sys.stderr.write(f"Contoh berhenti: {failed}\n")
        raise typer.Exit(1) from failed
    if as_json:
        say(json.dumps(steps, default=str))


@app.command()
def verify(
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
    ledger: Annotated[Path | None, typer.Option(help="JSON lines {command_id, after} that a client kept")] = None,
    patience: Annotated[float, typer.Option(help="seconds to wait until all is quiet")] = 15.0,
) -> None:
    """Checks every invariant and names the first breach; exit status 1 on a breach.

    Example: caraka verify --json
    """
    from rich.console import Console

    from services.cli import findings
    from services.cli import verify as checking
    from services.cli.clock import by_the_clock

    settings = settings_or_exit()
    with findings.watched(Console(stderr=True)) as progress:
        found = asyncio.run(checking.verify(settings, progress=progress, ledger=ledger, patience=patience))
    clocked = partial(by_the_clock, settings=settings)
    say(findings.as_json(found) if as_json else findings.as_table(found, colour=sys.stdout.isatty(), clocked=clocked))
    raise typer.Exit(0 if all(one.ok for one in found) else 1)


@app.command()
def rebuild(view: Annotated[str, typer.Argument(help="a view, or all")] = "all") -> None:
    """Builds the views anew from the event logs while the old ones serve, then swaps them.

    Example: caraka rebuild all
    """
    from rich.console import Console

    from services.cli import findings
    from services.cli import rebuild as building
    from services.cli.noting import NotNoted

    try:
        with findings.watched(Console(stderr=True)) as progress:
            say(asyncio.run(building.rebuild(settings_or_exit(), view, progress=progress)))
    except (LookupError, building.RebuildFailed, NotNoted) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from None


@app.command()
def replay(
    case: Annotated[str, typer.Argument(help="a parked case, or list")] = "list",
    service: Annotated[str, typer.Option(help="where it is parked")] = "",
    discard: Annotated[str, typer.Option(help="set it aside instead, with this reason")] = "",
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
) -> None:
    """Lists parked cases, tries one again, or sets it aside with a reason.

    Example: caraka replay list;  caraka replay pekalongan/… --service approval
    """
    from services.cli.clock import told_at
    from services.cli.parking import NOTHING_RUNS, everything, in_words, parked

    if case != "list":
        say(asyncio.run(parked(settings_or_exit(), case, service, discard)))
        return
    settings = settings_or_exit()
    found = asyncio.run(everything(settings))
    if as_json:
        say_json({"cases": found} if found is not None else {"sentence": NOTHING_RUNS}, ok=found is not None)
    else:
        say(NOTHING_RUNS if found is None else in_words(found, lambda at, agency: told_at(at, settings, agency)))
    raise typer.Exit(1 if found is None else 0)


@app.command()
def bench(
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
    seconds: Annotated[float, typer.Option(help="length of a round")] = 6.0,
    rounds: Annotated[int, typer.Option(help="rounds, in turns with the peers")] = 3,
    part: Annotated[list[str] | None, typer.Option(help="one part of it; a wrong word lists them all")] = None,
) -> None:
    """Measures the product against its peers on this machine; prints figures with ratios, judges nothing.

    Example: caraka bench --part append
    """
    try:
        from benchmarks import whole
    except ImportError as missing:
        sys.stderr.write(f"Untuk mengukur, pasang juga requirements-dev.lock (belum ada: {missing.name}).\n")
        raise typer.Exit(2) from None
    try:
        whole.show(tuple(part or whole.PARTS), seconds, rounds, as_json=as_json)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--part") from None


app.command()(restore)
app.command()(refeed)
app.command("why-notice")(why_notice)
app.add_typer(hooks_app)


def main() -> None:
    """The console script. What it writes is for its own user."""
    os.umask(0o077)
    from services.cli.help_words import spoken
    from services.cli.usage_words import run

    raise SystemExit(run(spoken(app)))


if __name__ == "__main__":
    main()
