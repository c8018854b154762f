"""What a service is made of, as its ``wiring.build(settings, kit)`` returns it: explicit tables, no discovery."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.base import Ask, Command, Event, Query, Recorded, Refusal, ServiceRequest, Shape
from services.kit.deciding import Commands, StreamKind

QueryHandler = Callable[[str, Any], Awaitable[Shape]]
"""``async (agency, query or request) -> answer``."""

Reaction = Callable[[Recorded], Command | None]
"""A foreign event becomes an own command (pure); None: this event asks nothing of us."""

Loop = Callable[[], Awaitable[None]]
"""Work of its own (a mailbox poller, a projection); runs until cancelled, is restarted with backoff when it fails."""


Before = Callable[[Ask], Awaitable[Ask | Refusal | None]]
"""An effect that must come before the decision (bytes stored, a key destroyed); it may complete the command, or
refuse.
"""


@dataclass(frozen=True, slots=True)
class Lone:
    """A loop that only one process may run at a time (by lease); the others stand by and take over."""

    loop: Loop


@dataclass(frozen=True)
class Service:
    """``reactions``: event class → row; the table names the foreign services that are followed.

    ``operations``: housekeeping asked over the bus by a person; ``migrate`` makes its own tables that are missing.
    """

    name: str
    commands: Commands = field(default_factory=dict)
    streams: Mapping[str, StreamKind] = field(default_factory=dict)
    reactions: Mapping[type[Event], Reaction] = field(default_factory=dict)
    queries: Mapping[type[Query], QueryHandler] = field(default_factory=dict)
    requests: Mapping[type[ServiceRequest], QueryHandler] = field(default_factory=dict)
    loops: Mapping[str, Loop | Lone] = field(default_factory=dict)
    before: Mapping[type[Command], Before] = field(default_factory=dict)
    operations: Mapping[str, Callable[[Mapping[str, Any]], Awaitable[Any]]] = field(default_factory=dict)
    migrate: Callable[[], None] | None = None
    health: Mapping[str, Callable[[], Mapping[str, Any]]] = field(default_factory=dict)
    close: Callable[[], Awaitable[None]] | None = None
