"""The API's readings: letters, approvals, dispatches, deliveries, dashboards, people, standards, the log of each
case.
"""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as PathParameter

from contracts import account_provisioning as accounts
from contracts import audit, complaint, notifications, organisation
from contracts import projections as p
from contracts.base import Slug
from contracts.notices import Language, NoticeRules
from contracts.numbering import NumberingAnswer
from contracts.organisation.contacts import OwnContactAnswer
from contracts.projections.notices import STAGES as NOTICE_STAGES
from gateway.api.commands import visitor_of
from gateway.edge.cases import (
    account_of,
    accounts_of,
    board_of,
    book_numbering_of,
    history_of,
    letter_of,
    letters_of,
    request_deadline_of,
    request_history_of,
    request_of,
    requests_of,
    risk_of,
    sheet_of,
    stops_of,
    tasks_of,
)
from gateway.edge.client import ServiceClient
from gateway.edge.complaints import (
    complaint_book_of,
    complaint_deadline_of,
    complaint_history_of,
    complaint_of,
    complaint_sheet_of,
    complaints_of,
    register_numbering_of,
)
from gateway.edge.notices import (
    contact_blocks_of,
    notice_log_of,
    notices_of,
    own_contact_of,
    routes_of,
    routes_preview_of,
    ways_of,
    why_notice_of,
)
from gateway.edge.problems import Problem

Kind = Annotated[str, Query(pattern=f"^({'|'.join(kind for kind, roles in p.READERS.items() if roles)})$")]
# The filters of a list, whatever it lists.
Text = Annotated[str, Query(max_length=200)]
Cursor = Annotated[str, Query(max_length=400)]
Year = Annotated[int, PathParameter(ge=2000, le=2200)]
Limit = Annotated[int, Query(ge=1, le=200)]
AFTER = r"^[A-Za-z0-9_-]{1,64}\.[0-9]{1,19}\.[0-9]{1,19}$"
OWN_SERVICE = {"letters": "intake", "approvals": "approval", "dispatches": "dispatch"}


def after_of(request: Request) -> str | None:
    """``?after=<store>.<epoch>.<position>``: the answer covers that write."""
    return request.query_params.get("after")


async def covers(after: Annotated[str | None, Query(max_length=200, pattern=AFTER)] = None) -> None:
    """A dependency of every reading: what `after_of` will find is one, and the documents name it."""


async def _filters(  # noqa: PLR0913 - the filters of a list
    request: Request,
    stage: Annotated[list[str] | None, Query()] = None,
    text: Text = "",
    order: Annotated[str, Query(pattern="^(changed|due|received|oldest)$")] = "changed",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Callable[[tuple[str, ...]], dict[str, Any]]:
    """Fields of a question for a list of cases, once it is known which stages there are."""
    rest = {"text": text, "order": order, "cursor": cursor, "limit": limit, "after": after_of(request)}
    return lambda known: {"stages": _checked(stage or [], known), **rest}


Filters = Annotated[Callable[[tuple[str, ...]], dict[str, Any]], Depends(_filters)]


def router(client: ServiceClient) -> APIRouter:
    made = APIRouter(dependencies=[Depends(covers)])

    @made.get("/letters", name="letters.list", tags=["letters"])
    async def letters(request: Request, asked: Filters) -> p.LetterListAnswer:
        query = p.LetterList.model_validate(asked(p.STAGES))
        return await letters_of(client, visitor_of(request), query)

    @made.get("/books/{book}/{year}", name="books.show", tags=["letters"])
    async def book(request: Request, book: Slug, year: Year) -> NumberingAnswer:
        """Where an agenda book of a year begins, who said so, and why it was corrected."""
        return await book_numbering_of(client, visitor_of(request), book, year)

    for resource, service in OWN_SERVICE.items():
        _case_routes(made, client, resource, service)

    @made.get("/deliveries", name="deliveries.list", tags=["deliveries"])
    async def deliveries(request: Request, courier: Slug | None = None) -> p.CourierStopsAnswer:
        return await stops_of(client, visitor_of(request), courier, after_of(request))

    _requests(made, client)

    _directory(made, client)

    _complaints(made, client)

    _dashboards(made, client)

    _notices(made, client)

    @made.get("/people", name="people.list", tags=["people"])
    async def people(request: Request, role: Slug | None = None) -> organisation.PeopleAnswer:
        return await client.ask(visitor_of(request), organisation.People(role=role), organisation.PeopleAnswer)

    @made.get("/audit/heads", name="audit.heads", tags=["audit"])
    async def heads(request: Request) -> audit.ChainHeadsAnswer:
        return await client.ask(visitor_of(request), audit.ChainHeads(), audit.ChainHeadsAnswer)

    @made.get("/me", name="me", tags=["people"])
    async def me(request: Request) -> dict[str, Any]:
        visitor = visitor_of(request)
        return {"agency": visitor.agency, **visitor.actor.model_dump(mode="json")}

    return made


def _requests(made: APIRouter, client: ServiceClient) -> None:
    @made.get("/account-requests", name="requests.list", tags=["account-requests"])
    async def requests(request: Request, asked: Filters) -> p.RequestListAnswer:
        query = p.RequestList.model_validate(asked(p.REQUEST_STAGES))
        return await requests_of(client, visitor_of(request), query)

    @made.get("/account-requests/{request_id}", name="requests.show", tags=["account-requests"])
    async def show(request: Request, response: Response, request_id: UUID) -> p.AccountRequest:
        found = await request_of(client, visitor_of(request), request_id, after_of(request))
        response.headers["ETag"] = f'"{found.row.versions["account_provisioning"]}"'
        return found

    @made.get("/account-requests/{request_id}/events", name="requests.events", tags=["account-requests"])
    async def events(request: Request, request_id: UUID) -> p.CaseHistoryAnswer:
        visitor = visitor_of(request)
        found = await request_of(client, visitor, request_id, after_of(request))
        return p.CaseHistoryAnswer(entries=await request_history_of(client, visitor, found, after_of(request)))

    @made.get("/account-requests/{request_id}/deadline", name="requests.deadline", tags=["account-requests"])
    async def deadline(request: Request, request_id: UUID) -> accounts.RequestDeadlineAnswer:
        """Why it is due when it is due."""
        visitor = visitor_of(request)
        found = await request_of(client, visitor, request_id, after_of(request))
        return await request_deadline_of(client, visitor, found)

    @made.get("/account-requests/{request_id}/sheet", name="requests.sheet", tags=["account-requests"])
    async def sheet(request: Request, request_id: UUID) -> accounts.RequestSheetAnswer:
        """The applicant's number, how to reach him, and what a reviewer decides by; for who handles it alone."""
        visitor = visitor_of(request)
        found = await request_of(client, visitor, request_id, after_of(request))
        return await sheet_of(client, visitor, found)


def _directory(made: APIRouter, client: ServiceClient) -> None:
    @made.get("/accounts", name="accounts.list", tags=["account-requests"])
    async def directory(  # noqa: PLR0913 - the filters of a list
        request: Request,
        state: Annotated[str, Query(pattern=f"^({'|'.join(p.ACCOUNT_STATES)})?$")] = "",
        text: Text = "",
        order: Annotated[str, Query(pattern="^(address|changed)$")] = "address",
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> p.AccountListAnswer:
        """Every account; ``text`` is looked for in address, name, unit and the request's number."""
        asked = {"text": text, "order": order, "cursor": cursor, "limit": limit, "after": after_of(request)}
        query = p.AccountList.model_validate({"stages": [state] if state else [], **asked})
        return await accounts_of(client, visitor_of(request), query)

    @made.get("/accounts/{account_id}", name="accounts.show", tags=["account-requests"])
    async def account(request: Request, account_id: UUID) -> p.Account:
        """One account: state, holder, its requests, and what happened to it."""
        return await account_of(client, visitor_of(request), account_id, after_of(request))

    @made.get("/accounts/{account_id}/events", name="accounts.events", tags=["account-requests"])
    async def events(request: Request, account_id: UUID) -> p.CaseHistoryAnswer:
        """What happened to it, over all requests about it, oldest first."""
        found = await account_of(client, visitor_of(request), account_id, after_of(request))
        return p.CaseHistoryAnswer(entries=found.entries)


def _complaints(made: APIRouter, client: ServiceClient) -> None:
    @made.get("/complaints", name="complaints.list", tags=["complaints"])
    async def complaints(request: Request, asked: Filters) -> p.ComplaintListAnswer:
        """Those that the asker may see; ``text`` is looked for in numbers and gists."""
        query = p.ComplaintList.model_validate(asked(p.COMPLAINT_STAGES))
        return await complaints_of(client, visitor_of(request), query)

    @made.get("/complaint-registers/{year}", name="complaints.register", tags=["complaints"])
    async def register(request: Request, year: Year) -> NumberingAnswer:
        """Where the register of a year begins, who said so, and why it was corrected."""
        return await register_numbering_of(client, visitor_of(request), year)

    @made.get("/complaints/book", name="complaints.book", tags=["complaints"])
    async def book(
        request: Request,
        from_on: Annotated[str, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")],
        until_on: Annotated[str, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")],
    ) -> p.ComplaintBookAnswer:
        """The register without reporters; a restricted line has its number alone."""
        query = p.ComplaintBook(from_on=from_on, until_on=until_on, after=after_of(request))
        return await complaint_book_of(client, visitor_of(request), query)

    @made.get("/complaints/{complaint_id}", name="complaints.show", tags=["complaints"])
    async def show(request: Request, response: Response, complaint_id: UUID) -> p.Complaint:
        found = await complaint_of(client, visitor_of(request), complaint_id, after_of(request))
        response.headers["ETag"] = f'"{found.row.versions["complaint"]}"'
        return found

    @made.get("/complaints/{complaint_id}/events", name="complaints.events", tags=["complaints"])
    async def events(request: Request, complaint_id: UUID) -> p.CaseHistoryAnswer:
        visitor = visitor_of(request)
        found = await complaint_of(client, visitor, complaint_id, after_of(request))
        return p.CaseHistoryAnswer(entries=await complaint_history_of(client, visitor, found, after_of(request)))

    @made.get("/complaints/{complaint_id}/deadline", name="complaints.deadline", tags=["complaints"])
    async def deadline(request: Request, complaint_id: UUID) -> complaint.ComplaintDeadlineAnswer:
        """Why it is due when it is due."""
        visitor = visitor_of(request)
        found = await complaint_of(client, visitor, complaint_id, after_of(request))
        return await complaint_deadline_of(client, visitor, found)

    @made.get("/complaints/{complaint_id}/sheet", name="complaints.sheet", tags=["complaints"])
    async def sheet(request: Request, complaint_id: UUID) -> complaint.ComplaintSheetAnswer:
        """What was said and answered; who reported, for the handlers of a named one alone."""
        visitor = visitor_of(request)
        found = await complaint_of(client, visitor, complaint_id, after_of(request))
        return await complaint_sheet_of(client, visitor, found)


def _notices(made: APIRouter, client: ServiceClient) -> None:
    @made.get("/notifications", name="notices.list", tags=["notifications"])
    async def notices(
        request: Request,
        language: Annotated[Language, Query()] = "id",
        unseen: Annotated[bool, Query()] = False,  # noqa: FBT002 - a filter in an address
        cursor: Annotated[str, Query(max_length=100)] = "",
        limit: Annotated[int, Query(ge=0, le=200)] = 50,
    ) -> p.NoticeListAnswer:
        """What the asker was told, newest first; ``limit=0``: only how many he has not seen."""
        query = p.NoticeList(language=language, unseen=unseen, cursor=cursor, limit=limit, after=after_of(request))
        return await notices_of(client, visitor_of(request), query)

    @made.get("/notifications/log", name="notices.log", tags=["notifications"])
    async def log(
        request: Request,
        stage: Annotated[list[str] | None, Query(max_length=10)] = None,
        cursor: Annotated[str, Query(max_length=100)] = "",
        limit: Limit = 50,
    ) -> p.NoticeLogAnswer:
        """What was sent and what came of it, without words and contacts."""
        wanted = tuple(each for each in stage or () if each in NOTICE_STAGES)
        query = p.NoticeLog(stages=wanted, cursor=cursor, limit=limit, after=after_of(request))
        return await notice_log_of(client, visitor_of(request), query)

    @made.get("/people/{person_id}/ways", name="contacts.ways", tags=["notifications"])
    async def ways(request: Request, person_id: Slug) -> notifications.WaysOfAnswer:
        """The channels that he does not want, and those by which he cannot be reached any more."""
        return await ways_of(client, visitor_of(request), person_id)

    @made.get("/notice-routes", name="notices.routes", tags=["notifications"])
    async def routes(request: Request) -> notifications.RoutesAnswer:
        """Which fact tells whom by which way, in which words."""
        return await routes_of(client, visitor_of(request), after_of(request))

    @made.post("/notice-routes/preview", name="notices.preview-routes", tags=["notifications"])
    async def preview(request: Request, said: NoticeRules) -> notifications.RoutesPreviewAnswer:
        """Who would have been told last month by these; changes nothing."""
        return await routes_preview_of(client, visitor_of(request), said)

    @made.get("/contacts/blocked", name="contacts.blocked", tags=["notifications"])
    async def blocked(request: Request) -> p.ContactBlocksAnswer:
        """By which ways whom nothing reaches any more, and who said what of it."""
        return await contact_blocks_of(client, visitor_of(request), after_of(request))

    @made.get("/people/{person_id}/contact", name="contacts.own", tags=["notifications"])
    async def contact(request: Request, person_id: Slug) -> OwnContactAnswer:
        """What the asker has stated of himself, and which ways wait for the code that was sent there."""
        return await own_contact_of(client, visitor_of(request), person_id, after_of(request))

    @made.get("/notifications/why/{event_id}", name="notices.why", tags=["notifications"])
    async def why(request: Request, event_id: UUID) -> notifications.WhyNoticeAnswer:
        """Of one fact: whom each route told, by which way, and why nobody."""
        return await why_notice_of(client, visitor_of(request), event_id)


def _dashboards(made: APIRouter, client: ServiceClient) -> None:
    @made.get("/dashboards/board", name="dashboards.board", tags=["dashboards"])
    async def board(
        request: Request, kind: Kind = "letters", limit: Annotated[int, Query(ge=1, le=1000)] = 50
    ) -> p.BoardAnswer:
        return await board_of(client, visitor_of(request), kind, limit, after_of(request))

    @made.get("/dashboards/tasks", name="dashboards.tasks", tags=["dashboards"])
    async def tasks(
        request: Request,
        action: Annotated[str, Query(pattern=r"^([a-z][a-z0-9-]{0,40})?$")] = "",
        page: Annotated[int, Query(ge=1, le=1000)] = 1,
    ) -> p.TaskListAnswer:
        return await tasks_of(client, visitor_of(request), after_of(request), action, page)

    @made.get("/dashboards/at-risk", name="dashboards.at-risk", tags=["dashboards"])
    async def at_risk(request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 200) -> p.AtRiskAnswer:
        return await risk_of(client, visitor_of(request), p.AtRisk(limit=limit, after=after_of(request)))


def _checked(stages: list[str], known: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [at for at, stage in enumerate(stages) if stage not in known]:
        errors = [{"at": f"stage.{at}", "what": "unknown"} for at in unknown[:20]]
        raise Problem("gateway.unknown-stage", 422, errors=errors)
    return tuple(stages)


def _case_routes(made: APIRouter, client: ServiceClient, resource: str, service: str) -> None:
    @made.get(f"/{resource}/{{letter_id}}", name=f"{resource}.show", tags=[resource])
    async def show(request: Request, response: Response, letter_id: UUID) -> p.Letter:
        letter = await letter_of(client, visitor_of(request), letter_id, after_of(request))
        if service not in letter.row.versions:
            raise Problem("gateway.not-found", 404)
        response.headers["ETag"] = f'"{letter.row.versions[service]}"'
        return letter

    @made.get(f"/{resource}/{{letter_id}}/events", name=f"{resource}.events", tags=[resource])
    async def events(request: Request, letter_id: UUID) -> p.CaseHistoryAnswer:
        visitor = visitor_of(request)
        letter = await letter_of(client, visitor, letter_id, after_of(request))
        entries = await history_of(client, visitor, letter, after_of(request))
        own = tuple(entry for entry in entries if resource == "letters" or entry.service == service)
        if not own:
            raise Problem("gateway.not-found", 404)
        return p.CaseHistoryAnswer(entries=own)
