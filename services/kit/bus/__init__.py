"""The bus: one connection of one service; who asks, who answers, what open boards hear. The only home of NATS."""

from services.kit.bus.connection import Bus, BusError, BusTimeout, NoResponder, QueryRefused, RemoteFault

__all__ = ["Bus", "BusError", "BusTimeout", "NoResponder", "QueryRefused", "RemoteFault"]
