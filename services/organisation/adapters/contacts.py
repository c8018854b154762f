"""Contacts before they are decided: in their common form (an e-mail address that a mail server can be given, a
telephone number as +62…), beside what was stated before, with the macs of the codes that may be sent there.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from email.errors import MessageError
from email.headerregistry import Address

import phonenumbers

from contracts.base import Ask, Command, Refusal
from contracts.organisation import AskContactCode, StateContact, VerifyContact
from services.kit.secrets import sent_code, sent_mac
from services.kit.service import Before
from services.organisation.domain.reach import WAYS
from services.organisation.policy import refused

REGION = "ID"  # of a number without a country: 0812…
LONGEST_LOCAL = 64
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


Stated = Callable[[str, str], Awaitable[Mapping[str, str]]]
"""``async (agency, person_id) -> way: what was stated last``, in the clear; without what is empty."""
KeyOf = Callable[[str], Awaitable[bytes]]
"""``async (agency) -> its key *contact-codes*``."""


def before(stated: Stated, key: KeyOf) -> Mapping[type[Command], Before]:
    async def state(ask: Ask) -> Ask | Refusal | None:
        found = await in_common_form(ask)
        if isinstance(found, Refusal):
            return found
        said, known = found.body, await stated(ask.agency, str(ask.body["person_id"]))
        unchanged = [way for way in WAYS if said[way] and said[way] == known.get(way)]
        own = {"unchanged": unchanged, "code_macs": await macs(ask)}
        return found.model_copy(update={"body": {**said, **own}})

    async def send(ask: Ask) -> Ask:
        return ask.model_copy(update={"body": {**ask.body, "code_macs": await macs(ask)}})

    async def verify(ask: Ask) -> Ask:
        said = VerifyContact.model_validate(ask.body)
        mac = sent_mac(await key(ask.agency), said.code, said.person_id, said.way)
        return ask.model_copy(update={"body": {**ask.body, "code": "", "code_mac": mac}})

    async def macs(ask: Ask) -> dict[str, str]:
        """Of the codes that this very command makes, whichever of them are sent then."""
        person_id, secret = str(ask.body["person_id"]), await key(ask.agency)
        codes = {way: sent_code(secret, person_id, way, str(ask.command_id)) for way in WAYS}
        return {way: sent_mac(secret, code, person_id, way) for way, code in codes.items()}

    return {StateContact: state, AskContactCode: send, VerifyContact: verify}


async def in_common_form(ask: Ask) -> Ask | Refusal:
    """What cannot be read is refused; never with what was written."""
    said = StateContact.model_validate(ask.body)
    try:
        email = address(said.email) if said.email else ""
    except ValueError:
        return refused("contact-unreadable", 422, field="email")
    try:
        phone = number(said.phone) if said.phone.strip() else ""
    except ValueError:
        return refused("contact-unreadable", 422, field="phone")
    return ask.model_copy(update={"body": {**ask.body, "email": email, "phone": phone}})


def address(text: str) -> str:
    """The domain in lower case and IDNA. Raises ValueError."""
    try:
        found = Address(addr_spec=text)
        host = found.domain.encode("idna").decode("ascii").lower()
    except (ValueError, IndexError, MessageError) as wrong:  # the parser's own, each for some nonsense
        raise ValueError("no address") from wrong
    local = found.username
    wrong_dots = local.startswith(".") or local.endswith(".") or ".." in local
    if not (LOCAL.fullmatch(local) and HOST.fullmatch(host)) or len(local) > LONGEST_LOCAL or wrong_dots:
        raise ValueError("no address")
    return f"{local}@{host}"


def number(text: str) -> str:
    """As people write it (``0812…``, ``62-812…``, ``+62 812…``) → E.164. Raises ValueError."""
    plain = re.sub(r"[^\d+]", "", text)
    if plain.startswith("62") and len(plain) > 9:  # noqa: PLR2004 - the country without its sign
        plain = f"+{plain}"
    try:
        found = phonenumbers.parse(plain, REGION)
    except phonenumbers.NumberParseException as wrong:
        raise ValueError("no number") from wrong
    if not phonenumbers.is_valid_number(found):
        raise ValueError("no number")
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
