"""The store's history, and how a sealed field is read."""

from collections.abc import Awaitable, Callable, Sequence

from contracts.base import Recorded, SealClass, Sealed
from contracts.words import BlobUpload

History = Callable[[str, str], Awaitable[Sequence[Recorded]]]
"""(agency, stream) → its facts, oldest first."""

Beginning = Callable[[str, str, int], Awaitable[Sequence[Recorded]]]
"""(agency, stream, most) → its first facts."""

Opened = Callable[[Sealed], str]
"""Blocks; an erased field reads as `contracts.base.Erased`."""

AreHis = Callable[[str, SealClass, str, Sequence[BlobUpload]], Awaitable[bool]]
"""(agency, class, subject, uploads) → whether all of them lie under his key."""

KeyOf = Callable[[str], bytes]
"""Agency → a key of its own; blocks at the first time."""
