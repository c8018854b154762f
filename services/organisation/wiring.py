"""Who is plugged into whom."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.organisation import (
    Authenticate,
    ChangePassword,
    ChoosePassword,
    EndSession,
    GrantFirstPassword,
    GrantRenewal,
    GrantToken,
    Identify,
    People,
    StandardRow,
    StandardSheet,
)
from services.kit.runtime import Kit
from services.kit.service import Lone, Service
from services.kit.settings import Settings
from services.organisation.adapters.access_endpoints import AccessEndpoints
from services.organisation.adapters.access_seals import access_key
from services.organisation.adapters.access_tables import AccessTables
from services.organisation.adapters.contacts import before as of_contacts
from services.organisation.adapters.holiday_drafts import propose
from services.organisation.adapters.login import Doorkeeper
from services.organisation.adapters.standard_sheets import StandardSheets, sheet_sandbox
from services.organisation.adapters.standards_files import Import, Refused, bring_in, own_standards, read
from services.organisation.handlers import COMMANDS, STREAMS, before
from services.organisation.reactions import REACTIONS
from services.organisation.views import LogRegister, contacts
from services.organisation.views.asking import questions
from services.organisation.views.people import seats
from services.organisation.views.standards import in_force


def build(settings: Settings, kit: Kit) -> Service:
    """Raises StandardsRefusedError when a file is wrong: nothing starts on half of an office."""
    imports = read(settings.standards_dir or own_standards())
    tables = AccessTables(kit.engine, access_key(settings))
    register = LogRegister(kit.log, kit.decode, kit.keys.open)
    door = Doorkeeper(tables, register, kit.clock)
    access = AccessEndpoints(tables, register, kit.execute, kit.clock)
    facts = FirstFacts(imports, kit)
    drawing = sheet_sandbox()

    async def published(agency: str, asked: StandardSheet) -> tuple[Sequence[StandardRow], Mapping[str, Any]]:
        await register.fresh(now=asked.after is not None)
        described = register.directory.agencies.get(agency)
        if described is None or described.facts is None:
            return (), {}
        return in_force(register.directory, agency, kit.clock()).standards, described.facts.letterhead

    sheets = StandardSheets(published, kit.blobs, drawing)

    async def destroy(agency: str, subject_id: str) -> tuple[str, ...]:
        return await asyncio.to_thread(kit.keys.destroy, agency, subject_id)

    async def seats_of(agency: str, person_id: str) -> tuple[str, ...]:
        await register.fresh(now=True)
        return seats(register.directory, agency, person_id, kit.clock())

    async def stated(agency: str, person_id: str) -> Mapping[str, str]:
        await register.fresh(now=True)
        return contacts.stated(register.directory, register.open, agency, person_id)

    async def codes_key(agency: str) -> bytes:
        return await asyncio.to_thread(kit.keys.purpose, agency, "contact-codes")

    return Service(
        name="organisation",
        commands=COMMANDS,
        streams=STREAMS,
        reactions=REACTIONS,
        before=before(destroy, propose, seats_of, of_contacts(stated, codes_key)),
        queries={
            Identify: door.identify,
            People: access.people,
            **questions(register, kit.clock),
            StandardSheet: sheets.answer,
        },
        requests={
            Authenticate: door.authenticate,
            EndSession: door.end_session,
            GrantToken: access.grant_token,
            GrantRenewal: access.grant_renewal,
            GrantFirstPassword: access.grant_first_password,
            ChoosePassword: door.choose,
            ChangePassword: door.change,
        },
        loops={"standards": Lone(facts.run)},
        migrate=tables.migrate,
        close=drawing.close,
        health={"standards": facts.health, "access": tables.health},
    )


class FirstFacts:
    """Brings the files' facts in once per start; a second time nothing changes. What is refused stays visible."""

    def __init__(self, imports: list[Import], kit: Kit) -> None:
        self._imports = imports
        self._kit = kit
        self._refusals: list[Refused] = []
        self._done_at: datetime | None = None

    async def run(self) -> None:
        self._refusals = await bring_in(self._imports, self._kit.execute, self._kit.clock())
        self._done_at = self._kit.clock()
        await asyncio.Event().wait()

    def health(self) -> Mapping[str, Any]:
        stopped = [each.sentence for each in self._refusals if not each.goes_on]
        return {
            "state": "stopped" if stopped else "imported" if self._done_at else "importing",
            "facts": len(self._imports),
            "reason": "; ".join(stopped),
            "not_taken": [each.sentence for each in self._refusals if each.goes_on],
        }
