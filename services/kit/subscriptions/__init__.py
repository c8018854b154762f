"""Following another service's stream in order: subscribers, reactors, dead letters."""

from services.kit.subscriptions.subscriber import ForeignEpoch, Subscriber

__all__ = ["ForeignEpoch", "Subscriber"]
