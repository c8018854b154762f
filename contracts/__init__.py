"""The published language of Caraka: the shapes and names of commands, events and queries. No behaviour, no I/O.

Everybody may import it; it imports pydantic and the standard library only. `REGISTRY` is the table of all kinds.
"""

from contracts import (
    account_provisioning,
    approval,
    audit,
    complaint,
    dispatch,
    intake,
    notifications,
    organisation,
    projections,
)
from contracts.base import Registry

REGISTRY = Registry(
    *organisation.KINDS,
    *intake.KINDS,
    *approval.KINDS,
    *dispatch.KINDS,
    *notifications.KINDS,
    *projections.KINDS,
    *audit.KINDS,
    *account_provisioning.KINDS,
    *complaint.KINDS,
)

__all__ = ["REGISTRY"]
