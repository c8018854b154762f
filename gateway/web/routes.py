"""All pages, one router per group."""

from collections.abc import Sequence

from fastapi import APIRouter

from gateway.desk import Desk
from gateway.principals import Principals
from gateway.web import board, copies, courier, deeds, inbox, initials, letters, machine, session, tasks
from gateway.web.page import Pages, problem_page
from services.kit.blobs import Blobs


def router(desk: Desk, blobs: Blobs, principals: Principals, base_url: str, agencies: Sequence[str] = ()) -> APIRouter:
    """``agencies``: whom to ask about a copy whose address names none."""
    pages = Pages(desk)
    made = APIRouter()
    for part in (
        session.router(pages, principals, base_url),
        tasks.router(pages),
        inbox.router(pages, blobs),
        letters.router(pages),
        deeds.router(pages),
        board.router(pages),
        initials.router(pages),
        courier.router(pages),
        machine.router(pages),
        copies.router(pages, agencies),
    ):
        made.include_router(part)
    return made


__all__ = ["problem_page", "router"]
