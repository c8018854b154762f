"""Logins, sessions and tokens: who asks? Secrets come in and go out here, and are kept nowhere."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from contracts.base import Actor
from contracts.organisation import Authenticate, EndSession, Identified, Identify, Principal, SessionOpened
from services.organisation.adapters.access_tables import AccessTables
from services.organisation.adapters.passwords import PasswordCheck, TooBusyError
from services.organisation.ports import Register

FAILED = "organisation.login-failed"
TOO_MANY = "organisation.too-many-attempts"


class Doorkeeper:
    """Answers Authenticate, Identify and EndSession for one agency at a time."""

    def __init__(self, tables: AccessTables, register: Register, clock: Callable[[], datetime]) -> None:
        self._tables = tables
        self._register = register
        self._clock = clock
        self._check = PasswordCheck(tables.limits)

    async def authenticate(self, agency: str, asked: Authenticate) -> SessionOpened:
        """An unknown login does the same work as a wrong password, and gets the same answer."""
        login = asked.login.strip().lower()
        now = self._clock()
        if not await asyncio.to_thread(self._tables.may_try, agency, login, now):
            return SessionOpened(refused=TOO_MANY)
        credential = await asyncio.to_thread(self._tables.credential, agency, login)
        try:
            right = await self._check.matches(credential.password_hash if credential else None, asked.password)
        except TooBusyError:
            return SessionOpened(refused=TOO_MANY)
        if not right or credential is None:
            return SessionOpened(refused=FAILED)
        await self._register.fresh(now=True)
        actor = await asyncio.to_thread(self._register.person, agency, credential.person_id, now)
        if actor is None:
            return SessionOpened(refused=FAILED)
        await asyncio.to_thread(self._tables.succeeded, agency, login)
        secret = secrets.token_urlsafe(32)
        ends = await asyncio.to_thread(self._tables.open_session, agency, actor.id, _digest(secret), now)
        return SessionOpened(secret=secret, principal=Principal(agency=agency, actor=actor, expires_at=ends))

    async def identify(self, agency: str, asked: Identify) -> Identified:
        now = self._clock()
        known = await asyncio.to_thread(self._tables.known, agency, asked.secret_sha256, now)
        if known is None:
            return Identified()
        await self._register.fresh()
        actor = await self._actor(agency, known.owner, now, machine=known.machine)
        if actor is None:  # issued a moment ago, perhaps by another process
            await self._register.fresh(now=True)
            actor = await self._actor(agency, known.owner, now, machine=known.machine)
        if actor is None:
            return Identified()
        return Identified(
            principal=Principal(agency=agency, actor=actor, machine=known.machine, expires_at=known.expires_at)
        )

    async def end_session(self, agency: str, asked: EndSession) -> Identified:
        await asyncio.to_thread(self._tables.end_session, agency, asked.secret_sha256)
        return Identified()

    async def _actor(self, agency: str, owner: str, now: datetime, *, machine: bool) -> Actor | None:
        if machine:
            return self._register.token(agency, owner)
        return await asyncio.to_thread(self._register.person, agency, owner, now)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
