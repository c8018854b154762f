"""Where a message stands in its store, and how far a subscriber has read.

One header, ``Caraka-Position: <store>.<epoch>.<position>.<previous>``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, Protocol

HEADER = "Caraka-Position"
MESSAGE_ID = "Nats-Msg-Id"
_WRITTEN = re.compile(r"([^.]+)\.([0-9]{1,19})\.([0-9]{1,19})")


class Checkpoint(
    NamedTuple
):  # and no frozen dataclass: making one takes a fifth of the time, and every subscription makes many
    """A subscriber has everything up to ``position`` of that store and epoch; position 0: nothing yet."""

    store: str
    epoch: int
    position: int

    def __str__(self) -> str:
        return f"{self.store}.{self.epoch}.{self.position}"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The form that `Accepted.after` has. ValueError where it is none."""
        if not (found := _WRITTEN.fullmatch(text)):
            raise ValueError("a checkpoint is <store>.<epoch>.<position>")
        return cls(found[1], int(found[2]), int(found[3]))

    def same_store(self, other: Checkpoint) -> bool:
        return self[:2] == other[:2]


class Delivery(NamedTuple):
    """One message of a stream: where it stands, the position before it, its subject, the event as it was stored."""

    checkpoint: Checkpoint
    previous: int
    subject: str
    data: bytes


_IN_HEAD = HEADER.encode()


class Headed(Protocol):
    """A message whose headers have not been taken apart."""

    def header(self, name: bytes) -> bytes: ...


def header(store: str, epoch: int, position: int, previous: int) -> str:
    return f"{store}.{epoch}.{position}.{previous}"


def checkpoint_of(headers: Mapping[str, str] | None) -> tuple[Checkpoint, int] | None:
    """The checkpoint and the position before, or None: the message was not sent by a relay."""
    try:
        checkpoint, _, previous = (headers or {})[HEADER].rpartition(".")
        return Checkpoint.parse(checkpoint), int(previous)
    except (KeyError, ValueError):
        return None


def header_prefix(checkpoint: Checkpoint) -> bytes:
    """How the header blocks of that store and epoch begin, where our relay wrote them: its line is their first."""
    return f"NATS/1.0\r\n{HEADER}: {checkpoint.store}.{checkpoint.epoch}.".encode()


def numbers_in(head: bytes, beginning: bytes) -> tuple[int, int] | None:
    """Position and the one before, of a header block that begins so (see `begins`); None: it does not."""
    if not head.startswith(beginning):
        return None
    start = len(beginning)
    try:
        position, previous = head[start : head.find(b"\r", start)].split(b".")
        return int(position), int(previous)
    except ValueError:
        return None


def checkpoint_in(message: Headed) -> tuple[Checkpoint, int] | None:
    """The same, read from the raw headers."""
    try:
        checkpoint, position, previous = message.header(_IN_HEAD).decode().rsplit(".", 2)
        return Checkpoint.parse(f"{checkpoint}.{position}"), int(previous)
    except ValueError:
        return None
