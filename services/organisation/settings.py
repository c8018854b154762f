"""How long sessions last and how hard passwords are to guess."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class AccessLimits:
    """Sessions: 30 minutes idle, 8 hours in all.

    After ``free_attempts`` failures each further one doubles the wait: on a known device up to ``longest_wait``, during
    which it is refused; for strangers the pause between two checks, up to ``longest_pause``, and they wait in line for
    ``patience`` at most, ``in_line`` of them in all.

    A first password opens nothing but the choice of an own one, and that for ``ticket_life``.
    """

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=8)
    slide_after: timedelta = timedelta(minutes=1)
    token_life: timedelta = timedelta(days=365)
    first_password_life: timedelta = timedelta(days=3)
    ticket_life: timedelta = timedelta(minutes=15)
    free_attempts: int = 5
    first_wait: timedelta = timedelta(seconds=2)
    longest_wait: timedelta = timedelta(minutes=15)
    longest_pause: timedelta = timedelta(seconds=4)
    patience: timedelta = timedelta(seconds=12)
    in_line: int = 24
    forget_failures_after: timedelta = timedelta(hours=24)
    checks_at_once: int = 2
    checks_waiting: int = 64
    shortest_password: int = 12
    longest_password: int = 400
