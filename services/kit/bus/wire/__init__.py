"""How messages come and go over one connection: directly where nats-py is as we know it, else by its public way."""

from nats.aio.client import Client

from services.kit.bus.wire.arrival import Arrival, Callback, Dispatch, Publication
from services.kit.bus.wire.feed import NATS, DirectDispatch
from services.kit.bus.wire.public import PublicDispatch

__all__ = ["NATS", "Arrival", "Callback", "Dispatch", "Publication", "dispatch_over"]


def dispatch_over(client: Client) -> Dispatch:
    """Once for each connection."""
    return DirectDispatch(client) if NATS.is_open else PublicDispatch(client)
