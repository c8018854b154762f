"""Logins, sessions and tokens: who asks? Secrets come in and go out here, and are kept nowhere."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from contracts.base import Actor
from contracts.organisation import (
    Authenticate,
    ChangePassword,
    ChoosePassword,
    EndSession,
    Identified,
    Identify,
    Principal,
    SessionOpened,
)
from services.kit.guessing import guessed
from services.organisation.adapters.access_tables import AccessTables, Credential, KnownLogin
from services.organisation.adapters.passwords import PasswordCheck, TooBusyError, hashed
from services.organisation.ports import Register

FAILED = "organisation.login-failed"
WRONG = "organisation.password-wrong"
TOO_MANY = "organisation.too-many-attempts"
FIRST = "organisation.first-password"
TICKET_OVER = "organisation.ticket-over"
BAD_LENGTH = "organisation.password-length"
NOT_NEW = "organisation.password-not-new"
POOR = {"plain": "organisation.password-too-plain", "personal": "organisation.password-personal"}
BUSY_SECONDS = 3
"""So long it takes to check all passwords that may wait to be checked."""


class Doorkeeper:
    """Answers Authenticate, ChoosePassword, ChangePassword, Identify and EndSession for one agency at a time."""

    def __init__(self, tables: AccessTables, register: Register, clock: Callable[[], datetime]) -> None:
        self._tables = tables
        self._register = register
        self._clock = clock
        self._check = PasswordCheck(tables.limits)
        self._in_line = 0

    async def authenticate(self, agency: str, asked: Authenticate) -> SessionOpened:
        """An unknown login does the same work as a wrong password, and gets the same answer."""
        login, device = asked.login.strip().lower(), asked.device
        turn = await asyncio.to_thread(self._tables.attempts.turn, agency, login, device, self._clock())
        if turn.refused or not await self._waited(turn.after):
            return SessionOpened(refused=TOO_MANY, seconds=ceil(turn.after.total_seconds()))
        now = self._clock()
        credential = await asyncio.to_thread(self._tables.credential, agency, login, now)
        stored = credential.password_hash if credential else None
        try:
            right = await self._check.matches(stored, asked.password, known=device is not None)
        except TooBusyError:
            return SessionOpened(refused=TOO_MANY, seconds=BUSY_SECONDS)
        if not right or credential is None:
            return SessionOpened(refused=FAILED)
        await self._register.fresh(now=True)
        actor = await self._person(agency, credential.person_id, now, credential.since)
        if actor is None:
            return SessionOpened(refused=FAILED)
        await asyncio.to_thread(self._tables.attempts.succeeded, agency, login, device)
        if credential.first:
            ticket = secrets.token_urlsafe(32)
            await asyncio.to_thread(self._tables.keep_ticket, agency, login, _digest(ticket), now)
            return SessionOpened(refused=FIRST, ticket=ticket)
        return await self._opened(agency, actor, now)

    async def _waited(self, span: timedelta) -> bool:
        """Whether there was a place in the line; nobody waits in it for long, and not many do at once."""
        if not span:
            return True
        if self._in_line >= self._tables.limits.in_line:
            return False
        self._in_line += 1
        try:
            await asyncio.sleep(span.total_seconds())
        finally:
            self._in_line -= 1
        return True

    async def choose(self, agency: str, asked: ChoosePassword) -> SessionOpened:
        """An own password in place of the first one, which is used up by it; opens a session."""
        now = self._clock()
        first = await asyncio.to_thread(self._tables.ticketed, agency, asked.ticket_sha256, now)
        if first is None:
            return SessionOpened(refused=TICKET_OVER)
        await self._register.fresh(now=True)
        actor = await self._person(agency, first.person_id, now, first.since)
        if actor is None:
            return SessionOpened(refused=TICKET_OVER)
        if unfit := await self._unfit(agency, first, actor, asked.password):
            return SessionOpened(refused=unfit, seconds=BUSY_SECONDS)
        stored = await asyncio.to_thread(hashed, asked.password, self._tables.limits)
        await asyncio.to_thread(
            self._tables.keep_password, agency, first.login, first.person_id, stored, now, first.fact
        )
        return await self._opened(agency, actor, now)

    async def change(self, agency: str, asked: ChangePassword) -> SessionOpened:
        """Another own password: whoever only finds an open session gets none. Wrong ones count as at the login."""
        now = self._clock()
        known = await asyncio.to_thread(self._tables.known, agency, asked.secret_sha256, now)
        if known is None or known.machine:
            return SessionOpened(refused=FAILED)
        own = await asyncio.to_thread(self._tables.own_of, agency, known.owner)
        actor = await self._person(agency, own.person_id, now, own.since) if own else None
        if own is None or actor is None:
            return SessionOpened(refused=FAILED)
        wrong = await self._wrong(agency, own, asked.password, now)
        wrong = wrong or SessionOpened(
            refused=await self._unfit(agency, own, actor, asked.chosen), seconds=BUSY_SECONDS
        )
        if wrong.refused:
            return wrong
        stored = await asyncio.to_thread(hashed, asked.chosen, self._tables.limits)
        await asyncio.to_thread(self._tables.keep_password, agency, own.login, own.person_id, stored, now, own.fact)
        return await self._opened(agency, actor, now)

    async def _wrong(self, agency: str, own: Credential, password: str, now: datetime) -> SessionOpened | None:
        """None: it is his; else what he is told. As slow for who guesses as a login is."""
        turn = await asyncio.to_thread(self._tables.attempts.turn, agency, own.login, None, now)
        if turn.refused or not await self._waited(turn.after):
            return SessionOpened(refused=TOO_MANY, seconds=ceil(turn.after.total_seconds()))
        try:
            if not await self._check.matches(own.password_hash, password, known=True):
                return SessionOpened(refused=WRONG)
        except TooBusyError:
            return SessionOpened(refused=TOO_MANY, seconds=BUSY_SECONDS)
        await asyncio.to_thread(self._tables.attempts.succeeded, agency, own.login, None)
        return None

    async def _unfit(self, agency: str, first: Credential, actor: Actor, password: str) -> str:
        """Why it cannot be his own password; "" where nothing is wrong with it."""
        limits = self._tables.limits
        if not limits.shortest_password <= len(password) <= limits.longest_password:
            return BAD_LENGTH
        seats = [each.title for each in actor.holdings]
        known = (first.login, actor.id, actor.name, actor.nip, agency, *self._register.called(agency), *seats)
        if why := await asyncio.to_thread(guessed, password, known):
            return POOR[why]
        try:
            return NOT_NEW if await self._check.matches(first.password_hash, password) else ""
        except TooBusyError:
            return TOO_MANY

    async def _opened(self, agency: str, actor: Actor, now: datetime) -> SessionOpened:
        secret = secrets.token_urlsafe(32)
        ends = await asyncio.to_thread(self._tables.open_session, agency, actor.id, _digest(secret), now)
        return SessionOpened(secret=secret, principal=Principal(agency=agency, actor=actor, expires_at=ends))

    async def identify(self, agency: str, asked: Identify) -> Identified:
        now = self._clock()
        known = await asyncio.to_thread(self._tables.known, agency, asked.secret_sha256, now)
        if known is None:
            return Identified()
        await self._register.fresh(now=asked.at_once)
        actor = await self._actor(agency, known, now)
        if actor is None:  # issued a moment ago, perhaps by another process
            await self._register.fresh(now=True)
            actor = await self._actor(agency, known, now)
        if actor is None:
            return Identified()
        return Identified(
            principal=Principal(agency=agency, actor=actor, machine=known.machine, expires_at=known.expires_at)
        )

    async def end_session(self, agency: str, asked: EndSession) -> Identified:
        await asyncio.to_thread(self._tables.end_session, agency, asked.secret_sha256)
        return Identified()

    async def _actor(self, agency: str, known: KnownLogin, now: datetime) -> Actor | None:
        if known.machine:
            return self._register.token(agency, known.owner)
        return await self._person(agency, known.owner, now, known.since)

    async def _person(self, agency: str, person_id: str, now: datetime, since: datetime) -> Actor | None:
        """``since``: when what he comes with was made; what is older than the end of his access opens nothing."""
        ended = self._register.ended_at(agency, person_id)
        if ended is not None and since <= ended:
            return None
        return await asyncio.to_thread(self._register.person, agency, person_id, now)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
