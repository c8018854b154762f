"""What the complaint officer decides first: that it has come, what it is, whom it is about, who handles it."""

from dataclasses import replace
from typing import Any

from contracts.base import EMPTY, Event, Refusal, Sealed
from contracts.complaint import (
    Acknowledge,
    AssignComplaint,
    ClassifyComplaint,
    ComplainedAboutNamed,
    ComplaintAcknowledged,
    ComplaintAssigned,
    ComplaintClassified,
    ComplaintReclassified,
    NameComplainedAbout,
)
from contracts.words import StandardRef
from services.complaint.domain import clock, standards, who
from services.complaint.domain.filing import rungs
from services.complaint.domain.state import (
    Case,
    Filed,
    Known,
    Open,
    Sorting,
    Working,
    above,
    above_officer,
    complaint_stream,
    sorter,
)
from services.complaint.policy import refuse
from services.complaint.policy.rules import ComplaintClass, complaint_rules
from services.kit.deadlines import Rules
from services.kit.deciding import Accept, Decision, Given, accept


def acknowledge(command: Acknowledge, state: Known, given: Given) -> Decision:
    if not isinstance(state, Filed):
        return Accept()
    fact = ComplaintAcknowledged(complaint_id=command.complaint_id, by=who.officer(state.case, given))
    return accept(complaint_stream(command.complaint_id), fact)


def classify(command: ClassifyComplaint, state: Open, given: Given) -> Decision:
    """First or again. It counts from the receipt, less the pauses; a restricted one leaves ordinary eyes at once."""
    found = _class_of(command, state.case, given)
    if isinstance(found, Refusal):
        return found
    ref, rules, row = found
    if (no := _wanting(command, state.case, row)) is not None:
        return no
    facts: list[Event] = []
    by = who.officer(state.case, given)
    if isinstance(state, Filed):
        facts.append(ComplaintAcknowledged(complaint_id=command.complaint_id, by=by))
    facts.append(_classified(command, state, (ref, rules, row), given))
    if row.restricted and command.examiner is not None and state.case.handler != command.examiner:
        handed = ComplaintAssigned(complaint_id=command.complaint_id, position=command.examiner, why="examiner", by=by)
        facts.append(handed)
    return accept(complaint_stream(command.complaint_id), *facts)


def _class_of(
    command: ClassifyComplaint, case: Case, given: Given
) -> tuple[StandardRef, Rules, ComplaintClass] | Refusal:
    """The standard stays the one it was filed under, unless another is named."""
    ref = case.standard
    if command.standard and command.standard != ref.standard:
        adopted = standards.in_force(command.standard, given)
        if isinstance(adopted, Refusal):
            return adopted
        ref = adopted.ref
    rules = clock.rules_of(ref, given)
    row = complaint_rules(rules).row(command.complaint_class)
    if row is None:
        return refuse("class-unknown", known=[each.slug for each in complaint_rules(rules).classes])
    return ref, rules, row


def _wanting(command: ClassifyComplaint, case: Case, row: ComplaintClass) -> Refusal | None:
    if not command.gist.strip():
        return refuse("gist-missing")
    if command.names_reporter and not command.reason.strip():
        return refuse("gist-names-reporter")
    if row.restricted and command.examiner is None:
        return refuse("examiner-missing")
    if command.examiner is not None and not who.free(command.examiner, case):
        return refuse("handler-barred")
    return None


def _classified(
    command: ClassifyComplaint, state: Open, found: tuple[StandardRef, Rules, ComplaintClass], given: Given
) -> ComplaintClassified:
    ref, rules, row = found
    now = state.clock
    pauses = now.pauses_until(given.now) if now is not None else ()
    received_at = state.case.filed_at
    due, own = clock.CLOCKS.due(rules, received_at, row.slug, pauses), complaint_rules(rules)
    climbing = rungs(rules, received_at, due.due_at, pauses)
    desk = None
    if not who.free(own.officer, state.case):
        desk = state.case.desk or above_officer(own.officer, own.superior, climbing, state.case.barred_at)
    said = {
        "complaint_id": command.complaint_id,
        "complaint_class": row.slug,
        "title": row.title,
        "default": row.default,
        "restricted": row.restricted,
        "examiner": command.examiner if row.restricted else None,
        "gist": Sealed.of(command.gist.strip()),
        "standard": ref,
        "received_at": received_at,
        "due_at": due.due_at,
        "remind_at": due.remind_at,
        "calendar": due.calendar,
        "told": command.examiner if row.restricted and command.examiner else desk or own.officer,
        "officer": own.officer,
        "desk": desk,
        "rungs": climbing,
        "reason": Sealed.of(command.reason.strip()) if command.reason.strip() else EMPTY,
        "by": who.officer(state.case, given),
    }
    if isinstance(state, Sorting):
        return ComplaintClassified(**said)
    return ComplaintReclassified(before=state.case.complaint_class, **said)


def name_complained_about(command: NameComplainedAbout, state: Open, given: Given) -> Decision:
    """He and his stand-ins read it no more; what was his goes to his superior in the same commit."""
    barred = replace(state.case, barred_at=state.case.barred_at | set(command.positions))
    if command.person_id in barred.barred and barred.barred_at == state.case.barred_at:
        return Accept()
    if command.superior is not None and not who.free(command.superior, barred):
        return refuse("handler-barred")
    heirs = _heirs(command, replace(state, case=barred), given)
    if isinstance(heirs, Refusal):
        return heirs
    by, handler = who.officer(state.case, given), heirs.pop("handler", None)
    fact = ComplainedAboutNamed(
        complaint_id=command.complaint_id,
        person_id=command.person_id,
        positions=command.positions,
        unit=Sealed.of(command.unit.strip()) if command.unit.strip() else EMPTY,
        barred=(
            f"person:{command.person_id}",
            f"substitute-of:{command.person_id}",
            *(f"position:{each}" for each in command.positions),
        ),
        by=by,
        **heirs,
    )
    facts: list[Event] = [fact]
    if handler is not None:
        handed = ComplaintAssigned(complaint_id=command.complaint_id, position=handler, why="complained-about", by=by)
        facts.append(handed)
    return accept(complaint_stream(command.complaint_id), *facts)


def _heirs(command: NameComplainedAbout, state: Open, given: Given) -> dict[str, Any] | Refusal:
    """Part → who has it from here on, of the parts that were his. ``state``: with his positions barred.

    Sorting stays with the officer unless it is his; whatever else no rung above him can have, whoever sorts has.
    """
    case, own = state.case, clock.own_rules(state.case.standard, given)
    heirs: dict[str, Any] = {}
    if not who.free(sorter(case), case):
        heirs["desk"] = command.superior or above_officer(case.officer, own.superior, case.rungs, case.barred_at)
    otherwise = heirs.get("desk", sorter(case))
    held = {"handler": case.handler, "examiner": case.examiner, "approver": getattr(state, "approver", None)}
    for part, position in held.items():
        if position is not None and not who.free(position, case):
            heirs[part] = command.superior or above(position, case.rungs, case.barred_at) or otherwise
    return refuse("no-rung") if None in heirs.values() else heirs


def assign(command: AssignComplaint, state: Working, given: Given) -> Decision:
    case = state.case
    if not who.free(command.position, case):
        return refuse("handler-barred")
    if case.handler == command.position:
        return Accept()
    if case.restricted and command.position != case.examiner:
        return refuse("handler-barred")
    fact = ComplaintAssigned(complaint_id=command.complaint_id, position=command.position, by=who.officer(case, given))
    return accept(complaint_stream(command.complaint_id), fact)
