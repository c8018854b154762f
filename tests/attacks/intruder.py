"""Whoever has one bus user's password and nothing else: what he may say and hear, and what he tries."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import nats
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.kit.bus.connection import Bus
from tests.parts.closed_nats import ClosedNats

_REFUSED = re.compile(r'permissions violation for (?:publish to|subscription to) "([^"]*)"')


class Intruder:
    """`refused`: the subjects of all complaints of the broker so far, in small letters as the client gives them."""

    def __init__(self, user: str, client: Client, refused: set[str]) -> None:
        self.user = user
        self.client = client
        self.refused = refused
        self.heard: list[Msg] = []

    async def say(self, *subjects: str, body: bytes = b"{}", reply: str = "") -> set[str]:
        """Publishes on each; those of them that the broker refused."""
        self.refused.clear()
        for subject in subjects:
            await self.client.publish(subject, body, reply=reply)
        await self.settle()
        return {subject for subject in subjects if subject.lower() in self.refused}

    async def listen(self, *subjects: str) -> set[str]:
        """Subscribes to each; those of them that the broker refused."""
        self.refused.clear()

        async def hear(message: Msg) -> None:
            self.heard.append(message)

        for subject in subjects:
            await self.client.subscribe(subject, cb=hear)
        await self.settle()
        return {subject for subject in subjects if subject.lower() in self.refused}

    async def order(self, verb: str, what: str, body: object, reply: str = "") -> set[str]:
        """One request to JetStream's interface."""
        return await self.say(f"$JS.API.{verb}.{what}", body=orjson.dumps(body), reply=reply)

    async def settle(self) -> None:
        for _ in range(2):  # the client writes a ping before what is still waiting: only the second one comes after it
            await self.client.flush()


@asynccontextmanager
async def intruder(stack: ClosedNats, user: str) -> AsyncIterator[Intruder]:
    refused: set[str] = set()

    async def complaint(error: Exception) -> None:
        refused.update(_REFUSED.findall(str(error).lower()))

    client = await nats.connect(stack.url(user), error_cb=complaint, inbox_prefix=f"_INBOX_{user}".encode())
    try:
        yield Intruder(user, client, refused)
    finally:
        await client.close()


@asynccontextmanager
async def intruders(stack: ClosedNats, users: Iterable[str]) -> AsyncIterator[list[Intruder]]:
    """Several at once: they work together."""
    users = list(users)
    if not users:
        yield []
        return
    async with intruder(stack, users[0]) as first, intruders(stack, users[1:]) as others:
        yield [first, *others]


@asynccontextmanager
async def joined(stack: ClosedNats, user: str) -> AsyncIterator[Bus]:
    """The product's own connection, with this user's password."""
    bus = await Bus.connect(stack.url(user), service=user)
    try:
        yield bus
    finally:
        await bus.close()
