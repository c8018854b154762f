"""What every message of Caraka is made of: kinds, envelopes, sealed fields, outcomes, and the registry of kinds.

A *kind* is the stored and wired name of a shape: ``<service>.<ClassName>.v<N>``, never a Python path. Version 1 grows
by optional fields only; a breaking change is a new class with ``version = N + 1`` and an upcast in `contracts.upcasts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, NamedTuple
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    model_serializer,
)

Agency = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,32}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
ServiceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
"""As its package is called: with underscores."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True, pattern=r"^[^\x00]*$")]
Text = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")]
FIRST_YEAR, LAST_YEAR = 1970, 2199


def _in_reach(value: datetime) -> datetime:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    return value


Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]
"""An aware moment that somebody states: years that no calendar of ours can reach are refused."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Shape(BaseModel):
    """An immutable value that has no identity of its own."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Message(BaseModel):
    """Something that has a kind: a command, an event, a query or a request."""

    model_config = ConfigDict(frozen=True)
    version: ClassVar[int] = 1

    @classmethod
    @cache
    def service(cls) -> str:
        """The module that defines the class is the service it belongs to; in `contracts` it may be a package."""
        home, *inner = cls.__module__.split(".")
        return inner[0] if home == "contracts" and inner else cls.__module__.rpartition(".")[2]

    @classmethod
    @cache
    def kind(cls) -> str:
        return f"{cls.service()}.{cls.__name__}.v{cls.version}"

    @classmethod
    @cache
    def kebab(cls) -> str:
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()


class Command(Message):
    """A wish to change something, in office words; unknown fields are refused.

    ``filled``: fields that the edge looks up by itself. They are no part of what was asked: the same request again is
    the same command, whatever the edge finds then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    filled: ClassVar[frozenset[str]] = frozenset()


class Event(Message):
    """A fact that has happened; unknown fields are ignored, so that older readers live with newer writers.

    ``case``: the field that names the case which it is a fact of, for example ``letter_id``; empty: of none.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    case: ClassVar[str] = ""


class Query(Message):
    """A question; it changes nothing. ``after`` makes the answer cover an own write (`Accepted.after`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    after: str | None = None


class ServiceRequest(Message):
    """Has its service do something at once that is no decision on a case (open a session, hand over a secret once).

    It is neither repeated unasked nor remembered: whoever hears no answer does not know whether it was done.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class Erased(str):
    """What a sealed field reads as once its key has been destroyed; every view can show it."""

    __slots__ = ()


ERASED = Erased("\u2420erased")
SealClass = Literal["archive", "applicant", "reporter", "contact"]


class Sealed(Shape):
    """A field that is encrypted at rest: AES-256-GCM, AAD = event id + field path.

    ``class`` says who owns the key: *archive* the agency (kept as long as the archive law says), *applicant*,
    *reporter* and *contact* (how to reach him) one person: destroying his keys erases his fields everywhere. In memory
    a new value carries its plain text (`Sealed.of`); the writer seals it, and no serialisation ever contains the plain
    text. An empty text is stored without key, nonce and ciphertext, all three: there is nothing to hide that its length
    would not tell.
    """

    seal_class: SealClass = Field(alias="class")
    subject_id: str
    key_id: str = ""
    nonce: str = ""
    ciphertext: str = ""
    _plain: str | None = PrivateAttr(default=None)
    _place: str | None = PrivateAttr(default=None)

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore")

    @classmethod
    def of(cls, plain: str, seal_class: SealClass = "archive", subject_id: str = "agency") -> Sealed:
        """A new value, not sealed yet."""
        if not plain and seal_class == "archive" and subject_id == "agency":
            return EMPTY
        made = cls(seal_class=seal_class, subject_id=subject_id)
        made._plain = plain
        return made

    @property
    def plain(self) -> str:
        """The text of a value that is not sealed yet; empty: it says nothing, or it is sealed."""
        return self._plain or ""

    @property
    def place(self) -> str:
        """``<event id>/<field path>`` where it was decoded; empty: it was not, or nothing is sealed in it."""
        return self._place or ""

    def put_at(self, place: str) -> None:
        """For who decodes it: the place that it was sealed for."""
        self._place = place

    @model_serializer(mode="plain")
    def _closed(self) -> dict[str, str]:
        return {
            "class": self.seal_class,
            "subject_id": self.subject_id,
            "key_id": self.key_id,
            "nonce": self.nonce,
            "ciphertext": self.ciphertext,
        }


EMPTY = Sealed.model_validate({"class": "archive", "subject_id": "agency"})
"""An agency's field that says nothing: half of a letter's sealed fields, one for all of them, read or new."""


class Holding(Shape):
    """A position that a person holds now: ``capacity`` is ``holder``, ``plt`` (vacant) or ``plh`` (absent)."""

    position: Slug
    title: Line
    capacity: Literal["holder", "plt", "plh"] = "holder"
    role: Slug


class StandIn(Shape):
    """A position that a person would act for, if ``instead_of``, who acts there now, were barred from a case.

    ``why``: he is the position's ``substitute``, or there is none and it goes ``upward`` to his own.
    """

    position: Slug
    title: Line
    role: Slug
    instead_of: Slug
    why: Literal["substitute", "upward"] = "substitute"


class Actor(Shape):
    """Who asks. Set by the gateway from the session or token, by a service for its own reactions, never by a client."""

    id: Slug
    name: str = ""
    nip: str = ""
    roles: tuple[Slug, ...] = ()
    holdings: tuple[Holding, ...] = ()
    qualifications: tuple[Slug, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()

    def holding(self, position: str) -> Holding | None:
        return next((held for held in self.holdings if held.position == position), None)


class Reader(Shape):
    """Who asks: set by the gateway from the session or token, never by a client. By default nobody, who sees nothing.

    ``stand_ins``: (position, person): he stands in there for what that person may not decide himself.
    ``substitute_of``: persons whose named substitute he is. ``subject_id``: under which he himself applies for
    something, a keyed hash of his NIP; empty: nobody has looked.
    """

    person_id: str = ""
    positions: tuple[Slug, ...] = ()
    roles: tuple[Slug, ...] = ()
    stand_ins: tuple[tuple[Slug, Slug], ...] = ()
    substitute_of: tuple[Slug, ...] = ()
    subject_id: str = ""

    def tokens(self) -> tuple[str, ...]:
        """Every name by which a case may let him in, or bar him."""
        person = (f"person:{self.person_id}",) if self.person_id else ()
        return (
            *person,
            *(f"position:{each}" for each in self.positions),
            *(f"role:{each}" for each in self.roles),
            *(f"stand-in:{position}:{of}" for position, of in self.stand_ins),
            *(f"substitute-of:{person}" for person in self.substitute_of),
        )


NOBODY = Reader()


class ReaderQuery(Query):
    """A question about cases: the answer holds what its ``reader`` may see, and counts no more than that."""

    reader: Reader = Field(default_factory=lambda: NOBODY)


class Officer(Shape):
    """Who decided, as an event keeps it: the holder at that moment, with the capacity in which he acted."""

    person_id: Slug
    name: Sealed
    nip: Sealed
    position: Slug | None = None
    title: str = ""
    capacity: Literal["holder", "plt", "plh"] = "holder"


class Ask(Shape):
    """A command on its way to its service: ``cmd.<agency>.<service>.<kebab>.v<N>``, JSON."""

    command_id: UUID
    agency: Agency
    kind: str
    actor: Actor
    asked_at: AwareDatetime
    correlation_id: UUID
    causation_id: UUID | None = None
    expected_version: int | None = None
    traceparent: str | None = None
    body: dict[str, Any]


class Accepted(Shape):
    """The command is committed and synced. ``after`` = ``<store>.<epoch>.<position>`` covers it; ``version`` is the
    ETag.
    """

    command_id: UUID
    stream: str
    version: int
    after: str
    result: dict[str, Any] = {}


class Refusal(Shape):
    """A rule said no. ``code`` = ``<service>.<reason>`` is stable; ``status`` is one of 403, 404, 409, 410, 412, 422,
    429; 503 where the service holds itself back.
    """

    code: str
    status: int = 409
    detail: dict[str, Any] = {}


class Envelope(Shape):
    """The stored state and the wire form of an event: a CloudEvent 1.0 in structured JSON with sorted keys, no floats.

    ``subject`` is the stream within the service; ``streamversion`` counts from 1 in that stream. The position in the
    log travels beside the bytes (header), because a restore may change it.
    """

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    agency: Agency
    streamversion: int
    commandid: UUID
    correlationid: UUID
    causationid: UUID | None = None
    fingerprint: str
    traceparent: str | None = None
    data: dict[str, Any]


class Recorded(NamedTuple):  # and no frozen dataclass: every follower makes one of each event
    """An event read back: where it stands and what it says. ``event`` is upcast to the newest version of its kind."""

    event_id: UUID
    agency: str
    service: str
    stream: str
    version: int
    position: int
    at: datetime
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    kind: str
    event: Event

    @property
    def case(self) -> str | None:
        """The id of the case that this is a fact of; None: of no case."""
        field = self.event.case
        named = getattr(self.event, field) if field else None
        return None if named is None else str(named)


class Registry:
    """The table of all kinds; two classes for one kind are refused."""

    def __init__(self, *classes: type[Message]) -> None:
        self._by_kind: dict[str, type[Message]] = {}
        for cls in classes:
            if self._by_kind.setdefault(cls.kind(), cls) is not cls:
                raise ValueError(f"two classes for the kind {cls.kind()}")

    def __getitem__(self, kind: str) -> type[Message]:
        return self._by_kind[kind]

    def __contains__(self, kind: object) -> bool:
        return kind in self._by_kind

    def __iter__(self) -> Iterator[type[Message]]:
        return iter(self._by_kind.values())

    def of(self, family: type[Message], service: str | None = None) -> Iterable[type[Message]]:
        """All kinds of one family (`Command`, `Event`, `Query`, `ServiceRequest`), of one service or of all."""
        return [cls for cls in self if issubclass(cls, family) and service in {None, cls.service()}]
