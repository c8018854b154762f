"""Who asked for an account hears of it by the contact that he gave, and the clock ends when somebody took it over."""

from collections.abc import Sequence
from typing import Any

import pytest

from contracts.account_provisioning import (
    AskForCompletion,
    HandOverTold,
    RequestNotified,
    SupplementRequest,
)
from contracts.base import ERASED, Recorded, Sealed
from contracts.notifications import GiveUp, NoticeAccepted, NoticePlanned, RecordAttempt, TickSent
from services.account_provisioning.domain.state import HandOver, request_stream
from services.account_provisioning.domain.tokens import code_of_contact, link_of
from services.kit.links import token_of
from services.notifications.adapters.case_contacts import CaseContacts, e164
from services.notifications.domain.wording import words_of
from tests.unit.account_provisioning.desk import (
    ACCOUNTS,
    ADOPT,
    CLERK,
    DOMAIN,
    RENEW,
    RULES,
    SITI,
    STAFF,
    TELL,
    about,
    account_id,
    approval,
    done,
    file,
    form,
    not_done,
    request_id,
    with_secret,
)
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import NOTIFICATIONS, adopt, notices, state
from tests.unit.office import office

KEY = b"k" * 32
MAIL = SITI.model_copy(update={"contact": "siti@contoh.id"})


def house() -> Desk:
    desk = office((ACCOUNTS, NOTIFICATIONS)).when(ADOPT.model_copy(update={"rules": RULES})).when(adopt())
    return desk.tell()


def applied(desk: Desk | None = None, applicant: Any = SITI) -> Desk:
    return file(desk or house(), 1, form(applicant)).tell()


def made(applicant: Any = SITI) -> Desk:
    return applied(None, applicant).when(approval(), STAFF).tell().when(done()).tell()


def of(desk: Desk, kind: str, audience: str = "applicant") -> NoticePlanned:
    found = (each for each in reversed(notices(desk)) if each.audience == audience)
    return next(each for each in found if each.event_kind.endswith(kind))


def contacts(desk: Desk, opened: Any = lambda sealed: sealed.plain) -> CaseContacts:
    async def history(_agency: str, stream: str) -> Sequence[Recorded]:
        return [each for each in desk.log if each.stream == stream]

    return CaseContacts(history, opened, lambda _agency, _purpose: KEY, "https://caraka.contoh")


def test_a_complete_application_is_answered_by_the_contact_of_the_case() -> None:
    found = of(applied(), "RequestCompleted")
    assert (found.by_contact, found.position, found.person_id) == (True, None, None)
    assert (found.channels, found.values["number"]) == (("email", "manual"), "0001/2026")
    assert "0812" not in found.model_dump_json(), "no contact stands in a notice"


def test_the_clock_ends_when_somebody_ticked_that_he_told_him() -> None:
    desk = made()
    notice = of(desk, "HandOverOpened")
    assert notice.purpose == "reply"
    desk.when(
        RecordAttempt(notice_id=notice.notice_id, channel="email", generation=1, outcome="permanent",
                      reason="no-contact"),
    ).tell()  # fmt: skip
    assert state(desk, notice.notice_id).channel == "manual"
    desk.later(minutes=5).when(TickSent(notice_id=notice.notice_id, how="whatsapp"), CLERK).tell()
    assert desk.parked == []
    told = desk.fact(RequestNotified)
    assert (told.how, told.told_at) == ("whatsapp", desk.fact(NoticeAccepted).accepted_at)
    assert told.hand_over_ends is not None


def test_it_ends_when_the_mail_server_took_it_over_and_by_no_other_notice() -> None:
    desk = made(MAIL)
    for notice in notices(desk):
        desk.when(RecordAttempt(notice_id=notice.notice_id, channel="email", generation=1, outcome="accepted")).tell()
        said = [each for each in desk.log if isinstance(each.event, RequestNotified)]
        assert bool(said) is (notice.purpose == "reply")
    assert desk.fact(RequestNotified).how == "email"
    assert desk.parked == []


def test_what_nobody_took_over_ends_no_clock() -> None:
    desk = made()
    desk.when(GiveUp(notice_id=of(desk, "HandOverOpened").notice_id, reason="Nomor salah"), CLERK).tell()
    assert not any(isinstance(each.event, RequestNotified) for each in desk.log)


def test_a_way_in_that_was_opened_anew_is_told_anew_and_ends_a_day_later() -> None:
    desk = made()
    first = of(desk, "HandOverOpened")
    desk.when(TickSent(notice_id=first.notice_id, how="phone"), CLERK).tell()
    desk.later(hours=2).when(RENEW.model_copy(update={"way": "notice"}), CLERK).tell()
    second = of(desk, "HandOverOpened")
    assert second.notice_id != first.notice_id
    desk.when(TickSent(notice_id=second.notice_id, how="phone"), CLERK).tell()
    assert desk.fact(HandOverTold).generation == 2


def test_a_slip_is_no_message() -> None:
    desk = made()
    before = len(notices(desk))
    desk.when(RENEW, CLERK).tell()
    assert len(notices(desk)) == before


def again(applicant: Any) -> Desk:
    """Siti has set a secret; somebody with another contact asks for a reset of her account."""
    desk = with_secret(made(applicant).when(TELL, CLERK)).tell()
    other = SITI.model_copy(update={"contact": "orang.lain@contoh.id"})
    file(desk, 2, about("reset", cause="forgotten", applicant=other)).tell()
    return desk.when(approval(2), STAFF).tell().when(done(2)).tell()


async def test_the_link_goes_to_the_contact_of_the_request_and_the_code_to_the_one_on_file() -> None:
    desk = again(MAIL)
    code, link = of(desk, "ClaimCodeIssued"), of(desk, "HandOverOpened")
    at = contacts(desk)
    assert (await at.reach("purbalingga", code)).email == "siti@contoh.id"
    assert (await at.reach("purbalingga", link)).email == "orang.lain@contoh.id"
    said = await at.link("purbalingga", code)
    assert said == code_of_contact(KEY, request_id(2), 1)
    assert said not in await at.link("purbalingga", link)
    office_now = desk._states["notifications", "office:agency"]
    for language in ("id", "en"):
        words = words_of(code, office_now, language, "https://caraka.contoh", said)
        assert words.body.endswith(said)
        assert "0002/2026" in words.subject
        assert "klaim" not in words.body
    assert said not in code.model_dump_json(), "no code stands in a notice"
    assert (code.purpose, code.case_id) == ("case", request_id(1)), "whoever takes it over ends no clock"


async def test_a_code_never_goes_to_the_mailbox_that_it_opens() -> None:
    desk = again(SITI.model_copy(update={"contact": f"Siti.Nuraini@{DOMAIN}"}))
    reached = await contacts(desk).reach("purbalingga", of(desk, "ClaimCodeIssued"))
    assert (reached.email, reached.phone) == ("", "")


def heard_of_secret(desk: Desk) -> list[str]:
    found = [each for each in notices(desk) if each.event_kind.endswith("SecretSet")]
    his = [each for each in found if each.by_contact]
    assert all(each.urgent and each.not_before == each.planned_at for each in his), "at once, also at night"
    return [each.audience for each in his]


async def test_that_a_secret_was_set_is_told_to_the_holder_and_to_the_mailbox_itself_and_says_no_secret() -> None:
    desk = with_secret(made(MAIL).when(TELL, CLERK)).tell()
    assert (heard_of_secret(desk), desk.parked) == (["applicant", "mailbox"], [])
    unit = of(desk, "SecretSet", "unit-admin")
    assert (unit.position, unit.by_contact) == ("admin-dinkes", False)
    at, office_now = contacts(desk), desk._states["notifications", "office:agency"]
    his, box = of(desk, "SecretSet"), of(desk, "SecretSet", "mailbox")
    assert (await at.reach("purbalingga", his)).email == "siti@contoh.id"
    reached = await at.reach("purbalingga", box)
    assert (reached.email, reached.phone) == (f"siti.nuraini@{DOMAIN}", "")
    for language in ("id", "en"):
        for notice in (his, box):
            words = words_of(notice, office_now, language, "https://x", await at.link("purbalingga", notice))
            assert f"siti.nuraini@{DOMAIN}" in words.subject
            assert "12" in words.body, "and when"
            assert "0001/2026" in words.body
            assert words.body.endswith("https://caraka.contoh/purbalingga/surel"), "where a reset is asked for"
            assert "klaim" not in words.body


async def test_who_was_on_file_hears_that_somebody_else_has_set_it() -> None:
    desk = again(MAIL)
    with_secret(desk.when(TELL.model_copy(update={"request_id": request_id(2)}), CLERK), 2, former=request_id(1)).tell()
    assert heard_of_secret(desk)[-3:] == ["applicant", "former-contact", "mailbox"]
    reached = [
        (await contacts(desk).reach("purbalingga", of(desk, "SecretSet", each))).email
        for each in ("applicant", "former-contact")
    ]
    assert reached == ["orang.lain@contoh.id", "siti@contoh.id"]


async def test_who_named_another_contact_in_the_same_request_hears_by_the_first_too() -> None:
    desk = applied(None, MAIL).when(AskForCompletion(request_id=request_id(), reason="menunggu-pemohon"), STAFF).tell()
    desk.when(SupplementRequest(request_id=request_id(), contact="orang.lain@contoh.id"), CLERK).tell()
    desk.when(approval(), STAFF).tell().when(done()).tell().when(TELL, CLERK).tell()
    with_secret(desk, former=request_id()).tell()
    reached = [
        (await contacts(desk).reach("purbalingga", of(desk, "SecretSet", each))).email
        for each in ("applicant", "former-contact")
    ]
    assert reached == ["orang.lain@contoh.id", "siti@contoh.id"]


def test_who_is_asked_hears_what_for_and_a_new_contact_holds() -> None:
    desk = applied().when(AskForCompletion(request_id=request_id(), reason="menunggu-pemohon"), STAFF).tell()
    assert of(desk, "CompletionAsked").values["reason"] == "Menunggu pemohon"
    desk.when(SupplementRequest(request_id=request_id(), contact="siti@contoh.id"), CLERK).tell()
    assert desk.parked == []


async def test_the_newest_contact_is_opened_when_a_notice_leaves() -> None:
    desk = made()
    notice = of(desk, "HandOverOpened")
    assert (await contacts(desk).reach("purbalingga", notice)).phone == "+6281200001111"
    desk = made(MAIL)
    assert (await contacts(desk).reach("purbalingga", of(desk, "HandOverOpened"))).email == "siti@contoh.id"
    gone = await contacts(desk, lambda _sealed: ERASED).reach("purbalingga", of(desk, "HandOverOpened"))
    assert (gone.email, gone.phone) == ("", "")


async def test_his_link_is_the_one_that_the_service_of_accounts_knows() -> None:
    desk = made()
    notice, office_now = of(desk, "HandOverOpened"), desk._states["notifications", "office:agency"]
    link = await contacts(desk).link("purbalingga", notice)
    hand_over = HandOver(1, "notice", desk.now, link_length=52)
    assert link.endswith(f"/purbalingga/klaim/{request_id()}/{token_of(KEY, link_of(request_id(), hand_over))}")
    assert words_of(notice, office_now, "id", "https://caraka.contoh", link).body.endswith(link)
    planned = notice.model_copy(update={"values": {"generation": "1"}})
    before = token_of(KEY, link_of(request_id(), HandOver(1, "notice", desk.now)))
    assert (await contacts(desk).link("purbalingga", planned)).endswith(f"/{before}"), "one planned before stays short"
    other = await contacts(desk).link("purbalingga", of(desk, "RequestCompleted"))
    assert other == "https://caraka.contoh/purbalingga/lacak"


@pytest.mark.parametrize(
    ("said", "number"),
    [("0812 0000 1111", "+6281200001111"), ("+62 812-0000-1111", "+6281200001111"), ("di loket", ""), ("", "")],
)
def test_a_number_is_read_as_people_write_it(said: str, number: str) -> None:
    assert e164(said) == number


def test_the_contact_stays_sealed_on_its_way() -> None:
    desk = applied()
    noted = next(each.event for each in desk.log if type(each.event).__name__ == "ContactNoted")
    assert isinstance(noted.contact, Sealed)
    assert noted.contact.seal_class == "contact"


def heard(desk: Desk, kind: str) -> list[tuple[str, str | None, str]]:
    """Audience, position and number of what was planned for whoever works on requests."""
    found = [each for each in notices(desk) if each.event_kind.endswith(kind) and each.audience == "reviewer"]
    return [(each.audience, each.position, each.values["number"]) for each in found]


WORKING = [("reviewer", "staf-informatika-1", "0001/2026")]


def test_whoever_reviews_hears_of_a_complete_request_and_of_its_limit() -> None:
    desk = applied()
    assert heard(desk, "RequestCompleted") == WORKING
    place = request_stream(request_id())
    told = ACCOUNTS.streams["request"].timers
    assert told is not None
    for limit, kind in zip(told(place, desk._states[ACCOUNTS.name, place]), ("DueSoon", "Overdue"), strict=True):
        desk.now = limit.due_at
        desk.when(limit.command).tell()
        assert heard(desk, kind) == WORKING
    assert next(each for each in notices(desk) if each.event_kind.endswith("RequestOverdue")).urgent


@pytest.mark.parametrize(("outcome", "told"), [("permanent", WORKING), ("unknown", WORKING), ("temporary", [])])
def test_a_directory_that_did_not_take_it_is_told_where_it_is_not_tried_again(outcome: str, told: Any) -> None:
    desk = applied().when(approval(), STAFF).tell().when(not_done(outcome)).tell()
    assert heard(desk, "ProvisioningFailed") == told
    assert desk.parked == []


ELSEWHERE, ITSELF = "siti@contoh.id", f"siti.nuraini@{DOMAIN}"


@pytest.mark.parametrize(
    ("kind", "contact", "reached"),
    [
        ("change", ELSEWHERE, ELSEWHERE), ("change", ITSELF, ITSELF), ("suspend", ELSEWHERE, ELSEWHERE),
        ("suspend", ITSELF, ""), ("close", ELSEWHERE, ELSEWHERE), ("close", ITSELF, ""),
    ],
)  # fmt: skip
async def test_whoever_gets_nothing_in_hand_hears_that_it_is_done(kind: str, contact: str, reached: str) -> None:
    """A mailbox that is shut now is no way to tell him."""
    desk = with_secret(made(MAIL))
    wish = about(kind).model_copy(update={"applicant": MAIL.model_copy(update={"contact": contact})})
    file(desk, 2, wish).tell().when(approval(2), STAFF).tell().when(done(2, marker=account_id())).tell()
    notice = of(desk, "ProvisioningProven")
    assert (notice.purpose, notice.channels) == ("reply", ("email", "manual"))
    assert notice.values["number"] == "0002/2026"
    assert await contacts(desk).link("purbalingga", notice) == "https://caraka.contoh/purbalingga/lacak"
    assert (await contacts(desk).reach("purbalingga", notice)).email == reached
    desk.when(RecordAttempt(notice_id=notice.notice_id, channel="email", generation=1, outcome="accepted")).tell()
    assert desk.fact(RequestNotified).request_id == request_id(2), "there its clock ends"
    assert desk.parked == []


def test_what_is_handed_over_is_told_by_its_link_alone() -> None:
    assert not [each for each in notices(made(MAIL)) if each.event_kind.endswith("ProvisioningProven")]
