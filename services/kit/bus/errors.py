"""Why a question over the bus got no answer."""

from contracts.base import Refusal


class BusError(Exception):
    """The question got no answer; the subclass says why."""


class NoResponder(BusError):
    """Nobody serves this subject, or the bus is away; known at once, nothing was executed."""


class BrokerAway(NoResponder):
    """No connection to the broker. ``where``: its address without a password; ``said``: why, as the broker has it."""

    def __init__(self, where: str, patience: float, said: str) -> None:
        super().__init__(f"no broker at {where} within {patience:g} s")
        self.where, self.said = where, said

    @property
    def refused(self) -> bool:
        """It answered, and does not know who asks."""
        return "authorization" in self.said.lower()


class BusTimeout(BusError):
    """No answer in time; the command may have been executed: repeat with the same command id."""


class RemoteFault(BusError):
    """The other side failed. ``code``: ``unavailable`` (its store is away), ``bug``, ``reply-``/``ask-too-large``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class QueryRefused(BusError):
    """The other side understood the question and will not answer it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
