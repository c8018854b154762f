"""Each bus user's password in a stranger's hands, against a real server: what is not his own is refused.

What each may do is written here a second time, in words, so that a slip in the table is one line too many here. What a
right could be stretched to is tried in `test_bus_reflections.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from nats.js.api import RePublish, StreamConfig, StreamSource

from contracts import REGISTRY
from contracts.base import Command, Event, Query, ServiceRequest
from contracts.subjects import subject
from services.cli.catalogue import JOBS, WITH_STREAMS
from services.kit.bus import streams
from services.kit.bus.connection import Bus, BusTimeout
from services.kit.observability.metrics import Samples
from services.kit.operations.health import HealthReport, ask_health, request_operation, serve_health, serve_operations
from services.kit.operations.metrics_collect import instance_name
from services.kit.operations.metrics_over_bus import ask_metrics, serve_metrics
from services.kit.operations.stream_keeper import renew_stream, serve_renewals
from tests.architecture.tree import services
from tests.attacks.intruder import intruder, joined
from tests.parts.closed_nats import USERS, ClosedNats, start_closed_nats

pytestmark = pytest.mark.real

FOLLOWS: Mapping[str, set[str]] = {
    "organisation": {"account_provisioning", "complaint"},
    "intake": {"organisation", "dispatch"},
    "approval": {"intake"},
    "dispatch": {"intake", "approval"},
    "notifications": {"organisation", "intake", "approval", "dispatch", "account_provisioning", "complaint"},
    "account_provisioning": {"organisation", "notifications"},
    "complaint": {"organisation", "intake"},
    "projections": {
        "organisation",
        "intake",
        "approval",
        "dispatch",
        "account_provisioning",
        "complaint",
        "notifications",
    },
    "audit": {"organisation", "intake", "approval", "dispatch", "account_provisioning", "complaint", "notifications"},
}
STATING = ("organisation", "intake", "approval", "dispatch", "account_provisioning", "complaint", "notifications")
PEOPLE = ("gateway", "console")  # who asks in people's names
ASKS = {  # and of what; it answers nobody
    "asking-notifications": {f"qry.pekalongan.organisation.{word}.v1" for word in ("contact-of", "keepers")},
}
REQUESTED = ("organisation", "account_provisioning", "notifications")  # who hands something over once
WORKING = {
    "notifications": ("email", "webhook"),
    "account_provisioning": ("embedded", "ldap", "passwd-file"),
}  # on which queues
WORKERS = {f"worker-{service}": service for service in WORKING}
JOB_STREAMS = {f"JOB_{service.upper()}": service for service in WORKING}
STREAM_VERBS = (
    *("CREATE", "UPDATE", "DELETE", "PURGE", "INFO", "MSG.GET", "MSG.DELETE", "SNAPSHOT", "RESTORE"),
    *("LEADER.STEPDOWN", "PEER.REMOVE"),
)
CONSUMER_VERBS = ("CREATE", "DURABLE.CREATE", "DELETE", "INFO", "MSG.NEXT", "PAUSE", "UNPIN", "LEADER.STEPDOWN")
ANYWHERE = (
    *("$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.STREAM.CREATE.MINE"),
    *("$SYS.REQ.SERVER.PING", "$SYS.REQ.USER.INFO", "_INBOX.x", "ops.nobody.x", "anything"),
    *("ops.health", "ops.metrics"),
    *("live.pekalongan.letters", "job.pekalongan.intake.mail", "take.pekalongan.intake.mail", "settle.a.intake.mail"),
    *("$JS.API.STREAM.CREATE.WAKE", "$JS.API.STREAM.UPDATE.WAKE", "$JS.API.STREAM.PURGE.WAKE"),
    *("$JS.API.STREAM.DELETE.WAKE", "$JS.API.STREAM.INFO.WAKE"),
    *("mark.intake", "mark.anything", "mark.intake.x"),
    *(
        f"{word}.pekalongan.{service}.{queue}"
        for word in ("job", "take", "settle")
        for service, queues in WORKING.items()
        for queue in (*queues, "other")
    ),
    *(f"$JS.API.STREAM.{verb}.{name}" for verb in STREAM_VERBS for name in JOB_STREAMS),
    *(
        f"$JS.API.CONSUMER.{verb}.{name}.{queue}"
        for verb in CONSUMER_VERBS
        for name, service in JOB_STREAMS.items()
        for queue in (*WORKING[service], "other")
    ),
    *(f"$JS.API.STREAM.{verb}.MARKS" for verb in STREAM_VERBS),
)


def inbox(user: str) -> str:
    return f"_INBOX_{user.replace('-', '_')}"


def stream(service: str) -> str:
    return f"EVT_{service.upper()}"


def everything() -> set[str]:
    """Whatever somebody might say: on every kind's subject, to every inbox, to all of JetStream's interface."""
    found = set(ANYWHERE)
    for kind in REGISTRY.of(Event) + REGISTRY.of(Command) + REGISTRY.of(Query) + REGISTRY.of(ServiceRequest):
        found.add(subject(kind, "pekalongan"))
    for user in USERS:
        found.add(f"{inbox(user)}.0123456789abcdef.x")
    for service in services():
        found |= {f"ops.{service}.{verb}" for verb in ("parked", "replay", "discard", "retell-timers", "rebuild")}
        found |= {f"wake.{service}", f"woken.{service}", f"ops.streams.{service}", f"evt.x.{service}.unheard-of.v1"}
        found |= {f"$JS.API.STREAM.{verb}.{stream(service)}" for verb in STREAM_VERBS}
        found |= {f"$JS.API.DIRECT.GET.{stream(service)}", f"$JS.ACK.{stream(service)}.x.1.1.1.1.0"}
        found |= {f"$JS.API.CONSUMER.{verb}.{stream(service)}" for verb in ("CREATE", "NAMES", "LIST")}
        for other in services():
            names = (f"{other}-{service}", f"{other}-x")
            found |= {f"$JS.API.CONSUMER.{verb}.{stream(service)}.{name}" for verb in CONSUMER_VERBS for name in names}
            found.add(f"$JS.API.CONSUMER.CREATE.{stream(service)}.{other}-{service}.evt.>")
    return found


def own(user: str, subject_name: str) -> bool:  # noqa: C901, PLR0911, PLR0912 - one line a sentence
    """Whether this is something that he has to say, in the words of the office."""
    words = subject_name.split(".")
    reads = FOLLOWS.get(user, set()) | ({user} & set(STATING)) | (set(STATING) if user == "inspector" else set())
    consumers = {(stream(source), f"{user}-{source}") for source in FOLLOWS.get(user, ())}
    match words:
        case ["cmd" | "qry" | "req", *_]:
            return user in PEOPLE or subject_name in ASKS.get(user, ())
        case ["job", _, service, _]:
            return user == service and service in WORKING
        case ["take" | "settle", _, service, queue]:
            return WORKERS.get(user) == service and queue in WORKING.get(service, ())
        case ["$JS", "API", "CONSUMER", "INFO", name, queue] if name in JOB_STREAMS:
            return WORKERS.get(user) == JOB_STREAMS[name] and queue in WORKING[JOB_STREAMS[name]]
        case ["$JS", "API", "CONSUMER", "MSG", "NEXT", name, queue] if name in JOB_STREAMS:
            return WORKERS.get(user) == JOB_STREAMS[name] and queue in WORKING[JOB_STREAMS[name]]
        case ["$JS", "API", "CONSUMER", "DELETE", name, _] if name in JOB_STREAMS:
            return user == "migrate"
        case ["$JS", "API", "STREAM", "INFO", name] if name in JOB_STREAMS and user == JOB_STREAMS[name]:
            return True
        case ["evt", _, service, *_]:
            return user == service and service in STATING
        case ["live", *_]:
            return user == "projections"
        case ["wake", service]:
            return user == service and service in STATING
        case ["mark", _]:
            return user == "audit"
        case ["ops", "health"]:
            return user in {*PEOPLE, *ASKS, "inspector"}
        case ["ops", "metrics"]:
            return user in PEOPLE
        case ["ops", "streams", service]:
            return service in STATING and user in {service, "console"}
        case ["ops", service, _]:
            return service in FOLLOWS and user in PEOPLE
        case ["$JS", "API", "STREAM", "CREATE" | "UPDATE" | "DELETE" | "INFO", name] if user == "migrate":
            return name in {*map(stream, STATING), "WAKE", "MARKS", *JOB_STREAMS}
        case ["$JS", "API", "STREAM", "INFO", "MARKS"] | ["$JS", "API", "STREAM", "MSG", "GET", "MARKS"]:
            return user in STATING
        case ["$JS", "API", "STREAM", "INFO", name] | ["$JS", "API", "STREAM", "MSG", "GET", name]:
            return name in map(stream, reads)
        case ["$JS", "API", "CONSUMER", "CREATE" | "DELETE", name, whose]:
            return (name, whose) in consumers
        case ["$JS", "API", "CONSUMER", "MSG", "NEXT", name, whose]:
            return (name, whose) in consumers
        case _:
            return False


def hearable(user: str) -> set[str]:
    """What he has to hear."""
    found = {f"{inbox(user)}.>"}
    if user == "gateway":
        found.add("live.>")
    if user == "migrate":
        found.add("ops.streams.>")
    if user in FOLLOWS:
        found |= {f"qry.*.{user}.>", f"ops.{user}.>", "ops.health", "ops.metrics"}
    if user in STATING:
        found |= {f"cmd.*.{user}.>", f"woken.{user}"}
    if user in REQUESTED:
        found.add(f"req.*.{user}.>")
    if user == "backup":  # it tells how it stands, and hears of nothing else
        found |= {"ops.health", "ops.metrics"}
    return found


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClosedNats]:
    """The bus of the stack, with the streams that the migration makes."""
    closed = start_closed_nats(tmp_path_factory.mktemp("closed"))

    async def declare() -> None:
        bus = await Bus.connect(closed.url("migrate"), service="migrate")
        await streams.declare(bus.js, WITH_STREAMS)
        for service, queues in JOBS.items():
            await streams.declare_jobs(bus.js, service, queues)
        await bus.close()

    asyncio.run(declare())
    yield closed
    closed.server.kill()


def test_every_service_is_known_to_this_list() -> None:
    assert set(FOLLOWS) == set(services())
    assert set(USERS) == {*services(), *PEOPLE, *ASKS, *WORKERS, "inspector", "migrate", "backup"}


@pytest.mark.parametrize("user", USERS)
async def test_a_user_says_what_is_his_own_and_nothing_else(stack: ClosedNats, user: str) -> None:
    wanted = everything()
    async with intruder(stack, user) as he:
        deleting = {name for name in wanted if name.startswith("$JS.API.STREAM.DELETE.") and own(user, name)}
        refused = await he.say(*sorted(wanted - deleting), body=b"no json")  # JetStream refuses that, if it hears it
    allowed = (wanted - deleting) - refused
    assert allowed == {name for name in wanted - deleting if own(user, name)}


@pytest.mark.parametrize("user", USERS)
async def test_a_user_hears_what_is_meant_for_him_and_nothing_else(stack: ClosedNats, user: str) -> None:
    families = ("cmd", "qry", "req", "evt")
    wanted = {f"{family}.*.{service}.>" for family in families for service in services()}
    wanted |= {f"{inbox(other)}.>" for other in USERS} | {f"{inbox(other)}.x" for other in USERS if other != user}
    wanted |= {f"{family}.>" for family in (*families, "ops", "live", "wake", "woken", "$JS", "$SYS", "_INBOX")}
    wanted |= {f"{word}.{service}" for word in ("wake", "woken") for service in services()}
    wanted |= {f"ops.{service}.>" for service in services()}
    wanted |= {">", "*.>", "$JS.EVENT.>", "$JS.API.>", "live.pekalongan.letters", "ops.health", "ops.metrics"}
    wanted |= {"ops.streams.>", "take.*.intake.>", "_INBOX.>"}
    async with intruder(stack, user) as he:
        refused = await he.listen(*sorted(wanted))
    expected = hearable(user) | ({"live.pekalongan.letters"} if user == "gateway" else set())
    assert wanted - refused == expected


@pytest.mark.parametrize("service", services())
async def test_a_service_cannot_have_the_broker_repeat_its_facts_as_commands(stack: ClosedNats, service: str) -> None:
    """Nor take another's facts into a stream of its own, nor commands, nor change what its own stream is."""
    mine, other = f"evt.*.{service}.>", next(other for other in STATING if other != service)
    wanted = [
        StreamConfig(subjects=[mine], republish=RePublish(src=mine, dest="cmd.{{wildcard(1)}}.organisation.>")),
        StreamConfig(subjects=[mine], republish=RePublish(src=mine, dest=f"evt.{{{{wildcard(1)}}}}.{other}.>")),
        StreamConfig(sources=[StreamSource(name=stream(other))]),
        StreamConfig(mirror=StreamSource(name=stream(other))),
        StreamConfig(subjects=["cmd.>"]),
        StreamConfig(subjects=["_INBOX_gateway.>"]),
    ]
    names = (stream(service), stream(other), "MINE", "WAKE", "MARKS")
    async with intruder(stack, "migrate") as migration, intruder(stack, service) as he:
        js = migration.client.jetstream()
        before = [(await js.stream_info(stream(each))).config for each in STATING]
        for verb in ("CREATE", "UPDATE"):
            for name in names:
                for config in wanted:
                    assert await he.order(f"STREAM.{verb}", name, config.evolve(name=name).as_dict()), (verb, name)
        assert [(await js.stream_info(stream(each))).config for each in STATING] == before


@pytest.mark.parametrize("user", [user for user in USERS if user not in PEOPLE])
async def test_nobody_but_the_gateway_and_the_console_has_organisation_hand_out_a_way_in(
    stack: ClosedNats, user: str
) -> None:
    """Tokens, first passwords, sessions: in whose name is what the asker says, so it matters who can ask."""
    ways = {subject(kind, "pekalongan") for kind in REGISTRY.of(ServiceRequest)}
    word = b'{"role": "admin", "by": {"id": "admin", "roles": ["admin"]}}'
    async with intruder(stack, "organisation") as organisation, intruder(stack, user) as he:
        assert await organisation.listen("req.*.organisation.>", "cmd.*.organisation.>") == set()
        assert ways
        assert await he.say(*ways, body=word, reply=f"{inbox(user)}.x") == ways
        assert organisation.heard == []
        async with intruder(stack, "gateway") as gateway:
            assert await gateway.say(*ways, body=word, reply="_INBOX_gateway.x") == set()
        await organisation.settle()
        assert {message.subject for message in organisation.heard} == {
            each for each in ways if ".organisation." in each
        }


async def test_with_these_rights_the_product_works(stack: ClosedNats) -> None:
    """The parts; the whole road with them is walked in `tests/deploy/test_roles.py`."""

    async def parked(_: Mapping[str, Any]) -> Any:
        return ["a case"]

    async def numbers() -> Samples:
        return {"caraka_writer_waiting": [((), 3)]}

    async with (
        joined(stack, "intake") as intake,
        joined(stack, "dispatch") as dispatch,
        joined(stack, "gateway") as gateway,
        joined(stack, "console") as console,
        joined(stack, "migrate") as keeper,
    ):
        await serve_health(intake, lambda: HealthReport("intake", "one"))
        await serve_metrics(intake, "intake", numbers)
        await serve_operations(intake, "intake", {"parked": parked})
        await serve_renewals(keeper, WITH_STREAMS)
        for bus in (intake, keeper):
            for _ in range(2):  # now the broker knows of these
                await bus.client.flush()
        assert [report.service for report in await ask_health(gateway, seconds=5, enough=("intake",))] == ["intake"]
        told = await ask_metrics(gateway, seconds=5, expected=[("intake", instance_name())])
        assert [(each.service, list(each.rows)) for each in told] == [("intake", ["caraka_writer_waiting"])]
        assert await request_operation(gateway, "intake", "parked", {}) == ["a case"]
        assert await request_operation(console, "intake", "parked", {}) == ["a case"]
        before = (await keeper.js.stream_info("EVT_INTAKE")).created
        await renew_stream(intake, "intake")
        await renew_stream(console, "intake")
        assert (await keeper.js.stream_info("EVT_INTAKE")).created != before
        for stranger in (dispatch, gateway):
            with pytest.raises(BusTimeout):
                await request_operation(stranger, "streams", "intake", {}, seconds=0.5)
        with pytest.raises(BusTimeout):
            await request_operation(dispatch, "intake", "parked", {}, seconds=0.5)
        assert await ask_health(dispatch, seconds=0.5) == []
