"""Who is who at this moment, which standards and calendars hold: folded from the own log, kept in memory, never stored.

Names stay sealed here and are opened for an answer, so that an erased key erases them at once.
"""

from services.organisation.views.register import LogRegister

__all__ = ["LogRegister"]
