"""Requests for accounts as the register, Tugas saya, the limits and the history show them."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from contracts.account_provisioning import AskForCompletion, BeginClaim, DropClaim, RetryProvisioning
from contracts.base import ERASED, NOBODY, Actor, Command, Reader
from contracts.organisation import StandardPublished, SubjectErased
from contracts.projections import (
    REQUEST_STAGES,
    AccountDetail,
    AccountList,
    AtRisk,
    Board,
    CaseHistory,
    ChangesSince,
    RequestDetail,
    RequestList,
    TaskList,
)
from services.account_provisioning.domain import state
from services.projections import policy
from services.projections.views import VIEWS
from tests.unit.account_provisioning import desk as counter
from tests.unit.account_provisioning.desk import RULES, SITI, STAFF, STANDARD, form, request_id
from tests.unit.given_when_then import SERVICE, Desk
from tests.unit.projections.lives import heard
from tests.unit.projections.office import OPERATOR, Office
from tests.unit.projections.reading import ask, digest_of, follow, projector_of, rebuilder_of

CLERK = Reader(person_id="loket", roles=("operator",))
GALIH = Reader(person_id="galih", positions=("staf-informatika-1",), roles=("operator",))
KADIS = Reader(person_id="kadis", positions=("kadis",), roles=("kadis",))
COURIER = Reader(person_id="caraka-1", roles=("courier",))
KEEPER = Reader(person_id="admin", roles=("admin",))

STAGES: dict[type, str] = {
    state.Incomplete: "incomplete", state.Reviewed: "complete", state.Asked: "asked",
    state.Provisioning: "provisioning", state.Failed: "failed", state.Abandoning: "undoing",
    state.Provisioned: "provisioned", state.Rejected: "rejected", state.GivenUp: "given-up",
    state.Notified: "notified", state.Received: "received",
}  # fmt: skip
RETRY = RetryProvisioning(request_id=request_id())
ROADS: dict[str, tuple[Callable[[], Desk], set[str], set[str]]] = {
    "incomplete": (counter.incomplete, {"complete"}, {"complete"}),
    "complete": (counter.reviewed, set(), {"decide"}),
    "asked": (counter.asked, set(), set()),
    "provisioning": (counter.provisioning, set(), set()),
    "failed": (counter.failed, {"repair"}, {"repair"}),
    "undoing": (counter.abandoning, set(), set()),
    "provisioned": (counter.provisioned, {"tell"}, {"tell"}),
    "rejected": (counter.rejected, {"tell"}, {"tell"}),
    "given-up": (counter.given_up, {"tell"}, {"tell"}),
    "notified": (counter.notified, set(), set()),
    "received": (counter.received, set(), set()),
    "withdrawn": (counter.withdrawn, set(), set()),
    "closed": (lambda: counter.rejected().when(counter.TELL, counter.CLERK), set(), set()),
    "provisioning again": (lambda: counter.failed().when(RETRY, counter.CLERK), set(), set()),
}  # fmt: skip


@pytest.mark.parametrize("name", ROADS)
async def test_the_stage_is_the_phase_of_the_decisions_and_waits_for_whom_it_must(
    engine: Engine, office: Office, name: str
) -> None:
    road, at_the_counter, of_the_reviewer = ROADS[name]
    desk, projector = road(), projector_of(engine, office)
    heard(office, desk)
    await follow(projector, office)
    found = (await ask(projector, office, RequestDetail(request_id=request_id()))).request
    decided = desk._states["account_provisioning", state.request_stream(request_id())]
    assert found.row.stage == STAGES.get(type(decided), name)
    assert name.startswith(found.row.stage)
    assert found.row.versions == {"account_provisioning": sum(each.stream.startswith("request:") for each in desk.log)}
    listed = await ask(projector, office, RequestList())
    assert ([row.stage for row in listed.requests], listed.counts) == ([found.row.stage], {found.row.stage: 1})
    for reader, actions in ((CLERK, at_the_counter), (GALIH, of_the_reviewer), (KADIS, set()), (COURIER, set())):
        tasks = (await ask(projector, office, TaskList(reader=reader))).tasks
        assert {task.action for task in tasks} == actions
        assert all(task.case.case_id == request_id() for task in tasks)
    board = await ask(projector, office, Board(case_kind="requests"))
    assert {column.key for column in board.columns if column.count} == {
        column.key for column in policy.REQUEST_BOARD if found.row.stage in column.stages
    }


def test_every_stage_is_walked_and_has_one_column_of_the_board() -> None:
    assert {name.removesuffix(" again") for name in ROADS} == set(REQUEST_STAGES)
    on_board = [stage for column in policy.REQUEST_BOARD for stage in column.stages]
    assert sorted(on_board) == sorted(REQUEST_STAGES)


async def test_a_directory_that_is_away_is_tried_again_by_itself(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    heard(office, counter.provisioning().when(counter.not_done("temporary", reason="away")))
    await follow(projector, office)
    found = (await ask(projector, office, RequestDetail(request_id=request_id()))).request
    assert (found.row.stage, found.row.failure) == ("provisioning", "away")
    assert (await ask(projector, office, TaskList(reader=CLERK))).tasks == ()


async def test_the_first_of_two_has_done_his_part(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    rules = {**RULES, "accounts": {**RULES["accounts"], "eyes": 2}}
    heard(office, counter.reviewed(desk=counter.counter(rules)).when(counter.approval(), STAFF))
    await follow(projector, office)
    other = Reader(person_id="nurul", positions=("staf-informatika-2",), roles=("operator",))
    waiting = [(await ask(projector, office, TaskList(reader=reader))).tasks for reader in (GALIH, other)]
    assert [[task.action for task in tasks] for tasks in waiting] == [[], ["decide"]]


async def test_his_own_request_waits_for_others(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    heard(office, counter.reviewed())
    await follow(projector, office)
    own = GALIH.model_copy(update={"subject_id": counter.subject(SITI.nip)})
    for reader, actions in ((GALIH, ["decide"]), (own, [])):
        answer = await ask(projector, office, TaskList(reader=reader))
        assert [task.action for task in answer.tasks if task.action == "decide"] == actions
        assert answer.counts.get("decide", 0) == len(actions)


async def test_of_the_applicant_the_views_hold_the_name_and_nothing_else(engine: Engine, office: Office) -> None:
    heard(office, counter.reviewed(wanted=form(wishes=("siti.mawar",))))
    heard(office, counter.rejected())
    await follow(projector_of(engine, office), office)
    with engine.connect() as connection:
        names = [view.name for view in VIEWS.views]
        kept = " ".join(str(connection.execute(sa.text(f"SELECT * FROM g1_{name}")).all()) for name in names)  # noqa: S608 - our own tables
    assert SITI.name in kept.replace('\\"', "").replace("\\'", "'")
    for word in (SITI.nip, SITI.contact, "siti.mawar", "800/123", "Maaf"):
        assert word not in kept


async def test_an_erased_person_is_found_by_no_word_of_his(engine: Engine, office: Office) -> None:
    projector, desk = projector_of(engine, office), counter.reviewed()
    heard(office, desk)
    await follow(projector, office)
    listed = await ask(projector, office, RequestList(text="nur'aini"))
    assert [row.name for row in listed.requests] == [SITI.name]
    subject = counter.subject(SITI.nip)
    gone = SubjectErased(
        subject_id=subject, reason="", by=OPERATOR, key_ids=office.keys.destroy(office.agency, subject)
    )
    office.tell(f"subject:{gone.subject_id}", gone)
    await follow(projector, office)
    assert (await ask(projector, office, RequestList(text="nur'aini"))).requests == ()
    found = (await ask(projector, office, RequestDetail(request_id=request_id()))).request
    assert (found.row.name, found.row.unit, found.namesakes) == (ERASED, SITI.unit, ())
    told = (await ask(projector, office, CaseHistory(case_kind="requests", case_id=request_id()))).entries
    assert [entry.params.get("who") for entry in told if "who" in entry.params] == [ERASED]


ADMIN = Reader(person_id="wahyu", positions=("admin-dinkes",), roles=("unit-admin",))
OTHER_ADMIN = Reader(person_id="tono", positions=("admin-dinsos",), roles=("unit-admin",))


async def test_the_admin_of_a_unit_sees_its_requests_and_accounts_and_no_others(engine: Engine, office: Office) -> None:
    projector, desk = projector_of(engine, office), counter.notified()
    social = SITI.model_copy(update={"nip": "198504102010012001", "unit": "Dinas Sosial", "name": "Tini Kartika"})
    counter.file(desk, 2, form(social)).when(counter.approval(2, social), STAFF)
    desk.when(counter.done(2, marker=counter.account_id(2)))
    heard(office, desk)
    await follow(projector, office)
    mine, other = (
        RequestDetail(request_id=request_id(1), reader=ADMIN),
        RequestDetail(request_id=request_id(2), reader=ADMIN),
    )
    assert (await ask(projector, office, mine)).request is not None
    assert (await ask(projector, office, other)).request is None
    assert (
        await ask(projector, office, CaseHistory(case_kind="requests", case_id=request_id(2), reader=ADMIN))
    ).entries == ()
    for reader, seen in ((ADMIN, [SITI.unit]), (OTHER_ADMIN, []), (CLERK, [SITI.unit, "Dinas Sosial"])):
        listed = await ask(projector, office, RequestList(reader=reader))
        assert sorted(row.unit for row in listed.requests) == seen
        assert sum(listed.counts.values()) == len(seen), "nor is anything else counted"
        accounts = await ask(projector, office, AccountList(reader=reader))
        assert sorted(row.who for row in accounts.accounts) == seen
    hidden = AccountDetail(account_id=counter.account_id(2), reader=ADMIN)
    assert (await ask(projector, office, hidden)).account is None
    for reader, waits in ((ADMIN, 1), (OTHER_ADMIN, 0)):
        tasks = (await ask(projector, office, TaskList(reader=reader))).tasks
        assert [task.action for task in tasks] == ["confirm"] * waits


async def test_an_account_that_goes_to_another_unit_leaves_its_admins_sight(engine: Engine, office: Office) -> None:
    projector, desk = projector_of(engine, office), counter.received()
    moved = SITI.model_copy(update={"unit": "Dinas Sosial"})
    counter.file(desk, 2, counter.about("change", applicant=moved)).when(counter.approval(2), STAFF).when(
        counter.done(2)
    )
    heard(office, desk)
    await follow(projector, office)
    assert (await ask(projector, office, AccountList(reader=ADMIN))).accounts == ()
    assert len((await ask(projector, office, AccountList(reader=CLERK))).accounts) == 1


async def test_a_way_in_that_was_told_of_stands_apart_from_one_that_was_opened(engine: Engine, office: Office) -> None:
    projector, desk, seen, known = projector_of(engine, office), counter.provisioned(), [], 0
    asked = RequestDetail(request_id=request_id())
    steps: list[tuple[Command | None, Actor]] = [
        (counter.TELL, counter.CLERK), (
            BeginClaim(request_id=request_id(), generation=1, opening=counter.OPENING, how="slip"), SERVICE,
        ), (DropClaim(request_id=request_id(), opening=counter.OPENING, reason="away"), SERVICE),
        (counter.RENEW, counter.CLERK), (None, SERVICE),
    ]  # fmt: skip
    for command, actor in steps:
        for each in desk.log[known:]:
            office.tell(each.stream, each.event)
        known = len(desk.log)
        await follow(projector, office)
        found = (await ask(projector, office, asked)).request
        assert found.hand_over == found.row.step
        columns = (await ask(projector, office, Board(case_kind="requests"))).columns
        assert [card.step for column in columns for card in column.cards] == [found.hand_over], "on the wall too"
        seen.append(found.hand_over)
        if command is not None:
            desk.when(command, actor)
    assert seen == ["open", "sent", "opened", "sent", "open"], "a new one nobody has been told of"


async def test_the_history_tells_every_fact_of_the_request(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    heard(office, counter.received())
    await follow(projector, office)
    asked = CaseHistory(case_kind="requests", case_id=request_id())
    entries = (await ask(projector, office, asked)).entries
    assert [entry.kind.split(".")[1] for entry in entries] == [
        "RequestFiled", "RequestCompleted", "RequestApproved", "ProvisioningProven", "HandOverOpened",
        "RequestNotified", "ClockStopped", "ClaimantConfirmed", "ClaimBegun", "SecretSet", "RequestReceived",
    ]  # fmt: skip
    assert entries[0].params["who"] == SITI.name
    assert entries[2].params["address"].startswith("siti.nuraini@")
    assert (await ask(projector, office, asked.model_copy(update={"reader": COURIER}))).entries == ()


@pytest.mark.parametrize("reader", [COURIER, KEEPER, NOBODY], ids=["courier", "keeper", "nobody"])
async def test_who_has_no_part_in_them_sees_no_request(engine: Engine, office: Office, reader: Reader) -> None:
    projector = projector_of(engine, office)
    heard(office, counter.reviewed())
    await follow(projector, office)
    reader = reader.model_copy(update={"stand_ins": ()})  # another object than the default, which the test replaces
    answer = await ask(projector, office, RequestList(reader=reader))
    assert (answer.requests, answer.counts) == ((), {})
    assert (await ask(projector, office, RequestDetail(request_id=request_id(), reader=reader))).request is None
    assert (await ask(projector, office, AtRisk(reader=reader))).rows == ()
    assert (await ask(projector, office, ChangesSince(case_kind="requests", change="1.0", reader=reader))).changes == ()


async def test_earlier_requests_of_the_person_and_namesakes_are_told_apart(engine: Engine, office: Office) -> None:
    projector, desk = projector_of(engine, office), counter.received()
    counter.file(desk, 2, counter.about("reset", cause="forgotten"))
    alike = SITI.model_copy(update={"nip": "198504102010012001", "name": SITI.name.upper(), "unit": "RSUD"})
    counter.file(desk, 3, form(alike))
    heard(office, desk)
    await follow(projector, office)
    found = (await ask(projector, office, RequestDetail(request_id=request_id(1)))).request
    assert [row.request_id for row in found.earlier] == [request_id(2)]
    assert [(row.request_id, row.unit) for row in found.namesakes] == [(request_id(3), "RSUD")]
    assert found.reviewers == ("staf-informatika-1", "staf-informatika-2")


async def test_what_is_late_says_for_whom_it_waits(engine: Engine, office: Office) -> None:
    projector, desk = projector_of(engine, office), counter.reviewed()
    published = StandardPublished(
        standard=STANDARD, name="Surel", valid_from="2022-01-01", components={}, rules={**RULES, "zone": "Asia/Jakarta"}
    )
    office.tell("standard:email-kedinasan", published)
    heard(office, desk)
    await follow(projector, office)
    span = (desk.now - office.now).total_seconds() / 3600
    [row] = (await ask(projector, office, AtRisk(reader=KADIS), later=span)).rows
    assert row.positions == ("staf-informatika-1", "staf-informatika-2"), "everybody whose turn it is"
    assert (row.case.kind, row.waits, row.position, row.overdue) == ("requests", "decide", "staf-informatika-1", False)
    assert row.remaining_minutes is not None
    [late] = (await ask(projector, office, AtRisk(reader=KADIS), later=span + 3)).rows
    assert late.overdue
    asked = desk.when(AskForCompletion(request_id=request_id(), reason="menunggu-pemohon"), STAFF).log[-2:]
    for each in asked:
        office.tell(each.stream, each.event)
    await follow(projector, office)
    assert (await ask(projector, office, AtRisk(reader=KADIS), later=span + 3)).rows == ()


async def test_what_was_followed_is_what_is_built_anew(engine: Engine, office: Office) -> None:
    desk = counter.received()
    counter.file(desk, 2, counter.about("close"))
    heard(office, desk)
    office.letter(1).captured().examined().registered()
    await follow(projector_of(engine, office), office)
    generation = rebuilder_of(engine, office).build()
    assert digest_of(engine, generation.number) == digest_of(engine)
