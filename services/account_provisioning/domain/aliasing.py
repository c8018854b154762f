"""An additional address of an account: who may ask for which, and what becomes of it. Pure.

It is held as every address is (`naming`): reserved with the approval, bound when the directory has it, and given back
or kept in quarantine when it ends.
"""

from datetime import datetime

from contracts.account_provisioning import FileRequest
from contracts.base import Refusal
from services.account_provisioning import policy
from services.account_provisioning.domain import naming
from services.account_provisioning.domain.state import Account, Wish
from services.account_provisioning.policy import addresses, refuse
from services.account_provisioning.policy.rules import AccountRules
from services.kit.deciding import Given
from services.kit.reservations import Stated


def faulty(command: FileRequest, rules: AccountRules) -> Refusal | None:
    """What is wrong with the form, whoever has the address."""
    if (command.alias or command.alias_ends) and command.request_kind != policy.CHANGE:
        return refuse("alias-unasked")
    if not command.alias:
        return None
    address = addresses.normal(command.alias)
    own = address.endswith(f"@{rules.domain}")
    match addresses.fault(rules, addresses.local_of(address)) if own else "pattern":
        case "pattern":
            return refuse("alias-pattern", domain=rules.domain)
        case "reserved":
            return refuse("address-reserved")
    return None


def unfit(command: FileRequest, account: Account, given: Given) -> Refusal | None:
    """What is somebody's is refused at once; whether it looks like somebody's is for who decides."""
    ends, wanted = addresses.normal(command.alias_ends), addresses.normal(command.alias)
    if command.alias_ends and ends not in account.aliases:
        return refuse("alias-unknown")
    if not wanted:
        return None
    if wanted in account.own:
        return refuse("alias-own")
    return naming.ADDRESSES.taken(wanted, "", given)


def after(wish: Wish, account: Account) -> tuple[str, ...] | None:
    """All that the account has when the change is done; None: as it is."""
    if not wish.alias and not wish.alias_ends:
        return None
    kept = [each for each in account.aliases if each not in {wish.alias_ends, wish.alias}]
    return (*kept, *([wish.alias] if wish.alias else ()))


def changed(wish: Wish, until: datetime | None, given: Given) -> Stated | Refusal:
    """The new one is the account's; the other is nobody's until then, as that of a closed account."""
    bound = naming.bind(wish.alias, wish.account_id, given) if wish.alias else ()
    if isinstance(bound, Refusal) or not wish.alias_ends:
        return bound
    return (*bound, *naming.ADDRESSES.quarantine(wish.alias_ends, str(wish.account_id), until, given))
