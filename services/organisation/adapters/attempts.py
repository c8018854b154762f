"""Attempts to log in that were not right, by login, and apart from these by known device. Calls block.

Nobody locks anybody else out: strangers to a login that is attacked are checked one after the other with a pause
between them, so that the right password has its turn too; a device in which the login was right before counts its own
mistakes alone, and waits for those.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, String, Table, delete, select, text, update

from services.organisation.settings import AccessLimits

METADATA = MetaData()
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("agency", String(32), primary_key=True),
    Column("login_sha256", String(64), primary_key=True, doc="a login that somebody tried may be his password"),
    Column("failures", Integer, nullable=False),
    Column("free_at", BigInteger, nullable=False, doc="when the next one may be checked"),
    Column("last_at", BigInteger, nullable=False, index=True),
)
FIRST_FAILURE = text(
    "INSERT INTO attempts (agency, login_sha256, failures, free_at, last_at) VALUES (:agency, :login, 0, 0, :now)"
    " ON CONFLICT DO NOTHING"
)
NOW = timedelta(0)


@dataclass(frozen=True, slots=True)
class Turn:
    """When an attempt is checked: ``after`` this time; or not at all, and there is a place again after it."""

    after: timedelta
    refused: bool = False


class Attempts:
    """Every change is one short transaction that begins with a write (SQLite cannot turn a reader into a writer)."""

    def __init__(self, engine: Engine, limits: AccessLimits) -> None:
        self._engine = engine
        self._limits = limits

    def turn(self, agency: str, login: str, device: str | None, now: datetime) -> Turn:
        """Counts the attempt as failed beforehand, so that many at once are many; `succeeded` takes it back."""
        name = _name(login, device)
        mine = (ATTEMPTS.c.agency == agency) & (ATTEMPTS.c.login_sha256 == name)
        stale = milliseconds(now - self._limits.forget_failures_after)
        with self._engine.begin() as connection:
            connection.execute(FIRST_FAILURE, {"agency": agency, "login": name, "now": milliseconds(now)})
            row = connection.execute(select(ATTEMPTS).where(mine).with_for_update()).one()
            failures = row.failures if row.last_at > stale else 0
            begins = self._free(row.free_at, now)
            patience = NOW if device is not None else self._limits.patience
            if begins - now > patience:
                return Turn(begins - now - patience, refused=True)
            said = {
                "failures": failures + 1,
                "free_at": milliseconds(begins + self._pause(failures + 1, device)),
                "last_at": milliseconds(now),
            }
            connection.execute(update(ATTEMPTS).where(mine).values(**said))
            connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.last_at <= stale))
        return Turn(max(begins - now, NOW))

    def succeeded(self, agency: str, login: str, device: str | None) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                delete(ATTEMPTS).where(ATTEMPTS.c.agency == agency, ATTEMPTS.c.login_sha256 == _name(login, device))
            )

    def _free(self, free_at: int, now: datetime) -> datetime:
        """``now`` where nobody has to wait, also where the clock has been set back behind a wait."""
        waits = timedelta(milliseconds=free_at - milliseconds(now))
        return now + waits if NOW < waits <= self._limits.longest_wait else now

    def _pause(self, failures: int, device: str | None) -> timedelta:
        """After so many failures; each further one doubles it."""
        limits = self._limits
        over = failures - limits.free_attempts
        if over < 0:
            return -timedelta(milliseconds=1)  # and not now: two at the same moment may come in either order
        longest = limits.longest_pause if device is None else limits.longest_wait
        doubled: int = 2 ** min(over, 20)
        return min(limits.first_wait * doubled, longest)


def _name(login: str, device: str | None) -> str:
    return sha256((login if device is None else f"{login}\n{device}").encode()).hexdigest()


def milliseconds(moment: datetime) -> int:
    """Since 1970."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
