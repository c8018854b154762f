"""The directory of accounts: who has which address, in which state, and what happened to it."""

import sqlalchemy as sa
from sqlalchemy import Engine

from contracts.account_provisioning import RecordFirstLogin
from contracts.base import ERASED, Reader
from contracts.organisation import SubjectErased
from contracts.projections import AccountDetail, AccountList, RequestDetail, RequestList
from tests.unit.account_provisioning import desk as counter
from tests.unit.account_provisioning.desk import DOMAIN, SITI, STAFF, subject
from tests.unit.given_when_then import Desk
from tests.unit.projections.lives import heard
from tests.unit.projections.office import OPERATOR, Office
from tests.unit.projections.reading import ask, digest_of, follow, projector_of, rebuilder_of

ADDRESS = f"siti.nuraini@{DOMAIN}"


def acted(desk: Desk, kind: str, number: int, **found: object) -> Desk:
    """A request about Siti's account, and what came of it."""
    counter.file(desk, number, counter.about(kind))
    desk.when(counter.approval(number), STAFF)
    return desk.when(counter.done(number, **found))


def many(count: int) -> Desk:
    """Namesakes, each with an account."""
    desk = counter.counter()
    for number in range(1, count + 1):
        one = SITI.model_copy(update={"nip": f"1992061020180119{number:02d}"})
        counter.file(desk, number, counter.form(one))
        desk.when(counter.approval(number, one), STAFF)
        desk.when(counter.done(number, marker=counter.account_id(number)))
    return desk


async def test_an_account_appears_when_the_directory_has_it_and_not_before(engine: Engine, office: Office) -> None:
    desk, projector = counter.provisioning(), projector_of(engine, office)
    heard(office, desk)
    await follow(projector, office)
    nothing = await ask(projector, office, AccountList())
    assert (nothing.accounts, nothing.counts) == ((), {})
    known = len(desk.log)
    desk.when(counter.done())
    for each in desk.log[known:]:
        office.tell(each.stream, each.event)
    await follow(projector, office)
    found = await ask(projector, office, AccountList())
    assert found.counts == {"active": 1}
    row = found.accounts[0]
    assert (row.address, row.title, row.who, row.stage) == (ADDRESS, SITI.name, SITI.unit, "active")
    assert row.secret_at is None


async def test_the_state_follows_what_was_done_and_the_counts_follow_it(engine: Engine, office: Office) -> None:
    projector, desk = projector_of(engine, office), counter.received()
    acted(desk, "suspend", 2, leftovers=("forward", "group"))
    heard(office, desk)
    await follow(projector, office)
    found = await ask(projector, office, AccountList(stages=("suspended",)))
    assert found.counts == {"suspended": 1}
    assert found.accounts[0].leftovers == ("forward", "group")
    assert found.accounts[0].secret_at is not None
    assert not (await ask(projector, office, AccountList(stages=("active",)))).accounts
    shown = (await ask(projector, office, AccountDetail(account_id=counter.account_id()))).account
    assert [each.request_kind for each in shown.requests] == ["suspend", "create"]
    told = [each.kind.split(".")[1] for each in shown.entries]
    assert told.index("RequestFiled") < told.index("HandOverOpened") < told.index("SecretSet")
    assert told.index("SecretSet") < told.index("AccountSuspended")


async def test_whether_its_holder_has_ever_logged_in_stands_there_as_the_directory_said(
    engine: Engine, office: Office
) -> None:
    projector, desk = projector_of(engine, office), counter.with_secret(counter.notified())
    told = {"account_id": counter.account_id(), "request_id": counter.request_id()}
    shown = []
    known = 0
    for look, found, at in ((1, "not-yet", None), (2, "cannot-tell", None), (0, "", None)):
        for each in desk.log[known:]:
            office.tell(each.stream, each.event)
        known = len(desk.log)
        await follow(projector, office)
        row = (await ask(projector, office, AccountList())).accounts[0]
        shown.append((row.login, row.login_looked_at is not None, row.first_login_at))
        if look:
            desk.when(RecordFirstLogin.model_validate({**told, "look": look, "found": found, "at": at}))
    assert shown == [("awaited", False, None), ("not-yet", True, None), ("cannot-tell", True, None)]


async def test_the_first_login_is_in_the_history_of_account_and_request(engine: Engine, office: Office) -> None:
    projector, desk = projector_of(engine, office), counter.with_secret(counter.notified()).later(hours=1)
    told = {"account_id": counter.account_id(), "request_id": counter.request_id()}
    desk.when(RecordFirstLogin.model_validate({**told, "look": 1, "found": "seen", "at": desk.now}))
    heard(office, desk)
    await follow(projector, office)
    found = (await ask(projector, office, AccountDetail(account_id=counter.account_id()))).account
    assert (found.row.login, found.row.first_login_at) == ("seen", desk.now)
    assert found.entries[-1].kind == "account_provisioning.FirstLoginSeen.v1"


async def test_a_page_follows_the_other_by_address_and_by_change(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    heard(office, many(7))
    await follow(projector, office)
    for order, by, last in (("address", "address", False), ("changed", "changed_at", True)):
        seen: list[object] = []
        cursor = ""
        while True:
            answer = await ask(projector, office, AccountList(order=order, limit=3, cursor=cursor))
            seen += [getattr(each, by) for each in answer.accounts]
            cursor = answer.cursor
            if not cursor:
                break
        assert len(seen) == 7
        assert seen == sorted(seen, reverse=last)  # type: ignore[type-var]
    forged = (await ask(projector, office, AccountList(order="address", limit=3))).cursor
    assert len((await ask(projector, office, AccountList(order="changed", cursor=forged))).accounts) == 7


async def test_it_is_found_by_address_name_unit_and_number(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    heard(office, many(3))
    await follow(projector, office)
    for text in ("NURAINI2", "siti nur", "s.kom", "kesehatan", "0002/2026", "si"):
        found = (await ask(projector, office, AccountList(text=text.replace("siti nur", "siti nur'")))).accounts
        assert found, text
    assert [each.address for each in (await ask(projector, office, AccountList(text="nuraini2"))).accounts] == [
        f"siti.nuraini2@{DOMAIN}"
    ]
    for text in ("tidak ada", "%", "%%%", "iti.n%"):
        assert not (await ask(projector, office, AccountList(text=text))).accounts, text


async def test_a_change_of_name_is_shown_when_it_is_done_and_not_before(engine: Engine, office: Office) -> None:
    projector, desk = projector_of(engine, office), counter.received()
    married = SITI.model_copy(update={"name": "Siti Rahayu", "unit": "Dinas Sosial"})
    counter.file(desk, 2, counter.about("change", applicant=married))
    heard(office, desk)
    await follow(projector, office)
    assert (await ask(projector, office, AccountList())).accounts[0].title == SITI.name
    known = len(desk.log)
    desk.when(counter.approval(2, married), STAFF).when(counter.done(2))
    for each in desk.log[known:]:
        office.tell(each.stream, each.event)
    await follow(projector, office)
    row = (await ask(projector, office, AccountList(text="rahayu"))).accounts[0]
    assert (row.title, row.who) == ("Siti Rahayu", "Dinas Sosial")
    assert not (await ask(projector, office, AccountList(text="nur'aini"))).accounts


async def test_who_reads_no_requests_sees_no_account_and_counts_none(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    heard(office, many(1))
    await follow(projector, office)
    for role in ("courier", "admin", "secretary", "complaint-officer"):
        reader = Reader(person_id="x", roles=(role,))
        answer = await ask(projector, office, AccountList(reader=reader))
        assert (answer.accounts, answer.counts) == ((), {})
        one = AccountDetail(account_id=counter.account_id(), reader=reader)
        assert (await ask(projector, office, one)).account is None


async def test_the_name_goes_with_its_key(engine: Engine, office: Office) -> None:
    projector = projector_of(engine, office)
    heard(office, many(1))
    await follow(projector, office)
    his = subject("199206102018011901")
    gone = office.keys.destroy(office.agency, his)
    office.tell(f"subject:{his}", SubjectErased(subject_id=his, reason="", by=OPERATOR, key_ids=gone))
    await follow(projector, office)
    row = (await ask(projector, office, AccountList())).accounts[0]
    assert (row.title, row.address) == (ERASED, ADDRESS)
    with engine.connect() as connection:
        assert "Siti" not in str(connection.execute(sa.text("SELECT * FROM g1_accounts")).all())
    assert not (await ask(projector, office, AccountList(text="Siti Nur'"))).accounts


async def test_built_anew_the_directory_is_the_same(engine: Engine, office: Office) -> None:
    desk = many(2)
    acted(desk, "close", 3, leftovers=("alias",))
    heard(office, desk)
    await follow(projector_of(engine, office), office, batch=3)
    rebuilder = rebuilder_of(engine, office)
    generation = rebuilder.build()
    assert digest_of(engine) == digest_of(engine, generation.number)


async def test_an_additional_address_stands_in_the_directory_and_finds_its_account_until_it_ends(
    engine: Engine, office: Office
) -> None:
    alias = f"mawar.melati@{DOMAIN}"
    projector, desk, known = projector_of(engine, office), counter.received(), 0
    shown = []
    for number, changes in enumerate(({"alias": alias}, {}, {"alias_ends": alias}), 2):
        counter.file(desk, number, counter.about("change", **changes))
        wish = {"wished": alias, "reason": "Nama panggung"} if "alias" in changes else {}
        desk.when(counter.approval(number, **wish), STAFF).when(counter.done(number))
        desk.when(counter.TELL.model_copy(update={"request_id": counter.request_id(number)}), counter.CLERK)
        for each in desk.log[known:]:
            office.tell(each.stream, each.event)
        known = len(desk.log)
        await follow(projector, office)
        found = [(await ask(projector, office, AccountList(text=text))).accounts for text in ("melati@", "rawar")]
        shown.append([[row.aliases for row in rows] for rows in found])
        detail = RequestDetail(request_id=counter.request_id(number))
        request = (await ask(projector, office, detail)).request
        listed = await ask(projector, office, RequestList(text="mawar.melati"))
        assert [each.request_id for each in listed.requests] == [counter.request_id(2)], "the register finds it too"
        assert (request.alias, request.alias_ends) == (changes.get("alias", ""), changes.get("alias_ends", ""))
    assert shown == [[[(alias,)], []], [[(alias,)], []], [[], []]], "also when a later request names the account"
