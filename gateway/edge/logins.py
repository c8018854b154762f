"""Logging in: what an address may try, whose device it is, and what the organisation says to it."""

from dataclasses import dataclass
from hashlib import sha256

from fastapi import Request, Response

from contracts.organisation import Authenticate, ChangePassword, ChoosePassword, Principal, SessionOpened
from gateway.edge.budgets import LOGINS, Budgets, client_of
from gateway.edge.devices import Devices
from gateway.edge.principals import Visitor, is_agency, set_cookie
from gateway.edge.problems import Problem
from gateway.edge.requests import put
from services.kit.bus import Bus

PATIENCE_SECONDS = 25.0
"""The organisation lets strangers at a login that is attacked wait in line."""
UNFIT = tuple(f"organisation.password-{why}" for why in ("length", "not-new", "personal", "too-plain", "wrong"))
TOO_MANY = "organisation.too-many-attempts"
PAID = frozenset({"organisation.login-failed", "organisation.ticket-over", "organisation.password-wrong", TOO_MANY})


@dataclass(frozen=True, slots=True)
class Opened:
    """A session; ``login`` where it was opened by a password that this login already had."""

    cookie: str
    principal: Principal
    login: str = ""


class Logins:
    def __init__(self, bus: Bus, devices: Devices, budgets: Budgets) -> None:
        self._bus = bus
        self._devices = devices
        self._budgets = budgets

    async def login(self, request: Request, login: str, password: str) -> Opened:
        """Opens a session. Raises Problem 401/429 with the organisation's code, 429 for the address."""
        login = login.strip().lower()
        agency = login.rpartition("@")[2].strip()
        if not is_agency(agency):
            raise Problem("organisation.login-failed", 401)
        device = self._devices.known(request, login)
        query = Authenticate(login=login, password=password, device=device)
        opened = await self._asked(request, agency, query, free=device is not None)
        if opened.principal is None:
            ticket = {"ticket": f"{agency}.{opened.ticket}"} if opened.ticket else {}
            raise _turned_away(opened, **ticket)
        return Opened(f"{agency}.{opened.secret}", opened.principal, login)

    async def choose(self, request: Request, ticket: str, password: str) -> Opened:
        """A person's own password in place of the first one; opens a session. Raises Problem 401, 422 or 429."""
        agency, _, secret = ticket.partition(".")
        if not secret or not is_agency(agency):
            raise Problem("organisation.ticket-over", 401)
        query = ChoosePassword(ticket_sha256=sha256(secret.encode()).hexdigest(), password=password)
        opened = await self._asked(request, agency, query, free=False)
        if opened.principal is None:
            raise _turned_away(opened)
        return Opened(f"{agency}.{opened.secret}", opened.principal)

    async def change(self, request: Request, visitor: Visitor, password: str, chosen: str) -> Opened:
        """Another own password; the session goes on as a new one, all others end. Raises Problem 401, 403, 422, 429."""
        if visitor.machine:
            raise Problem("gateway.forbidden", 403)
        query = ChangePassword(secret_sha256=visitor.secret_sha256, password=password, chosen=chosen)
        opened = await self._asked(request, visitor.agency, query, free=False)
        if opened.principal is None:
            raise _turned_away(opened)
        return Opened(f"{visitor.agency}.{opened.secret}", opened.principal)

    def let_in(self, request: Request, response: Response, opened: Opened) -> None:
        """The session's cookie, and the device's."""
        set_cookie(response, opened.cookie)
        if opened.login:
            self._devices.remember(request, response, opened.login)

    async def _asked(
        self, request: Request, agency: str, query: Authenticate | ChoosePassword | ChangePassword, *, free: bool
    ) -> SessionOpened:
        """``free``: costs the address nothing; else what fails does."""
        address = client_of(request)
        if not free:
            self._budgets.spend(LOGINS, address)
        paid = False
        try:
            opened = await put(self._bus, agency, query, SessionOpened, seconds=PATIENCE_SECONDS)
            paid = opened.refused in PAID
        finally:
            if not free and not paid:
                self._budgets.give_back(LOGINS, address)
        return opened


def _turned_away(opened: SessionOpened, **detail: str) -> Problem:
    code = opened.refused or "organisation.login-failed"
    if code == TOO_MANY:
        return Problem(code, 429, seconds=max(opened.seconds, 1))
    return Problem(code, 422 if code in UNFIT else 401, **detail)
