"""Who is reached by the contact of his case: opened here, for one notice; and his link or code, computed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal
from uuid import UUID, uuid5

import phonenumbers

from contracts.account_provisioning import CLAIM, CODE_ISSUED
from contracts.base import Erased, Sealed
from contracts.notices import CODE, FORMER, MAILBOX
from contracts.notifications import NoticePlanned
from contracts.notifications.contacts import ContactNoted
from contracts.organisation import ContactOfAnswer
from services.kit.links import LENGTH, Link, token_of
from services.kit.secrets import code_of
from services.kit.threads import reference_of
from services.notifications.domain.hiding import hides
from services.notifications.ports import History, case_of

Purpose = Literal["links", "codes"]
HAND_OVER, SECRET_SET = "account_provisioning.HandOverOpened", "account_provisioning.SecretSet"
PROVEN = "account_provisioning.ProvisioningProven"
APPLICANT = "applicant"
THREADED = frozenset({"complaint"})
"""The services whose cases take an answer by mail."""
CALLED = {"complaint": "Pelapor"}
"""By the service of the case, for who telephones; of any other: *Pemohon*. His name is kept by his case alone."""


class CaseContacts:
    """``key``: (agency, purpose) → its key: *links*, *codes*."""

    def __init__(
        self, history: History, opened: Callable[[Sealed], str], key: Callable[[str, Purpose], bytes], base_url: str
    ) -> None:
        self._history = history
        self._opened = opened
        self._key = key
        self._base_url = base_url

    async def reach(self, agency: str, planned: NoticePlanned) -> ContactOfAnswer:
        """An address or a number, whichever he gave; neither where he was erased."""
        service = planned.event_kind.partition(".")[0]
        if planned.audience == MAILBOX:
            return ContactOfAnswer(person_id=APPLICANT, name="Pemohon", email=str(planned.values["address"]))
        sealed = await self._noted(agency, service, planned)
        text = "" if sealed is None else await asyncio.to_thread(self._opened, sealed)
        plain = "" if isinstance(text, Erased) else text.strip()
        email = plain if "@" in plain and not _is_itself(planned, plain) else ""
        called, phone = CALLED.get(service, "Pemohon"), "" if "@" in plain else e164(plain)
        return ContactOfAnswer(person_id=APPLICANT, name=called, email=email, phone=phone)

    async def _noted(self, agency: str, service: str, planned: NoticePlanned) -> Sealed | None:
        """The newest of its case; of a former one the newest of its own, or the first where it is the same case."""
        case = planned.values[FORMER] if planned.audience == FORMER else str(planned.case_id)
        told = [each.event for each in await self._history(agency, f"case:{service}:{case}")]
        named = [each.contact for each in told if isinstance(each, ContactNoted)]
        if not named:
            return None
        return named[0] if planned.audience == FORMER and case == str(planned.case_id) else named[-1]

    async def hides(self, agency: str, planned: NoticePlanned) -> bool:
        """Whether no person may know how he is reached."""
        service = planned.event_kind.partition(".")[0]
        return hides(planned.audience, await case_of(self._history, agency, service, str(planned.case_id)))

    async def link(self, agency: str, planned: NoticePlanned) -> str:
        """His own page: where he opens the account, else where he sees how far his case is. Of a code: the code."""
        if planned.event_kind == CODE_ISSUED:
            codes = await asyncio.to_thread(self._key, agency, "codes")
            about, generation = UUID(str(planned.values["request"])), int(planned.values["generation"])
            return code_of(codes, uuid5(about, f"contact/{generation}"))
        if planned.event_kind == SECRET_SET:  # if it was not he, a new request ends it
            return f"{self._base_url}/{agency}/surel"
        if planned.event_kind != HAND_OVER:
            return f"{self._base_url}/{agency}/lacak"
        key = await asyncio.to_thread(self._key, agency, "links")
        generation, length = int(planned.values["generation"]), int(planned.values.get("link", LENGTH))
        token = token_of(key, Link(CLAIM, str(planned.case_id), generation, None, length))
        return f"{self._base_url}/{agency}/klaim/{planned.case_id}/{token}"

    async def code(self, agency: str, planned: NoticePlanned) -> str:
        """What opens his case, from the command that filed it; empty where this notice says none."""
        filed_by = planned.values.get(CODE)
        if not filed_by:
            return ""
        return code_of(await asyncio.to_thread(self._key, agency, "codes"), UUID(filed_by))

    async def thread(self, agency: str, planned: NoticePlanned) -> str:
        """By what his answer finds its case; empty: cases of this kind take none."""
        number = planned.values.get("number", "")
        if planned.event_kind.partition(".")[0] not in THREADED or not number:
            return ""
        return reference_of(await asyncio.to_thread(self._key, agency, "links"), planned.case_id, number)


def _is_itself(planned: NoticePlanned, email: str) -> bool:
    """Whoever reads a mailbox must not be let into it anew by what stands in it; one that is shut is read by nobody."""
    about = str(planned.values.get("address", "")) if planned.event_kind in {CODE_ISSUED, PROVEN} else ""
    return email.casefold() == about.casefold()


def e164(text: str) -> str:
    """An Indonesian number as people write it; empty where it can be none."""
    try:
        number = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
