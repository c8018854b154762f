"""I12: every fact was allowed in the phase in which it was accepted; what was delivered is what the heads initialled.

The tables are the services' own (`Handles.states`, `Handles.facts`, `Handles.askers`). What a person may not state (a
service's facts) is looked at too, and whether he had a role at the time by which he may. What the case itself decides
(`Askers.relation`) is not: its decision has done so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.approval import ApprovalCompleted
from contracts.base import Event, Recorded
from contracts.dispatch import CopyDelivered, CopyTransmitted, DispatchPlanned, LetterArchived, ProofWaived
from contracts.intake import LetterForwarded
from contracts.organisation import UserAdded
from services.account_provisioning import handlers as account_provisioning
from services.approval import handlers as approval
from services.cli.invariants.ground import Breaches, Finding, Seen, Source
from services.cli.invariants.standing import Standing
from services.complaint import handlers as complaint
from services.dispatch import handlers as dispatch
from services.intake import handlers as intake
from services.kit.codec.envelope import Undecodable
from services.kit.deciding import Commands, StreamKind
from services.notifications import handlers as notifications
from services.organisation import handlers as organisation

SERVICE = "service"
TABLES: Mapping[str, tuple[Commands, Mapping[str, StreamKind]]] = {
    "organisation": (organisation.COMMANDS, organisation.STREAMS),
    "account_provisioning": (account_provisioning.COMMANDS, account_provisioning.STREAMS),
    "intake": (intake.COMMANDS, intake.STREAMS),
    "approval": (approval.COMMANDS, approval.STREAMS),
    "dispatch": (dispatch.COMMANDS, dispatch.STREAMS),
    "complaint": (complaint.COMMANDS, complaint.STREAMS),
    "notifications": (notifications.COMMANDS, notifications.STREAMS),
}
ELSEWHERE = frozenset(
    fact.kind() for commands, _ in TABLES.values() for row in commands.values() for fact in row.elsewhere
)
"""Facts that a command may bring although the stream that it is about stays as it was."""
OUT = (CopyDelivered, CopyTransmitted, ProofWaived, LetterArchived)


@dataclass(frozen=True, slots=True)
class Allowed:
    """``phases``: types of the state before; None: its stream has no phases. ``service``: no person may state it.
    ``roles``: one of them is needed; None: the case itself says who may.
    """

    phases: frozenset[type] | None
    service: bool
    roles: frozenset[str] | None


@dataclass
class Walk:
    """A stream as far as it has been read. ``before``: the state in which its last command was decided."""

    state: Any
    command: str = ""
    before: Any = None


@dataclass
class Revisions:
    """Of one letter: the rounds that are complete, the revisions that went round, and what dispatch let out."""

    complete: set[int] = field(default_factory=set)
    forwarded: set[int] = field(default_factory=set)
    planned: int = 0
    out: dict[int, str] = field(default_factory=dict)


def allowed() -> Mapping[type[Event], Allowed]:
    """By fact, of all commands that may bring it."""
    found: dict[type[Event], Allowed] = {}
    for commands, _ in TABLES.values():
        for row in commands.values():
            only_service = row.askers.roles == {SERVICE} and not row.askers.relation
            for fact in row.facts:
                known = found.get(fact)
                phases = frozenset(row.states) if row.states else None
                by = None if row.askers.relation else row.askers.roles
                if known is None:
                    found[fact] = Allowed(phases, only_service, by)
                    continue
                both = None if known.phases is None or phases is None else known.phases | phases
                either = None if known.roles is None or by is None else known.roles | by
                found[fact] = Allowed(both, known.service and only_service, either)
            found |= {fact: Allowed(None, service=False, roles=None) for fact in row.elsewhere}
    return found


class Phases:
    """Folds every stream with its service's own tables; memory holds one state a stream."""

    def __init__(self) -> None:
        self._allowed = allowed()
        self._breaches = Breaches()
        self._walks: dict[tuple[str, str, str], Walk] = {}
        self._people: set[tuple[str, str]] = set()
        self._letters: dict[tuple[str, str], Revisions] = {}
        self._standing = Standing()
        self._facts = 0

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        tables = TABLES.get(source.service)
        if tables is None:
            return
        for each in seen:
            try:
                recorded = each.recorded()
            except Undecodable:
                continue  # I2 names it
            self._facts += 1
            self._fact(recorded, str(each.said.get("actor", "")), tables[1], each.where(source))

    def end(self, source: Source) -> None:
        """The states of this service's streams are not needed any more."""
        self._walks = {key: walk for key, walk in self._walks.items() if key[1] != source.service}
        self._standing.again()

    def finding(self) -> Finding:
        for revisions in self._letters.values():
            for revision, where in revisions.out.items():
                if revision not in revisions.complete:
                    self._breaches.add(where, f"revisi {revision} keluar tanpa paraf yang lengkap")
                elif revision not in revisions.forwarded:
                    self._breaches.add(where, f"revisi {revision} keluar dan tidak pernah diedarkan")
        figures: dict[str, int | str] = {"facts": self._facts, "letters": len(self._letters)}
        return self._breaches.finding(
            "I12", "setiap peristiwa boleh terjadi di tahapnya; yang keluar adalah yang diparaf pejabat", figures
        )

    def _fact(self, recorded: Recorded, actor: str, streams: Mapping[str, StreamKind], where: str) -> None:
        event, kind = recorded.event, streams.get(recorded.stream.partition(":")[0])
        if isinstance(event, UserAdded):
            self._people.add((recorded.agency, event.person_id))
        if recorded.service == "organisation":
            self._standing.learn(recorded)
        rule = self._allowed.get(type(event))
        if rule is not None and rule.service and (recorded.agency, actor) in self._people:
            self._breaches.add(where, f"{type(event).__name__} dinyatakan oleh orang; hanya layanan yang boleh")
        elif (
            rule is not None
            and rule.roles is not None
            and self._standing.lacked(recorded.agency, actor, rule.roles, recorded.at)
        ):
            self._breaches.add(
                where, f"{type(event).__name__}: {actor} waktu itu tidak punya peran yang membolehkannya"
            )
        self._revision(recorded, where)
        if kind is None:
            return
        walk = self._walks.setdefault((recorded.agency, recorded.service, recorded.stream), Walk(kind.initial))
        command = str(recorded.command_id)
        if command != walk.command:  # facts of one command are decided on one state
            walk.command, walk.before = command, walk.state
        if rule is not None and rule.phases is not None and kind.unfit is not None:  # where streams have phases
            phase = type(walk.before)
            if phase not in rule.phases:
                self._breaches.add(where, f"{type(event).__name__} tidak boleh di tahap {phase.__name__}")
        walk.state = kind.evolve(walk.state, event)

    def _revision(self, recorded: Recorded, where: str) -> None:
        event = recorded.event
        letter_id = getattr(event, "letter_id", None)
        if letter_id is None or not isinstance(event, (ApprovalCompleted, LetterForwarded, DispatchPlanned, *OUT)):
            return
        letter = self._letters.setdefault((recorded.agency, str(letter_id)), Revisions())
        match event:
            case ApprovalCompleted():
                letter.complete.add(event.revision)
            case LetterForwarded():
                letter.forwarded.add(event.revision)
            case DispatchPlanned():
                letter.planned = event.revision
            case _:
                letter.out.setdefault(letter.planned, where)
