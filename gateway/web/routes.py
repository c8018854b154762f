"""All pages, one router per group."""

from collections.abc import Sequence

from fastapi import APIRouter

from gateway.edge.client import Desk
from gateway.edge.principals import Principals
from gateway.web.letters import actions as deeds
from gateway.web.letters import board, courier, deadlines, inbox, initials, risk, tasks
from gateway.web.letters import register as letters
from gateway.web.login import first_password, session
from gateway.web.operations import machine
from gateway.web.page import Pages, problem_page
from gateway.web.public import copies
from gateway.web.public import standards as standards_public
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
