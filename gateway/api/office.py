"""The API's readings of the office's own rules: standards, calendars, positions, tokens, why a letter is due."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from contracts import intake, offices, organisation
from contracts.base import FIRST_YEAR, LAST_YEAR, Moment, Slug
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of, covers
from gateway.edge.cases import deadline_of, letter_of
from gateway.edge.client import ServiceClient

Version = Annotated[int, Query(ge=1, le=1_000_000)]
Day = Annotated[date | None, Query(ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]
Years = Annotated[list[Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]] | None, Query(max_length=20)]


def router(client: ServiceClient) -> APIRouter:
    made = APIRouter(dependencies=[Depends(covers)])
    _standards(made, client)
    _office(made, client)

    @made.get("/letters/{letter_id}/deadline", name="letters.deadline", tags=["letters"])
    async def deadline(request: Request, letter_id: UUID) -> intake.LetterDeadlineAnswer:
        visitor = visitor_of(request)
        letter = await letter_of(client, visitor, letter_id, after_of(request))
        return await deadline_of(client, visitor, letter, after_of(request))

    return made


def _standards(made: APIRouter, client: ServiceClient) -> None:
    @made.get("/standards", name="standards.list", tags=["standards"])
    async def standards(request: Request) -> organisation.StandardsAnswer:
        query = organisation.Standards(after=after_of(request))
        return await client.ask(visitor_of(request), query, organisation.StandardsAnswer)

    @made.post("/standards/preview", name="standards.preview", tags=["standards"])
    async def preview(request: Request, draft: offices.StandardDraft) -> offices.StandardPreviewAnswer:
        query = organisation.StandardPreview(draft=draft)
        return await client.ask(visitor_of(request), query, offices.StandardPreviewAnswer)

    @made.get("/standards/{standard}/versions", name="standards.versions", tags=["standards"])
    async def versions(request: Request, standard: Slug) -> offices.StandardVersionsAnswer:
        query = organisation.StandardVersions(standard=standard, after=after_of(request))
        return await client.ask(visitor_of(request), query, offices.StandardVersionsAnswer)

    @made.get("/standards/{standard}/difference", name="standards.difference", tags=["standards"])
    async def difference(
        request: Request, standard: Slug, old: Version, new: Version
    ) -> offices.StandardDifferenceAnswer:
        query = organisation.StandardDifference(standard=standard, old=old, new=new, after=after_of(request))
        return await client.ask(visitor_of(request), query, offices.StandardDifferenceAnswer)

    @made.get("/standards/{standard}/deadline", name="standards.deadline", tags=["standards"])
    async def due(
        request: Request,
        standard: Slug,
        received_at: Annotated[Moment, Query(alias="from")],
        version: Version | None = None,
    ) -> offices.StandardDeadlineAnswer:
        query = organisation.StandardDeadline(standard=standard, received_at=received_at, number=version)
        return await client.ask(visitor_of(request), query, offices.StandardDeadlineAnswer)


def _office(made: APIRouter, client: ServiceClient) -> None:
    @made.get("/calendars", name="calendars.list", tags=["calendars"])
    async def calendars(request: Request, year: Years = None) -> offices.CalendarsAnswer:
        query = organisation.Calendars(years=tuple(year or ()), after=after_of(request))
        return await client.ask(visitor_of(request), query, offices.CalendarsAnswer)

    @made.get("/positions", name="positions.list", tags=["positions"])
    async def positions(request: Request, on: Day = None) -> offices.PositionsAnswer:
        query = organisation.Positions(on=on.isoformat() if on else "", after=after_of(request))
        return await client.ask(visitor_of(request), query, offices.PositionsAnswer)

    @made.get("/tokens", name="tokens.list", tags=["tokens"])
    async def tokens(request: Request) -> offices.TokensAnswer:
        return await client.ask(visitor_of(request), organisation.Tokens(after=after_of(request)), offices.TokensAnswer)

    @made.get("/access-grants", name="access.list", tags=["access-grants"])
    async def access(request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 200) -> offices.AccessGrantsAnswer:
        query = organisation.AccessGrants(limit=limit, after=after_of(request))
        return await client.ask(visitor_of(request), query, offices.AccessGrantsAnswer)

    @made.get("/agency", name="agency.show", tags=["positions"])
    async def agency(request: Request) -> offices.AgencyFactsAnswer:
        query = organisation.AgencyFacts(after=after_of(request))
        return await client.ask(visitor_of(request), query, offices.AgencyFactsAnswer)
