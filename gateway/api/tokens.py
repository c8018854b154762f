"""Tokens for machines and first passwords for people: shown once, in this answer, and only their hashes are kept.

202 and no secret: a leader has to confirm first; once he has (or 24 hours have passed) the same is asked for anew, with
a new Idempotency-Key. 409 ``organisation.handed-over``: this very request has had its secret.
"""

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from contracts.base import Line, Slug
from contracts.organisation import FirstPasswordGranted, GrantFirstPassword, GrantRenewal, GrantToken, TokenGranted
from gateway.api.commands import visitor_of
from gateway.edge.client import ServiceClient, idempotency_key, identity_of


class TokenBody(BaseModel):
    """``role``: what the machine may do; ``label``: whose machine it is."""

    model_config = ConfigDict(extra="forbid")
    token_id: Slug
    role: Slug
    label: Line


def router(client: ServiceClient) -> APIRouter:
    made = APIRouter()

    @made.post("/tokens", name="tokens.issue", tags=["tokens"])
    async def issue(request: Request, response: Response, body: TokenBody) -> TokenGranted:
        visitor = visitor_of(request)
        identity = identity_of(visitor, idempotency_key(request))
        asked = GrantToken(**body.model_dump(), by=visitor.actor, command_id=identity)
        granted = await client.ask(visitor, asked, TokenGranted)
        _settle(response, granted.waits_until)
        return granted

    @made.post("/tokens/{token_id}/renew", name="tokens.renew", tags=["tokens"])
    async def renew(request: Request, response: Response, token_id: Slug) -> TokenGranted:
        """A new secret for a known token; the old one ends."""
        visitor = visitor_of(request)
        identity = identity_of(visitor, idempotency_key(request))
        asked = GrantRenewal(token_id=token_id, by=visitor.actor, command_id=identity)
        granted = await client.ask(visitor, asked, TokenGranted)
        _settle(response, granted.waits_until)
        return granted

    @made.post("/people/{person_id}/first-password", name="people.password", tags=["people"])
    async def first_password(request: Request, response: Response, person_id: Slug) -> FirstPasswordGranted:
        """It opens nothing but the choice of an own password; the person's old one and his sessions end."""
        visitor = visitor_of(request)
        identity = identity_of(visitor, idempotency_key(request))
        asked = GrantFirstPassword(person_id=person_id, by=visitor.actor, command_id=identity)
        granted = await client.ask(visitor, asked, FirstPasswordGranted)
        _settle(response, granted.waits_until)
        return granted

    return made


def _settle(response: Response, waits_until: datetime | None) -> None:
    response.headers["Cache-Control"] = "no-store"
    if waits_until is not None:
        response.status_code = HTTPStatus.ACCEPTED
