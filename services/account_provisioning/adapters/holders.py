"""Whose address it is, as the facts say."""

from dataclasses import dataclass
from uuid import UUID

from services.account_provisioning.domain.evolve import account_of
from services.account_provisioning.domain.naming import ADDRESSES
from services.account_provisioning.domain.state import Account, account_stream
from services.account_provisioning.ports import History
from services.kit.reservations import FREE, Bound, Holding


@dataclass(frozen=True, slots=True)
class Held:
    account_id: UUID
    account: Account


async def held(history: History, agency: str, address: str) -> Held | None:
    """The account that has this address now, as its own or as an additional one; None: nobody."""
    holding: Holding = FREE
    for each in await history(agency, ADDRESSES.stream(address)):
        holding = ADDRESSES.evolve(holding, each.event)
    if not isinstance(holding, Bound):
        return None
    account_id = UUID(holding.owner)
    return Held(account_id, account_of(await history(agency, account_stream(account_id))))
