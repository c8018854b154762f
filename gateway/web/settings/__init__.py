"""Pengaturan: the office's own rules on screens: standards, calendars, positions, people, tokens."""

from collections.abc import Iterator

from fastapi import APIRouter, Response

from gateway.web.page import Pages, onward
from gateway.web.settings import access, calendars, notices, people, positions, seasons, standards, tokens


def settings_routes(pages: Pages) -> Iterator[APIRouter]:
    for part in (standards, calendars, seasons, positions, people, tokens, notices, access):
        yield part.router(pages)
    front = APIRouter()

    @front.get("/pengaturan", name="page.settings")
    async def first() -> Response:
        return onward("/pengaturan/standar")

    yield front
