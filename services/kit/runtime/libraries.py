"""All doors to libraries, looked at when a process starts (`services.kit.door`)."""

from importlib.metadata import version

import structlog

from services.kit.bus.wire import NATS
from services.kit.codec.slots import PYDANTIC
from services.kit.database.pipeline import PSYCOPG
from services.kit.door import Door

DOORS: tuple[Door, ...] = (NATS, PSYCOPG, PYDANTIC)

log = structlog.get_logger()


def look(*, public_ways: bool) -> None:
    """A warning for each door that is shut, and why. ``public_ways``: all are to be shut, for a trial."""
    for door in DOORS:
        if public_ways:
            door.shut("the settings want the public ways")
        if not door.is_open:
            log.warning("library.public-way", library=door.library, version=version(door.library), reason=door.why_shut)
