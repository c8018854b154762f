"""``caraka streams`` and ``caraka refeed``: who keeps the streams of the bus, and who has one made anew."""

import asyncio
import sys
from typing import Annotated

import typer

from services.cli.console import settings_or_exit


def streams() -> None:
    """Keeps the streams of the bus: makes what is missing, and one anew when its service asks (part of `up`).

    Example: CARAKA_NATS_URL=nats://migrate:…@nats:4222 caraka streams
    """
    from services.cli import running
    from services.kit.runtime.supervise import asked_to_stop

    settings = settings_or_exit()

    async def main() -> None:
        with asked_to_stop() as asked:
            async with running.stream_keeper(settings):
                running.say("ready: streams")
                await asked.wait()

    running.start(main(), settings)


def refeed(service: Annotated[str, typer.Argument(help="organisation, intake, approval or dispatch")]) -> None:
    """Deletes a wrong stream of the bus; the service feeds it again from its store. Nothing is lost.

    Example: caraka refeed intake
    """
    from services.cli.catalogue import WITH_STREAMS
    from services.cli.parking import refeed as feed_again

    if service not in WITH_STREAMS:
        sys.stderr.write(f"Layanan tanpa stream: {service}. Yang punya: {', '.join(WITH_STREAMS)}\n")
        raise typer.Exit(2)
    sys.stdout.write(asyncio.run(feed_again(settings_or_exit(), service)) + "\n")
