"""Tokens for machines over the API: the secret is shown once, in this answer, and only its hash is kept."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from contracts.base import Line, Slug
from contracts.organisation import GrantToken, TokenGranted
from gateway.api_commands import visitor_of
from gateway.desk import Desk


class TokenBody(BaseModel):
    """``role``: what the machine may do; ``label``: whose machine it is."""

    model_config = ConfigDict(extra="forbid")
    token_id: Slug
    role: Slug
    label: Line


def router(desk: Desk) -> APIRouter:
    made = APIRouter()

    @made.post("/tokens", name="tokens.issue", tags=["tokens"])
    async def issue(request: Request, response: Response, body: TokenBody) -> TokenGranted:
        visitor = visitor_of(request)
        query = GrantToken(token_id=body.token_id, role=body.role, label=body.label, by=visitor.actor)
        response.headers["Cache-Control"] = "no-store"
        return await desk.ask(visitor, query, TokenGranted)

    return made
