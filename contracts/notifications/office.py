"""What an agency says of notices and of its working time, as this service keeps it. Stream ``office:agency``."""

from typing import Any

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Line, Query, Shape, Slug
from contracts.notices import NoticeRules
from contracts.notifications.attempts import Doer
from contracts.words import ClosedDay, Season


class AdoptOffice(Command):
    """Reaction to `AgencyDescribed`."""

    zone: Line
    hours: tuple[dict[str, Any], ...] = ()
    closed: tuple[ClosedDay, ...] = ()
    rules: NoticeRules = Field(default_factory=NoticeRules)


class AdoptCalendar(Command):
    """Reaction to a confirmed decree, or to the agency's own closed day."""

    year: int
    revision: int
    closed: tuple[ClosedDay, ...]


class AdoptSeasons(Command):
    """Reaction to a season that was confirmed or withdrawn."""

    revision: int
    seasons: tuple[Season, ...]


class PublishRoutes(Command):
    """An officer's routes, templates and seats, whole; they hold until he publishes others, or the agency's files say
    others than they did. ``label``: what for.
    """

    rules: NoticeRules
    label: Line


class RoutesPublished(Event):
    """``number`` counts on from those of `OfficeAdopted`."""

    number: int
    rules: NoticeRules
    label: str
    at: AwareDatetime
    by: Doer


class OfficeAdopted(Event):
    """``number`` counts them; notices are planned by the newest. ``adds``: the files say what they said and more: what
    an officer has published holds, and what is new beside it.
    """

    number: int
    zone: str
    hours: tuple[dict[str, Any], ...] = ()
    closed: tuple[ClosedDay, ...] = ()
    rules: NoticeRules
    adds: bool = False


class CalendarAdopted(Event):
    year: int
    revision: int
    closed: tuple[ClosedDay, ...]


class SeasonsAdopted(Event):
    revision: int
    seasons: tuple[Season, ...]


class Routes(Query):
    """The routes in force."""


class RoutesAnswer(Shape):
    """``label``, ``at``, ``by``: of an officer's; empty: they are the files'."""

    number: int = 0
    rules: NoticeRules = Field(default_factory=NoticeRules)
    label: str = ""
    at: AwareDatetime | None = None
    by: str = ""


class RoutesPreview(Query):
    """Who would have been told last month by these. Changes nothing."""

    rules: NoticeRules


class RulesFault(Shape):
    place: str
    reason: Slug


class RouteForeseen(Shape):
    """``facts``: of this kind in that time. ``told_now``, ``told_then``: notices by the routes in force, and by these;
    ``whom_then``: the most frequent. ``channels_…`` None: no such route.
    """

    kind: str
    audience: str
    facts: int
    told_now: int
    told_then: int
    whom_then: tuple[str, ...] = ()
    changed: bool = False
    channels_now: tuple[str, ...] | None = None
    channels_then: tuple[str, ...] | None = None


class RoutesPreviewAnswer(Shape):
    """``number``: of what would be published."""

    number: int
    days: int
    facts: int = 0
    mistakes: tuple[RulesFault, ...] = ()
    routes: tuple[RouteForeseen, ...] = ()
    words_changed: tuple[str, ...] = ()


COMMANDS: tuple[type[Command], ...] = (AdoptOffice, AdoptCalendar, AdoptSeasons, PublishRoutes)
EVENTS: tuple[type[Event], ...] = (OfficeAdopted, CalendarAdopted, SeasonsAdopted, RoutesPublished)
ANSWERS: dict[type[Query], type[Shape]] = {Routes: RoutesAnswer, RoutesPreview: RoutesPreviewAnswer}
