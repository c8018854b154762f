"""Every route of the application, as the framework has them: what a test walks so that none is forgotten."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import FastAPI
from faststream.nats import NatsBroker

from gateway.app import build_app
from services.kit.blobs import open_blobs
from services.kit.bus.connection import Bus
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings


class Found(NamedTuple):
    """``path`` still has its places in braces."""

    method: str
    path: str
    name: str
    endpoint: Any


def routes_of(app: Any) -> Iterator[Found]:
    yield from _within(app.routes, "")


def routes(home: Path) -> Iterator[Found]:
    """Of an application that is connected to nothing."""
    yield from routes_of(unconnected(home))


def unconnected(home: Path) -> FastAPI:
    settings = Settings(data_dir=home)
    keys = open_keys(settings)
    blobs = open_blobs(settings, keys)
    return build_app(settings, Bus(NatsBroker(), "none"), blobs, load_keyring(settings), keys)


def _within(found: Any, prefix: str) -> Iterator[Found]:
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            context = getattr(route, "include_context", None)
            yield from _within(inner.routes, prefix + getattr(context, "prefix", ""))
            continue
        for method in sorted(getattr(route, "methods", None) or {"GET"}):
            if method not in {"HEAD", "OPTIONS"}:
                yield Found(method, prefix + route.path, route.name, getattr(route, "endpoint", None))
