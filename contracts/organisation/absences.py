"""When people are away: on these days their positions pass to their substitutes."""

from contracts.base import Command, Event, Line, Officer, Slug


class EnterAbsence(Command):
    """A person is away; on these days his positions pass to their substitutes. A secretary may enter it."""

    person_id: Slug
    from_on: str
    until_on: str
    reason: Line


class WithdrawAbsence(Command):
    person_id: Slug
    from_on: str


class AbsenceEntered(Event):
    person_id: Slug
    from_on: str
    until_on: str
    reason: str
    by: Officer | None = None


class AbsenceWithdrawn(Event):
    person_id: Slug
    from_on: str
    by: Officer | None = None
