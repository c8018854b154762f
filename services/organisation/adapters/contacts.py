"""Contacts in their common form: an e-mail address that a mail server can be given, a telephone number as +62…"""

import re
from email.errors import MessageError
from email.headerregistry import Address

import phonenumbers

from contracts.base import Ask, Refusal
from contracts.organisation import StateContact
from services.organisation.policy import refused

REGION = "ID"  # of a number without a country: 0812…
LONGEST_LOCAL = 64
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


async def in_common_form(ask: Ask) -> Ask | Refusal | None:
    """Before the decision. What cannot be read is refused; never with what was written."""
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
