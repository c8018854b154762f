"""I1, the answers: what a remembered outcome says follows from the facts of its command, or of the stream it is about.

A repeated request is answered with the remembered bytes. Whoever edits those makes the product say what never was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from contracts.approval import ApprovalCompleted, TierInitialled
from contracts.dispatch import CopyDelivered, CopyTransmitted, CourierAssigned, DispatchProven, ProofWaived
from contracts.intake import (
    LetterForwarded,
    LetterRegistered,
    LetterRevised,
    MessageCaptured,
    MessageQuarantined,
    MessageReleased,
    PrintPackProduced,
    TwinLinked,
)


class Fact(NamedTuple):
    """An event as far as an answer may speak of it: plain values, and how many there are of a list."""

    kind: str
    says: Mapping[str, Any]


Said = Callable[[Sequence[Fact], Fact], dict[str, Any]]


def fact(kind: str, data: Mapping[str, Any]) -> Fact:
    says: dict[str, Any] = {name: value for name, value in data.items() if isinstance(value, str | int | bool)}
    return Fact(kind, says | {f"#{name}": len(value) for name, value in data.items() if isinstance(value, list)})


def _taken(*names: str, **more: Any) -> Said:
    return lambda _all, one: {name: one.says.get(name) for name in names} | more


def _whether(name: str, kind: str) -> Said:
    return lambda all_of_them, _one: {name: any(each.kind == kind for each in all_of_them)}


def _proof(all_of_them: Sequence[Fact], one: Fact) -> dict[str, Any]:
    return _whether("proven", DispatchProven.kind())(all_of_them, one)


ANSWERS: Mapping[str, Said] = {
    LetterRegistered.kind(): _taken("letter_id", "agenda", "number"),
    MessageCaptured.kind(): _taken("letter_id", outcome="captured"),
    MessageQuarantined.kind(): _taken("letter_id", outcome="quarantined"),
    MessageReleased.kind(): _taken("letter_id"),
    TwinLinked.kind(): _taken("letter_id", "twin_of", outcome="twin"),
    PrintPackProduced.kind(): _taken("print_number"),
    LetterForwarded.kind(): _taken("revision"),
    LetterRevised.kind(): _taken("revision"),
    TierInitialled.kind(): _whether("completed", ApprovalCompleted.kind()),
    CourierAssigned.kind(): lambda _all, one: {"copies": one.says.get("#copy_ids")},
    CopyDelivered.kind(): _proof,
    CopyTransmitted.kind(): _proof,
    ProofWaived.kind(): _proof,
}
"""What the answer to a command says whose events hold this one; the first row that fits counts."""


def fault(result: object, facts: Sequence[Fact]) -> tuple[str, bool]:
    """What is wrong with the answer to a command with these events ("": nothing), and whether all of it was judged."""
    if not isinstance(result, dict):
        return "hasilnya bukan hasil", True
    by_kind = {each.kind: each for each in reversed(facts)}
    row = next((kind for kind in ANSWERS if kind in by_kind), None)
    wanted = ANSWERS[row](facts, by_kind[row]) if row is not None else {}
    for name, value in wanted.items():
        if name not in result or result[name] != value:
            return f"hasilnya menyebut {name} lain daripada peristiwanya", True
    left = [name for name in result if name not in wanted]
    told = [name for name in left if any(name in each.says for each in facts)]
    for name in told:
        if not any(each.says.get(name) == result[name] for each in facts):
            return f"hasilnya menyebut {name} lain daripada peristiwanya", True
    return "", len(told) == len(left)


def repeated_fault(result: object, facts: Sequence[Fact], stream: str) -> tuple[str, bool]:
    """The same for a command that changed nothing: it may speak of what its stream (or the letter it names) says."""
    if not isinstance(result, dict):
        return "hasilnya bukan hasil", True
    judged = True
    for name, value in result.items():
        if name == "outcome":
            if value != "known":
                return "hasilnya menyebut ada yang dilakukan, padahal tidak", True
        elif name == "completed":
            if value is not any(each.kind == ApprovalCompleted.kind() for each in facts):
                return "hasilnya menyebut completed lain daripada putarannya", True
        elif stream != f"letter:{value}" and not any(each.says.get(name) == value for each in facts):
            if any(name in each.says for each in facts):
                return f"hasilnya menyebut {name} lain daripada alirannya", True
            judged = False
    return "", judged
