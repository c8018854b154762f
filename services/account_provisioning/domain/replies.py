"""The reply letter of a request: one, after it was decided, numbered without a gap. Stream ``reply:<request_id>``."""

from __future__ import annotations

from contracts.account_provisioning import LetterbookNumberTaken
from contracts.account_provisioning.replies import IssueReply, ReplyIssued
from contracts.base import Event, Refusal
from services.account_provisioning.domain import clock
from services.account_provisioning.domain.filing import unfit
from services.account_provisioning.domain.state import (
    Absent,
    Closed,
    GivenUp,
    Letterbook,
    Notified,
    Provisioned,
    Received,
    Rejected,
    Request,
    reply_stream,
    request_stream,
)
from services.account_provisioning.policy import refuse
from services.account_provisioning.policy.rules import AccountRules
from services.kit.deadlines import zone
from services.kit.deciding import Accept, Decision, Given

BOOK = "replies"


def issue(command: IssueReply, issued: str, given: Given) -> Decision:
    state: Request = given.load(request_stream(command.request_id))
    if (no := undecided(state)) is not None or isinstance(state, Absent):
        return no or refuse("unknown-request")
    rules = clock.accounts_of(state.wish.standard, given)
    holding = given.actor.holding(signatory(rules))
    if holding is None:
        return refuse("not-the-signatory", position=signatory(rules))
    if issued:
        return Accept(result={"number": issued})
    year = given.now.astimezone(zone(clock.rules_of(state.wish.standard, given))).year
    place = f"letterbook:{BOOK}:{year}"
    last: Letterbook = given.load(place)
    if command.blob is None or command.number != last.last + 1:
        return refuse("reply-number-taken")
    number = rules.reply_number.format(number=command.number, year=year)
    taken = LetterbookNumberTaken.model_validate(
        {"book": BOOK, "year": year, "number": command.number, "request_id": command.request_id}
    )
    fact = ReplyIssued(
        request_id=command.request_id, number=number, blob=command.blob, template=template_of(state),
        by=given.officer(holding),
    )  # fmt: skip
    facts: tuple[tuple[str, Event], ...] = ((place, taken), (reply_stream(command.request_id), fact))
    return Accept(facts, result={"number": number})


def undecided(state: Request) -> Refusal | None:
    """A letter says what became of it; of what was withdrawn nothing did."""
    if isinstance(state, Provisioned | Notified | Received | Rejected | GivenUp):
        return None
    if isinstance(state, Closed) and state.how:
        return None
    return unfit(state)


def template_of(state: Request) -> str:
    """By what was asked for and what came of it."""
    if isinstance(state, Absent):
        return ""
    return state.wish.kind if isinstance(state, Provisioned | Notified | Received) else "refused"


def signatory(rules: AccountRules) -> str:
    return rules.signatory or rules.reviewers[0]


def evolve_reply(issued: str, event: Event) -> str:
    return event.number if isinstance(event, ReplyIssued) else issued
