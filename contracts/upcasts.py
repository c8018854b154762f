"""Upcasts: ``kind.vN → kind.vN+1``, pure functions on the event's data as a dict. Applied when an old event is read."""

from collections.abc import Callable
from typing import Any

Upcast = Callable[[dict[str, Any]], dict[str, Any]]

# Nothing has been broken yet; a row is {"intake.LetterRegistered.v1": letter_registered_v2}.
UPCASTS: dict[str, Upcast] = {}


def newest(kind: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Follows the upcasts from a stored kind to the newest one."""
    while (upcast := UPCASTS.get(kind)) is not None:
        stem, _, number = kind.rpartition(".v")
        kind, data = f"{stem}.v{int(number) + 1}", upcast(data)
    return kind, data
