"""All pages, one router per group."""

from collections.abc import Sequence

from fastapi import APIRouter

from gateway.edge.logins import Logins
from gateway.edge.principals import Principals
from gateway.web.accounts import actions as account_actions
from gateway.web.accounts import directory as account_directory
from gateway.web.accounts import entering as account_entry
from gateway.web.accounts import register as account_register
from gateway.web.accounts import slips as account_slips
from gateway.web.cases import board, risk, tasks
from gateway.web.cases import files as case_files
from gateway.web.complaints import actions as complaint_actions
from gateway.web.complaints import book as complaint_book
from gateway.web.complaints import entering as complaint_entry
from gateway.web.complaints import register as complaint_register
from gateway.web.complaints.printing import Papers
from gateway.web.letters import actions, attachments, books, courier, inbox, initials, register
from gateway.web.login import first_password, own_password, session
from gateway.web.notices import blocks, channels
from gateway.web.notices import inbox as notices
from gateway.web.notices import log as notice_log
from gateway.web.operations import machine
from gateway.web.page import Pages, problem_page
from gateway.web.public import claims, copies, filing, front, own_secret, standards, tracking
from gateway.web.public.strangers import Strangers
from gateway.web.settings import settings_routes
from services.kit.blobs import Blobs


def router(  # noqa: PLR0913 - what pages stand on
    pages: Pages,
    blobs: Blobs,
    principals: Principals,
    logins: Logins,
    base_url: str,
    strangers: Strangers,
    papers: Papers,
    agencies: Sequence[str] = (),
) -> APIRouter:
    """``agencies``: whom to ask about a copy whose address names none."""
    made = APIRouter()
    for part in (
        session.router(pages, principals, logins, base_url),
        first_password.router(pages, logins, base_url),
        own_password.router(pages, logins),
        tasks.router(pages),
        inbox.router(pages, blobs),
        books.router(pages),
        register.router(pages),
        actions.router(pages),
        board.router(pages),
        account_entry.router(pages, strangers),
        account_directory.router(pages),
        account_register.router(pages, strangers),
        account_actions.router(pages, strangers),
        complaint_entry.router(pages, strangers),
        complaint_book.router(pages, papers),
        complaint_register.router(pages, strangers),
        complaint_actions.router(pages, strangers),
        account_slips.router(pages, strangers),
        initials.router(pages),
        courier.router(pages),
        machine.router(pages),
        attachments.router(pages),
        case_files.router(pages, strangers.uploads),
        risk.router(pages),
        notices.router(pages),
        blocks.router(pages),
        notice_log.router(pages),
        channels.router(pages),
        standards.router(pages, blobs),
        *settings_routes(pages),
        # The last: an agency's name may stand first in its addresses.
        copies.router(pages, strangers, agencies),
        tracking.router(pages, strangers, blobs),
        claims.router(pages, strangers),
        own_secret.router(pages, strangers),
        filing.router(pages, strangers),
        front.router(pages, principals, strangers.kinds),
    ):
        made.include_router(part)
    return made


__all__ = ["problem_page", "router"]
