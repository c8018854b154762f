"""The mutable tables of access: password hashes, token hashes, sessions. Calls block.

None of it is in an event; secrets themselves are in none of it. Moments are whole milliseconds since 1970, UTC.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Row,
    String,
    Table,
    delete,
    insert,
    inspect,
    select,
    text,
    update,
)

from services.kit.database import engine_of, place_of
from services.kit.ids import event_id
from services.kit.settings import Settings
from services.organisation.adapters import access_seals, attempts
from services.organisation.adapters.access_seals import FIRST as FIRST_ONE
from services.organisation.adapters.access_seals import (
    PASSWORD,
    SEALS,
    SESSION,
    TICKET,
    TOKEN,
    Place,
    Seals,
    access_key,
)
from services.organisation.adapters.attempts import Attempts
from services.organisation.adapters.attempts import milliseconds as _ms
from services.organisation.settings import AccessLimits

log = structlog.get_logger(__name__)
METADATA = MetaData()
CREDENTIALS = Table(
    "credentials",
    METADATA,
    Column("agency", String(32), primary_key=True),
    Column("login", String(120), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("password_hash", String(300), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)
TOKENS = Table(
    "tokens",
    METADATA,
    Column("agency", String(32), primary_key=True),
    Column("token_id", String(64), primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("role", String(64), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
SESSIONS = Table(
    "sessions",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("agency", String(32), nullable=False),
    Column("person_id", String(64), nullable=False, index=True),
    Column("opened_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)
FIRST = Table(
    "first_passwords",
    METADATA,
    Column("agency", String(32), primary_key=True),
    Column("login", String(120), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("password_hash", String(300), nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("ticket_sha256", String(64), unique=True),
    Column("ticket_ends_at", BigInteger),
)
HANDED_OVER = Table(
    "handed_over",
    METADATA,
    Column("command_id", String(36), primary_key=True, doc="whoever asked it has had its secret, or may have"),
    Column("agency", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)
HAND_OVER = text(
    "INSERT INTO handed_over (command_id, agency, at) VALUES (:command_id, :agency, :at) ON CONFLICT DO NOTHING"
)


BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Credential:
    """``first``: a first password, which opens nothing but the choice of an own one. ``fact``: what has allowed it.

    ``since``: when it was made.
    """

    person_id: str
    password_hash: str
    first: bool = False
    login: str = ""
    fact: str = ""
    since: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class KnownLogin:
    """Whose secret it is: a person's session or a machine's token."""

    owner: str
    machine: bool
    expires_at: datetime
    since: datetime


class AccessTables:
    """Every change is one short transaction that begins with a write (SQLite cannot turn a reader into a writer).

    A row that the product has not sealed opens nothing (`access_seals`).
    """

    def __init__(self, engine: Engine, key: Callable[[], bytes], limits: AccessLimits | None = None) -> None:
        """``key``: `access_key` of the settings."""
        self._engine = engine
        self._seals = Seals(key)
        self._broken = 0
        self.limits = limits or AccessLimits()
        self.attempts = Attempts(engine, self.limits)

    def migrate(self) -> None:
        begins = not inspect(self._engine).has_table(SEALS.name)
        for tables in (METADATA, attempts.METADATA, access_seals.METADATA):
            tables.create_all(self._engine)
        if begins:
            with self._engine.begin() as connection:
                if next(sealed_rows(connection), None) is not None:
                    self._seals.await_begin(connection)

    def health(self) -> dict[str, Any]:
        if not self._broken:
            return {"state": "whole", "broken": 0, "reason": ""}
        reason = f"{self._broken} times a row was met that the product has not written: `caraka verify` names it"
        return {"state": "stopped", "broken": self._broken, "reason": reason}

    def credential(self, agency: str, login: str, now: datetime | None = None) -> Credential | None:
        """The person's own password, else his first one, while it lasts (``now`` None: also one that is over)."""
        wanted = select(CREDENTIALS).where(CREDENTIALS.c.agency == agency, CREDENTIALS.c.login == login)
        lasting = (FIRST.c.agency == agency) & (FIRST.c.login == login)
        if now is not None:
            lasting &= FIRST.c.ends_at > _ms(now)
        with self._engine.connect() as connection:
            row = connection.execute(wanted).first()
            own = row is not None
            row = row or connection.execute(select(FIRST).where(lasting)).first()
            if (
                row is None
                or (fact := self._allowed(connection, *_sealed(row, PASSWORD if own else FIRST_ONE))) is None
            ):
                return None
        made = _moment(row.changed_at) if own else _moment(row.ends_at) - self.limits.first_password_life
        return Credential(row.person_id, row.password_hash, first=not own, login=login, fact=fact, since=made)

    def own_of(self, agency: str, person_id: str) -> Credential | None:
        """The password that the person has chosen."""
        wanted = select(CREDENTIALS.c.login).where(CREDENTIALS.c.agency == agency, CREDENTIALS.c.person_id == person_id)
        with self._engine.connect() as connection:
            login = connection.scalar(wanted)
        return self.credential(agency, login) if login is not None else None

    def keep_password(  # noqa: PLR0913 - a row of the table, and what allows it
        self, agency: str, login: str, person_id: str, password_hash: str, now: datetime, fact: str
    ) -> None:
        """A new password ends the person's sessions."""
        mine = (CREDENTIALS.c.agency == agency) & (CREDENTIALS.c.login == login)
        with self._engine.begin() as connection:
            self._end_sessions(connection, (SESSIONS.c.agency == agency) & (SESSIONS.c.person_id == person_id))
            connection.execute(delete(CREDENTIALS).where(mine))
            self._seals.keep(connection, (agency, PASSWORD, login), fact, person_id, password_hash, _ms(now))
            for kind in (FIRST_ONE, TICKET):
                self._seals.drop(connection, (agency, kind, login))
            connection.execute(delete(FIRST).where(FIRST.c.agency == agency, FIRST.c.login == login))
            connection.execute(
                insert(CREDENTIALS).values(
                    agency=agency, login=login, person_id=person_id, password_hash=password_hash, changed_at=_ms(now)
                )
            )

    def keep_first(  # noqa: PLR0913 - whose it is, what is kept of it, and by which command
        self, agency: str, login: str, person_id: str, password_hash: str, now: datetime, command_id: UUID
    ) -> datetime | None:
        """In place of whatever opened the door before; the person's sessions end. Returns when it ends.

        None: this command has had its secret already, and nothing is changed.
        """
        ends = now + self.limits.first_password_life
        row = {
            "agency": agency, "login": login, "person_id": person_id, "password_hash": password_hash,
            "ends_at": _ms(ends),
        }  # fmt: skip
        with self._engine.begin() as connection:
            if not _first_time(connection, agency, command_id, now):
                return None
            self._end_sessions(connection, (SESSIONS.c.agency == agency) & (SESSIONS.c.person_id == person_id))
            for table in (CREDENTIALS, FIRST):
                connection.execute(delete(table).where(table.c.agency == agency, table.c.login == login))
            connection.execute(insert(FIRST).values(**row))
            for kind in (PASSWORD, TICKET):
                self._seals.drop(connection, (agency, kind, login))
            self._seals.keep(
                connection, (agency, FIRST_ONE, login), _fact(command_id), person_id, password_hash, _ms(ends)
            )
        return ends

    def keep_ticket(self, agency: str, login: str, digest: str, now: datetime) -> None:
        """The last one alone holds."""
        mine = (FIRST.c.agency == agency) & (FIRST.c.login == login)
        ends = _ms(now + self.limits.ticket_life)
        with self._engine.begin() as connection:
            connection.execute(update(FIRST).where(mine).values(ticket_sha256=digest, ticket_ends_at=ends))
            self._seals.keep(connection, (agency, TICKET, login), "", digest, ends)

    def ticketed(self, agency: str, digest: str, now: datetime) -> Credential | None:
        """Whose first password brought this ticket, while both last."""
        lasting = (FIRST.c.ends_at > _ms(now)) & (FIRST.c.ticket_ends_at > _ms(now))
        wanted = select(FIRST).where(FIRST.c.agency == agency, FIRST.c.ticket_sha256 == digest, lasting)
        with self._engine.connect() as connection:
            row = connection.execute(wanted).first()
            if row is None or self._allowed(connection, *_sealed(row, TICKET)) is None:
                return None
            if (fact := self._allowed(connection, *_sealed(row, FIRST_ONE))) is None:
                return None
        made = _moment(row.ends_at) - self.limits.first_password_life
        return Credential(row.person_id, row.password_hash, first=True, login=row.login, fact=fact, since=made)

    def access(self, agency: str, now: datetime) -> dict[str, tuple[str, datetime | None]]:
        """Person to (own, first or expired; when a first password ends)."""
        with self._engine.connect() as connection:
            first = connection.execute(select(FIRST.c.person_id, FIRST.c.ends_at).where(FIRST.c.agency == agency))
            found: dict[str, tuple[str, datetime | None]] = {
                row.person_id: ("first" if row.ends_at > _ms(now) else "expired", _moment(row.ends_at)) for row in first
            }
            own = connection.execute(select(CREDENTIALS.c.person_id).where(CREDENTIALS.c.agency == agency))
            return found | {row.person_id: ("own", None) for row in own}

    def keep_token(  # noqa: PLR0913 - whose it is, what is kept of it, and by which command
        self, agency: str, token_id: str, digest: str, role: str, now: datetime, command_id: UUID
    ) -> bool:
        """In place of the token's secret of before. False: this command has had its secret already."""
        ends = _ms(now + self.limits.token_life)
        row = {"agency": agency, "token_id": token_id, "sha256": digest, "role": role, "expires_at": ends}
        with self._engine.begin() as connection:
            if not _first_time(connection, agency, command_id, now):
                return False
            connection.execute(delete(TOKENS).where(TOKENS.c.agency == agency, TOKENS.c.token_id == token_id))
            connection.execute(insert(TOKENS).values(**row))
            self._seals.keep(connection, (agency, TOKEN, token_id), _fact(command_id), digest, role, ends)
        return True

    def open_session(self, agency: str, person_id: str, digest: str, now: datetime) -> datetime:
        """Returns when it ends if nobody uses it. Sessions that have ended are swept on the way."""
        row = {
            "sha256": digest, "agency": agency, "person_id": person_id, "opened_at": _ms(now), "seen_at": _ms(now),
            "expires_at": _ms(now + self.limits.absolute),
        }  # fmt: skip
        with self._engine.begin() as connection:
            self._end_sessions(connection, SESSIONS.c.expires_at <= _ms(now))
            connection.execute(insert(SESSIONS).values(**row))
            self._seals.keep(connection, (agency, SESSION, digest), "", person_id, row["opened_at"], row["expires_at"])
        return now + self.limits.idle

    def end_session(self, agency: str, digest: str) -> None:
        with self._engine.begin() as connection:
            self._end_sessions(connection, (SESSIONS.c.sha256 == digest) & (SESSIONS.c.agency == agency))

    def known(self, agency: str, digest: str, now: datetime) -> KnownLogin | None:
        """The session or token with this hash, while it lasts. A session that is used slides."""
        with self._engine.connect() as connection:
            session = connection.execute(
                select(SESSIONS).where(SESSIONS.c.sha256 == digest, SESSIONS.c.agency == agency)
            ).first()
            token = connection.execute(
                select(TOKENS).where(TOKENS.c.sha256 == digest, TOKENS.c.agency == agency)
            ).first()
            for row, kind in ((session, SESSION), (token, TOKEN)):
                if row is not None and self._allowed(connection, *_sealed(row, kind)) is None:
                    return None
        if session and _ms(now) < session.opened_at - _span(self.limits.slide_after):
            return None  # it was opened by a clock that ran ahead: it would outlive its eight hours
        if session:
            idle_until = session.seen_at + _span(self.limits.idle)
            if _ms(now) >= min(idle_until, session.expires_at):
                return None
            if _ms(now) - session.seen_at >= _span(self.limits.slide_after):
                self._slide(digest, now)
                idle_until = _ms(now) + _span(self.limits.idle)
            ends, opened = _moment(min(idle_until, session.expires_at)), _moment(session.opened_at)
            return KnownLogin(session.person_id, machine=False, expires_at=ends, since=opened)
        if token and _ms(now) < token.expires_at:
            ends = _moment(token.expires_at)
            return KnownLogin(token.token_id, machine=True, expires_at=ends, since=ends - self.limits.token_life)
        return None

    def _allowed(self, connection: Connection, place: Place, content: tuple[object, ...]) -> str | None:
        fact = self._seals.fact(connection, place, *content)
        if fact is None and self._begun():
            with self._engine.connect() as later:
                fact = self._seals.fact(later, place, *content)
        if fact is None:
            self._broken += 1
            log.error("access.not-ours", agency=place[0], kind=place[1])
        return fact

    def _begun(self) -> bool:
        """Whether seals begin now, with what was there before. Whoever made the table had no key."""
        with self._engine.begin() as connection:
            return self._seals.begin(connection, list(sealed_rows(connection)))

    def _end_sessions(self, connection: Connection, which: ColumnElement[bool]) -> None:
        """With their seals, before them: the transaction begins with a write."""
        names = select(SESSIONS.c.sha256).where(which)
        connection.execute(delete(SEALS).where(SEALS.c.kind == SESSION, SEALS.c.name.in_(names)))
        connection.execute(delete(SESSIONS).where(which))

    def _slide(self, digest: str, now: datetime) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(SESSIONS).where(SESSIONS.c.sha256 == digest).values(seen_at=_ms(now)))

    def dispose(self) -> None:
        self._engine.dispose()


def open_access(settings: Settings) -> AccessTables:
    """For the command line, beside a running service."""
    return AccessTables(engine_of(place_of(settings, "organisation"), pool_size=1), access_key(settings))


def sealed_rows(connection: Connection) -> Iterator[tuple[Place, tuple[object, ...]]]:
    """Every row that opens something, as its seal holds it."""
    for table, kind in ((CREDENTIALS, PASSWORD), (FIRST, FIRST_ONE), (TOKENS, TOKEN), (SESSIONS, SESSION)):
        for row in connection.execute(select(table)).all():
            yield _sealed(row, kind)
    for row in connection.execute(select(FIRST).where(FIRST.c.ticket_sha256.is_not(None))).all():
        yield _sealed(row, TICKET)


def _sealed(row: Row[Any], kind: str) -> tuple[Place, tuple[object, ...]]:
    """Where its seal stands, and what it is made over."""
    match kind:
        case "password":
            return (row.agency, kind, row.login), (row.person_id, row.password_hash, row.changed_at)
        case "first":
            return (row.agency, kind, row.login), (row.person_id, row.password_hash, row.ends_at)
        case "ticket":
            return (row.agency, kind, row.login), (row.ticket_sha256, row.ticket_ends_at)
        case "token":
            return (row.agency, kind, row.token_id), (row.sha256, row.role, row.expires_at)
        case _:
            return (row.agency, kind, row.sha256), (row.person_id, row.opened_at, row.expires_at)


def _first_time(connection: Connection, agency: str, command_id: UUID, now: datetime) -> bool:
    row = {"command_id": str(command_id), "agency": agency, "at": _ms(now)}
    return connection.execute(HAND_OVER, row).rowcount == 1


def _fact(command_id: UUID) -> str:
    """The id of the event by which the command handed out a way in."""
    return str(event_id(command_id, 0))


def _sha256(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _span(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _moment(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
