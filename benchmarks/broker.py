"""An embedded broker as a process of its own, on the settings of the environment: for layouts of several processes."""

import sys

from services.cli import running
from services.kit.runtime.supervise import asked_to_stop
from services.kit.settings import Settings


async def main() -> None:
    settings = Settings(nats_url=None)
    with asked_to_stop() as asked:
        async with running.broker(settings.model_copy(update={"nats_url": None})) as here:
            await running.migrate(here)
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await asked.wait()


if __name__ == "__main__":
    running.start(main(), Settings())
