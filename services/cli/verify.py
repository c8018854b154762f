"""``caraka verify``: all invariants on what is stored, while the product runs or not. It changes nothing."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from services.audit.policy import SOURCES
from services.audit.views import Chains
from services.cli.apart import EndedOutside, apart, is_worth
from services.cli.catalogue import JOBS, streams_of
from services.cli.invariants.access import WaysIn
from services.cli.invariants.agenda import Agenda
from services.cli.invariants.blobs import StoredBlobs
from services.cli.invariants.bus import compare_streams, until_quiet
from services.cli.invariants.chains import KeptChains
from services.cli.invariants.claims import ClaimsMade
from services.cli.invariants.commands import Commands
from services.cli.invariants.deadlines import Deadlines
from services.cli.invariants.ground import (
    Finding,
    Source,
    Step,
    Tell,
    close_source,
    open_source,
    read_along,
    silent,
)
from services.cli.invariants.jobs import Jobs
from services.cli.invariants.mail import Box, Mailboxes, Present
from services.cli.invariants.phases import Phases
from services.cli.invariants.streams import StreamVersions
from services.cli.invariants.views import LookAtViews
from services.cli.reaching import reachable
from services.intake.wiring import mailboxes as configured
from services.kit.blobs import open_blobs, open_person_blobs
from services.kit.bus.connection import Bus
from services.kit.database.place import engine_of, place_of
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings
from services.organisation.adapters.access_seals import access_key

__all__ = ["Finding", "Step", "verify"]


async def verify(  # noqa: PLR0913 - one argument each for what a caller may choose
    settings: Settings,
    *,
    progress: Tell = silent,
    ledger: Path | None = None,
    mailboxes: Mapping[Box, Present] | None = None,
    patience: float = 15.0,
    seed: int | None = None,
    build_views: bool = False,
) -> list[Finding]:
    """One finding per check, I1 to I8, I10, I12, I13. Waits at most ``patience`` seconds for a product to be quiet.

    ``ledger``: a client's own list of what was acknowledged. ``mailboxes``: (agency, mailbox) → independent
    reader; None: those that intake is configured for. ``build_views``: those that serve are missing, and nobody else
    uses the stores: they are built instead of being compared.
    """
    with ExitStack() as stack:
        try:
            sources = [_opened(stack, settings, service) for service in SOURCES]
        except LookupError as error:
            return [Finding("I2", ok=False, sentence=str(error), where=str(settings.data_dir))]
        boxes = configured(settings) if mailboxes is None else mailboxes
        bus = await reachable(settings)
        try:
            return await _all(
                settings, stack, sources, bus, progress, ledger, boxes, patience, seed, build_views=build_views
            )
        finally:
            if bus is not None:
                await bus.close()


async def _all(  # noqa: PLR0913 - the checks meet here
    settings: Settings,
    stack: ExitStack,
    opened: list[Source],
    bus: Bus | None,
    progress: Tell,
    ledger: Path | None,
    boxes: Mapping[Box, Present],
    patience: float,
    seed: int | None,
    *,
    build_views: bool,
) -> list[Finding]:
    quiet = await until_quiet(bus, {source.service: source.log for source in opened}, patience)
    audit = _engine(stack, settings, "audit")
    keys_engine, keys = _engine(stack, settings, "keys"), open_keys(settings)
    stack.callback(keys.dispose)
    mail = Mailboxes(boxes, running=quiet.running)
    await mail.look()
    sources = [_now(source) for source in opened]
    chains = KeptChains(audit, Chains(audit, _clock), running=quiet.running)
    blobs = StoredBlobs(open_blobs(settings, keys), keys_engine, partial(open_person_blobs, settings, keys))
    commands, streams, agenda, deadlines = Commands(ledger), StreamVersions(), Agenda(), Deadlines()
    jobs = Jobs({service: (streams_of(service), JOBS[service]) for service in JOBS})
    phases, claims, ways = Phases(), ClaimsMade(), WaysIn(access_key(settings))
    checks: Sequence[Any] = (claims, commands, streams, agenda, mail, blobs, chains, deadlines, phases, jobs, ways)
    look = LookAtViews(settings, {source.service: source.head for source in sources}, quiet.running, build_views)
    async with _beside(look, progress) as views:
        await asyncio.to_thread(read_along, sources, checks, progress)
        intake = next(source for source in sources if source.service == "intake")
        await mail.settle(intake, patience)
        view_finding = await views()
    stream_finding = await compare_streams(bus, sources, quiet, _seed(seed), progress)
    told = await asyncio.to_thread(lambda: [claims.finding(), commands.finding(), streams.finding()])
    found = [agenda.finding(), mail.finding(), blobs.finding(), chains.finding()]
    last = [deadlines.finding(), phases.finding(), jobs.finding(), ways.finding()]
    return [*told, view_finding, *found, stream_finding, *last]


@asynccontextmanager
async def _beside(look: LookAtViews, progress: Tell) -> AsyncIterator[Callable[[], Awaitable[Finding]]]:
    """The views are built while the logs are read, in a process of its own where that is worth it; else afterwards."""
    if not is_worth(sum(look.heads.values())):
        yield lambda: asyncio.to_thread(look, progress)
        return
    work = asyncio.create_task(apart(look, progress))

    async def found() -> Finding:
        try:
            return await work
        except EndedOutside as how:
            said = f"proses yang memeriksanya diakhiri dari luar ({how}): tidak ada yang dapat dikatakan tentangnya"
            return Finding("I3", ok=False, sentence=said, where="tampilan")

    try:
        yield found
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await work


def _opened(stack: ExitStack, settings: Settings, service: str) -> Source:
    source = open_source(settings, service)
    stack.callback(close_source, source)
    return source


def _engine(stack: ExitStack, settings: Settings, service: str) -> Engine:
    engine = engine_of(place_of(settings, service))
    stack.callback(engine.dispose)
    return engine


def _now(source: Source) -> Source:
    """The same source as it stands after waiting."""
    return Source(source.service, source.log, source.engine, source.store_id, source.log.head())


def _clock() -> datetime:
    return datetime.now(UTC)


def _seed(seed: int | None) -> int:
    return secrets.randbelow(2**31) if seed is None else seed
