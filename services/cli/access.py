"""Tokens and people from the console: through the organisation's own writer, or over the bus where it runs already."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine

from contracts.base import Accepted, Ask, Command, Refusal
from contracts.organisation import AddUser
from contracts.words import DEPLOYMENT
from services.cli.catalogue import build_of
from services.cli.clock import at_the_office
from services.cli.refusals import said
from services.cli.standing import at_the_console
from services.kit.bus.connection import Bus
from services.kit.database.place import engine_of, place_of
from services.kit.runtime.hold import StoreHeld
from services.kit.runtime.kit import now
from services.kit.runtime.run import on_the_spot
from services.kit.settings import Settings
from services.kit.store.opening import AlreadyRunning
from services.organisation.adapters.access_seals import access_key
from services.organisation.adapters.access_tables import AccessTables
from services.organisation.adapters.console import CONSOLE, Issuing, TokenRefusedError, issue_token
from services.organisation.adapters.standards_files import load, own_standards


class AccessRefused(ValueError):
    """The sentence for the console."""


@dataclass(frozen=True)
class OfficeAccess:
    execute: Callable[[Ask], Coroutine[Any, Any, Accepted | Refusal]]
    engine: Engine


@asynccontextmanager
async def office(settings: Settings) -> AsyncIterator[OfficeAccess]:
    """The organisation, whether it runs or not."""
    try:
        judged = at_the_console(settings, "organisation")
        async with on_the_spot(settings, build_of("organisation"), "organisation", judged) as kit:
            yield OfficeAccess(kit.execute, kit.engine)
            return
    except AlreadyRunning:
        pass
    except StoreHeld as held:
        raise AccessRefused(f"organisation: {held}") from None
    bus = await Bus.connect(settings.broker_url, service="console")
    engine = engine_of(place_of(settings, "organisation"))

    async def execute(ask: Ask) -> Accepted | Refusal:
        return await bus.ask(ask, timeout=10)

    try:
        yield OfficeAccess(execute, engine)
    finally:
        await bus.close()
        engine.dispose()


async def create_token(settings: Settings, agency: str, role: str, label: str) -> str:
    """A sentence whose last word is the token."""
    async with office(settings) as here:
        tables = AccessTables(here.engine, access_key(settings))
        _known(settings, tables, agency)
        try:
            token = await issue_token(here.execute, tables, agency=agency, role=role, label=label, now=now())
        except TokenRefusedError as refused:
            raise AccessRefused(said(refused.refusal)) from None
    return f"Token ini hanya ditampilkan sekali: {token}"


async def add_user(  # noqa: PLR0913 - what is known of a person
    settings: Settings, agency: str, person: str, name: str, nip: str, roles: list[str], *, anew: bool = False
) -> str:
    """``anew``: also where he can log in already; his password and his sessions end."""
    command: Command = AddUser(person_id=person, name=name, nip=nip, roles=tuple(roles))
    identity = uuid4()
    ask = Ask(
        command_id=identity,
        agency=agency,
        kind=command.kind(),
        actor=CONSOLE,
        asked_at=now(),
        correlation_id=identity,
        body=command.model_dump(mode="json"),
    )
    async with office(settings) as here:
        tables = AccessTables(here.engine, access_key(settings))
        _known(settings, tables, agency)
        if not anew and person in tables.access(agency, now()):
            raise AccessRefused(
                f"{person}@{agency} sudah ada dan dapat masuk. Bila lupa kata sandinya, ulangi dengan --new-password: "
                "kata sandinya yang lama dan semua sesinya berakhir."
            )
        outcome = await here.execute(ask)
        if isinstance(outcome, Refusal):
            raise AccessRefused(said(outcome))
        try:
            issuing = Issuing(here.execute, tables, agency, CONSOLE, now())
            given = await issuing.first_password(person)
        except TokenRefusedError as refused:
            raise AccessRefused(said(refused.refusal)) from None
    return (
        f"{given.login} dapat masuk satu kali untuk membuat kata sandinya sendiri, paling lambat "
        f"{at_the_office(given.ends_at, settings, agency)}. "
        f"Kata sandi pertama (hanya ditampilkan sekali): {given.password}"
    )


def _known(settings: Settings, tables: AccessTables, agency: str) -> None:
    """A slip in its name would make a person whom no office has. Raises AccessRefused."""
    _, files = load(settings.standards_dir or own_standards())
    known = (*sorted(files), DEPLOYMENT)
    if agency not in known and not tables.access(agency, now()):
        raise AccessRefused(
            f"Instansi {agency!r} tidak dikenal; yang dikenal: {', '.join(known)}. Instansi baru: taruh foldernya di "
            "CARAKA_STANDARDS_DIR, lalu nyalakan lagi."
        )
