"""The services that there are, and how each is built. A new service is a row here."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from services.kit.service import Service

SERVICES = ("organisation", "intake", "approval", "dispatch", "projections", "audit")


def build_of(service: str) -> Callable[..., Service]:
    """The service's `wiring.build`, imported only where it runs. ValueError for an unknown name."""
    if service not in SERVICES:
        raise ValueError(f"unknown service {service!r}; there are {', '.join(SERVICES)}")
    wiring: Any = import_module(f"services.{service}.wiring")
    build: Callable[..., Service] = wiring.build
    return build
