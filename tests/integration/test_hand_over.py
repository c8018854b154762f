"""From the approval to the mailbox, with a real OpenLDAP and a real Dovecot that remembers secrets: whoever has the
link and is confirmed sets his secret, once, and nobody else ever reads it.
"""

import asyncio
import imaplib
import json
import sqlite3
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from pypdf import PdfReader

from contracts.account_provisioning import (
    ApproveRequest,
    ClaimantConfirmed,
    ClaimBegun,
    ClaimCodeIssued,
    ClaimDropped,
    ClaimState,
    ClaimStateAnswer,
    ConfirmClaimant,
    FirstLoginSeen,
    HandOverOpened,
    IssueReply,
    LoginSought,
    PrintSlip,
    RecordNotice,
    RenewHandOver,
    ReplyIssued,
    SecretSet,
    SecretSetAnswer,
    SetSecret,
    SlipAnswer,
    SlipPrinted,
)
from contracts.base import Actor, Refusal
from services.account_provisioning.domain import logins
from services.account_provisioning.domain.handover import evolve
from services.account_provisioning.domain.state import HandOver
from services.account_provisioning.domain.tokens import code_of_contact, code_of_slip, link_of
from services.kit.bus.connection import Bus, QueryRefused
from services.kit.links import standing, token_of
from tests.integration.test_accounts import ADDRESS, STAFF, Office, directories, until
from tests.parts.accounts import AGENCY, ask, do, quick, serving, settings_of, working
from tests.parts.mail_server import MailServer, start_mail_server
from tests.parts.nats import Nats
from tests.parts.slapd import start_slapd
from tests.unit.account_provisioning.desk import ADOPT, CLERK, SITI, about

PERSONNEL = Actor(id="kepegawaian", name="Sulastri", nip="197001011995032001", roles=("personnel",))
OWN = "Tujuh ekor burung manyar"
CODE = "account_provisioning."


@dataclass
class Handing(Office):
    mail: MailServer
    gateway: Bus

    async def made(self, number: int = 1) -> UUID:
        """An account in the directory, whose applicant has been told."""
        request_id = await self.file(number)
        await self.approve(request_id)
        await self.open_(request_id)
        return request_id

    async def open_(self, request_id: UUID) -> None:
        await until(lambda: any(fact.request_id == request_id for fact in self.facts(HandOverOpened)))
        await do(self.kit, RecordNotice(request_id=request_id, how="whatsapp"), CLERK)

    def way_in(self, request_id: UUID) -> HandOver:
        last = [fact for fact in self.facts(HandOverOpened) if fact.request_id == request_id][-1]
        return HandOver(last.generation, last.way, last.ends, link_length=last.link_length)

    def token(self, request_id: UUID) -> str:
        return token_of(self.kit.keys.purpose(AGENCY, "links"), link_of(request_id, self.way_in(request_id)))

    def code(self, request_id: UUID) -> str:
        generation = self.way_in(request_id).generation
        return code_of_slip(self.kit.keys.purpose(AGENCY, "codes"), request_id, generation)

    async def sets(self, request_id: UUID, **changes: Any) -> SecretSetAnswer:
        asked = {"request_id": request_id, "token": self.token(request_id), **changes}
        return await self.gateway.query(AGENCY, SetSecret.model_validate(asked), SecretSetAnswer, timeout=60)

    async def refused(self, request_id: UUID, **changes: Any) -> str:
        with pytest.raises(QueryRefused) as refused:
            await self.sets(request_id, **changes)
        return refused.value.refusal.code.removeprefix(CODE)

    async def state(self, request_id: UUID, token: str | None = None) -> ClaimStateAnswer:
        asked = ClaimState(request_id=request_id, token=self.token(request_id) if token is None else token)
        return await self.gateway.query(AGENCY, asked, ClaimStateAnswer, timeout=10)


@pytest_asyncio.fixture
async def office(tmp_path: Path, nats: Nats, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Handing]:
    settings = settings_of(tmp_path / "data", nats.url)
    slapd = start_slapd(tmp_path / "slapd")
    mail = start_mail_server(tmp_path / "mail", slapd)
    key = tmp_path / "doveadm-key"
    key.write_text(mail.key)
    (row,) = json.loads(directories(slapd, tmp_path))
    row["doveadm"] = {"url": mail.administration, "key_file": str(key), "last_login": mail.logins}
    row["servers"] = {"imap": "surel.contoh:993", "smtp": "surel.contoh:465", "webmail": "https://surel.contoh/"}
    monkeypatch.setenv("CARAKA_DIRECTORIES", json.dumps([row]))
    try:
        with quick():
            async with serving(settings) as kit, working(settings):
                await do(kit, ADOPT)
                gateway = await Bus.connect(settings.broker_url, service="gateway", patience=10)
                yield Handing(settings, kit, slapd, mail, gateway)
                await gateway.close()
    finally:
        mail.discard()
        slapd.kill()
    await asyncio.get_running_loop().shutdown_default_executor()


async def test_a_new_account_is_opened_by_its_holder_who_reads_and_sends(office: Handing) -> None:
    request_id = await office.made()
    assert (await office.state(request_id)).state == "open"
    assert await office.refused(request_id) == "hand-over-not-confirmed"
    await do(office.kit, ConfirmClaimant(request_id=request_id), PERSONNEL)
    assert office.mail.deliver(ADDRESS)
    answer = await office.sets(request_id)
    assert (answer.address, answer.servers.imap) == (ADDRESS, "surel.contoh:993")
    assert office.mail.logs_in(ADDRESS, answer.secret) == {"imap": True, "pop": True, "smtp": True}
    assert office.mail.letters(ADDRESS, answer.secret) == 1
    assert (await office.state(request_id)).state == "set"
    assert await office.refused(request_id) == "hand-over-spent"


async def test_his_first_login_is_seen_once_and_nobody_is_asked_before_he_could(
    office: Handing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By Dovecot's own record of it; the looks come in seconds here, and so does what counts as the service's proof."""
    monkeypatch.setattr(logins, "LOOKS", (timedelta(seconds=1),) * 2 + (timedelta(seconds=4),) * 20)
    monkeypatch.setattr(logins, "PROOF", timedelta(seconds=0))
    request_id = await office.made()
    await do(office.kit, ConfirmClaimant(request_id=request_id), PERSONNEL)
    secret = (await office.sets(request_id)).secret
    await until(lambda: len(office.facts(LoginSought)) >= 2)
    assert {fact.found for fact in office.facts(LoginSought)} == {"not-yet"}
    assert office.mail.logs_in(ADDRESS, secret)["imap"]
    await until(lambda: len(office.facts(FirstLoginSeen)) == 1)
    seen, asked = office.facts(FirstLoginSeen)[0], len(office.facts(LoginSought))
    assert (seen.address, seen.request_id) == (ADDRESS, request_id)
    await asyncio.sleep(2)
    assert (len(office.facts(FirstLoginSeen)), len(office.facts(LoginSought))) == (1, asked)


async def test_his_own_secret_is_taken_unless_it_would_be_guessed(office: Handing) -> None:
    request_id = await office.made()
    await do(office.kit, ConfirmClaimant(request_id=request_id), PERSONNEL)
    assert await office.refused(request_id, secret="Rahasia123") == "secret-too-plain"
    for his in ("siti.nuraini", "Purbalingga2026", "Kesehatan1!", "199206102018011901", "nip 19920610 201801 1901!"):
        assert await office.refused(request_id, secret=his) == "secret-personal", his
    for odd in ("a\nb", "   ", "x" * 73):
        assert await office.refused(request_id, secret=odd) == "secret-form", repr(odd)
    assert office.facts(ClaimBegun) == [], "nothing was begun by what could not be"
    assert (await office.sets(request_id, secret=OWN)).secret == ""
    assert office.mail.logs_in(ADDRESS, OWN)["imap"]


async def test_a_link_that_was_sent_before_links_were_longer_stays_good_until_it_ends(office: Handing) -> None:
    request_id = await office.made()
    assert len(office.token(request_id)) == 52
    old = office.token(request_id)[:26]
    assert await office.state(request_id, old) == ClaimStateAnswer(), "of a new one its beginning is not enough"
    before = [fact for fact in office.facts(HandOverOpened) if fact.request_id == request_id][-1]
    stored = before.model_dump(exclude={"link_length"})
    way_in = evolve(None, HandOverOpened.model_validate(stored))
    assert way_in is not None
    key = office.kit.keys.purpose(AGENCY, "links")
    assert token_of(key, link_of(request_id, way_in)) == old
    assert standing(key, link_of(request_id, way_in), old, way_in.ends) == "valid"
    assert standing(key, link_of(request_id, way_in), office.token(request_id), way_in.ends) == "unknown"


async def test_who_looks_opens_nothing_and_a_wrong_link_is_no_link(office: Handing) -> None:
    request_id = await office.made()
    before = len(office.facts())
    for _ in range(50):
        assert (await office.state(request_id)).state == "open"
    assert len(office.facts()) == before
    for wrong in ("", "a" * 26, office.token(request_id)[:-1], office.token(request_id) + "a"):
        assert await office.state(request_id, wrong) == ClaimStateAnswer()
    assert await office.state(uuid4(), office.token(request_id)) == ClaimStateAnswer()
    assert await office.refused(request_id, token="b" * 26) == "claim-unknown"


async def test_of_two_gestures_at_one_moment_exactly_one_reveals(office: Handing) -> None:
    request_id = await office.made()
    await do(office.kit, ConfirmClaimant(request_id=request_id), PERSONNEL)
    answers = await asyncio.gather(*(office.sets(request_id) for _ in range(8)), return_exceptions=True)
    revealed = [each for each in answers if isinstance(each, SecretSetAnswer)]
    assert len(revealed) == 1, answers
    assert office.mail.logs_in(ADDRESS, revealed[0].secret)["imap"], "and what he reads is what holds"
    assert len(office.facts(SecretSet)) == 1


async def test_a_directory_that_is_away_spends_nothing(office: Handing) -> None:
    request_id = await office.made()
    await do(office.kit, ConfirmClaimant(request_id=request_id), PERSONNEL)
    office.slapd.kill()
    assert await office.refused(request_id) == "connector-away"
    office.slapd.start()
    assert office.mail.logs_in(ADDRESS, (await office.sets(request_id)).secret)["imap"]
    assert [fact.reason for fact in office.facts(ClaimDropped)] == ["away"]


async def test_a_sealed_slip_carries_link_and_code_and_no_secret(office: Handing) -> None:
    request_id = await office.made()
    asked = PrintSlip(request_id=request_id, by=CLERK, command_id=uuid4())
    with pytest.raises(QueryRefused, match="not-a-slip"):
        await office.gateway.query(AGENCY, asked, SlipAnswer, timeout=30)
    old = office.token(request_id)
    await do(office.kit, RenewHandOver(request_id=request_id, way="slip"), CLERK)
    assert (await office.state(request_id, old)).state == "unknown", "a newer way in ends the older"
    answer = await office.gateway.query(AGENCY, asked, SlipAnswer, timeout=30)
    said = "".join(page.extract_text() for page in PdfReader(BytesIO(b64decode(answer.pdf))).pages)
    assert office.code(request_id) in said
    assert "Siti Nur" in said
    assert len(office.facts(SlipPrinted)) == 1
    assert await office.refused(request_id, code="AAAA-BBBB-CCCC") == "hand-over-not-confirmed"
    typed = office.code(request_id).lower().replace("-", " ")
    assert office.mail.logs_in(ADDRESS, (await office.sets(request_id, code=typed)).secret)["imap"]


async def test_a_forgotten_secret_works_until_the_next_and_a_known_one_ends_with_all_sessions(office: Handing) -> None:
    first = await office.made()
    await do(office.kit, ConfirmClaimant(request_id=first), PERSONNEL)
    known = (await office.sets(first)).secret

    async def reset(cause: str) -> UUID:
        request_id = UUID((await do(office.kit, about("reset", cause=cause), CLERK))["request_id"])
        await do(office.kit, ApproveRequest(request_id=request_id), STAFF)
        await office.open_(request_id)
        return request_id

    forgotten = await reset("forgotten")
    assert office.mail.logs_in(ADDRESS, known)["imap"], "it works until the new one is set"
    session = office.mail.session(ADDRESS, known)
    session.select("INBOX")
    known_to_others = await reset("compromised")
    assert not any(office.mail.logs_in(ADDRESS, known).values())
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        session.noop()
    session.shutdown()
    assert (await office.state(forgotten)).state == "ended"
    await do(office.kit, ConfirmClaimant(request_id=known_to_others), PERSONNEL)
    assert office.mail.logs_in(ADDRESS, (await office.sets(known_to_others)).secret)["imap"]


async def test_link_and_code_over_two_ways_open_it_and_neither_alone_does(office: Handing) -> None:
    first = await office.made()
    await do(office.kit, ConfirmClaimant(request_id=first), PERSONNEL)
    known = (await office.sets(first)).secret
    another = SITI.model_copy(update={"contact": "siti.baru@contoh.id"})
    wanted = about("reset", cause="forgotten", applicant=another)
    request_id = UUID((await do(office.kit, wanted, CLERK))["request_id"])
    await do(office.kit, ApproveRequest(request_id=request_id), STAFF)
    await office.open_(request_id)
    (issued,) = office.facts(ClaimCodeIssued)
    assert (issued.request_id, issued.contact_of, issued.address) == (request_id, first, ADDRESS)
    assert (await office.state(request_id)).code
    codes = office.kit.keys.purpose(AGENCY, "codes")
    code = code_of_contact(codes, request_id, 1)
    for wrong in ("", "AAAA-BBBB-CCCC", code_of_contact(codes, request_id, 2), code_of_contact(codes, first, 1)):
        assert await office.refused(request_id, code=wrong) == "hand-over-not-confirmed", wrong
    assert await office.refused(request_id, token="b" * 26, code=code) == "claim-unknown"
    assert office.mail.logs_in(ADDRESS, known)["imap"]
    answer = await office.sets(request_id, code=code.lower())
    assert office.mail.logs_in(ADDRESS, answer.secret)["imap"]
    assert [fact.how for fact in office.facts(ClaimantConfirmed)] == ["personnel", "contact"]
    assert [fact.former for fact in office.facts(SecretSet)] == [None, first], "who was on file hears of the second too"


async def test_no_secret_is_anywhere_but_in_the_directory(office: Handing, tmp_path: Path) -> None:
    request_id = await office.made()
    await do(office.kit, RenewHandOver(request_id=request_id, way="slip"), CLERK)
    await office.gateway.query(
        AGENCY, PrintSlip(request_id=request_id, by=CLERK, command_id=uuid4()), SlipAnswer, timeout=30
    )
    canaries = [office.token(request_id), office.code(request_id), OWN]
    assert (await office.sets(request_id, code=office.code(request_id), secret=OWN)).secret == ""
    database = tmp_path / "data" / "account_provisioning.sqlite"
    with sqlite3.connect(database) as opened:
        whole = "\n".join(opened.iterdump())
    assert "SecretSet" in whole
    files = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    for canary in canaries:
        assert canary not in whole
        assert not any(canary.encode() in each for each in files), canary


async def test_replies_are_numbered_without_a_gap_and_hold_no_secret(office: Handing) -> None:
    first, second = await office.made(1), await office.made(2)
    kabid = STAFF.model_copy(update={"name": "Sri Rejeki Wahyuningsih, S.T."})
    answers = await asyncio.gather(*(ask(office.kit, IssueReply(request_id=each), kabid) for each in (first, second)))
    for each, answer in zip((first, second), answers, strict=True):
        if isinstance(answer, Refusal):  # both were set with the same number: the later one is asked again
            assert answer.code == f"{CODE}reply-number-taken"
            await do(office.kit, IssueReply(request_id=each), kabid)
    await do(office.kit, IssueReply(request_id=first), kabid)
    issued = office.facts(ReplyIssued)
    assert sorted(fact.number[:3] for fact in issued) == ["001", "002"]
    for fact in issued:
        pdf = await office.kit.blobs.get(AGENCY, fact.blob)
        said = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
        assert fact.number in said
        assert "Sri Rejeki" in said
        assert office.token(fact.request_id) not in said
        assert "siti.nuraini" in said.replace("\n", "")
    refused = await ask(office.kit, IssueReply(request_id=first), CLERK)
    assert isinstance(refused, Refusal)
    assert refused.code == f"{CODE}not-the-signatory"
