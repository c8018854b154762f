"""Webhooks: other systems that hear of facts. The secret is in the answer to who has subscribed or rotated, once.

The same request with the same Idempotency-Key gives the same answer again.
"""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from contracts.base import Line
from contracts.notices import FactName
from contracts.notifications import GrantHookRotation, GrantHookSecret, HookGranted, Hooks, HooksAnswer
from contracts.notifications.hooks import HookAddress
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.client import ServiceClient, idempotency_key, identity_of


class HookBody(BaseModel):
    """``event_kinds``: those that `GET /hooks` lists; ``label``: whose system it is and what for."""

    model_config = ConfigDict(extra="forbid")
    url: HookAddress
    event_kinds: tuple[FactName, ...] = Field(min_length=1, max_length=100)
    label: Line


def router(client: ServiceClient) -> APIRouter:
    made = APIRouter()

    @made.get("/hooks", name="hooks.list", tags=["hooks"])
    async def hooks(request: Request) -> HooksAnswer:
        """Each with its state; the kinds of facts that can be heard; the private ranges that are allowed."""
        return await client.ask(visitor_of(request), Hooks(after=after_of(request)), HooksAnswer)

    @made.post("/hooks", name="hooks.subscribe", tags=["hooks"], status_code=201)
    async def subscribe(request: Request, response: Response, body: HookBody) -> HookGranted:
        visitor = visitor_of(request)
        identity = identity_of(visitor, idempotency_key(request))
        asked = GrantHookSecret(**body.model_dump(), hook_id=identity, by=visitor.actor, command_id=identity)
        response.headers["Cache-Control"] = "no-store"
        return await client.ask(visitor, asked, HookGranted)

    @made.post("/hooks/{hook_id}/rotate", name="hooks.rotate", tags=["hooks"])
    async def rotate(request: Request, response: Response, hook_id: UUID) -> HookGranted:
        """A new secret. For 24 hours what is sent is signed by the old one too."""
        visitor = visitor_of(request)
        identity = identity_of(visitor, idempotency_key(request))
        response.headers["Cache-Control"] = "no-store"
        asked = GrantHookRotation(hook_id=hook_id, by=visitor.actor, command_id=identity)
        return await client.ask(visitor, asked, HookGranted)

    return made
