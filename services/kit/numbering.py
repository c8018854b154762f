"""Where a numbered book begins: corrected while nothing was given out after it, and told with who did it and why.

A number that was given out stands on receipts and in other books. From then on the opening number stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from contracts.base import Event, Officer, Recorded, Sealed
from contracts.numbering import CorrectedFields, NumberingAnswer, OpeningStep
from services.kit.deciding import Accept, Decision, accept
from services.kit.policy import Refusals

LOOKED_AT = 200
"""Events from a book's beginning: corrections stand before its first number."""


def correct(refuse: Refusals, used: str, place: str, fact: Any, *, last: int) -> Decision:
    """``fact``: what would be stated, with `CorrectedFields`. ``last``: the last number that is used up. ``used``: the
    reason of its refusal in the service's table.
    """
    if fact.opening == fact.was:
        return Accept()
    if last != fact.was:
        return refuse(used, year=fact.year, first=fact.was + 1, last=last)
    return accept(place, fact)


def numbering(told: Sequence[Recorded], opened: type[Any], open_name: Callable[[Sealed], str]) -> NumberingAnswer:
    """From a book's first `LOOKED_AT` events. ``opened``: the fact that first says where it begins. Blocks."""
    steps = tuple(_steps(told, opened, open_name))
    given_out = any(not isinstance(each.event, opened | CorrectedFields) for each in told)
    return NumberingAnswer(opening=steps[-1].opening if steps else None, given_out=given_out, steps=steps)


def _steps(told: Sequence[Recorded], opened: type[Any], open_name: Callable[[Sealed], str]) -> Iterator[OpeningStep]:
    for each in told:
        event: Event | CorrectedFields = each.event
        if isinstance(event, CorrectedFields):
            yield OpeningStep(
                at=each.at, opening=event.opening, was=event.was, reason=event.reason, **_who(event.by, open_name)
            )
        elif isinstance(event, opened):
            yield OpeningStep(at=each.at, opening=event.opening, **_who(event.by, open_name))


def _who(by: Officer | None, open_name: Callable[[Sealed], str]) -> dict[str, Any]:
    return {} if by is None else {"name": open_name(by.name), "title": by.title, "capacity": by.capacity}
