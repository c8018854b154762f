"""Which link and which codes a hand-over has: computed from what its facts say, and kept nowhere. Pure."""

from __future__ import annotations

from uuid import UUID, uuid5

from contracts.account_provisioning import CLAIM
from services.account_provisioning.domain.state import HandOver
from services.kit.links import Link
from services.kit.secrets import code_of


def link_of(request_id: UUID, hand_over: HandOver) -> Link:
    """Its end is not bound into it: that is known only when the applicant has been told, and stands in the facts."""
    return Link(CLAIM, str(request_id), hand_over.generation, None, hand_over.link_length)


def code_of_slip(key: bytes, request_id: UUID, generation: int) -> str:
    """As it stands on the slip. ``key``: *codes*."""
    return code_of(key, uuid5(request_id, f"slip/{generation}"))


def code_of_contact(key: bytes, request_id: UUID, generation: int) -> str:
    """As it goes to the contact on file; notifications computes the same. ``key``: *codes*."""
    return code_of(key, uuid5(request_id, f"contact/{generation}"))
