"""How the agency's own people are reached: stated by them or the administrator, sealed under a key of their own."""

from pydantic import Field

from contracts.base import Command, Event, Officer, Query, Sealed, Shape, Slug
from contracts.notices import Language


class StateContact(Command):
    """Both empty: he is reached by nothing but the pages. The service writes them in their common form.

    A telephone number as people write it (``0812 …``, ``+62 …``).
    """

    person_id: Slug
    email: str = Field(default="", max_length=254, pattern=r"^[^\x00-\x20\x7f]*$")
    phone: str = Field(default="", max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")
    language: Language = "id"


class ContactStated(Event):
    """The fields are of class *contact*; whoever erases the person erases them. ``subject_id``: of their key."""

    person_id: Slug
    subject_id: str
    email: Sealed
    phone: Sealed
    language: Language = "id"
    by: Officer | None = None


class ContactOf(Query):
    """Who is to be told now, and how he is reached: who acts for the position today, or this person.

    ``not_for``: who may not act himself, so that whoever stands in for him there is asked for.

    Asked by notifications alone, when a notice leaves; the answer is kept nowhere.
    """

    position: Slug | None = None
    person_id: Slug | None = None
    not_for: Slug | None = None


class ContactOfAnswer(Shape):
    """``person_id`` is None where nobody acts. ``title``: as he acts (Plt., Plh.); an erased field is ""."""

    person_id: str | None = None
    name: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""
    language: Language = "id"


class Keepers(Query):
    """Every agency, and who keeps its machine. Asked by notifications alone: troubles are the machine's."""


class KeepersRow(Shape):
    agency: str
    people: tuple[Slug, ...] = ()


class KeepersAnswer(Shape):
    agencies: tuple[KeepersRow, ...] = ()


COMMANDS: tuple[type[Command], ...] = (StateContact,)
EVENTS: tuple[type[Event], ...] = (ContactStated,)
QUERIES: tuple[type[Query], ...] = (ContactOf, Keepers)
