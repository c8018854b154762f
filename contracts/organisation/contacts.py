"""How the agency's own people are reached: stated by them or the administrator, sealed under a key of their own.

What was stated is used once its owner has said the code that was sent there. The code follows from the command that
asked for it and stands nowhere; what is kept and compared is its mac.
"""

from typing import Literal

from pydantic import AwareDatetime, Field

from contracts.base import NOBODY, Command, Event, Officer, Query, Reader, Sealed, Shape, Slug
from contracts.notices import Language

ContactWay = Literal["email", "phone"]
Mac = str
"""64 hex digits."""


class StateContact(Command):
    """Both empty: he is reached by nothing but the pages. The service writes them in their common form.

    A telephone number as people write it (``0812 …``, ``+62 …``). ``unchanged``, ``code_macs`` (by way): the service's
    own.
    """

    person_id: Slug
    email: str = Field(default="", max_length=254, pattern=r"^[^\x00-\x20\x7f]*$")
    phone: str = Field(default="", max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")
    language: Language = "id"
    unchanged: tuple[ContactWay, ...] = ()
    code_macs: dict[Slug, Mac] = Field(default_factory=dict)


class AskContactCode(Command):
    """Another code, there; the one before it is good no more. ``code_macs``: the service's own."""

    person_id: Slug
    way: ContactWay
    code_macs: dict[Slug, Mac] = Field(default_factory=dict)


class VerifyContact(Command):
    """By the person himself: the code that came. Accepted also where it is wrong; the result says ``verified``, and how
    many tries are ``left``. ``code_mac``: the service's own, and the code goes no further.
    """

    person_id: Slug
    way: ContactWay
    code: str = Field(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")
    code_mac: Mac = ""


class ContactStated(Event):
    """The fields are of class *contact*; whoever erases the person erases them. ``subject_id``: of their key.

    ``to_verify``: the ways by which nothing goes until `ContactVerified`. Facts from before there were codes have none.
    """

    person_id: Slug
    subject_id: str
    email: Sealed
    phone: Sealed
    language: Language = "id"
    by: Officer | None = None
    to_verify: tuple[ContactWay, ...] = ()


class ContactCodeIssued(Event):
    """It is sent to what was stated last, and made anew from this fact's command."""

    person_id: Slug
    way: ContactWay
    code_mac: Mac
    at: AwareDatetime
    ends_at: AwareDatetime


class ContactCodeFailed(Event):
    """Somebody said another code; with none ``left`` it is good no more."""

    person_id: Slug
    way: ContactWay
    left: int


class ContactVerified(Event):
    person_id: Slug
    way: ContactWay
    at: AwareDatetime


class ContactOf(Query):
    """Who is to be told now, and how he is reached: who acts for the position today, or this person.

    ``not_for``: who may not act himself, so that whoever stands in for him there is asked for. ``unverified``: for a
    code alone, also by what nobody has verified yet.

    Asked by notifications alone, when a notice leaves; the answer is kept nowhere.
    """

    position: Slug | None = None
    person_id: Slug | None = None
    not_for: Slug | None = None
    unverified: bool = False


class ContactOfAnswer(Shape):
    """``person_id`` is None where nobody acts. ``reader``: as whom he would ask, so that nobody is told of what is shut
    to him. ``title``: as he acts (Plt., Plh.); an erased field is "", and so is one
    that is still ``to_verify``.
    """

    person_id: str | None = None
    name: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""
    language: Language = "id"
    to_verify: tuple[ContactWay, ...] = ()
    reader: Reader = Field(default_factory=lambda: NOBODY)


class OwnContact(Query):
    """What a person has stated of himself, shown to him alone."""

    person_id: Slug


class OwnContactAnswer(Shape):
    """``to_verify``: the ways that are not used yet; ``codes``: until when the code of one of them is good."""

    email: str = ""
    phone: str = ""
    language: Language = "id"
    to_verify: tuple[ContactWay, ...] = ()
    codes: dict[ContactWay, AwareDatetime] = Field(default_factory=dict)


class Keepers(Query):
    """Every agency, and who keeps its machine. Asked by notifications alone: troubles are the machine's."""


class KeepersRow(Shape):
    agency: str
    people: tuple[Slug, ...] = ()


class KeepersAnswer(Shape):
    agencies: tuple[KeepersRow, ...] = ()


COMMANDS: tuple[type[Command], ...] = (StateContact, AskContactCode, VerifyContact)
EVENTS: tuple[type[Event], ...] = (ContactStated, ContactCodeIssued, ContactCodeFailed, ContactVerified)
QUERIES: tuple[type[Query], ...] = (ContactOf, OwnContact, Keepers)
