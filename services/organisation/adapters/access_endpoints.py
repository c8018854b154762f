"""What is handed over once: tokens to machines, first passwords to people; and who can log in at all."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from contracts.base import Actor, Refusal
from contracts.organisation import (
    FirstPasswordGranted,
    GrantFirstPassword,
    GrantRenewal,
    GrantToken,
    IssueToken,
    People,
    PeopleAnswer,
    RenewToken,
    TokenGranted,
)
from services.organisation.adapters.access_tables import AccessTables
from services.organisation.adapters.console import Issuing, TokenRefusedError
from services.organisation.ports import Execute, Register


class AccessEndpoints:
    """Secrets leave it in an answer, and are kept nowhere but as hashes."""

    def __init__(
        self, tables: AccessTables, register: Register, execute: Execute, clock: Callable[[], datetime]
    ) -> None:
        self._tables = tables
        self._register = register
        self._execute = execute
        self._clock = clock

    async def grant_token(self, agency: str, asked: GrantToken) -> TokenGranted | Refusal:
        """Asked by whom is for the decision to judge, and stays in its event."""
        command = IssueToken(token_id=asked.token_id, role=asked.role, label=asked.label)
        try:
            return await self._issuing(agency, asked.by).token(command, asked.role, asked.command_id)
        except TokenRefusedError as refused:
            return refused.refusal

    async def grant_renewal(self, agency: str, asked: GrantRenewal) -> TokenGranted | Refusal:
        await self._register.fresh(now=True)
        known = await asyncio.to_thread(self._register.token, agency, asked.token_id)
        role = known.roles[0] if known else ""  # of an unknown or revoked one: the decision refuses
        try:
            return await self._issuing(agency, asked.by).token(
                RenewToken(token_id=asked.token_id), role, asked.command_id
            )
        except TokenRefusedError as refused:
            return refused.refusal

    async def grant_first_password(self, agency: str, asked: GrantFirstPassword) -> FirstPasswordGranted | Refusal:
        try:
            return await self._issuing(agency, asked.by).first_password(asked.person_id, asked.command_id)
        except TokenRefusedError as refused:
            return refused.refusal

    def _issuing(self, agency: str, by: Actor) -> Issuing:
        return Issuing(self._execute, self._tables, agency, by, self._clock())

    async def people(self, agency: str, asked: People) -> PeopleAnswer:
        await self._register.fresh(now=asked.after is not None)
        now = self._clock()
        found = await asyncio.to_thread(self._register.people, agency, asked, now)
        if not asked.access:
            return found
        access = await asyncio.to_thread(self._tables.access, agency, now)
        rows = []
        for row in found.people:
            state, ends = access.get(row.person_id, ("none", None))
            rows.append(row.model_copy(update={"access": state, "first_ends_at": ends}))
        return PeopleAnswer(people=tuple(rows))
