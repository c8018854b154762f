"""A door: the one module that goes past a library's public ways, and the public way beside it.

A door looks once whether the library is as it knows it. Where it is not, all goes the public way: the same results,
more slowly. `services.kit.runtime.libraries` looks at all doors at the start and says which are shut.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Door:
    """One per library."""

    def __init__(self, library: str, look: Callable[[], None]) -> None:
        """``look`` raises where the library is other than it was when the door was made."""
        self.library = library
        self._look = look
        self._why_shut: str | None = None

    @property
    def is_open(self) -> bool:
        return not self.why_shut

    @property
    def why_shut(self) -> str:
        """Empty: it is open."""
        if self._why_shut is None:
            self._why_shut = self._seen()
        return self._why_shut

    def shut(self, why: str) -> None:
        """In this process, whatever the library is like. What has gone through before stays as it is."""
        self._why_shut = why

    @contextmanager
    def shut_within(self) -> Iterator[None]:
        """Shut until the end of the block."""
        before, self._why_shut = self._why_shut, "shut for a while"
        try:
            yield
        finally:
            self._why_shut = before

    def _seen(self) -> str:
        try:
            self._look()
        except Exception as other:  # noqa: BLE001 - whatever a library that has changed may raise
            return f"{type(other).__name__}: {other}"
        return ""


def expect(known: object, found: object) -> None:
    """For a door's look. Raises ValueError where they differ."""
    if known != found:
        raise ValueError(f"{found!r} where {known!r} was known")
