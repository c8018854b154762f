"""What stands in an entry of OpenLDAP, read as an account: whose it is, its state, its additional addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ldap3 import SUBTREE, Connection
from ldap3.core import exceptions as ldap

from services.account_provisioning.ports import Entry, Refused, Wanted

ACTIVE, SUSPENDED, CLOSED = "active", "suspended", "closed"
MARK = "labeledURI"


def found_below(
    connection: Connection, base: str, wanted: str, attributes: Sequence[str] = ("*",)
) -> list[dict[str, Any]]:
    try:
        connection.search(base, wanted, search_scope=SUBTREE, attributes=list(attributes), size_limit=50)
    except ldap.LDAPNoSuchObjectResult as missing:
        raise Refused("base-missing") from missing
    return [row for row in connection.response or [] if row["type"] == "searchResEntry"]


def values(row: dict[str, Any], name: str) -> list[str]:
    """As text, lower case for an address."""
    raw = {key.casefold(): values for key, values in row["raw_attributes"].items()}.get(name.casefold(), [])
    return [value.decode("utf-8", "replace") for value in raw]


def classes(row: dict[str, Any]) -> set[str]:
    return {each.casefold() for each in values(row, "objectClass")}


def marker(row: dict[str, Any]) -> UUID | None:
    try:
        return UUID(values(row, "employeeNumber")[0])
    except (IndexError, ValueError):
        return None


def mark(account_id: UUID, address: str) -> str:
    return f"{account_id.urn} {address}"


def marked(row: dict[str, Any]) -> set[str]:
    """The additional addresses that its entry says are ours."""
    owner = marker(row)
    said = (each.partition(" ") for each in values(row, MARK))
    return {address for urn, _, address in said if owner is not None and urn == owner.urn}


def entry_of(row: dict[str, Any], address: str) -> Entry:
    own = [each.casefold() for each in values(row, "mail")]
    state = next(iter(values(row, "employeeType")), "")
    return Entry(
        marker=marker(row),
        address=address if address in own else next(iter(own), ""),
        name=next(iter(values(row, "cn")), ""),
        unit=next(iter(values(row, "ou")), ""),
        login=state == ACTIVE,
        receives=state in {ACTIVE, SUSPENDED},
        secret=bool(row["raw_attributes"].get("userPassword")),
    )


def state_of(wanted: Wanted) -> str:
    if wanted.login:
        return ACTIVE
    return SUSPENDED if wanted.receives else CLOSED


def slug_of(result: ldap.LDAPOperationResult) -> str:
    """``insufficient-access-rights``; the server's own words may hold personal data."""
    words = str(result.description or "refused")
    return "".join(f"-{sign.lower()}" if sign.isupper() else sign for sign in words).strip("-")[:60] or "refused"
