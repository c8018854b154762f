"""What a service standard says of accounts (``[rules.accounts]``), read once for each adopted version."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AccountRules:
    """What a standard leaves out is as it stands here, and in organisation's shape of it.

    ``reviewers``: positions. ``eyes``: how many people have to agree. ``quarantine_days``: of a closed address.

    ``signatory``: the position that signs replies (empty: the first reviewer); ``reply_number``: how they are numbered.

    ``retention_days``: so long the letter and the NIP are kept after the applicant has heard.

    ``reject`` and ``pauses``: reason → how it is called. ``unit_admins``: a unit's name, as it is compared → position.

    ``quotas``: megabytes that may be asked for.
    """

    domain: str
    patterns: tuple[str, ...]
    reviewers: tuple[str, ...]
    connector: str = "embedded"
    single_name: str = ""
    strip_titles: bool = True
    reserved: tuple[str, ...] = ()
    eyes: int = 1
    holders: tuple[str, ...] = ("pns", "pppk", "unit")
    kinds: tuple[str, ...] = ()
    reuse: bool = False
    quarantine_days: int = 0
    reject: tuple[tuple[str, str], ...] = ()
    pauses: tuple[tuple[str, str], ...] = ()
    ends: str = "notified"
    needs: tuple[str, ...] = ("letter",)
    book: str = "{number:04d}/{year}"
    signatory: str = ""
    reply_number: str = "{number:03d}/{year}"
    retention_days: int = 365
    unit_admins: tuple[tuple[str, str], ...] = ()
    quotas: tuple[int, ...] = ()

    def admin_of(self, unit: str) -> str | None:
        """The position that files for the people of this unit; None: there is none."""
        return dict(self.unit_admins).get(plainly(unit))


def plainly(unit: str) -> str:
    """As units are compared: people write them with other spaces and capitals."""
    return " ".join(unit.casefold().split())


def account_rules(rules: Mapping[str, Any]) -> AccountRules:
    """Raises KeyError where a needed key is missing (`missing_of` names it before)."""
    own = rules["accounts"]
    return AccountRules(
        domain=own["domain"],
        patterns=tuple(own["pattern"]),
        reviewers=tuple(own["reviewers"]),
        connector=own.get("connector", "embedded"),
        single_name=own.get("single_name", ""),
        strip_titles=own.get("strip_titles", True),
        reserved=tuple(own.get("reserved", ())),
        eyes=own.get("eyes", 1),
        holders=tuple(own.get("holders", ("pns", "pppk", "unit"))),
        kinds=tuple(own.get("kinds", ())),
        reuse=own.get("reuse", False),
        quarantine_days=own.get("quarantine_days", 0),
        reject=_titled(own.get("reject", ())),
        pauses=_titled(rules.get("pauses", ())),
        ends=rules.get("clock", {}).get("ends", "notified"),
        needs=tuple(own.get("needs", ("letter",))),
        book=own.get("number", "{number:04d}/{year}"),
        signatory=own.get("signatory") or "",
        reply_number=own.get("reply_number", "{number:03d}/{year}"),
        retention_days=own.get("retention_days", 365),
        quotas=tuple(own.get("quotas", ())),
        unit_admins=tuple((plainly(row["unit"]), str(row["position"])) for row in own.get("unit_admins", ())),
    )


def missing_of(rules: Mapping[str, Any]) -> list[str]:
    """What a standard of accounts needs and does not say."""
    own = rules.get("accounts") or {}
    missing = [f"rules.{name}" for name in ("zone", "deadline", "hours") if not rules.get(name)]
    return missing + [f"rules.accounts.{name}" for name in ("domain", "pattern", "reviewers") if not own.get(name)]


def _titled(rows: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(row["reason"]), str(row["title"])) for row in rows)
