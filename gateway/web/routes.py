"""All pages, one router per group."""

from collections.abc import Sequence

from fastapi import APIRouter

from gateway.desk import Desk
from gateway.principals import Principals
from gateway.web import (
    board,
    copies,
    courier,
    deadlines,
    deeds,
    first_password,
    inbox,
    initials,
    letters,
    machine,
    risk,
    session,
    standards_public,
    tasks,
)
from gateway.web.page import Pages, problem_page
from gateway.web.settings import settings_routes
from services.kit.blobs import Blobs


def router(desk: Desk, blobs: Blobs, principals: Principals, base_url: str, agencies: Sequence[str] = ()) -> APIRouter:
    """``agencies``: whom to ask about a copy whose address names none."""
    pages = Pages(desk)
    made = APIRouter()
    for part in (
        session.router(pages, principals, base_url),
        first_password.router(pages, principals, base_url),
        tasks.router(pages),
        inbox.router(pages, blobs),
        letters.router(pages),
        deeds.router(pages),
        board.router(pages),
        initials.router(pages),
        courier.router(pages),
        machine.router(pages),
        copies.router(pages, agencies),
        deadlines.router(pages),
        risk.router(pages),
        standards_public.router(pages, blobs),
        *settings_routes(pages),
    ):
        made.include_router(part)
    return made


__all__ = ["problem_page", "router"]
