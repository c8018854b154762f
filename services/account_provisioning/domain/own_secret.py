"""That the holder of an account has changed its secret himself. The secret is never here."""

from __future__ import annotations

from contracts.account_provisioning import RecordSecretChanged, SecretChanged
from services.account_provisioning.domain.state import Account, account_stream
from services.account_provisioning.policy import refuse
from services.kit.deciding import Decision, Given, accept


def record(command: RecordSecretChanged, account: Account, given: Given) -> Decision:
    """What the directory did stands, even if the account was suspended a moment later."""
    if account.phase == "none":
        return refuse("account-unknown")
    fact = SecretChanged(account_id=command.account_id, address=account.address, changed_at=given.now)
    return accept(account_stream(command.account_id), fact)
