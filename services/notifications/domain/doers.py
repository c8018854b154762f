"""Who did something, as a fact of this service names him: by his id, in the capacity by which he may."""

from contracts.base import Holding
from contracts.notifications import Doer
from services.kit.deciding import Given


def doer(given: Given, holding: Holding | None = None) -> Doer:
    """In the capacity by which he is told, else by which he may ask."""
    held = holding or next((each for each in given.actor.holdings if each.role in given.askers.roles), None)
    if held is None:
        return Doer(person_id=given.actor.id)
    return Doer(person_id=given.actor.id, position=held.position, capacity=held.capacity)


def person(given: Given) -> Doer | None:
    """None: the service itself, by a timer or a worker's word."""
    return None if "service" in given.actor.roles else doer(given)
