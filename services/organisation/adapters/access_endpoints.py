"""What is handed over once: tokens to machines, first passwords to people; and who can log in at all."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from contracts.base import Refusal
from contracts.organisation import (
    FirstPasswordGranted,
    GrantFirstPassword,
    GrantToken,
    People,
    PeopleAnswer,
    TokenGranted,
)
from services.organisation.adapters.access_tables import AccessTables
from services.organisation.adapters.console import TokenRefusedError, issue_first_password, issue_token
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
        if "admin" not in asked.by.roles:
            return Refusal(code="organisation.not-permitted", status=403)
        try:
            token = await issue_token(
                self._execute, self._tables, agency=agency, role=asked.role, label=asked.label,
                token_id=asked.token_id, now=self._clock(),
            )  # fmt: skip
            return TokenGranted(token=token)
        except TokenRefusedError as refused:
            return refused.refusal

    async def grant_first_password(self, agency: str, asked: GrantFirstPassword) -> FirstPasswordGranted | Refusal:
        """Asked by whom is for the decision to judge, and stays in its event."""
        try:
            return await issue_first_password(
                self._execute, self._tables, agency=agency, person_id=asked.person_id, by=asked.by, now=self._clock()
            )
        except TokenRefusedError as refused:
            return refused.refusal

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
