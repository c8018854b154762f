"""What a service standard says of complaints (``rules.complaints``, ``rules.ladder``, ``rules.answers``).

What a standard leaves out is as it stands here, and in organisation's shape of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from services.kit.deadlines import once_each

Limit = Mapping[str, Any]
"""``{"working_days": n}`` or ``{"service_minutes": n}``."""

THREE_DAYS: Limit = MappingProxyType({"working_days": 3})
TEN_DAYS: Limit = MappingProxyType({"working_days": 10})


@dataclass(frozen=True, slots=True)
class ComplaintClass:
    """``default``: the standard states no limit for it; this one is the house's."""

    slug: str
    title: str
    deadline: Limit
    restricted: bool = False
    default: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of the ladder: by itself it is reached ``after`` the receipt, or ``past_due`` after the deadline."""

    position: str
    after: Limit | None = None
    past_due: Limit | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """Words for an answer or a question. ``use``: answer, question."""

    slug: str
    title: str
    use: str
    words: str


@dataclass(frozen=True, slots=True)
class ComplaintRules:
    """``officer``: the position that receives; ``superior``: the one that does where it is complained about; None: whom
    the ladder leads to. ``approval``: the one that approves answers; None: nobody has to.

    ``objections``: how many there may be, each within ``objection_window`` of an answer. ``silence``: after so long
    without a word of the reporter an answer closes the case, and an unanswered question is told to the handler.
    ``letter``: how the numbers of answers are written, where each goes out as an official letter; None: none does.
    """

    classes: tuple[ComplaintClass, ...]
    officer: str
    ladder: tuple[Step, ...]
    acknowledge: Limit
    approval: str | None
    objection_window: Limit
    objections: int
    silence: Limit
    retention_days: int
    pauses: tuple[tuple[str, str], ...]
    letter: str | None = None
    modules: tuple[Module, ...] = ()
    superior: str | None = None

    def row(self, slug: str) -> ComplaintClass | None:
        return next((each for each in self.classes if each.slug == slug), None)


@once_each
def complaint_rules(rules: Mapping[str, Any]) -> ComplaintRules:
    """Raises KeyError where a needed key is missing (`missing_of` names it before)."""
    own = rules["answers"]
    return ComplaintRules(
        classes=tuple(_class(row) for row in rules["complaints"]),
        officer=own["officer"],
        ladder=tuple(Step(row["position"], row.get("after"), row.get("past_due")) for row in rules.get("ladder", ())),
        acknowledge=own.get("acknowledge", THREE_DAYS),
        approval=own.get("approval"),
        objection_window=own.get("objection_window", TEN_DAYS),
        objections=own.get("objections", 2),
        silence=own.get("silence", TEN_DAYS),
        retention_days=own.get("retention_days", 90),
        pauses=tuple((str(row["reason"]), str(row["title"])) for row in rules.get("pauses", ())),
        letter=own.get("letter"),
        superior=own.get("superior"),
        modules=tuple(
            Module(row["module"], row["title"], row.get("use", "answer"), row["words"])
            for row in own.get("modules", ())
        ),
    )


def taken(rules: Mapping[str, Any]) -> bool:
    """Whether complaints can run under a standard: it has classes, and says who receives them."""
    return bool(rules.get("complaints")) and bool((rules.get("answers") or {}).get("officer"))


def of_complaints(rules: Mapping[str, Any]) -> dict[str, Any]:
    """A standard's rules as complaints run under them: the reasons to wait and the reminder are their own."""
    own = rules["answers"]
    said = {key: own[key] for key in ("pauses", "remind_before") if key in own}
    return {**{key: value for key, value in rules.items() if key not in {"pauses", "remind_before"}}, **said}


def missing_of(rules: Mapping[str, Any]) -> list[str]:
    missing = [f"rules.{name}" for name in ("zone", "hours", "complaints") if not rules.get(name)]
    return missing if (rules.get("answers") or {}).get("officer") else [*missing, "rules.answers.officer"]


def limit_of(rules: Mapping[str, Any], row: str) -> Limit:
    """The deadline of a class; of none yet, the strictest: nothing waits longer than it may because nobody looked."""
    own = complaint_rules(rules)
    found = own.row(row)
    return found.deadline if found else min((each.deadline for each in own.classes), key=_strict)


def limits_of(rules: Mapping[str, Any]) -> list[tuple[str, Limit]]:
    """Every amount of working time, with its place."""
    own = complaint_rules(rules)
    named = [(f"complaints[{at}].deadline", each.deadline) for at, each in enumerate(own.classes)]
    named += [(f"ladder[{at}].after", each.after) for at, each in enumerate(own.ladder) if each.after]
    named += [(f"ladder[{at}].past_due", each.past_due) for at, each in enumerate(own.ladder) if each.past_due]
    named += [("answers.acknowledge", own.acknowledge), ("answers.objection_window", own.objection_window)]
    return [*named, ("answers.silence", own.silence)]


def _class(row: Mapping[str, Any]) -> ComplaintClass:
    return ComplaintClass(
        row["class"], row["title"], row["deadline"], bool(row.get("restricted")), bool(row.get("default"))
    )


def _strict(limit: Limit) -> tuple[int, int]:
    return int(limit.get("working_days") or 0), int(limit.get("service_minutes") or 0)
