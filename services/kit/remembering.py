"""What follows from a value that never changes is worked out once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

KEPT = 1_000
A = TypeVar("A")
B = TypeVar("B")


def once_each(work: Callable[[A], B]) -> Callable[[A], B]:
    """Remembers by identity, for mappings that nobody changes (adopted rules): they cannot be hashed.

    Each is held as long as it is remembered, so that its identity stays its own.
    """
    known: OrderedDict[int, tuple[Any, B]] = OrderedDict()

    @wraps(work)
    def remembered(value: A) -> B:
        found = known.get(id(value))
        if found is None:
            found = known[id(value)] = (value, work(value))
            if len(known) > KEPT:
                known.popitem(last=False)
        return found[1]

    return remembered
