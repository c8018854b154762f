"""The mutable tables of access: password hashes, token hashes, sessions. Calls block.

None of it is in an event; secrets themselves are in none of it. Moments are whole milliseconds since 1970, UTC.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    text,
    update,
)

from services.kit.database import engine_of, place_of
from services.kit.settings import Settings
from services.organisation.adapters import attempts
from services.organisation.adapters.attempts import Attempts
from services.organisation.adapters.attempts import milliseconds as _ms
from services.organisation.settings import AccessLimits

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


@dataclass(frozen=True, slots=True)
class Credential:
    """``first``: a first password, which opens nothing but the choice of an own one."""

    person_id: str
    password_hash: str
    first: bool = False
    login: str = ""


@dataclass(frozen=True, slots=True)
class KnownLogin:
    """Whose secret it is: a person's session or a machine's token."""

    owner: str
    machine: bool
    expires_at: datetime


class AccessTables:
    """Every change is one short transaction that begins with a write (SQLite cannot turn a reader into a writer)."""

    def __init__(self, engine: Engine, limits: AccessLimits | None = None) -> None:
        self._engine = engine
        self.limits = limits or AccessLimits()
        self.attempts = Attempts(engine, self.limits)

    def migrate(self) -> None:
        for tables in (METADATA, attempts.METADATA):
            tables.create_all(self._engine)

    def credential(self, agency: str, login: str, now: datetime | None = None) -> Credential | None:
        """The person's own password, else his first one, while it lasts (``now`` None: also one that is over)."""
        wanted = select(CREDENTIALS.c.person_id, CREDENTIALS.c.password_hash).where(
            CREDENTIALS.c.agency == agency, CREDENTIALS.c.login == login
        )
        lasting = (FIRST.c.agency == agency) & (FIRST.c.login == login)
        if now is not None:
            lasting &= FIRST.c.ends_at > _ms(now)
        with self._engine.connect() as connection:
            row = connection.execute(wanted).first()
            if row is not None:
                return Credential(row.person_id, row.password_hash, login=login)
            row = connection.execute(select(FIRST.c.person_id, FIRST.c.password_hash).where(lasting)).first()
        return Credential(row.person_id, row.password_hash, first=True, login=login) if row else None

    def keep_password(self, agency: str, login: str, person_id: str, password_hash: str, now: datetime) -> None:
        """A new password ends the person's sessions."""
        mine = (CREDENTIALS.c.agency == agency) & (CREDENTIALS.c.login == login)
        with self._engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.agency == agency, SESSIONS.c.person_id == person_id))
            connection.execute(delete(CREDENTIALS).where(mine))
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
            connection.execute(delete(SESSIONS).where(SESSIONS.c.agency == agency, SESSIONS.c.person_id == person_id))
            for table in (CREDENTIALS, FIRST):
                connection.execute(delete(table).where(table.c.agency == agency, table.c.login == login))
            connection.execute(insert(FIRST).values(**row))
        return ends

    def keep_ticket(self, agency: str, login: str, digest: str, now: datetime) -> None:
        """The last one alone holds."""
        mine = (FIRST.c.agency == agency) & (FIRST.c.login == login)
        row = {"ticket_sha256": digest, "ticket_ends_at": _ms(now + self.limits.ticket_life)}
        with self._engine.begin() as connection:
            connection.execute(update(FIRST).where(mine).values(**row))

    def ticketed(self, agency: str, digest: str, now: datetime) -> Credential | None:
        """Whose first password brought this ticket, while both last."""
        lasting = (FIRST.c.ends_at > _ms(now)) & (FIRST.c.ticket_ends_at > _ms(now))
        wanted = select(FIRST).where(FIRST.c.agency == agency, FIRST.c.ticket_sha256 == digest, lasting)
        with self._engine.connect() as connection:
            row = connection.execute(wanted).first()
        return Credential(row.person_id, row.password_hash, first=True, login=row.login) if row else None

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
        return True

    def open_session(self, agency: str, person_id: str, digest: str, now: datetime) -> datetime:
        """Returns when it ends if nobody uses it. Sessions that have ended are swept on the way."""
        row = {
            "sha256": digest, "agency": agency, "person_id": person_id, "opened_at": _ms(now), "seen_at": _ms(now),
            "expires_at": _ms(now + self.limits.absolute),
        }  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= _ms(now)))
            connection.execute(insert(SESSIONS).values(**row))
        return now + self.limits.idle

    def end_session(self, agency: str, digest: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.sha256 == digest, SESSIONS.c.agency == agency))

    def known(self, agency: str, digest: str, now: datetime) -> KnownLogin | None:
        """The session or token with this hash, while it lasts. A session that is used slides."""
        with self._engine.connect() as connection:
            session = connection.execute(
                select(SESSIONS).where(SESSIONS.c.sha256 == digest, SESSIONS.c.agency == agency)
            ).first()
            token = connection.execute(
                select(TOKENS).where(TOKENS.c.sha256 == digest, TOKENS.c.agency == agency)
            ).first()
        if session and _ms(now) < session.opened_at - _span(self.limits.slide_after):
            return None  # it was opened by a clock that ran ahead: it would outlive its eight hours
        if session:
            idle_until = session.seen_at + _span(self.limits.idle)
            if _ms(now) >= min(idle_until, session.expires_at):
                return None
            if _ms(now) - session.seen_at >= _span(self.limits.slide_after):
                self._slide(digest, now)
                idle_until = _ms(now) + _span(self.limits.idle)
            return KnownLogin(session.person_id, machine=False, expires_at=_moment(min(idle_until, session.expires_at)))
        if token and _ms(now) < token.expires_at:
            return KnownLogin(token.token_id, machine=True, expires_at=_moment(token.expires_at))
        return None

    def _slide(self, digest: str, now: datetime) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(SESSIONS).where(SESSIONS.c.sha256 == digest).values(seen_at=_ms(now)))

    def dispose(self) -> None:
        self._engine.dispose()


def open_access(settings: Settings) -> AccessTables:
    """For the command line, beside a running service."""
    return AccessTables(engine_of(place_of(settings, "organisation"), pool_size=1))


def _first_time(connection: Connection, agency: str, command_id: UUID, now: datetime) -> bool:
    row = {"command_id": str(command_id), "agency": agency, "at": _ms(now)}
    return connection.execute(HAND_OVER, row).rowcount == 1


def _sha256(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _span(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _moment(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
