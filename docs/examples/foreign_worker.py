"""A worker of an agency's own: takes jobs of one queue and does them with a program of its own.

Written from the AsyncAPI document alone (`/api/asyncapi.json`), with FastStream and nothing of Caraka. It needs the
address of the bus with its user and password, whose inbox prefix is `_INBOX_<user>`:

    NATS_URL=nats://sms:…@nats:4222 NATS_USER=sms SERVICE=notifications QUEUE=sms-pekalongan python foreign_worker.py

The effect here is a line in the file `OUTBOX`; put your gateway's call in its place. It may be asked twice for one
job: give your provider the job's id as its idempotency key.
"""

import asyncio
import json
import os
from pathlib import Path

import nats.errors
from faststream import AckPolicy, FastStream
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.annotations import NatsMessage

USER, SERVICE, QUEUE = os.environ["NATS_USER"], os.environ["SERVICE"], os.environ["QUEUE"]
OUTBOX = Path(os.environ["OUTBOX"])
AT_ONCE = 8

broker = NatsBroker(os.environ["NATS_URL"], inbox_prefix=f"_INBOX_{USER}", max_reconnect_attempts=-1)
app = FastStream(broker)


class NobodyAnswers(Exception):
    """The owner of the jobs is away: the message is given back."""


async def raw(message: NatsMessage) -> bytes:
    """The body as it is: what the framework could not decode would never come to us, and never be acknowledged."""
    return message.body


async def ask(subject: str, said: dict) -> dict:
    try:
        reply = await broker.request(json.dumps(said).encode(), subject, timeout=10)
    except (nats.errors.Error, TimeoutError) as away:
        raise NobodyAnswers from away
    answer = json.loads(reply.body)
    if "fault" in answer:
        raise NobodyAnswers(answer["fault"])
    return answer.get("answer", {"job": "refused"})


def write(line: str) -> None:
    with OUTBOX.open("a", encoding="utf-8") as file:
        file.write(line)


async def effect(job_id: str, payload: dict) -> dict:
    """What this worker is for; says what came of it."""
    await asyncio.to_thread(write, json.dumps({"id": job_id, **payload}) + "\n")
    return {"outcome": "accepted", "result": {"proof": f"sms {job_id}"}}


@broker.subscriber(
    f"job.*.{SERVICE}.{QUEUE}",
    stream=JStream(f"JOB_{SERVICE.upper()}", declare=False),
    durable=QUEUE,
    pull_sub=PullSub(batch_size=AT_ONCE),
    max_workers=AT_ONCE,
    ack_policy=AckPolicy.MANUAL,
    inbox_prefix=f"_INBOX_{USER}.".encode(),  # its own is another one, which the user may not hear: it would be deaf
    decoder=raw,
)
async def work(body: bytes, message: NatsMessage) -> None:
    try:
        job = json.loads(body)
        place = f"{job['agency']}.{SERVICE}.{QUEUE}"
        which = {"job_id": job["job_id"], "publication": job["publication"]}
    except (ValueError, KeyError, TypeError):
        await message.reject()
        return
    which["delivered"] = message.raw_message.metadata.num_delivered
    try:
        taken = await ask(f"take.{place}", which)
        if taken["job"] == "ready":
            try:
                async with asyncio.timeout(taken["seconds"]):
                    done = await effect(job["job_id"], taken["payload"])
            except Exception as failed:  # noqa: BLE001 - whatever it was, it may go better later
                done = {"outcome": "temporary", "reason": type(failed).__name__}
            await ask(f"settle.{place}", {**which, "token": taken["token"], **done})
    except NobodyAnswers:
        await message.nack(delay=5)
    else:
        await message.ack()


if __name__ == "__main__":
    asyncio.run(app.run())
