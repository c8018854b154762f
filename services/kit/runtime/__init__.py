"""Running one service: its parts, leases, supervision, timers."""

from services.kit.runtime.kit import Kit

__all__ = ["Kit"]
