"""The organisation on real stores: import, logins, sessions, tokens, erasure, on SQLite and PostgreSQL."""

import asyncio
import shutil
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import SecretStr

from contracts.base import ERASED, Accepted, Actor, Ask, Command, Recorded, Refusal, Sealed
from contracts.organisation import (
    AppointHolder,
    Authenticate,
    EndSession,
    EraseSubject,
    Identified,
    Identify,
    People,
    PeopleAnswer,
    Principal,
    RevokeToken,
    SessionOpened,
    StandardPublished,
    Standards,
    StandardsAnswer,
    SubjectErased,
    UserAdded,
)
from services.kit.bus.connection import Bus
from services.kit.runtime.hold import Judgement
from services.kit.runtime.kit import Kit
from services.kit.runtime.run import migrate_service, on_the_spot
from services.kit.sealing.sealer import Sealer
from services.kit.service import Service
from services.kit.settings import Settings
from services.kit.store.log import Log
from services.organisation.adapters.access_seals import access_key
from services.organisation.adapters.access_tables import CREDENTIALS, SESSIONS, TOKENS, AccessTables
from services.organisation.adapters.attempts import ATTEMPTS
from services.organisation.adapters.console import (
    CONSOLE,
    TokenRefusedError,
    demo_password,
    issue_token,
    open_demonstration,
    set_password,
)
from services.organisation.adapters.passwords import PasswordCheck, TooBusyError
from services.organisation.adapters.standards_files import StandardsRefusedError, bring_in, load, own_standards, read
from services.organisation.settings import AccessLimits
from services.organisation.wiring import build

START = datetime(2026, 7, 6, 2, 0, tzinfo=UTC)
NO_BUS = cast("Bus", None)  # nothing here goes over the bus
PASSWORD = "jembatan-empat-kali"
WRONG = "salah-salah-salah"
DEVICE = "d" * 64


@dataclass
class Office:
    """The service with its own writer and a clock that the test moves."""

    now: datetime = START
    kit: Kit = field(init=False)
    service: Service = field(init=False)
    tables: AccessTables = field(init=False)

    def build(self, settings: Settings, kit: Kit) -> Service:
        kit.clock = lambda: self.now
        self.kit, self.tables, self.service = kit, AccessTables(kit.engine, access_key(settings)), build(settings, kit)
        return self.service

    async def ask(self, command: Command, actor: Actor = CONSOLE) -> Accepted | Refusal:
        ask = Ask(
            command_id=uuid4(), agency="pekalongan", kind=command.kind(), actor=actor, asked_at=self.now,
            correlation_id=uuid4(), body=command.model_dump(mode="json"),
        )  # fmt: skip
        return await self.kit.execute(ask)

    async def query(self, query: Any, agency: str = "pekalongan") -> Any:
        return await {**self.service.queries, **self.service.requests}[type(query)](agency, query)

    async def login(self, login: str, password: str = PASSWORD, device: str | None = None) -> SessionOpened:
        answer: SessionOpened = await self.query(Authenticate(login=login, password=password, device=device))
        return answer

    async def whose(self, secret: str, agency: str = "pekalongan") -> Principal | None:
        answer: Identified = await self.query(Identify(secret_sha256=sha256(secret.encode()).hexdigest()), agency)
        return answer.principal

    def facts(self) -> list[Recorded]:
        return [self.kit.decode(row.position, row.data) for row in self.kit.log.read(0, 1000)]

    def give_password(self, person_id: str) -> str:
        return set_password(self.tables, agency="pekalongan", person_id=person_id, password=PASSWORD, now=self.now)


def _settings(tmp_path: Path, **changed: Any) -> Settings:
    return Settings(data_dir=tmp_path / "var", **changed)


async def fresh(_own: Log) -> Judgement:
    """Nobody has heard of this store."""
    return Judgement(())


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Office]:
    migrate_service(settings, build, "organisation", NO_BUS)
    office = Office()
    async with on_the_spot(settings, office.build, "organisation", fresh):
        yield office


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return _settings(tmp_path)
    return _settings(tmp_path, database_url=SecretStr(request.getfixturevalue("pg_url")))


@pytest_asyncio.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    async with _opened(settings) as opened:
        assert await bring_in(read(own_standards()), opened.kit.execute, opened.now) == []
        yield opened


async def test_a_second_start_changes_nothing(settings: Settings) -> None:
    imports = read(own_standards())
    for _start in range(2):
        async with _opened(settings) as office:
            assert await bring_in(read(own_standards()), office.kit.execute, office.now) == []
            assert len(office.facts()) == len(imports)


async def test_the_service_brings_its_files_in_by_itself_and_says_so(tmp_path: Path) -> None:
    async with _opened(_settings(tmp_path)) as office:
        loop = office.service.loops["standards"]
        task = asyncio.create_task(loop.loop())  # type: ignore[union-attr]  # a lone loop
        health = office.service.health["standards"]
        async with asyncio.timeout(20):
            while health()["state"] == "importing":
                await office.kit.notifier.wait(0.05)
        task.cancel()
        assert health()["state"] == "imported"
        answer: StandardsAnswer = await office.query(Standards(), "purbalingga")
        assert [row.standard.standard for row in answer.standards] == ["email-kedinasan"]


async def test_a_published_standard_does_not_change_silently(office: Office, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(own_standards(), tmp_path / "standards"))
    path = folder / "pekalongan" / "standard-berita-biasa-sanapati.toml"
    path.write_text(path.read_text().replace("Tidak dipungut biaya", "Rp 10.000"))
    before = len(office.facts())
    refusals = await bring_in(read(folder), office.kit.execute, office.now)
    (refused,) = refusals
    assert refused.goes_on, "by what was published"
    assert refused.sentence.startswith(
        "pekalongan/berita-biasa-sanapati: versi 1 sudah diterbitkan dengan isi lain; beri nomor"
    )
    assert len(office.facts()) == before


async def test_a_new_years_decree_is_told_again_under_the_same_version(office: Office, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(own_standards(), tmp_path / "standards"))
    closed = '{ on = 2027-01-01, kind = "national", reason = "Tahun Baru" }'
    decree = f'[[decrees]]\nyear = 2027\nnumber = "SKB 2027"\nclosed = [{closed}]\n'
    with (folder / "calendar.toml").open("a") as file:
        file.write("\n" + decree)
    assert await bring_in(read(folder), office.kit.execute, office.now) == []
    told = [fact.event for fact in office.facts() if isinstance(fact.event, StandardPublished)]
    assert [event.rules["decreed_years"] for event in told] == [[2026], [2026], [2026, 2027], [2026, 2027]]
    answer: StandardsAnswer = await office.query(Standards(after="now"))
    assert [row.rules["decreed_years"] for row in answer.standards] == [[2026, 2027]]


def test_a_broken_file_stops_the_start(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(own_standards(), tmp_path / "standards"))
    (folder / "pekalongan" / "people.toml").write_text("demo = ja\n")
    settings = _settings(tmp_path, standards_dir=folder)
    with pytest.raises(StandardsRefusedError, match=r"pekalongan/people.toml: bukan TOML yang benar: .*baris 1"):
        migrate_service(settings, build, "organisation", NO_BUS)


async def test_names_and_numbers_of_people_are_sealed_in_the_log_and_read_in_the_answer(office: Office) -> None:
    stored = b"".join(bytes(row.data) for row in office.kit.log.read(0, 1000))
    assert b"Ratna Kusumawardhani" not in stored
    assert b"199003142015032901" not in stored
    assert all(isinstance(fact.event.name, Sealed) for fact in office.facts() if isinstance(fact.event, UserAdded))
    answer: PeopleAnswer = await office.query(People(role="operator"))
    assert [(row.person_id, row.name) for row in answer.people] == [
        ("operator", "Ratna Kusumawardhani"),
        ("operator-2", "Bagas Prasetyo Utomo"),
    ]
    assert answer.people[0].nip == "199003142015032901"


async def test_a_right_password_opens_a_session_and_a_wrong_one_does_not(office: Office) -> None:
    login = office.give_password("kasi")
    opened = await office.login(" KASI@Pekalongan ")
    assert opened.principal is not None
    actor = opened.principal.actor
    assert (opened.refused, actor.id, actor.roles) == ("", "kasi", ("kasi", "examiner", "assigner"))
    assert [held.position for held in actor.holdings] == ["kasi-persandian"]
    assert await office.whose(opened.secret) == opened.principal
    assert await office.whose(opened.secret, "purbalingga") is None
    assert (await office.login(login, "bukan-kata-sandinya")).refused == "organisation.login-failed"


async def test_an_unknown_login_is_told_the_same_as_a_wrong_password(office: Office) -> None:
    login = office.give_password("kasi")
    wrong, unknown = await office.login(login, "salah-salah-salah"), await office.login("nobody@pekalongan")
    without_password = await office.login("kabid@pekalongan")
    assert wrong == unknown == without_password == SessionOpened(refused="organisation.login-failed")


async def test_no_secret_is_kept_anywhere(office: Office, tmp_path: Path) -> None:
    login = office.give_password("kasi")
    opened = await office.login(login)
    token = await issue_token(
        office.kit.execute, office.tables, agency="pekalongan", role="operator", label="Mesin", now=office.now
    )
    with office.kit.engine.connect() as connection:
        kept = "".join(
            str(connection.execute(table.select()).all()) for table in (CREDENTIALS, TOKENS, SESSIONS, ATTEMPTS)
        )
    stored = kept.encode() + b"".join(bytes(row.data) for row in office.kit.log.read(0, 1000))
    for secret in (PASSWORD, opened.secret, token, token.split("_", 3)[3]):
        assert secret.encode() not in stored


async def test_a_session_ends_after_half_an_hour_of_rest_and_after_eight_hours_of_work(office: Office) -> None:
    login = office.give_password("kasi")
    rested = await office.login(login)
    office.now += timedelta(minutes=29)
    assert await office.whose(rested.secret)
    office.now += timedelta(minutes=29)
    assert await office.whose(rested.secret), "who works on stays logged in"
    office.now += timedelta(minutes=30)
    assert await office.whose(rested.secret) is None
    busy = await office.login(login)
    begun = office.now
    while office.now < begun + timedelta(hours=8) - timedelta(minutes=20):
        office.now += timedelta(minutes=20)
        if office.now < begun + timedelta(hours=8):
            principal = await office.whose(busy.secret)
            assert principal is not None
            assert principal.expires_at <= begun + timedelta(hours=8)
    office.now = begun + timedelta(hours=8)
    assert await office.whose(busy.secret) is None


async def test_a_session_of_a_clock_that_ran_ahead_does_not_outlive_its_eight_hours(office: Office) -> None:
    login, right = office.give_password("kasi"), office.now
    office.now += timedelta(days=30)
    ahead = await office.login(login)
    assert await office.whose(ahead.secret)
    office.now = right
    assert await office.whose(ahead.secret) is None
    fresh = await office.login(login)
    office.now -= timedelta(seconds=30)
    assert await office.whose(fresh.secret), "a clock that is corrected by seconds logs nobody out"


async def test_a_session_ends_when_it_is_ended_or_the_password_is_changed(office: Office) -> None:
    login = office.give_password("kasi")
    first, second = await office.login(login), await office.login(login)
    await office.query(EndSession(secret_sha256=sha256(first.secret.encode()).hexdigest()))
    assert await office.whose(first.secret) is None
    assert await office.whose(second.secret)
    office.give_password("kasi")
    assert await office.whose(second.secret) is None


async def test_a_device_that_is_known_waits_longer_and_longer_for_its_own_mistakes(office: Office) -> None:
    login = office.give_password("kasi")
    for _ in range(5):
        assert (await office.login(login, WRONG, DEVICE)).refused == "organisation.login-failed"
    assert (await office.login(login, device=DEVICE)).refused == "organisation.too-many-attempts"
    waits, said = [], []
    for _ in range(3):
        begun, answer = office.now, await office.login(login, WRONG, DEVICE)
        said.append(answer.seconds)
        while answer.refused.endswith("too-many-attempts"):
            office.now += timedelta(seconds=1)
            answer = await office.login(login, WRONG, DEVICE)
        assert answer.refused == "organisation.login-failed"
        waits.append((office.now - begun).total_seconds())
    assert waits == said == [2, 4, 8], "what it is told is true"
    office.now += timedelta(hours=1)
    assert (await office.login(login, device=DEVICE)).principal is not None
    assert (await office.login(login, WRONG, DEVICE)).refused == "organisation.login-failed", "counted anew"


async def test_others_mistakes_do_not_lock_out_who_knows_the_password(office: Office) -> None:
    """Five wrong ones from elsewhere: on his own device nothing changes for him, on a new one he waits his turn."""
    login = office.give_password("kasi")
    for _ in range(5):
        assert (await office.login(login, WRONG)).refused == "organisation.login-failed"
    assert not office.tables.attempts.turn("pekalongan", login, DEVICE, office.now).after
    assert (await office.login(login, device=DEVICE)).principal is not None
    assert (await office.login(login)).principal is not None, "after the others in the line; this waits two seconds"


async def test_a_line_of_strangers_is_short_and_tells_when_there_is_a_place(office: Office) -> None:
    login = office.give_password("kasi")
    turns = [office.tables.attempts.turn("pekalongan", login, None, office.now) for _ in range(12)]
    let_in = [turn.after.total_seconds() for turn in turns if not turn.refused]
    assert let_in == [0, 0, 0, 0, 0, 2, 6, 10]
    assert {turn.after.total_seconds() for turn in turns if turn.refused} == {2}
    office.now += timedelta(seconds=2)
    assert not office.tables.attempts.turn("pekalongan", login, None, office.now).refused
    assert not office.tables.attempts.turn("pekalongan", "kabid@pekalongan", None, office.now).after, (
        "nobody else waits"
    )


async def test_who_guessed_by_a_clock_that_ran_ahead_is_not_locked_out_until_then(office: Office) -> None:
    login, right = office.give_password("kasi"), office.now
    office.now += timedelta(days=30)
    for _ in range(5):
        await office.login(login, WRONG, DEVICE)
    assert (await office.login(login, device=DEVICE)).refused == "organisation.too-many-attempts"
    office.now = right
    assert (await office.login(login, device=DEVICE)).principal is not None


async def test_guesses_at_the_same_time_are_all_counted(office: Office) -> None:
    """Five at once, then in line after pauses of 2, 4 and 4 seconds; the next would wait longer than twelve."""
    login = office.give_password("kasi")
    answers = await asyncio.gather(*(office.login(login, f"tebakan-nomor-{n:03d}") for n in range(20)))
    assert [answer.refused for answer in answers].count("organisation.login-failed") == 8


async def test_many_logins_do_not_stop_the_loop(office: Office) -> None:
    """Hashing happens in threads, a few at once: the event loop goes on meanwhile."""
    ticks = 0
    work = asyncio.gather(*(office.login(f"penyerang-{n}@pekalongan", "tebakan-tebakan") for n in range(12)))
    while not work.done():
        await asyncio.sleep(0.005)
        ticks += 1
    assert {answer.refused for answer in await work} == {"organisation.login-failed"}
    assert ticks > 10


async def test_more_logins_than_can_be_checked_are_sent_away() -> None:
    check = PasswordCheck(AccessLimits(checks_waiting=2))
    answers = await asyncio.gather(*(check.matches(None, "x") for _ in range(5)), return_exceptions=True)
    assert [isinstance(answer, TooBusyError) for answer in answers].count(True) == 3


async def test_a_token_opens_its_role_until_it_is_revoked(office: Office) -> None:
    token = await issue_token(
        office.kit.execute, office.tables, agency="pekalongan", role="operator", label="Mesin pindai", now=office.now
    )
    assert token.startswith("crk_pekalongan_")
    principal = await office.whose(token)
    assert principal is not None
    assert (principal.machine, principal.actor.name, principal.actor.roles) == (True, "Mesin pindai", ("operator",))
    assert await office.whose(token, "purbalingga") is None
    assert await office.whose(token + "x") is None
    assert principal.actor.id.startswith("machine-"), "no person is called so"
    await office.ask(RevokeToken(token_id=principal.actor.id.removeprefix("machine-"), reason="hilang"))
    await asyncio.sleep(0.25)
    assert await office.whose(token) is None


async def test_a_token_ends_after_a_year(office: Office) -> None:
    token = await issue_token(
        office.kit.execute, office.tables, agency="pekalongan", role="operator", label="Mesin", now=office.now
    )
    office.now += timedelta(days=365)
    assert await office.whose(token) is None


async def test_a_token_for_a_role_that_does_not_exist_leaves_nothing(office: Office) -> None:
    with pytest.raises(TokenRefusedError, match="role-unknown"):
        await issue_token(
            office.kit.execute, office.tables, agency="pekalongan", role="raja", label="x", now=office.now
        )
    with office.kit.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM tokens").scalar() == 0


async def test_a_plh_has_the_position_from_the_next_question_on(office: Office) -> None:
    login = office.give_password("kasi")
    opened = await office.login(login)
    acting = AppointHolder(
        position="kabid-aplikasi-persandian", title="Kepala Bidang Aplikasi dan Persandian", role="kabid",
        person_id="kasi", capacity="plh", from_on="2026-07-06", until_on="2026-07-07",
    )  # fmt: skip
    assert isinstance(await office.ask(acting), Accepted)
    await asyncio.sleep(0.25)
    principal = await office.whose(opened.secret)
    assert principal is not None
    assert [(held.position, held.capacity) for held in principal.actor.holdings] == [
        ("kabid-aplikasi-persandian", "plh"),
        ("kasi-persandian", "holder"),
    ]
    answer: PeopleAnswer = await office.query(People(role="kabid", after="now"))
    assert [row.person_id for row in answer.people] == ["kasi"], "the holder is absent meanwhile"


async def test_an_erasure_destroys_the_key_before_it_is_told(office: Office) -> None:
    close = Sealer(office.kit.keys, lambda: [("pekalongan", "reporter", "pelapor-1")]).of("pekalongan")
    closed = Sealed.model_validate(close(Sealed.of("Bu Ani", "reporter", "pelapor-1"), "p"))
    closed.put_at("p")
    assert office.kit.keys.open(closed) == "Bu Ani"
    operator = Actor(id="operator", roles=("operator",))
    refused = await office.ask(EraseSubject(subject_id="pelapor-1", reason="permintaan"), operator)
    assert isinstance(refused, Refusal)
    assert office.kit.keys.open(closed) == "Bu Ani", "nothing is destroyed for somebody who may not ask"
    assert isinstance(await office.ask(EraseSubject(subject_id="pelapor-1", reason="permintaan")), Accepted)
    assert office.kit.keys.open(closed) is ERASED
    told = [fact.event for fact in office.facts() if isinstance(fact.event, SubjectErased)]
    assert [event.key_ids for event in told] == [(closed.key_id,)]


async def test_the_demonstration_has_one_random_password_that_only_its_owner_reads(
    office: Office, tmp_path: Path
) -> None:
    _, agencies = load(own_standards())
    home = tmp_path / "demo"
    password, logins = await asyncio.to_thread(open_demonstration, office.tables, agencies, home, office.now)
    assert stat.S_IMODE((home / "demo-password").stat().st_mode) == 0o600
    assert {"operator@pekalongan", "caraka-2@pekalongan", "kadis@purbalingga"} < set(logins)
    assert (await office.login("operator@pekalongan", password)).principal is not None
    answer: SessionOpened = await office.query(
        Authenticate(login="kadis@purbalingga", password=password), "purbalingga"
    )
    assert answer.principal is not None
    office.give_password("kasi")
    again, _ = await asyncio.to_thread(open_demonstration, office.tables, agencies, home, office.now)
    assert again == password
    assert (await office.login("kasi@pekalongan", PASSWORD)).principal is not None, "a changed password stays"


def test_two_installations_have_two_demo_passwords_and_a_torn_file_is_made_anew(tmp_path: Path) -> None:
    first, second = demo_password(tmp_path / "a"), demo_password(tmp_path / "b")
    assert first[1] and second[1]  # noqa: PT018 - both were made
    assert first[0] != second[0]
    (tmp_path / "a" / "demo-password").write_text("")
    assert demo_password(tmp_path / "a")[1]


@pytest.mark.parametrize("password", ["pendek", "x" * 401])
async def test_a_password_is_long_but_not_endless(password: str, tmp_path: Path) -> None:
    async with _opened(_settings(tmp_path)) as office:
        with pytest.raises(ValueError, match="kata sandi harus 12 sampai 400 huruf"):
            set_password(office.tables, agency="pekalongan", person_id="kasi", password=password, now=START)
