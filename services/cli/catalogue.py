"""The services that there are, and how each is built. A new service is a row here.

The rights on the bus follow from the rows: ``python -m services.cli.bus_users`` writes them for the stack.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import Any

from contracts.organisation import ContactOf, Keepers
from services.kit.bus.rights import Part
from services.kit.deciding import StreamKind
from services.kit.jobs import Effect
from services.kit.service import QueueTerms, Service
from services.kit.settings import Settings

EffectsOf = AbstractAsyncContextManager[Mapping[str, Effect]]

_ROAD = (
    Part("organisation", states=True, requests=True, follows=("account_provisioning", "complaint")),
    Part("intake", states=True, follows=("organisation", "dispatch")),
    Part("approval", states=True, follows=("intake",)),
    Part("dispatch", states=True, follows=("intake", "approval")),
)
_STATING = (
    *_ROAD,
    Part(
        "account_provisioning",
        states=True,
        requests=True,
        follows=("organisation", "notifications"),
        queues=dict.fromkeys(("embedded", "ldap", "passwd-file"), QueueTerms(ack_wait=60.0, max_deliver=5)),
    ),
    Part("complaint", states=True, follows=("organisation", "intake")),
    Part(
        "notifications",
        states=True,
        requests=True,
        follows=(*(part.service for part in _ROAD), "account_provisioning", "complaint"),
        asks=(ContactOf, Keepers),
        watches=True,
        queues=dict.fromkeys(("email", "webhook"), QueueTerms(ack_wait=60.0, max_deliver=3)),
    ),
)
WITH_STREAMS = tuple(part.service for part in _STATING)
PARTS = (
    *_STATING,
    Part("projections", follows=WITH_STREAMS, tells_boards=True),
    Part("audit", follows=WITH_STREAMS, keeps_histories=True),
)
SERVICES = tuple(part.service for part in PARTS)
JOBS = {part.service: part.queues for part in PARTS if part.queues}


def build_of(service: str) -> Callable[..., Service]:
    """The service's `wiring.build`, imported only where it runs. ValueError for an unknown name."""
    if service not in SERVICES:
        raise ValueError(f"unknown service {service!r}; there are {', '.join(SERVICES)}")
    wiring: Any = import_module(f"services.{service}.wiring")
    build: Callable[..., Service] = wiring.build
    return build


def effects_of(service: str, settings: Settings) -> EffectsOf:
    """Queue → what its workers do: the service's `wiring.effects`; it needs neither store nor writer."""
    wiring: Any = import_module(f"services.{service}.wiring")
    effects: EffectsOf = wiring.effects(settings)
    return effects


def streams_of(service: str) -> Mapping[str, StreamKind]:
    """The kinds of its streams: the service's `handlers.STREAMS`."""
    handlers: Any = import_module(f"services.{service}.handlers")
    streams: Mapping[str, StreamKind] = handlers.STREAMS
    return streams
