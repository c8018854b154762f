"""The fields of what is said about a name that can be given back: an address, a look-alike form.

Each service declares classes of its own with them: ``class AddressReserved(HeldFields, Event)``. What follows from
them: `services/kit/reservations.py`.
"""

from pydantic import AwareDatetime, BaseModel, Field

Key = Field(min_length=1, max_length=320)
Owner = Field(min_length=1, max_length=80)


class HeldFields(BaseModel):
    """``key``: the name, in the one form in which it is compared. ``owner``: the id of what holds it."""

    key: str = Key
    owner: str = Owner


class QuarantinedFields(HeldFields):
    """Nobody may have it until then; None: nobody ever again. ``owner``: who held it last."""

    until: AwareDatetime | None = None


class FreedFields(BaseModel):
    """Anybody may have it."""

    key: str = Key
