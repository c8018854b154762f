"""Password hashes (argon2id), a few at a time, and the same work for a login that does not exist."""

import asyncio
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.organisation.settings import AccessLimits

HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)


class TooBusyError(Exception):
    """More checks are waiting than will be answered in time."""


def hashed(password: str, limits: AccessLimits) -> str:
    """Raises ValueError, in Indonesian, for a password that is too short or too long."""
    if not limits.shortest_password <= len(password) <= limits.longest_password:
        raise ValueError(f"kata sandi harus {limits.shortest_password} sampai {limits.longest_password} huruf")
    return HASHER.hash(_composed(password))


class PasswordCheck:
    """Bounded: so many in threads at once, so many waiting; beyond that TooBusyError."""

    def __init__(self, limits: AccessLimits) -> None:
        self._limits = limits
        self._slots = asyncio.Semaphore(limits.checks_at_once)
        self._waiting = 0
        self._nobody = HASHER.hash(secrets.token_urlsafe(24))

    async def matches(self, stored: str | None, password: str, *, known: bool = False) -> bool:
        """Whether the password is the one; without a stored hash the same work is done for nothing.

        ``known``: asked from a device that has a budget of its own, so that there are few of them.
        """
        if self._waiting >= self._limits.checks_waiting and not known:
            raise TooBusyError
        self._waiting += 1
        try:
            async with self._slots:
                same = await asyncio.to_thread(_verified, stored or self._nobody, password)
        finally:
            self._waiting -= 1
        return same and stored is not None


def _verified(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, _composed(password))
    except (VerificationError, InvalidHashError):
        return False


def _composed(password: str) -> str:
    """The same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)
