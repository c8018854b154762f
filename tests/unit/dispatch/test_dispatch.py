"""The caraka's way: planned, released by the initials, carried or sent, proven, archived."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.base import Actor, Command
from contracts.dispatch import (
    ApprovalNoted,
    ArchiveLetter,
    AssignCourier,
    CloseDispatch,
    CopyDelivered,
    CopyTransmitted,
    CourierAssigned,
    DeliveryFailed,
    DispatchClosed,
    DispatchHeld,
    DispatchPlanned,
    DispatchProven,
    DispatchRecalled,
    DispatchReleased,
    HoldDispatch,
    LetterArchived,
    PlanDispatch,
    ProofWaived,
    RecordDelivery,
    RecordTransmission,
    ReleaseDispatch,
    RevisionRefused,
    WaiveProof,
)
from contracts.words import Copy
from tests.unit.given_when_then import SERVICE, Desk
from tests.unit.office import (
    CITIZEN,
    COURIER,
    DISPATCH,
    KABID,
    KADIS,
    KASI,
    KASI_PLH_KABID,
    OPERATOR,
    OTHER_COURIER,
    THURSDAY_1400,
    blob,
    letter_id,
    office,
)

ID = letter_id(1)
MAYOR, SCHOOLS, SECRETARY, STRANGER = (letter_id(number) for number in (101, 102, 103, 109))


def _copy(copy_id: Any, office_name: str, *routes: str, proof: str = "receipt") -> Copy:
    return Copy(
        copy_id=copy_id,
        recipient_class="kepala-opd",
        office=office_name,
        copy_kind="asli",
        route=routes[0],
        routes=routes,
        proof=proof,
    )


COPIES = (
    _copy(MAYOR, "Walikota", "aide"),
    _copy(SCHOOLS, "Dinas Pendidikan", "courier", "fax", "online"),
    _copy(SECRETARY, "Sekretariat Daerah", "fax", proof="transmission-report"),
)


def plan(revision: int = 1, copies: tuple[Copy, ...] = COPIES) -> PlanDispatch:
    return PlanDispatch(
        letter_id=ID,
        revision=revision,
        agenda="0844/2026",
        urgency="segera",
        due_at=THURSDAY_1400,
        copies=copies,
        assigner="kasi-persandian",
    )


def hold(revision: int) -> HoldDispatch:
    return HoldDispatch(letter_id=ID, revision=revision)


def release(revision: int = 1) -> ReleaseDispatch:
    return ReleaseDispatch(letter_id=ID, revision=revision)


def assign(*copy_ids: Any, to: Actor = COURIER) -> AssignCourier:
    return AssignCourier(letter_id=ID, courier_id=to.id, courier_name=to.name, copy_ids=copy_ids)


def delivered(copy_id: Any = MAYOR, at: datetime | None = None, **said: Any) -> RecordDelivery:
    wish = {"receiver_name": "Siti", "receiver_position": "Ajudan", "happened_at": at, **said}
    return RecordDelivery(letter_id=ID, copy_id=copy_id, **wish)


def failed(copy_id: Any = MAYOR, at: datetime | None = None, reason: str = "Kantor tutup") -> RecordDelivery:
    return RecordDelivery(letter_id=ID, copy_id=copy_id, delivered=False, reason=reason, happened_at=at)


def sent(copy_id: Any, route: str = "fax", reference: str = "FAX-17", at: datetime | None = None) -> RecordTransmission:
    return RecordTransmission(letter_id=ID, copy_id=copy_id, route=route, reference=reference, happened_at=at)


def waive(copy_id: Any, reason: str = "Penerima pindah kantor") -> WaiveProof:
    return WaiveProof(letter_id=ID, copy_id=copy_id, reason=reason)


ARCHIVE = ArchiveLetter(letter_id=ID, classification="005", place="Lemari 2")
CLOSE = CloseDispatch(letter_id=ID, reason="Batal")


def planned() -> Desk:
    return office((DISPATCH,)).when(plan()).then(DispatchPlanned)


def released() -> Desk:
    return planned().when(release()).then(DispatchReleased)


def on_the_way() -> Desk:
    return released().when(assign(), KASI).then(CourierAssigned).later(hours=1)


def proven() -> Desk:
    desk = on_the_way().when(delivered(MAYOR), COURIER).when(delivered(SCHOOLS), COURIER)
    return desk.when(sent(SECRETARY), OPERATOR).then(CopyTransmitted, DispatchProven)


def test_initials_that_overtook_their_plan_release_it_when_it_comes() -> None:
    desk = office((DISPATCH,)).when(release()).then(ApprovalNoted).when(release()).then()
    desk.when(assign(), KASI).refused("dispatch.not-planned").when(delivered(), COURIER).refused("dispatch.not-planned")
    desk.when(plan()).then(DispatchPlanned, DispatchReleased)


def test_only_the_plan_that_was_initialled_is_released() -> None:
    desk = planned().when(release(2)).then(ApprovalNoted)
    desk.when(assign(), KASI).refused("dispatch.not-released", revision=1)
    desk.when(plan(2)).then(DispatchPlanned, DispatchReleased)
    planned().when(plan(2)).then(DispatchPlanned).when(release(1)).then()


def test_a_plan_is_made_once_and_never_goes_back() -> None:
    planned().when(plan()).then()
    planned().when(plan(copies=COPIES[:1])).refused("dispatch.plan-differs", revision=1)
    planned().when(plan(2)).when(plan(1)).refused("dispatch.older-revision", revision=2)
    released().when(plan()).then().when(release()).then()
    released().when(plan(2)).then(DispatchRecalled, DispatchPlanned)
    released().when(release(2)).then(ApprovalNoted).when(plan(2)).then(
        DispatchRecalled, DispatchPlanned, DispatchReleased
    )
    office((DISPATCH,)).when(plan(copies=())).refused("dispatch.no-copies")


def test_while_a_released_letter_is_revised_nothing_is_proven_and_nobody_is_assigned() -> None:
    desk = on_the_way().when(delivered(MAYOR), COURIER).when(hold(2)).then(DispatchHeld)
    assert desk.fact(DispatchHeld).copy_ids == (SCHOOLS, SECRETARY)
    desk.when(delivered(SCHOOLS), COURIER).refused("dispatch.held", revision=2)
    desk.when(failed(SCHOOLS), COURIER).refused("dispatch.held")
    desk.when(sent(SECRETARY), OPERATOR).refused("dispatch.held")
    desk.when(waive(SCHOOLS), KASI).refused("dispatch.held")
    desk.when(assign(), KASI).refused("dispatch.held")
    desk.when(ARCHIVE, OPERATOR).refused("dispatch.held")
    desk.when(release(1)).then().when(hold(2)).then()
    desk.when(plan(2)).then(DispatchRecalled, DispatchPlanned)
    assert (desk.fact(DispatchRecalled).revision, desk.fact(DispatchRecalled).proven) == (1, 1)
    desk.when(delivered(MAYOR), COURIER).refused("dispatch.not-released", revision=2)
    desk.when(release(2)).then(DispatchReleased).when(assign(), KASI).then(CourierAssigned)
    desk.when(delivered(MAYOR), COURIER).then(CopyDelivered)


def test_a_plan_that_was_not_released_is_held_too_and_late_initials_of_it_release_nothing() -> None:
    desk = planned().when(hold(2)).then(DispatchHeld)
    desk.when(release(1)).then().when(plan(2)).then(DispatchPlanned).when(release(2)).then(DispatchReleased)


def test_what_is_archived_stays_whatever_revision_comes_too_late() -> None:
    desk = on_the_way().when(delivered(MAYOR), COURIER).when(delivered(SCHOOLS), COURIER)
    desk.when(sent(SECRETARY), OPERATOR).when(ARCHIVE, OPERATOR)
    desk.when(hold(2)).then(RevisionRefused).when(plan(2)).then().when(release(2)).then()
    desk.when(plan(3)).then(RevisionRefused)
    desk.when(ARCHIVE, OPERATOR).then()


def test_the_kasi_assigns_the_courier_for_all_that_can_be_carried() -> None:
    desk = on_the_way()
    fact = desk.fact(CourierAssigned)
    assert (fact.copy_ids, fact.courier_id, fact.by.position) == ((MAYOR, SCHOOLS), "caraka-1", "kasi-persandian")
    desk.when(assign(), KASI).then()


def test_nobody_but_the_assigner_assigns_or_waives() -> None:
    for command in (assign(), waive(MAYOR)):
        for actor in (SERVICE, OPERATOR, KABID, KADIS, COURIER, CITIZEN):
            released().when(command, actor).refused("dispatch.not-the-assigner", position="kasi-persandian")


def test_copies_are_shared_between_couriers_and_handed_over() -> None:
    desk = released().when(assign(MAYOR), KASI).when(assign(to=OTHER_COURIER), KASI).then(CourierAssigned)
    assert desk.fact(CourierAssigned).copy_ids == (SCHOOLS,)
    desk.when(assign(), KASI).refused("dispatch.nothing-to-assign")
    desk.when(assign(MAYOR, MAYOR, to=OTHER_COURIER), KASI).then(CourierAssigned)
    assert desk.fact(CourierAssigned).copy_ids == (MAYOR,)
    desk.when(assign(MAYOR, SCHOOLS, to=OTHER_COURIER), KASI).then()
    desk.when(delivered(MAYOR), COURIER).refused("dispatch.not-your-copy", courier_id="caraka-2")


def test_what_cannot_be_carried_or_is_not_there_is_not_assigned() -> None:
    released().when(assign(SECRETARY), KASI).refused("dispatch.route-not-by-hand", routes=["fax"])
    released().when(assign(STRANGER), KASI).refused("dispatch.unknown-copy")
    on_the_way().when(delivered(), COURIER).when(assign(MAYOR), KASI).refused("dispatch.copy-proven")
    office((DISPATCH,)).when(assign(), KASI).refused("dispatch.unknown-letter")


def test_a_delivery_is_reported_by_the_copys_courier_or_from_the_slip_by_the_operator() -> None:
    for actor in (SERVICE, KASI, KABID, OTHER_COURIER, CITIZEN):
        on_the_way().when(delivered(), actor).refused("dispatch.not-your-copy", courier_id="caraka-1")
    assert on_the_way().when(delivered(), COURIER).then(CopyDelivered).fact(CopyDelivered).by.person_id == "caraka-1"
    by = on_the_way().when(delivered(), OPERATOR).then(CopyDelivered).fact(CopyDelivered).by
    assert (by.person_id, by.position) == ("operator", "operator-sandi")


def test_a_copy_that_nobody_carries_was_not_delivered() -> None:
    released().when(delivered(), COURIER).refused("dispatch.not-assigned")
    planned().when(delivered(), COURIER).refused("dispatch.not-released")
    on_the_way().when(delivered(STRANGER), COURIER).refused("dispatch.unknown-copy")


def test_a_delivery_names_its_receiver_and_a_failure_its_reason() -> None:
    on_the_way().when(delivered(receiver_name="  "), COURIER).refused("dispatch.receiver-missing")
    on_the_way().when(failed(reason=" "), COURIER).refused("dispatch.reason-missing")


@pytest.mark.parametrize(
    ("said", "counts"), [(-300, 0), (30, 30), (60, 60), (525_600, 60)], ids=["before", "while", "now", "after"]
)
def test_the_devices_time_counts_between_assignment_and_now(said: int, counts: int) -> None:
    desk = on_the_way()
    assigned = desk.now - timedelta(hours=1)
    fact = desk.when(delivered(at=assigned + timedelta(minutes=said)), COURIER).fact(CopyDelivered)
    assert fact.happened_at == assigned + timedelta(minutes=counts)
    assert fact.reported_at == assigned + timedelta(minutes=said)
    assert fact.recorded_at == desk.now


def test_a_report_sent_twice_is_one_delivery() -> None:
    desk = on_the_way()
    report = delivered(at=desk.now, signature=blob("coretan", "image/png"))
    desk.when(report, COURIER).then(CopyDelivered).later(minutes=9).when(report, COURIER).then()


@pytest.mark.parametrize(
    "other", [{"receiver_position": "Satpam"}, {"signature": blob("lain", "image/png")}, {"at": THURSDAY_1400}]
)
def test_another_report_for_a_proven_copy_is_refused(other: dict[str, Any]) -> None:
    desk = on_the_way()
    said: dict[str, Any] = {"at": desk.now, "signature": blob("coretan", "image/png")}
    desk.when(delivered(**said), COURIER).when(delivered(**{**said, **other}), COURIER)
    desk.refused("dispatch.copy-proven", how="delivered")


def test_without_a_time_of_its_own_a_second_report_is_another_one() -> None:
    on_the_way().when(delivered(), COURIER).when(delivered(), COURIER).refused("dispatch.copy-proven")


def test_a_failed_attempt_leaves_the_copy_with_its_courier() -> None:
    desk = on_the_way()
    desk.when(failed(at=desk.now), COURIER).then(DeliveryFailed).when(failed(at=desk.now), COURIER).then()
    desk.when(failed(), COURIER).then(DeliveryFailed).when(delivered(), COURIER).then(CopyDelivered)
    desk.when(failed(), COURIER).refused("dispatch.copy-proven")


def test_what_came_back_is_assigned_again() -> None:
    desk = on_the_way().when(failed(), COURIER).when(assign(to=OTHER_COURIER), KASI).then(CourierAssigned)
    assert desk.fact(CourierAssigned).copy_ids == (MAYOR,)
    desk.when(delivered(), OTHER_COURIER).then(CopyDelivered)


def test_a_copy_is_sent_only_by_a_route_of_its_rule() -> None:
    desk = released().when(sent(SCHOOLS, "online", "SO-9"), OPERATOR).then(CopyTransmitted)
    desk.when(sent(SCHOOLS, "online", "SO-9"), OPERATOR).then()
    desk.when(sent(SCHOOLS, "online", "SO-10"), OPERATOR).refused("dispatch.copy-proven", how="transmitted")
    desk.when(sent(MAYOR), OPERATOR).refused("dispatch.route-not-allowed", route="fax", allowed=[])
    desk.when(sent(SECRETARY, "online"), OPERATOR).refused("dispatch.route-not-allowed", allowed=["fax"])
    desk.when(sent(SCHOOLS, "courier"), OPERATOR).refused("dispatch.route-not-allowed", allowed=["fax", "online"])


def test_a_fax_was_not_sent_before_the_release_nor_tomorrow() -> None:
    desk = released().later(hours=1)
    early, late = desk.now - timedelta(days=1), desk.now + timedelta(days=1)
    assert desk.when(sent(SECRETARY, at=early), OPERATOR).fact(CopyTransmitted).happened_at == THURSDAY_1400
    assert desk.when(sent(SCHOOLS, at=late), OPERATOR).fact(CopyTransmitted).happened_at == desk.now


def test_a_waived_proof_is_waived_once_with_its_reason() -> None:
    desk = released().when(waive(MAYOR), KASI).then(ProofWaived).when(waive(MAYOR), KASI).then()
    desk.when(waive(MAYOR, "Lain"), KASI).refused("dispatch.copy-proven", how="waived")
    desk.when(waive(STRANGER), KASI).refused("dispatch.unknown-copy")
    planned().when(waive(MAYOR), KASI).refused("dispatch.not-released")
    assert released().when(waive(MAYOR), KASI_PLH_KABID).fact(ProofWaived).by.position == "kasi-persandian"


def test_the_last_proof_proves_the_letter_at_the_latest_moment() -> None:
    desk = on_the_way()
    noon = desk.now
    desk.later(hours=2).when(sent(SECRETARY), OPERATOR).when(delivered(MAYOR, noon), COURIER).then(CopyDelivered)
    desk.later(hours=5).when(delivered(SCHOOLS, noon + timedelta(hours=1)), COURIER)
    desk.then(CopyDelivered, DispatchProven)
    assert desk.fact(DispatchProven).completed_at == noon + timedelta(hours=2)


def test_a_waiver_may_be_the_last_proof() -> None:
    desk = on_the_way().when(delivered(MAYOR), COURIER).when(sent(SECRETARY), OPERATOR).later(hours=3)
    desk.when(waive(SCHOOLS), KASI).then(ProofWaived, DispatchProven)
    assert desk.fact(DispatchProven).completed_at == desk.now


def test_only_what_is_proven_is_archived_and_by_the_operator_alone() -> None:
    on_the_way().when(delivered(), COURIER).when(ARCHIVE, OPERATOR).refused(
        "dispatch.not-proven",
        missing=[
            {"copy_id": str(SCHOOLS), "office": "Dinas Pendidikan"},
            {"copy_id": str(SECRETARY), "office": "Sekretariat Daerah"},
        ],
    )
    for actor in (SERVICE, KASI, KADIS, COURIER, CITIZEN):
        proven().when(ARCHIVE, actor).refused("dispatch.not-permitted", needs=["operator"])
    desk = proven().when(ARCHIVE, OPERATOR).then(LetterArchived).when(ARCHIVE, OPERATOR).then()
    desk.when(ARCHIVE.model_copy(update={"place": "Lemari 3"}), OPERATOR).refused("dispatch.archived", place="Lemari 2")


def test_a_cancelled_letter_stops_on_its_way() -> None:
    for desk in (planned(), released(), on_the_way(), proven()):
        desk.when(CLOSE).then(DispatchClosed).when(CLOSE).then()
        for command, actor in ((delivered(), COURIER), (assign(), KASI), (ARCHIVE, OPERATOR), (plan(2), SERVICE)):
            desk.when(command, actor).refused("dispatch.closed", reason="Batal")
        desk.when(release()).then()


def test_what_is_archived_is_cancelled_no_more() -> None:
    proven().when(ARCHIVE, OPERATOR).when(CLOSE).refused("dispatch.archived")
    office((DISPATCH,)).when(CLOSE).then()
    office((DISPATCH,)).when(release()).when(CLOSE).then(DispatchClosed)


@pytest.mark.parametrize("command", [plan(), release(), CLOSE], ids=lambda command: command.kebab())
@pytest.mark.parametrize("actor", [OPERATOR, KASI, COURIER, CITIZEN], ids=lambda actor: actor.id)
def test_plan_release_and_close_come_from_the_service_alone(command: Command, actor: Actor) -> None:
    office((DISPATCH,)).when(command, actor).refused("dispatch.not-permitted", needs=["service"])
