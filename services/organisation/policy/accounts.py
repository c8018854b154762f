"""What a standard may say of official e-mail accounts (``[rules.accounts]``); account provisioning reads it."""

from __future__ import annotations

import re
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts import bounds
from contracts.base import Line, Slug

WORDS = frozenset({"first", "last", "middle", "initials", "unit", "n"})
MOST_MEGABYTES = 10_000_000
LOCAL = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


def _fillable(pattern: str) -> str:
    """Words of a name in braces, and between them what may stand in an address."""
    try:
        fields = [(name, form, how) for _, name, form, how in Formatter().parse(pattern) if name is not None]
    except ValueError:
        raise ValueError("kurung kurawal tidak lengkap") from None
    if not fields or any(name not in WORDS or form or how for name, form, how in fields):
        raise ValueError(f"hanya {', '.join(f'{{{word}}}' for word in sorted(WORDS))} yang dapat diisi")
    if not LOCAL.fullmatch(pattern.format(**dict.fromkeys(WORDS, "a"))):
        raise ValueError("hanya huruf kecil, angka, titik, garis bawah dan tanda hubung")
    return pattern


Pattern = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_fillable)]
Domain = Annotated[str, Field(max_length=200, pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Reason(_Row):
    """Why a request may be refused; ``title`` is for people."""

    reason: Slug
    title: Line


class UnitAdmin(_Row):
    """Whoever acts for this position files for people of this unit, and knows them."""

    unit: Line
    position: Slug


class AccountsRules(_Row):
    """``pattern``: how addresses are made of names, the nicest first; ``single_name``: of who has one name only.

    ``reviewers``: positions; ``eyes``: how many people have to agree. ``needs``: without which the clock does not
    start (*letter*: its number or its scan; *scan*: the scan itself).
    ``connector``: which directory. ``reuse``: a closed address may be given again after ``quarantine_days``.
    ``retention_days``: after so many days the applicant's letter and NIP are forgotten; the account stays.
    ``quotas``: megabytes that may be asked for; none: the mail server's own holds for all.
    ``unit_admins``: one for a unit, as requests name it; none: personnel and the counter alone.
    """

    domain: Domain
    pattern: list[Pattern] = Field(min_length=1, max_length=20)
    single_name: Pattern | None = None
    strip_titles: bool = True
    reserved: list[Slug] = Field(default=[], max_length=bounds.MOST_ROWS)
    reviewers: list[Slug] = Field(min_length=1, max_length=20)
    eyes: int = Field(default=1, ge=1, le=2)
    holders: list[Literal["pns", "pppk", "unit"]] = Field(default=["pns", "pppk", "unit"], min_length=1, max_length=3)
    kinds: list[Literal["create", "reset", "change", "suspend", "resume", "close"]] = Field(default=[], max_length=6)
    needs: list[Literal["letter", "scan", "nip", "contact"]] = Field(default=["letter"], max_length=4)
    reject: list[Reason] = Field(default=[], max_length=50)
    connector: Literal["embedded", "ldap", "passwd-file"] = "embedded"
    number: bounds.Pattern = "{number:04d}/{year}"
    signatory: Slug | None = None
    reply_number: bounds.Pattern = "{number:03d}/{year}"
    reuse: bool = False
    quarantine_days: int = Field(default=0, ge=0, le=36_500)
    retention_days: int = Field(default=365, ge=1, le=36_500)
    quotas: list[Annotated[int, Field(ge=1, le=MOST_MEGABYTES)]] = Field(default=[], max_length=20)
    unit_admins: list[UnitAdmin] = Field(default=[], max_length=bounds.MOST_ROWS)
