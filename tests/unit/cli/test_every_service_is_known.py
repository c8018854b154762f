"""Whoever adds a service adds it to every list of services: what is left out of one is looked at by nobody."""

from importlib import import_module
from typing import Any

from contracts import REGISTRY
from contracts.base import Command, Event
from contracts.clocks import MovedFields
from gateway.api.operations import NEEDED
from gateway.web import words
from gateway.web.operations.machine import DECIDING as IN_THE_ROOM
from services.cli.catalogue import SERVICES, WITH_STREAMS
from services.cli.invariants.deadlines import CLOCKS
from services.cli.invariants.deadlines import SERVICES as WITH_LIMITS
from services.cli.invariants.phases import TABLES
from services.cli.parking import REACTING
from services.cli.roles import RIGHTS
from tests.architecture.tree import modules
from tests.parts.product import WITH_EVENTS


def table(service: str, room: str, name: str) -> dict[Any, Any]:
    """A table of a service; empty where it has no such room."""
    place = f"services.{service}.{room}"
    found: dict[Any, Any] = getattr(import_module(place), name) if place in modules() else {}
    return found


DECIDING = {service for service in SERVICES if REGISTRY.of(Command, service)}
WITHOUT_DEADLINES = {"organisation", "notifications"}
"""Their timers end what waits for a leader, and a webhook that failed for days; nothing of a case is due by them."""


def test_the_edge_misses_every_service_that_is_silent_and_has_a_word_for_it() -> None:
    assert set(NEEDED) == set(SERVICES)
    assert set(words.SERVICES) >= set(SERVICES)


def test_what_decides_is_verified_by_its_own_table() -> None:
    assert set(TABLES) == set(WITH_EVENTS) == DECIDING


def test_what_reacts_shows_its_dead_letters() -> None:
    reacting = {service for service in SERVICES if table(service, "reactions", "REACTIONS")}
    assert set(REACTING) == reacting
    assert set(IN_THE_ROOM) == DECIDING


def test_what_has_timers_can_write_them_anew_and_is_verified() -> None:
    timed = {
        service
        for service in DECIDING
        if any(kind.timers is not None for kind in table(service, "handlers", "STREAMS").values())
    }
    assert set(WITH_STREAMS) >= timed
    assert set(WITH_LIMITS) == timed - WITHOUT_DEADLINES


def test_what_has_clocks_of_cases_is_recomputed_by_their_table() -> None:
    assert set(CLOCKS) == {kind.service() for kind in REGISTRY.of(Event) if issubclass(kind, MovedFields)}
    for service, clocks in CLOCKS.items():
        assert {each.service() for each in clocks.facts.adoptions} == {service}


def test_each_has_a_role_in_the_database() -> None:
    assert {row.service for row in RIGHTS} >= set(SERVICES)
