"""What the organisation is asked: who somebody is, who acts, which standards and calendars hold; and its requests."""

from pydantic import AwareDatetime, Field

from contracts.base import Query, ServiceRequest, Sha256, Slug
from contracts.offices import StandardDraft


class Authenticate(ServiceRequest):
    """Checks a password (argon2id, same time for an unknown login) and opens a session. The password is never
    logged.

    ``device``: a hash that names the browser, where this login was right in it before: its failures count apart.
    """

    login: str = Field(max_length=120)
    password: str = Field(max_length=400)
    device: Sha256 | None = None


class Identify(Query):
    """Whose session or token is this? ``secret_sha256`` is the hash of the cookie's or bearer's secret.

    ``at_once``: with the positions that he has at this very moment, as whoever decides needs them.
    """

    secret_sha256: str
    at_once: bool = False


class EndSession(ServiceRequest):
    secret_sha256: str


class ChoosePassword(ServiceRequest):
    """A person's own password in place of his first one; opens a session. ``ticket`` came with that first login."""

    ticket_sha256: str
    password: str = Field(max_length=400)


class ChangePassword(ServiceRequest):
    """Another password of his own, by a person who is logged in and says the one he has; opens a session, the others
    end. ``secret_sha256``: of the session in which he asks.
    """

    secret_sha256: str
    password: str = Field(max_length=400)
    chosen: str = Field(max_length=401)


class People(Query):
    """The people of the agency, optionally those with a role (for example the couriers).

    ``access``: also whether they can log in (`PersonRow.access`).
    """

    role: Slug | None = None
    access: bool = False


class Standards(Query):
    """The published standards in force; everybody may read them."""


class StandardVersions(Query):
    """All versions of one standard, or of all."""

    standard: Slug | None = None


class StandardDifference(Query):
    """What changed between two versions."""

    standard: Slug
    old: int
    new: int


class StandardPreview(Query):
    """What a draft would change, and what is wrong with it. Changes nothing."""

    draft: StandardDraft


class StandardDeadline(Query):
    """When something received then would be due; ``number`` None: the version in force on that day."""

    standard: Slug
    received_at: AwareDatetime
    number: int | None = None


class StandardSheet(Query):
    """A standard in force as a published sheet; None: the agency's service pledge (maklumat)."""

    standard: Slug | None = None


class Calendars(Query):
    """The years that are known, or these."""

    years: tuple[int, ...] = ()


class Positions(Query):
    """Positions, who acts on a day (``on``; today), and every term that there ever was."""

    on: str = ""


class Tokens(Query):
    """The machines' tokens; no secret, no hash."""


class Agencies(Query):
    """The agencies that publish standards, whoever asks: what stands on the installation's front page."""


class AgencyFacts(Query):
    """The agency's name, zone, letterhead, books, units, aides."""
