"""A program beside the services that hears of facts: reads one stream from its beginning, each fact once, in order.

It has a bus user that may read this stream and nothing else, whose inbox prefix is `_INBOX_<user>`, and leaves nothing
on the broker: where it is stands in a file of its own.

    NATS_URL=nats://papan:…@nats:4222 NATS_USER=papan STREAM=EVT_INTAKE AGENCY=pekalongan FOLDER=. python subscriber.py

What it does with a fact here is a line in `heard`; put your own in its place. Killed in between, it may do that once
more: the fact's `id` tells.
"""

import asyncio
import json
import os
from pathlib import Path

import nats
from nats.js.errors import NotFoundError

STREAM, AGENCY = os.environ["STREAM"], os.environ["AGENCY"]
FOLDER = Path(os.environ["FOLDER"])
HEARD, PLACE = FOLDER / "heard", FOLDER / "place"
IDLE_SECONDS = 0.5


def hear(fact: dict) -> None:
    """`fact`: a CloudEvent. Personal fields are sealed and stay so."""
    with HEARD.open("a", encoding="utf-8") as lines:
        lines.write(f"{fact['id']} {fact['type']} {fact['time']}\n")


def remember(sequence: int) -> None:
    """Whole or not at all, whatever dies."""
    beside = PLACE.with_suffix(".new")
    beside.write_text(str(sequence))
    beside.rename(PLACE)


async def main() -> None:
    bus = await nats.connect(
        os.environ["NATS_URL"], inbox_prefix=f"_INBOX_{os.environ['NATS_USER']}".encode(), max_reconnect_attempts=-1
    )
    stream = bus.jetstream()
    done = int(PLACE.read_text()) if PLACE.exists() else 0
    while True:
        try:
            found = await stream.get_msg(STREAM, seq=done + 1, subject=f"evt.{AGENCY}.>", next=True)
        except (NotFoundError, nats.errors.Error, TimeoutError):
            await asyncio.sleep(IDLE_SECONDS)  # nothing new, or the broker is away
            continue
        hear(json.loads(found.data))
        done = found.seq
        remember(done)


asyncio.run(main())
