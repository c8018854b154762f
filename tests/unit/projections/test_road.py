"""The road of a letter, as the board and Tugas saya see it."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from contracts.base import Reader
from contracts.projections import Board, CaseHistory, CopyDetail, CourierStops, LetterDetail, LetterList, TaskList
from tests.unit.projections.lives import staff
from tests.unit.projections.office import Letter, Office
from tests.unit.projections.reading import ask, follow, projector_of

ROAD: list[tuple[Callable[[Letter], object], str, set[str]]] = [
    (lambda letter: letter.captured(), "captured", {"examine"}),
    (lambda letter: letter.examined(), "examined", {"register"}),
    (lambda letter: letter.registered(), "registered", {"print"}),
    (lambda letter: letter.printed(), "printed", {"forward"}),
    (lambda letter: letter.forwarded(), "forwarded", {"initial"}),
    (lambda letter: letter.initialled(0), "forwarded", set()),
    (lambda letter: letter.stepped_back(), "forwarded", {"initial"}),
    (lambda letter: letter.returned(), "returned", {"revise"}),
    (lambda letter: letter.revised(), "registered", {"print"}),
    (lambda letter: letter.printed(2, "revisi"), "printed", {"forward"}),
    (lambda letter: letter.forwarded(), "forwarded", {"initial"}),
    (lambda letter: letter.approved(), "released", {"assign", "transmit"}),
    (lambda letter: letter.printed(3, "hilang"), "released", {"assign", "transmit"}),
    (lambda letter: letter.assigned(), "assigned", {"deliver", "transmit"}),
    (lambda letter: letter.failed(), "delivering", {"retry", "deliver", "transmit"}),
    (lambda letter: letter.assigned(), "assigned", {"deliver", "transmit"}),
    (lambda letter: letter.proven(), "proven", {"archive"}),
    (lambda letter: letter.archived(), "archived", set()),
]


async def test_a_letter_walks_from_the_mailbox_to_the_archive(engine: Engine, office: Office) -> None:
    staff(office)
    letter, projector = office.letter(2), projector_of(engine, office)
    for step, stage, actions in ROAD:
        step(letter)
        await follow(projector, office)
        found = (await ask(projector, office, LetterDetail(letter_id=letter.id))).letter
        listed = await ask(projector, office, LetterList())
        board = await ask(projector, office, Board())
        assert found.row.stage == stage
        assert [row.stage for row in listed.letters] == [stage]
        assert listed.counts == {stage: 1}
        assert {column.key: column.count for column in board.columns if stage in column.stages} == {
            column.key: 1 for column in board.columns if column.cards
        }
        waiting = [
            await ask(projector, office, TaskList(reader=Reader(person_id="operator", roles=("operator",)))),
            await ask(
                projector, office, TaskList(reader=Reader(person_id="pak-kasi", positions=("kasi",), roles=("kasi",)))
            ),
            await ask(projector, office, TaskList(reader=Reader(person_id="caraka-1", roles=("courier",)))),
        ]
        assert {task.action for answer in waiting for task in answer.tasks} == actions


@pytest.fixture
async def delivered(engine: Engine, office: Office) -> Letter:
    staff(office)
    letter = office.letter(2).captured().examined().registered().printed().forwarded().approved().assigned().proven()
    await follow(projector_of(engine, office), office)
    return letter


async def test_a_letter_shows_everything_that_the_services_have_told(
    engine: Engine, office: Office, delivered: Letter
) -> None:
    letter = (await ask(projector_of(engine, office), office, LetterDetail(letter_id=delivered.id))).letter
    assert (letter.row.agenda, letter.row.sender, letter.row.subject) == ("0002/2026", "Dinas 2", "Undangan rapat 2")
    assert (letter.from_address, letter.message_subject) == ("p2@example.id", "Undangan 2")
    assert letter.row.versions == {"intake": 5, "approval": 4, "dispatch": 7}
    assert [(tier.position, tier.state, tier.by_name) for tier in letter.initials] == [
        ("kasi", "initialled", "Bapak pak-kasi"),
        ("kabid", "initialled", "Bapak pak-kabid"),
    ]
    assert [copy.state for copy in letter.copies] == ["delivered", "delivered", "transmitted"]
    assert letter.copies[0].receiver_name == "Penerima 2"
    assert (letter.row.copies, letter.row.copies_proven) == (3, 3)
    assert letter.row.completed_at is not None


async def test_the_history_tells_every_fact_in_order_and_the_inspector_sees_it_as_stored(
    engine: Engine, office: Office, delivered: Letter
) -> None:
    projector = projector_of(engine, office)
    entries = (await ask(projector, office, CaseHistory(case_id=delivered.id, raw=True))).entries
    assert [entry.kind.split(".")[1] for entry in entries] == [
        "MessageCaptured", "MessageExamined", "AgendaNumberTaken", "LetterRegistered", "PrintPackProduced",
        "LetterForwarded", "RoundOpened", "DispatchPlanned", "TierInitialled", "TierInitialled", "ApprovalCompleted",
        "DispatchReleased", "CourierAssigned", "CopyDelivered", "CopyDelivered", "CopyTransmitted", "DispatchProven",
    ]  # fmt: skip
    captured, examined = entries[0], entries[1]
    assert captured.params["who"] == "Pengirim 2"
    assert (examined.by_name, examined.params) == ("Bapak operator", {"who": "Dinas 2", "what": "Undangan rapat 2"})
    assert captured.raw is not None
    assert captured.raw["data"]["from_name"]["class"] == "applicant"
    assert "Pengirim" not in str(captured.raw)
    assert all(entry.raw is None for entry in (await ask(projector, office, CaseHistory(case_id=delivered.id))).entries)


async def test_a_courier_sees_what_he_has_to_bring_and_what_he_brought_today(engine: Engine, office: Office) -> None:
    staff(office)
    projector = projector_of(engine, office)
    done = office.letter(1).captured().examined().registered().printed().forwarded().approved().assigned().delivered(0)
    todo = office.letter(4).captured().examined().registered().printed().forwarded().approved().assigned()
    office.letter(7).captured().examined().registered().printed().forwarded().approved().assigned().cancelled()
    await follow(projector, office)
    stops = (await ask(projector, office, CourierStops(courier_id="caraka-1"))).stops
    assert [(stop.letter_id, stop.state) for stop in stops] == [
        (done.id, "assigned"), *[(todo.id, "assigned")] * 2, (done.id, "delivered"),
    ]  # fmt: skip
    tomorrow = (await ask(projector, office, CourierStops(courier_id="caraka-1"), later=24)).stops
    assert {stop.state for stop in tomorrow} == {"assigned"}
    assert (await ask(projector, office, CourierStops(courier_id="nobody"))).stops == ()


async def test_a_copy_is_found_by_its_code_before_and_after_it_was_planned(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    letter = office.letter(1).captured().examined().registered()
    copy_id = letter.copies[0].copy_id
    await follow(projector, office)
    found = (await ask(projector, office, CopyDetail(copy_id=copy_id))).copy_row
    assert (found.letter_id, found.state, found.agenda) == (letter.id, "planned", "0001/2026")
    letter.printed().forwarded().approved().assigned()
    await follow(projector, office)
    assert (await ask(projector, office, CopyDetail(copy_id=copy_id))).copy_row.courier_name == "Caraka caraka-1"
    letter.cancelled()
    await follow(projector, office)
    assert (await ask(projector, office, CopyDetail(copy_id=copy_id))).copy_row.state == "closed"
    assert (await ask(projector, office, CopyDetail(copy_id=letter.id))).copy_row is None


async def test_nobody_is_asked_to_initial_what_he_registered_himself(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    office.letter(1).captured().examined().registered().printed().forwarded()
    await follow(projector, office)
    himself = await ask(
        projector, office, TaskList(reader=Reader(person_id="operator", positions=("kasi",), roles=("kasi",)))
    )
    another = await ask(
        projector, office, TaskList(reader=Reader(person_id="pak-kasi", positions=("kasi",), roles=("kasi",)))
    )
    assert himself.tasks == ()
    assert [task.action for task in another.tasks] == ["initial"]


async def test_another_agency_sees_nothing(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    letter = office.letter(1).captured().examined().registered()
    await follow(projector, office)
    office.agency = "purbalingga"
    assert (await ask(projector, office, LetterList())).letters == ()
    assert (await ask(projector, office, LetterDetail(letter_id=letter.id))).letter is None
    assert (await ask(projector, office, CaseHistory(case_id=letter.id))).entries == ()
    assert (await ask(projector, office, CopyDetail(copy_id=letter.copies[0].copy_id))).copy_row is None
    assert all(column.count == 0 for column in (await ask(projector, office, Board())).columns)
