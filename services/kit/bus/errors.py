"""Why a question over the bus got no answer."""

from contracts.base import Refusal


class BusError(Exception):
    """The question got no answer; the subclass says why."""


class NoResponder(BusError):
    """Nobody serves this subject, or the bus is away; known at once, nothing was executed."""


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
