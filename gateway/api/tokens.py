"""Tokens for machines and first passwords for people: shown once, in this answer, and only their hashes are kept."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from contracts.base import Line, Slug
from contracts.organisation import FirstPasswordGranted, GrantFirstPassword, GrantToken, TokenGranted
from gateway.api.commands import visitor_of
from gateway.edge.client import ServiceClient


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
        query = GrantToken(token_id=body.token_id, role=body.role, label=body.label, by=visitor.actor)
        response.headers["Cache-Control"] = "no-store"
        return await client.ask(visitor, query, TokenGranted)

    @made.post("/people/{person_id}/first-password", name="people.password", tags=["people"])
    async def first_password(request: Request, response: Response, person_id: Slug) -> FirstPasswordGranted:
        """It opens nothing but the choice of an own password; the person's old one and his sessions end."""
        visitor = visitor_of(request)
        response.headers["Cache-Control"] = "no-store"
        query = GrantFirstPassword(person_id=person_id, by=visitor.actor)
        return await client.ask(visitor, query, FirstPasswordGranted)

    return made
