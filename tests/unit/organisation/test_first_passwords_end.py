"""How long a first password and its ticket last, and what ends them; on the real tables of SQLite."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine

from contracts.base import Actor
from contracts.organisation import (
    Authenticate,
    ChangePassword,
    ChoosePassword,
    Identify,
    People,
    PeopleAnswer,
    SessionOpened,
)
from services.organisation.adapters.access_tables import AccessTables
from services.organisation.adapters.console import readable_password
from services.organisation.adapters.login import Doorkeeper
from services.organisation.adapters.passwords import hashed

AGENCY, LOGIN, OWN = "pekalongan", "budi@pekalongan", "hujan turun di pasar"


class Budi:
    """A register that knows one person."""

    ended: datetime | None = None

    def ended_at(self, _agency: str, _person_id: str) -> datetime | None:
        return self.ended

    async def fresh(self, *, now: bool = False) -> None: ...

    def person(self, agency: str, person_id: str, _at: datetime) -> Actor | None:
        return Actor(id="budi") if (agency, person_id) == (AGENCY, "budi") else None

    def called(self, _agency: str) -> tuple[str, ...]:
        return ("Pemerintah Kota Pekalongan",)

    def token(self, _agency: str, _token_id: str) -> Actor | None:
        return None

    def people(self, _agency: str, _asked: People, _at: datetime) -> PeopleAnswer:
        return PeopleAnswer(people=())


class Door:
    def __init__(self, tables: AccessTables) -> None:
        self.tables = tables
        self.now = datetime(2026, 7, 6, 2, 0, tzinfo=UTC)
        self.budi = Budi()
        self.keeper = Doorkeeper(tables, self.budi, lambda: self.now)

    def hand_over(self) -> str:
        password = readable_password()
        self.tables.keep_first(AGENCY, LOGIN, "budi", hashed(password, self.tables.limits), self.now, uuid4())
        return password

    async def knock(self, password: str) -> SessionOpened:
        return await self.keeper.authenticate(AGENCY, Authenticate(login=LOGIN, password=password))

    async def choose(self, ticket: str, agency: str = AGENCY) -> str:
        digest = sha256(ticket.encode()).hexdigest()
        return (await self.keeper.choose(agency, ChoosePassword(ticket_sha256=digest, password=OWN))).refused

    def access(self) -> str:
        return self.tables.access(AGENCY, self.now).get("budi", ("none", None))[0]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    engine = create_engine(f"sqlite:///{tmp_path / 'access.db'}")
    tables = AccessTables(engine, lambda: bytes(32))
    tables.migrate()
    yield Door(tables)
    engine.dispose()


async def test_a_first_password_ends_after_three_days(door: Door) -> None:
    password = door.hand_over()
    door.now += timedelta(days=3) - timedelta(seconds=1)
    assert (await door.knock(password)).refused == "organisation.first-password"
    door.now += timedelta(seconds=1)
    assert (await door.knock(password)).refused == "organisation.login-failed"
    assert door.access() == "expired"


async def test_the_choice_must_be_made_within_a_quarter_of_an_hour(door: Door) -> None:
    ticket = (await door.knock(door.hand_over())).ticket
    door.now += timedelta(minutes=15)
    assert await door.choose(ticket) == "organisation.ticket-over"


async def test_only_the_newest_ticket_holds_and_in_its_own_agency_alone(door: Door) -> None:
    password = door.hand_over()
    older, newer = (await door.knock(password)).ticket, (await door.knock(password)).ticket
    assert await door.choose(older) == "organisation.ticket-over"
    assert await door.choose(newer, "purbalingga") == "organisation.ticket-over"
    assert await door.choose(newer) == ""
    assert door.access() == "own"


async def test_a_new_first_password_makes_the_old_one_and_its_ticket_worthless(door: Door) -> None:
    old = door.hand_over()
    ticket = (await door.knock(old)).ticket
    new = door.hand_over()
    assert await door.choose(ticket) == "organisation.ticket-over"
    assert (await door.knock(old)).refused == "organisation.login-failed"
    assert await door.choose((await door.knock(new)).ticket) == ""
    assert (await door.knock(OWN)).principal is not None


async def test_who_has_no_password_has_no_access(door: Door) -> None:
    assert door.access() == "none"
    door.hand_over()
    assert door.access() == "first"


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        (LOGIN, "personal"), ("Pekalongan-2026", "personal"), ("Budi12345678", "personal"),
        ("Rahasia12345!", "too-plain"),
    ],
)  # fmt: skip
async def test_what_others_know_of_him_is_no_password_and_spends_no_ticket(door: Door, chosen: str, code: str) -> None:
    ticket = (await door.knock(door.hand_over())).ticket
    digest = sha256(ticket.encode()).hexdigest()
    refused = await door.keeper.choose(AGENCY, ChoosePassword(ticket_sha256=digest, password=chosen))
    assert refused.refused == f"organisation.password-{code}"
    assert await door.choose(ticket) == ""
    own = (await door.knock(OWN)).secret
    assert (await change(door, own, OWN, chosen)).refused == f"organisation.password-{code}"
    assert await inside(door, own)


async def change(door: Door, secret: str, password: str, chosen: str) -> SessionOpened:
    digest = sha256(secret.encode()).hexdigest()
    return await door.keeper.change(AGENCY, ChangePassword(secret_sha256=digest, password=password, chosen=chosen))


async def inside(door: Door, secret: str) -> bool:
    asked = Identify(secret_sha256=sha256(secret.encode()).hexdigest())
    return (await door.keeper.identify(AGENCY, asked)).principal is not None


async def test_another_own_password_needs_the_present_one_and_ends_the_other_sessions(door: Door) -> None:
    await door.choose((await door.knock(door.hand_over())).ticket)
    here, elsewhere = [(await door.knock(OWN)).secret for _ in range(2)]
    other = "kabut turun di gunung"
    assert (await change(door, here, "bukan ini sama sekali", other)).refused == "organisation.password-wrong"
    assert (await change(door, "tidak-ada", OWN, other)).refused == "organisation.login-failed"
    assert (await change(door, here, OWN, "pendek")).refused == "organisation.password-length"
    assert (await change(door, here, OWN, OWN)).refused == "organisation.password-not-new"
    assert await inside(door, elsewhere)
    opened = await change(door, here, OWN, other)
    assert (opened.refused, await inside(door, opened.secret)) == ("", True)
    assert not await inside(door, here)
    assert not await inside(door, elsewhere)
    assert (await door.knock(OWN)).refused == "organisation.login-failed"
    assert (await door.knock(other)).principal is not None


async def test_guessing_the_present_password_from_an_open_session_is_as_slow_as_a_login(door: Door) -> None:
    await door.choose((await door.knock(door.hand_over())).ticket)
    here = (await door.knock(OWN)).secret
    for guess in range(6):
        await change(door, here, f"tebakan nomor {guess}", "kabut turun di gunung")
    assert door.tables.attempts.turn(AGENCY, LOGIN, None, door.now).after > timedelta(0)


async def test_what_opened_the_door_before_his_access_ended_never_opens_it_again(door: Door) -> None:
    await door.choose((await door.knock(door.hand_over())).ticket)
    here = (await door.knock(OWN)).secret
    door.now += timedelta(minutes=5)
    door.budi.ended = door.now
    door.now += timedelta(minutes=5)  # the register knows him again: he has come back
    assert not await inside(door, here)
    assert (await door.knock(OWN)).refused == "organisation.login-failed"
    assert (await change(door, here, OWN, "kabut turun di gunung")).refused == "organisation.login-failed"
    assert await door.choose((await door.knock(door.hand_over())).ticket) == ""
    assert (await door.knock(OWN)).principal is not None
