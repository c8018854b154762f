"""The door to notices: what somebody was told, by which way, and how he is reached; as `cases` is."""

from uuid import UUID

from contracts import notifications
from contracts import projections as p
from contracts.notices import Language, NoticeRules
from contracts.organisation.contacts import OwnContact, OwnContactAnswer
from gateway.edge.client import ServiceClient
from gateway.edge.complaints import complaint_of
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS

COMPLAINTS = "complaints"


async def notices_of(client: ServiceClient, visitor: Visitor, query: p.NoticeList) -> p.NoticeListAnswer:
    """What he was told himself, in person or at a position; a notice says a case's number and never what is in it."""
    return await client.ask(visitor, query, p.NoticeListAnswer)


async def notice_log_of(client: ServiceClient, visitor: Visitor, query: p.NoticeLog) -> p.NoticeLogAnswer:
    """What was sent in his agency, as far as the views let his roles see it."""
    return await client.ask(visitor, query, p.NoticeLogAnswer)


async def why_notice_of(client: ServiceClient, visitor: Visitor, event_id: UUID) -> notifications.WhyNoticeAnswer:
    """Why a fact told whom. 404 for one about a complaint that he may not see; of an anonymous one no moment."""
    why = await client.ask(visitor, notifications.WhyNotice(event_id=event_id), notifications.WhyNoticeAnswer)
    if why.case_kind != COMPLAINTS or why.case_id is None:
        return why
    if not (await complaint_of(client, visitor, why.case_id)).row.dated:
        return why
    told = tuple(each.model_copy(update={"not_before": None, "steps": ()}) for each in why.told)
    return why.model_copy(update={"happened_at": None, "told": told})


async def looked_after(client: ServiceClient, visitor: Visitor, notice_id: UUID) -> None:
    """Raises Problem 404 for a notice about a case that he may not see: nobody looks after it for him."""
    query = p.NoticeLog(notice_id=notice_id, limit=1)
    if not (await client.ask(visitor, query, p.NoticeLogAnswer)).notices:
        raise Problem("gateway.not-found", 404)


async def ways_of(client: ServiceClient, visitor: Visitor, person_id: str) -> notifications.WaysOfAnswer:
    """His own; anybody's for who looks after notices. Raises Problem 403."""
    if person_id != visitor.actor.id and not RIGHTS["contacts.unblock"].allows(visitor.roles):
        raise Problem("gateway.forbidden", 403)
    query = notifications.WaysOf(person_id=person_id)
    return await client.ask(visitor, query, notifications.WaysOfAnswer)


async def routes_of(client: ServiceClient, visitor: Visitor, after: str | None) -> notifications.RoutesAnswer:
    """Which fact tells whom: no case is in it."""
    return await client.ask(visitor, notifications.Routes(after=after), notifications.RoutesAnswer)


async def routes_preview_of(
    client: ServiceClient, visitor: Visitor, rules: NoticeRules
) -> notifications.RoutesPreviewAnswer:
    """Counts, and positions: no case is in it. For who may publish; the guard has asked."""
    return await client.ask(visitor, notifications.RoutesPreview(rules=rules), notifications.RoutesPreviewAnswer)


async def contact_blocks_of(client: ServiceClient, visitor: Visitor, after: str | None) -> p.ContactBlocksAnswer:
    """Whom nothing reaches by a way, in his agency, as far as the views let his roles see it."""
    return await client.ask(visitor, p.ContactBlocks(after=after), p.ContactBlocksAnswer)


async def own_contact_of(
    client: ServiceClient, visitor: Visitor, person_id: str, after: str | None = None
) -> OwnContactAnswer:
    """His own alone, whoever asks. Raises Problem 403."""
    if person_id != visitor.actor.id:
        raise Problem("gateway.forbidden", 403)
    query = OwnContact(person_id=person_id, after=after)
    return await client.ask(visitor, query, OwnContactAnswer)


async def manual_task_of(
    client: ServiceClient, visitor: Visitor, notice_id: UUID, language: Language
) -> notifications.ManualTaskAnswer:
    """With how to reach the recipient: for who may tick it alone. Raises Problem 403 for anybody else, 404 as
    `looked_after`.
    """
    if not RIGHTS["notices.tick"].allows(visitor.roles):
        raise Problem("gateway.forbidden", 403)
    await looked_after(client, visitor, notice_id)
    query = notifications.ManualTask(notice_id=notice_id, language=language)
    return await client.ask(visitor, query, notifications.ManualTaskAnswer)
