"""The queue of webhooks, seen from its owner: a worker is given a finished, signed message, and his word is recorded.

The secret stays here. What is signed is thin: which kind of fact, which case, its number, when.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from standardwebhooks import Webhook

from contracts.base import Command, Erased, Sealed
from contracts.jobs import SettleJob
from contracts.notices import WEBHOOK
from contracts.notifications import NoticePlanned, RecordAttempt
from services.kit.secrets import keyed
from services.kit.service import JobQueue, Later, NotWanted, QueueTerms, WantedJob
from services.notifications.domain.hooks import Hook
from services.notifications.policy import HOOK_WAITS_FOR
from services.notifications.ports import History, hooks_of, notice_of

TERMS = QueueTerms(ack_wait=60.0, max_deliver=3)
MOST_OUT = 16
PAUSES = (5.0, 3600.0)
PROBES = (5.0, 300.0)
SUSPENDED_SECONDS = 1800.0
REASONS = frozenset({
    "address-refused", "name-unknown", "server-away", "tls", "timeout", "redirected", "refused", "too-many",
    "server-busy", "gone", "hook-ended", "hook-suspended", "before-resume", "erased",
})  # fmt: skip
OpenField = Callable[[Sealed], str]
KeyOf = Callable[[str], bytes]
"""Agency → its key *hooks*. Blocks."""


def secret_of(key: bytes, hook_id: UUID, generation: int) -> str:
    """As the Standard Webhooks libraries take it. It is computed anew each time and stands nowhere."""
    return f"whsec_{base64.b64encode(keyed(key, 'hook', str(hook_id), str(generation))).decode()}"


def cloud_event(planned: NoticePlanned, agency: str, base_url: str) -> bytes:
    """CloudEvents 1.0, structured. Its ``id`` is the notice's, the same however often it is sent."""
    said = {
        "specversion": "1.0",
        "id": str(planned.notice_id),
        "source": f"{base_url}/{agency}",
        "type": planned.event_kind,
        "subject": f"{planned.case_kind}/{planned.case_id}",
        "time": planned.values["at"],
        "datacontenttype": "application/json",
        "data": {
            "case_kind": planned.case_kind,
            "case_id": str(planned.case_id),
            "number": planned.values.get("number", ""),
        },
    }
    return orjson.dumps(said)


def signed(body: bytes, message_id: str, secrets: list[str], now: datetime) -> dict[str, str]:
    """The headers of the standard; one signature for each secret that is good now. ``now``: in UTC."""
    signatures = [Webhook(each).sign(message_id, now, body.decode()) for each in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


class WebhookQueue:
    def __init__(
        self, history: History, opened: OpenField, key: KeyOf, base_url: str, clock: Callable[[], datetime]
    ) -> None:
        self._history = history
        self._opened = opened
        self._key = key
        self._base_url = base_url
        self._clock = clock

    def queue(self) -> JobQueue:
        """A lane for each hook: what is down delays itself alone."""
        return JobQueue(
            self.finish, self.settle, terms=TERMS, most_out=MOST_OUT, pauses=PAUSES, probes=PROBES, most_bytes=4096,
            lanes=True,
        )  # fmt: skip

    async def finish(self, job: WantedJob) -> Mapping[str, Any]:
        notice = await notice_of(self._history, job.agency, UUID(job.body["notice_id"]))
        planned = notice.planned
        if planned is None or planned.hook_id is None:
            raise NotWanted("gone")
        hooks = await hooks_of(self._history, job.agency)
        hook = hooks.standing.get(planned.hook_id)
        if hook is None:
            raise NotWanted("hook-ended")
        now = self._clock()
        if hook.suspended_at is not None:
            if now - hook.suspended_at >= HOOK_WAITS_FOR:
                raise NotWanted("hook-suspended")
            raise Later(SUSPENDED_SECONDS)
        if hook.from_at is not None and planned.planned_at < hook.from_at:
            raise NotWanted("before-resume")
        url, secrets = await asyncio.to_thread(self._secrets, job.agency, hook, now)
        if isinstance(url, Erased):
            raise NotWanted("erased")
        body = cloud_event(planned, job.agency, self._base_url)
        return {
            "url": url,
            "body": body.decode(),
            "headers": signed(body, str(planned.notice_id), secrets, now),
            "ranges": list(hooks.ranges),
            "sha256": hashlib.sha256(body).hexdigest(),
        }

    def settle(self, job: WantedJob, said: SettleJob) -> Command:
        proof = said.result.get("sha256")
        if not (proof is None or isinstance(proof, str)):
            raise TypeError("a result is text")
        return RecordAttempt(
            notice_id=job.body["notice_id"], channel=WEBHOOK, generation=job.body["generation"], outcome=said.outcome,
            reason=None if said.outcome == "accepted" else said.reason if said.reason in REASONS else "server-busy",
            sha256=proof,
        )  # fmt: skip

    def _secrets(self, agency: str, hook: Hook, now: datetime) -> tuple[str, list[str]]:
        one = partial(secret_of, self._key(agency), hook.hook_id)
        return self._opened(hook.url), [one(each) for each in hook.generations(now)]
