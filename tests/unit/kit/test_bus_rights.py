"""The table of rights on the bus: what must hold for every row, whatever row is added."""

from importlib import import_module
from itertools import product
from typing import Any

import pytest

from contracts import REGISTRY, subjects
from contracts.base import Command, Event, ServiceRequest
from services.audit.policy import SOURCES as CHAINED
from services.cli.catalogue import PARTS, SERVICES
from services.kit.bus.rights import BusUser, bus_users
from services.projections.views import SOURCES as SHOWN
from tests.architecture.tree import services

USERS = bus_users(PARTS)
named = pytest.mark.parametrize("user", USERS, ids=lambda user: user.name)


def meet(one: str, other: str) -> bool:
    """Whether a subject exists that both patterns stand for."""
    for mine, theirs in zip(ones := one.split("."), others := other.split("."), strict=False):
        if ">" in (mine, theirs):
            return True
        if "*" not in (mine, theirs) and mine != theirs:
            return False
    return len(ones) == len(others)


def test_the_catalogue_says_of_each_service_what_it_is_built_of() -> None:
    assert set(SERVICES) == set(services())
    asked = {kind.service() for kind in REGISTRY.of(ServiceRequest)}
    for part in PARTS:
        states = bool(REGISTRY.of(Command, part.service))
        assert (part.service, part.states, part.requests) == (part.service, states, part.service in asked)
        assert part.follows == followed(part.service)


def followed(service: str) -> tuple[str, ...]:
    if service in {"audit", "projections"}:
        return {"audit": CHAINED, "projections": SHOWN}[service]
    try:
        reactions: dict[type[Event], Any] = import_module(f"services.{service}.reactions").REACTIONS
    except ModuleNotFoundError:
        return ()
    told = {event.service() for event in reactions}
    return tuple(part.service for part in PARTS if part.service in told)


@named
def test_who_may_answer_can_nowhere_bring_himself_a_message_whose_reply_he_chose(user: BusUser) -> None:
    """What he says and hears himself gives him the right to say one thing to the subject that he names as reply."""
    crossing = [(said, heard) for said, heard in product(user.publish, user.subscribe) if meet(said, heard)]
    assert not user.answers or crossing == []


def test_nor_can_two_of_those_who_may_answer_do_it_for_each_other() -> None:
    answering = [user for user in USERS if user.answers]
    keeper = next(user for user in answering if user.name == "migrate")
    for one, other in product(answering, answering):
        for said, heard in product(one.publish, other.subscribe):
            renewing = other is keeper and said == f"ops.streams.{one.name}"  # the keeper is nobody's accomplice
            assert renewing or not meet(said, heard), (one.name, said, other.name, heard)


def test_a_service_asks_another_only_what_its_row_says_and_by_a_user_who_answers_nobody() -> None:
    asking = {user.name: user for user in USERS if user.name.startswith("asking-")}
    assert {name: user.publish for name, user in asking.items()} == {
        "asking-notifications": (
            "qry.*.organisation.contact-of.v1",
            "qry.*.organisation.keepers.v1",
            "ops.health",
        )
    }
    assert not any(user.answers for user in asking.values())


@named
def test_nobody_may_say_anything_to_an_inbox_and_each_hears_his_own_only(user: BusUser) -> None:
    assert not any(meet(said, inbox) for said in user.publish for inbox in ("_INBOX.>", "_INBOX_x.>"))
    assert not any(said.startswith(("_INBOX", "*", ">")) for said in user.publish)
    assert [heard for heard in user.subscribe if heard.startswith("_INBOX")] == [
        f"_INBOX_{user.name.replace('-', '_')}.>"
    ]
    assert not any(heard.startswith(("*", ">", "$")) for heard in user.subscribe)


@named
def test_the_broker_is_configured_by_the_migration_alone_and_read_directly_by_nobody(user: BusUser) -> None:
    asked = [said.removeprefix("$JS.API.") for said in user.publish if said.startswith("$")]
    for right in asked:
        if of_jobs(user, right):
            continue
        assert "*" not in right, right
        assert ">" not in right, right
        assert not right.startswith("DIRECT."), right
        if right.startswith(("STREAM.INFO.", "STREAM.MSG.GET.")):
            continue
        if user.name == "migrate":
            assert right.split(".")[1] in {"CREATE", "UPDATE", "DELETE"}, right
        else:
            verb, _, whose = right.removeprefix("CONSUMER.").rpartition(".")
            assert verb.split(".EVT_")[0] in {"CREATE", "DELETE", "MSG.NEXT"}, right
            assert whose.startswith(f"{user.name}-"), right


def of_jobs(user: BusUser, right: str) -> bool:
    """The migration makes and unmakes the consumers of a stream of jobs; a worker draws from those of its queues."""
    for part in PARTS:
        stream = subjects.job_stream_of(part.service)
        made = {f"CONSUMER.LIST.{stream}", f"CONSUMER.DELETE.{stream}.*"}
        made |= {f"CONSUMER.CREATE.{stream}.{name}.job.*.{part.service}.{name}" for name in part.queues}
        drawn = {f"CONSUMER.{verb}.{stream}.{name}" for name in part.queues for verb in ("INFO", "MSG.NEXT")}
        drawn |= {f"$JS.ACK.{stream}.{name}.>" for name in part.queues}
        if (user.name == "migrate" and right in made) or (user.name == f"worker-{part.service}" and right in drawn):
            return True
    return False


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.service)
def test_nobody_draws_from_a_stream_of_his_own_making(part: Any) -> None:
    """What a consumer of his own stream delivers would be his own words."""
    user = next(user for user in USERS if user.name == part.service)
    own = f".EVT_{part.service.upper()}."
    assert not any("CONSUMER" in said and own in said for said in user.publish)


@pytest.mark.parametrize("family", ["cmd", "qry", "req"])
def test_only_the_gateway_and_the_console_ask_in_peoples_names(family: str) -> None:
    asking = {user.name for user in USERS if any(said.startswith((family, "*", ">")) for said in user.publish)}
    few = {user.name for user in USERS if user.name.startswith("asking-")} if family == "qry" else set()
    assert asking == {"gateway", "console"} | few
    assert not any(user.answers for user in USERS if user.name in asking)
