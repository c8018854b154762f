"""A notice becomes words when it leaves: its template of now with its plain values, in the recipient's language."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.notices import CODE, CODE_KIND, GATHERED_TEMPLATE, MOMENTS
from contracts.notifications import NoticePlanned
from contracts.organisation import ContactOf
from services.kit.templates import ValueEmpty, filled, said
from services.notifications.domain.office import Office


class Unsayable(Exception):
    """Its template is gone, or names a value that this notice has not; the reason is a word."""


@dataclass(frozen=True, slots=True)
class Words:
    subject: str
    body: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{self.subject}\n{self.body}".encode()).hexdigest()


def link(base_url: str, notice_id: UUID) -> str:
    """Leads to the case, for whoever may see it; says nothing itself."""
    return f"{base_url}/pemberitahuan/{notice_id}"


def words_of(  # noqa: PLR0913 - a notice, in whose words, and what is the recipient's own
    planned: NoticePlanned, office: Office, language: str, base_url: str, own: str = "", code: str = ""
) -> Words:
    """``own``: another link than to the case; ``code``: of his case. Raises `Unsayable`."""
    template = office.template(planned.template, language)
    if template is None:
        raise Unsayable("template-gone")
    values = said(planned.values, MOMENTS, office.zone, template.language)
    if planned.event_kind != CODE_KIND:  # in any other notice stands at most by what it is computed
        values[CODE] = code
    try:
        subject, body = filled(template.subject, values), filled(template.body, values)
    except ValueEmpty:
        raise Unsayable("value-empty") from None
    return Words(subject, f"{body}\n\n{own or link(base_url, planned.notice_id)}")


def together(parts: Sequence[tuple[NoticePlanned, Words]], office: Office, language: str, base_url: str) -> Words:
    """One message of several: a line and a link each; of one alone its own words. Raises `Unsayable`."""
    if len(parts) == 1:
        return parts[0][1]
    template = office.template(GATHERED_TEMPLATE, language)
    if template is None:
        raise Unsayable("template-gone")
    lines = "\n\n".join(f"{words.subject}\n{link(base_url, planned.notice_id)}" for planned, words in parts)
    values = {"count": str(len(parts)), "list": lines}
    return Words(filled(template.subject, values), filled(template.body, values))


def whom(planned: NoticePlanned) -> ContactOf:
    """A code alone goes to what nobody has verified yet."""
    code = planned.event_kind == CODE_KIND
    return ContactOf(
        position=planned.position, person_id=planned.person_id, not_for=planned.not_for, unverified=code
    )  # fmt: skip
