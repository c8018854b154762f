"""The copies of a letter: phases (`state`), how plan and release meet, what is carried and proven, what follows."""

from services.dispatch.domain.decide import decide
from services.dispatch.domain.evolve import evolve
from services.dispatch.domain.lateness import timers
from services.dispatch.domain.state import Unplanned, stream

__all__ = ["Unplanned", "decide", "evolve", "stream", "timers"]
