"""Who is plugged into whom."""

from services.dispatch.handlers import COMMANDS, STREAMS
from services.dispatch.reactions import REACTIONS
from services.kit.runtime import Kit
from services.kit.service import Service
from services.kit.settings import Settings


def build(settings: Settings, kit: Kit) -> Service:  # noqa: ARG001 - every service is built the same way
    return Service(name="dispatch", commands=COMMANDS, streams=STREAMS, reactions=REACTIONS)
