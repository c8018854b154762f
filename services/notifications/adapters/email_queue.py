"""The queue of e-mails, seen from its owner: a worker is given a finished message, and his word is recorded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from contracts.base import Command
from contracts.jobs import SettleJob
from contracts.notices import EMAIL
from contracts.notifications import NoticePlanned, RecordAttempt, RecordGathered
from contracts.organisation import ContactOfAnswer
from services.kit.service import JobQueue, Later, NotWanted, QueueTerms, WantedJob
from services.notifications.adapters.case_contacts import CaseContacts
from services.notifications.adapters.contact_codes import CodeOver, ContactCodes
from services.notifications.domain.gathering import waits
from services.notifications.domain.wording import Unsayable, Words, together, whom, words_of
from services.notifications.policy import HIDDEN
from services.notifications.ports import (
    History,
    OrganisationAway,
    Reach,
    gathering_of,
    notice_of,
    office_of,
    shuts,
    ways_of,
)

TERMS = QueueTerms(ack_wait=60.0, max_deliver=3)
AWAY_SECONDS = 10.0
LONGEST_LATER = 3600.0
THREAD = "{thread}"
"""In the address of a mailbox: where the reference of the case stands."""
SENDER = "sender"
"""Who is told that his mail became a case."""
MOST_RECEIPTS, A_DAY = 10, timedelta(days=1)
KEPT = 4_096
"""Jobs of which it is remembered to whom they went; of any other a bounce blocks nobody."""
ReturnPath = Callable[[str, UUID, int], Awaitable[str]]
"""``async (agency, notice, generation) -> the envelope's sender``."""
REASONS = frozenset({
    "refused", "mailbox-unknown", "mailbox-full", "too-many", "server-away", "server-busy", "tls", "login", "timeout",
    "answer-lost", "no-contact", "nobody-acts", "channel-off", "muted",
    "contact-blocked", "contact-unverified", HIDDEN, "barred", "code-over", "value-empty", "template-gone", "gone",
})  # fmt: skip
"""Words that a worker, or this queue, may give; any other is *refused* or, where it may come right, *server-busy*."""


class EmailQueue:
    def __init__(  # noqa: PLR0913 - what a message is made of
        self,
        history: History,
        reach: Reach,
        base_url: str,
        sender: str,
        clock: Callable[[], datetime],
        codes: ContactCodes,
        contacts: CaseContacts | None = None,
        return_path: ReturnPath | None = None,
        replies: Mapping[str, str] | None = None,
    ) -> None:
        """``sender``: the address it leaves from; "": no mail server is named, and nothing is sent. ``replies``: agency
        → the address to which a reporter answers.
        """
        self._history = history
        self._reach = reach
        self._base_url = base_url
        self._sender = sender
        self._clock = clock
        self._codes = codes
        self._return_path = return_path
        self._contacts = contacts
        self._replies = replies or {}
        self._receipts: OrderedDict[bytes, dict[UUID, datetime]] = OrderedDict()
        self._whom: OrderedDict[UUID, str] = OrderedDict()
        self._bundled: OrderedDict[UUID, tuple[UUID, ...]] = OrderedDict()

    def queue(self) -> JobQueue:
        return JobQueue(self.finish, self.settle, terms=TERMS, pauses=(30.0, 3600.0), most_bytes=4096)

    async def finish(self, job: WantedJob) -> Mapping[str, Any]:
        """Who acts today, in his language, by the words of now. In quiet hours it waits, whatever was planned."""
        if not self._sender:
            raise NotWanted("channel-off")
        if "bundle_id" in job.body:
            return await self._bundle(job)
        notice = await notice_of(self._history, job.agency, UUID(job.body["notice_id"]))
        planned = notice.planned
        if planned is None:
            raise NotWanted("gone")
        office = await office_of(self._history, job.agency)
        now = self._clock()
        if not planned.urgent and (opens := office.opens(now)) > now:
            raise Later(min((opens - now).total_seconds(), LONGEST_LATER))
        by_contact = self._contacts if planned.by_contact else None
        if by_contact is not None:
            reached = await by_contact.reach(job.agency, planned)
            own = await by_contact.link(job.agency, planned)
            code, thread = await by_contact.code(job.agency, planned), await by_contact.thread(job.agency, planned)
        else:
            reached, code, thread = await self._of_the_house(job, planned), "", ""
            await self._open_to((planned,), job, reached)
            try:
                planned, own = await self._codes.filled(job.agency, planned)
            except CodeOver:
                raise NotWanted("code-over") from None
        if not reached.email:
            hidden = by_contact is not None and await by_contact.hides(job.agency, planned)
            raise NotWanted(HIDDEN if hidden else _lacks(reached))
        if planned.audience == SENDER and self._too_many(reached.email, job.job_id, now):
            raise NotWanted("too-many")
        try:
            words = words_of(planned, office, reached.language, self._base_url, own, code)
        except Unsayable as why:
            raise NotWanted(str(why)) from None
        back = await self._back(job.agency, planned.notice_id, notice.generation)
        return self._message(job, reached, words, back, thread)

    async def _bundle(self, job: WantedJob) -> Mapping[str, Any]:
        """Those of the bundle that still wait, in one message to who acts today."""
        bundle_id = UUID(job.body["bundle_id"])
        known = await gathering_of(self._history, job.agency, job.body["who"])
        if bundle_id not in known.open:
            raise NotWanted("gone")
        office, now = await office_of(self._history, job.agency), self._clock()
        if (opens := office.opens(now)) > now:
            raise Later(min((opens - now).total_seconds(), LONGEST_LATER))
        found = [await notice_of(self._history, job.agency, each) for each in known.open[bundle_id].members]
        waiting = [each.planned for each in found if waits(each) and each.planned is not None]
        if not waiting:
            raise NotWanted("gone")
        reached = await self._of_the_house(job, waiting[0])
        waiting = await self._open_to(waiting, job, reached)
        if not reached.email:
            raise NotWanted(_lacks(reached))
        parts = []
        for planned in waiting:
            with suppress(Unsayable):  # one whose template is gone holds up no other; it is said of it below
                parts.append((planned, words_of(planned, office, reached.language, self._base_url)))
        try:
            words = together(parts, office, reached.language, self._base_url) if parts else None
        except Unsayable as why:
            raise NotWanted(str(why)) from None
        if words is None:
            raise NotWanted("template-gone")
        self._bundled[job.job_id] = tuple(planned.notice_id for planned, _ in parts)
        if len(self._bundled) > KEPT:
            self._bundled.popitem(last=False)
        return self._message(job, reached, words, await self._back(job.agency, parts[0][0].notice_id, 1))

    def _message(
        self, job: WantedJob, reached: ContactOfAnswer, words: Words, back: str, thread: str = ""
    ) -> Mapping[str, Any]:
        host = self._sender.rpartition("@")[2]
        address = self._replies.get(job.agency, "")
        message_id = f"{job.job_id}.{thread}" if thread and address else str(job.job_id)
        if thread and address and THREAD not in address:
            words = Words(f"{words.subject} [{thread}]", words.body)
        return {
            "reply_to": address.replace(THREAD, thread) if thread else "",
            "to": reached.email,
            "sender": self._sender,
            "return_path": back,
            "subject": words.subject,
            "body": words.body,
            "language": reached.language,
            "message_id": f"<{message_id}@{host}>",
            "list_id": f"Caraka {job.agency} <{job.agency}.caraka.{host}>",
            "sha256": words.sha256,
        }

    async def _back(self, agency: str, notice_id: UUID, generation: int) -> str:
        """Where its server answers to, by a name that no other message has; "": to the sender."""
        if self._return_path is None:
            return ""
        return await self._return_path(agency, notice_id, generation)

    def _too_many(self, address: str, job_id: UUID, now: datetime) -> bool:
        """Whether this address has had its receipts of a day: a machine that answers every mail with a new one ends."""
        whom = blake2b(address.strip().casefold().encode(), digest_size=16).digest()
        had = {job: at for job, at in self._receipts.pop(whom, {}).items() if now - at < A_DAY}
        if job_id not in had and len(had) >= MOST_RECEIPTS:
            self._receipts[whom] = had
            return True
        had[job_id] = now
        self._receipts[whom] = had
        if len(self._receipts) > KEPT:
            self._receipts.popitem(last=False)
        return False

    async def _open_to(
        self, notices: Sequence[NoticePlanned], job: WantedJob, reached: ContactOfAnswer
    ) -> list[NoticePlanned]:
        """Those of whose case he may know; at least one."""
        found = [each for each in notices if not await shuts(self._history, job.agency, each, reached)]
        if not found:
            raise NotWanted("barred")
        return found

    async def _of_the_house(self, job: WantedJob, planned: NoticePlanned) -> ContactOfAnswer:
        """Who acts today, if he has not muted this channel and nothing blocks it; kept, so that a bounce finds him."""
        try:
            reached = await self._reach(job.agency, whom(planned))
        except OrganisationAway:
            raise Later(AWAY_SECONDS) from None
        if reached.person_id is None:
            raise NotWanted("nobody-acts")
        ways = await ways_of(self._history, job.agency, reached.person_id)
        if reached.email and (why := ways.barred(planned, EMAIL)):
            raise NotWanted(why)
        self._whom[job.job_id] = reached.person_id
        if len(self._whom) > KEPT:
            self._whom.popitem(last=False)
        return reached

    def settle(self, job: WantedJob, said: SettleJob) -> Command:
        proof, provider = said.result.get("sha256"), said.result.get("provider_id", "")
        if not isinstance(provider, str) or not (proof is None or isinstance(proof, str)):
            raise TypeError("a result is text")
        if "bundle_id" in job.body:
            return RecordGathered(
                who=job.body["who"], bundle_id=job.body["bundle_id"], notices=self._bundled.pop(job.job_id, ()),
                outcome=said.outcome, reason=None if said.outcome == "accepted" else word(said.reason, said.outcome),
                provider_id=printable(provider), sha256=proof, person_id=self._whom.pop(job.job_id, None),
            )  # fmt: skip
        return RecordAttempt(
            notice_id=job.body["notice_id"], channel=EMAIL, generation=job.body["generation"], outcome=said.outcome,
            reason=None if said.outcome == "accepted" else word(said.reason, said.outcome),
            provider_id=printable(provider), sha256=proof, person_id=self._whom.pop(job.job_id, None),
        )  # fmt: skip


def _lacks(reached: ContactOfAnswer) -> str:
    return "contact-unverified" if EMAIL in reached.to_verify else "no-contact"


def word(reason: str, outcome: str) -> str:
    """A worker's reason as a word that is known here: what a server says may hold an address."""
    if reason in REASONS:
        return reason
    return "server-busy" if outcome == "temporary" else "answer-lost" if outcome == "unknown" else "refused"


def printable(text: str) -> str:
    return "".join(sign for sign in text if " " <= sign <= "~")[:200]
