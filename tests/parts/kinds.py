"""Kinds of a service that lives in the tests: known to the registry and to the codec for a while."""

import contextlib
from collections.abc import Iterator, Sequence

from contracts import REGISTRY
from contracts.base import Event, Message
from services.kit.codec import envelope


@contextlib.contextmanager
def known_as(service: str, kinds: Sequence[type[Message]]) -> Iterator[None]:
    REGISTRY._by_kind.update({each.kind(): each for each in kinds})
    envelope._FACTS.update({each.kind(): (each, service) for each in kinds if issubclass(each, Event)})
    try:
        yield
    finally:
        for each in kinds:
            del REGISTRY._by_kind[each.kind()]
            envelope._FACTS.pop(each.kind(), None)
