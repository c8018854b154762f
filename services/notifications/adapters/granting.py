"""Secrets of webhooks are handed over: in the answer to who has just subscribed or turned one over, and never again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

from contracts.base import Accepted, Actor, Ask, Command, Refusal, ServiceRequest
from contracts.notifications import GrantHookRotation, GrantHookSecret, HookGranted, RotateHookSecret, SubscribeHook
from services.kit.service import QueryHandler
from services.notifications.adapters.webhook_queue import KeyOf, secret_of

Execute = Callable[[Ask], Awaitable[Accepted | Refusal]]


def granting(
    execute: Execute, key: KeyOf, clock: Callable[[], datetime]
) -> Mapping[type[ServiceRequest], QueryHandler]:
    async def subscribed(agency: str, asked: GrantHookSecret) -> HookGranted | Refusal:
        command = SubscribeHook(hook_id=asked.hook_id, url=asked.url, event_kinds=asked.event_kinds, label=asked.label)
        return await granted(agency, command, asked.by, asked.command_id, asked.hook_id)

    async def rotated(agency: str, asked: GrantHookRotation) -> HookGranted | Refusal:
        command = RotateHookSecret(hook_id=asked.hook_id)
        return await granted(agency, command, asked.by, asked.command_id, asked.hook_id)

    async def granted(
        agency: str, command: Command, by: Actor, command_id: UUID, hook_id: UUID
    ) -> HookGranted | Refusal:
        """Whoever asks is judged by the decision; the same command again has the same generation in its outcome."""
        ask = Ask(
            command_id=command_id, agency=agency, kind=command.kind(), actor=by, asked_at=clock(),
            correlation_id=command_id, body=command.model_dump(mode="json"),
        )  # fmt: skip
        outcome = await execute(ask)
        if isinstance(outcome, Refusal):
            return outcome
        generation = int(outcome.result["generation"])
        secret = secret_of(await asyncio.to_thread(key, agency), hook_id, generation)
        return HookGranted(hook_id=hook_id, secret=secret, after=outcome.after)

    return {GrantHookSecret: subscribed, GrantHookRotation: rotated}
