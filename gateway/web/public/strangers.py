"""What the pages of strangers stand on: one thing each for the whole edge."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.edge.budgets import Budgets
from gateway.edge.client import ServiceClient
from gateway.edge.codes import Codes
from gateway.edge.proofs import Proofs
from gateway.edge.slips import Slips
from gateway.edge.uploads import Uploads
from gateway.web.public.kinds import PublicKind
from gateway.web.public.receipts import Receipts
from gateway.web.public.served import KINDS


@dataclass(frozen=True, slots=True)
class Strangers:
    client: ServiceClient
    codes: Codes
    slips: Slips
    proofs: Proofs
    budgets: Budgets
    receipts: Receipts
    uploads: Uploads
    base_url: str
    kinds: Sequence[PublicKind] = KINDS
