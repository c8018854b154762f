"""Running the product: the embedded broker, migrations, services and the gateway, in one process or one each."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import structlog
import uvicorn

from services.cli.catalogue import JOBS, SERVICES, WITH_STREAMS, build_of, effects_of
from services.kit.blobs import open_blobs
from services.kit.bus.addresses import without_password
from services.kit.bus.connection import Bus
from services.kit.bus.embedded import BrokerFailed, EmbeddedBroker
from services.kit.bus.errors import BrokerAway
from services.kit.bus.rights import MIGRATION
from services.kit.jobs.worker import Worker
from services.kit.observability.logs import configure
from services.kit.observability.tracing import tracing_of
from services.kit.operations.stream_keeper import UNANSWERED, declare_within
from services.kit.runtime import libraries
from services.kit.runtime.admission import NotAdmitted, admit
from services.kit.runtime.heartbeat import beat
from services.kit.runtime.kit import Kit
from services.kit.runtime.run import migrate_service, run_service, run_stream_keeper
from services.kit.runtime.supervise import Supervisor, asked_to_stop
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings
from services.kit.store.opening import AlreadyRunning

WITNESS = "audit"
MIGRATION_SECONDS = 30.0
"""For the broker to come, and to make what is missing."""
IN_HAND_SECONDS = 1.5
TICK_SECONDS = 1.0
log = structlog.get_logger(__name__)


class Server(uvicorn.Server):
    """Signals are the supervisor's: uvicorn only serves, and ticks once a second (the Date of its answers) instead of
    ten times.
    """

    def __init__(self, config: uvicorn.Config, each_tick: Callable[[], None]) -> None:
        super().__init__(config)
        self._each_tick = each_tick
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Takes no new request; returns at once."""
        self.should_exit = True
        self._leaving.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            self._each_tick()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._leaving.wait()

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # noqa: ANN201 - uvicorn's own signature
        yield


async def migrate(settings: Settings, *, bus: Bus | None = None) -> None:
    """Makes every table and stream that is missing. Harmless when repeated; waits for the broker."""
    owned = bus is None
    bus = bus or await Bus.connect(settings.broker_url, service=MIGRATION, patience=MIGRATION_SECONDS)
    try:
        for service in SERVICES:
            await asyncio.to_thread(migrate_service, settings, build_of(service), service, bus)
        await admit(settings, bus, SERVICES, WITH_STREAMS)
        try:
            await declare_within(bus, WITH_STREAMS, JOBS, seconds=MIGRATION_SECONDS)
        except UNANSWERED as failed:
            raise BrokerAway(without_password(settings.broker_url), MIGRATION_SECONDS, str(failed)) from failed
    finally:
        if owned:
            await bus.close()


@asynccontextmanager
async def broker(settings: Settings) -> AsyncIterator[Settings]:
    """The embedded broker where none is configured; the settings that name it."""
    if not settings.embedded_broker:
        yield settings
        return
    embedded = EmbeddedBroker(settings.data_dir, settings.nats_port)
    await embedded.start()
    keeping = asyncio.create_task(embedded.run())
    try:
        yield settings.model_copy(update={"nats_url": embedded.url})
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
        await embedded.stop()


@asynccontextmanager
async def stream_keeper(settings: Settings) -> AsyncIterator[None]:
    """Keeps all streams until left."""
    bus = await Bus.connect(settings.broker_url, service=MIGRATION, patience=30)
    async with run_stream_keeper(bus, WITH_STREAMS, JOBS):
        yield


@asynccontextmanager
async def services(settings: Settings, names: Sequence[str]) -> AsyncIterator[dict[str, Kit]]:
    """Runs services in this process; the last one started stops first.

    The audit comes first: it tells the others how far their history goes before they write.
    """
    async with AsyncExitStack() as stack:
        kits = {}
        for name in sorted(names, key=lambda each: each != WITNESS):
            tracing = tracing_of(settings, name)
            bus = await Bus.connect(settings.broker_url, service=name, patience=30, tracing=tracing)
            kits[name] = await stack.enter_async_context(run_service(settings, build_of(name), name, bus))
        yield kits


@asynccontextmanager
async def worker(settings: Settings, service: str, queues: Sequence[str]) -> AsyncIterator[Worker]:
    """Works on these queues of a service until left, over a connection of its own."""
    tracing = tracing_of(settings, f"worker-{service}")
    bus = await Bus.connect(settings.broker_url, service=f"worker-{service}", patience=30, tracing=tracing)
    async with effects_of(service, settings) as effects:
        working = Worker(bus, service, {queue: effects[queue] for queue in queues})
        supervisor = Supervisor()
        supervisor.add("work", working.run)
        supervisor.add("heartbeat", partial(beat, f"worker-{service}"))
        try:
            yield working
        finally:
            await supervisor.stop()
            await bus.close()
            await asyncio.to_thread(tracing.close)


@asynccontextmanager
async def workers(settings: Settings) -> AsyncIterator[None]:
    """Those of all queues, in this process."""
    async with AsyncExitStack() as stack:
        for service, queues in JOBS.items():
            await stack.enter_async_context(worker(settings, service, list(queues)))
        yield


@asynccontextmanager
async def gateway(settings: Settings, **more: Any) -> AsyncIterator[uvicorn.Server]:
    """Serves HTTP until left. ``more``: for the application, as it is built."""
    from gateway.app import build_app
    from gateway.edge.connections import Connections, limits_here
    from gateway.edge.protocol import Bounded

    bus = await Bus.connect(
        settings.broker_url, service="gateway", patience=30, tracing=tracing_of(settings, "gateway")
    )
    keys = open_keys(settings)
    connections = Connections(limits_here(), settings.proxies)
    keyring, blobs = load_keyring(settings), open_blobs(settings, keys)
    app = build_app(settings, bus, blobs, keyring, keys, connections=connections, **more)
    config = uvicorn.Config(
        app, host=settings.http_host, port=settings.http_port, loop="none", log_config=None, access_log=False,
        timeout_graceful_shutdown=3, server_header=False, ws="none", http=partial(Bounded, connections=connections),  # type: ignore[arg-type] # it is called
        proxy_headers=bool(settings.proxies), forwarded_allow_ips=settings.proxies,
    )  # fmt: skip
    server = Server(config, connections.sweep)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if serving.done():
                raise SystemExit(f"cannot serve on {settings.http_host}:{settings.http_port}: is the port taken?")
            await asyncio.sleep(0.01)
        beating = asyncio.create_task(beat("gateway"))
        yield server
        beating.cancel()
    finally:
        server.leave()
        await asyncio.wait([serving], timeout=IN_HAND_SECONDS)  # answers come over the bus; open boards end with it
        await bus.close()
        await asyncio.wait([serving], timeout=5)
        await app.state.strangers.receipts.close()
        await app.state.strangers.uploads.close()
        await app.state.papers.close()
        await asyncio.to_thread(bus.tracing.close)
        keys.dispose()


def start(main: Coroutine[Any, Any, None], settings: Settings) -> None:
    """Runs a coroutine on uvloop with the process's logging."""
    import uvloop

    configure(settings)
    libraries.look(public_ways=settings.public_ways)
    # Events make many objects and few cycles: looking for them at every 700 objects took a tenth of the time.
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(0.001)  # a writer whose database has answered waits no 5 ms for the event loop's turn to end
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop().set_exception_handler(_unhandled)
        try:
            runner.run(main)
        except AlreadyRunning as twice:
            raise SystemExit(f"Layanan ini sudah berjalan pada folder data {settings.data_dir}: {twice}") from None
        except NotAdmitted as other:
            raise SystemExit(str(other)) from None
        except BrokerAway as away:
            raise SystemExit(_away(away)) from None
        except BrokerFailed as failed:
            raise SystemExit(f"Bus bawaan tidak dapat dijalankan: {failed}") from None


def _away(bus: BrokerAway) -> str:
    if bus.refused:
        return f"Server NATS {bus.where} menolak nama pengguna atau kata sandinya. Periksa CARAKA_NATS_URL."
    return f"Server NATS {bus.where} tidak menjawab. Periksa CARAKA_NATS_URL, dan apakah server itu berjalan."


def _unhandled(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Asyncio would write down what its callbacks were called with."""
    error = context.get("exception")
    log.error("loop.unhandled", about=sorted(context.keys() - {"message", "exception"}), exc_info=error)


async def until_asked() -> None:
    with asked_to_stop() as asked:
        gc.freeze()  # what was made for the start stays: it need not be looked through
        await asked.wait()


def say(text: str) -> None:
    """For the person at the terminal (logs go to stderr)."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
