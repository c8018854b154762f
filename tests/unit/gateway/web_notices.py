"""Notices for the tests of the pages: what somebody was told, what the office sent, one that a person has to tell."""

from datetime import timedelta
from uuid import UUID, uuid5

from contracts import projections as p
from contracts.notices import NoticeRules
from contracts.notifications import HookRange, HookRow, HooksAnswer, ManualTaskAnswer, RoutesAnswer
from contracts.organisation.contacts import OwnContactAnswer
from contracts.projections.notices import STAGES
from tests.unit.gateway.web_letters import NOW, ROOT, letter_id

SUBJECTS = {
    "id": ("Surat 0849/2026 menunggu paraf Anda", "Surat 0847/2026 melewati batas paraf Anda"),
    "en": ("Letter 0849/2026 waits for your initial", "Letter 0847/2026 is past your limit"),
}


def notice_id(number: int) -> UUID:
    return uuid5(ROOT, f"notice/{number}")


def told(query: p.NoticeList) -> p.NoticeListAnswer:
    """A fresh one for a position, and one that was seen."""
    if not query.limit:
        return p.NoticeListAnswer(unseen=2)
    subjects = SUBJECTS[query.language]
    position = query.reader.positions[0] if query.reader.positions else None
    rows = tuple(
        p.NoticeRow(
            notice_id=notice_id(number), case_kind="letters", case_id=letter_id(7), number="0849/2026",
            subject=subject, body=subject + ".", position=position, urgent=number == 1,
            at=NOW - timedelta(hours=number),
            seen_at=NOW if number else None, seen_by="kabid" if number else "",
        )
        for number, subject in enumerate(subjects)
    )  # fmt: skip
    wanted = [each for each in rows if query.notice_id in {None, each.notice_id}]
    return p.NoticeListAnswer(notices=tuple(wanted[: query.limit]), unseen=2, cursor="1.a")


def sent(query: p.NoticeLog) -> p.NoticeLogAnswer:
    """One in every state; an administrator sees neither whose it was nor which case."""
    reads = "admin" not in query.reader.roles
    rows = [
        p.NoticeLogRow(
            notice_id=notice_id(number), event_kind="approval.RoundOpened", audience="tier", stage=stage,
            channel="" if stage == "inbox" else "manual" if stage == "manual" else "email",
            reason="no-contact" if stage == "given-up" else "", tries=number, planned_at=NOW,
            not_before=NOW + timedelta(hours=number), changed_at=NOW,
            **({"position": "kabid", "case_kind": "letters", "case_id": letter_id(7), "number": "0849/2026",
                "hidden": stage == "unknown"} if reads
               else {}),
        )
        for number, stage in enumerate(STAGES)
        if stage in query.stages or not query.stages
    ]  # fmt: skip
    return p.NoticeLogAnswer(notices=tuple(rows), counts=dict.fromkeys(STAGES, 1), more=("accepted",), cursor="1.a")


def task() -> ManualTaskAnswer:
    return ManualTaskAnswer(
        open=True, name="Slamet Widodo Jati", phone="+6281200000000", link="https://wa.me/6281200000000?text=Surat",
        subject="Salinan surat 0849/2026 untuk Anda antar", words="Anda ditugaskan mengantar 2 salinan.",
    )  # fmt: skip


def contact() -> OwnContactAnswer:
    """Both ways wait to be verified; the code of one has ended."""
    return OwnContactAnswer(
        email="kasi@kota.example", phone="+6281200000000", to_verify=("email", "phone"),
        codes={"email": NOW + timedelta(hours=5)},
    )  # fmt: skip


def blocks() -> p.ContactBlocksAnswer:
    """One that a server refused, and one that was let go on."""
    bounced = p.ContactStep(what="blocked", at=NOW - timedelta(days=1), reason="mailbox-unknown")
    opened = p.ContactStep(what="unblocked", at=NOW, reason="kotak suratnya sudah ada lagi", by="operator")
    rows = (
        p.ContactBlock(person_id="kasi", channel="email", blocked=True, steps=(bounced,)),
        p.ContactBlock(person_id="kabid", channel="email", blocked=False, steps=(opened, bounced)),
    )
    return p.ContactBlocksAnswer(contacts=rows)


def routes() -> RoutesAnswer:
    """An officer's: one that is urgent, one that is gathered, one that tells nobody."""
    said = {"kind": "approval.RoundOpened", "audience": "tier", "template": "turn"}
    rows = (
        {**said, "channels": ("inbox", "email"), "gather": 30},
        {**said, "channels": (), "audience": "tier"},
        {**said, "kind": "intake.LetterOverdue", "audience": "assigner", "channels": ("inbox",), "urgent": True},
    )
    words = ({"template": "turn", "language": "id", "subject": "Giliran Anda", "body": "Surat menunggu."},)
    rules = NoticeRules.model_validate({"routes": rows, "templates": words})
    return RoutesAnswer(number=4, rules=rules, label="surel dikumpulkan", at=NOW, by="kadis")


def hooks() -> HooksAnswer:
    """One in every state, the second one signed by two secrets."""
    said = {"address": "https://persuratan.kota.example:443/caraka", "place": "persuratan.kota.example:443"}
    kinds = ("intake.LetterRegistered", "intake.LetterOverdue")
    rows = [
        HookRow(
            hook_id=notice_id(20 + number), label=f"Aplikasi persuratan {number}", event_kinds=kinds, state=state,
            generation=number + 1, both_until=NOW + timedelta(days=4000) if number else None, subscribed_at=NOW,
            subscribed_by="admin", failing_since=NOW if number else None,
            suspended_at=NOW if state == "suspended" else None, reason="server-away" if number else "", **said,
        )
        for number, state in enumerate(("active", "failing", "suspended"))
    ]  # fmt: skip
    ranges = (HookRange(network="10.20.0.0/16", reason="jaringan kantor", by="admin"),)
    return HooksAnswer(hooks=tuple(rows), ranges=ranges, event_kinds=kinds)
