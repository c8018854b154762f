"""What is data about notices: which fact tells whom by which way, in which words. Stated in an agency's files.

`ROUTABLE` is all that a route or template may name: kinds of fact, audiences, and plain fields. A sealed field is in no
row, so no template can have it said.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import Field, StringConstraints

from contracts.base import Line, Shape, Slug

FactName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}\.[A-Za-z0-9]{1,60}$")]
"""``<service>.<ClassName>``: a kind of fact, whatever its version."""
Language = Literal["id", "en"]
Channel = Literal["inbox", "email", "manual"]
"""The pages themselves; e-mail; a person who writes, rings or goes there, and says so."""
CHANNELS: tuple[Channel, ...] = get_args(Channel)
INBOX, EMAIL, MANUAL = CHANNELS
WEBHOOK = "webhook"
"""To another system that has subscribed; no route names it."""
GATHERED_TEMPLATE = "gathered"
"""Of a message that holds several notices; it may say ``count`` and ``list``."""
MOST_GATHERED = 1_440
MOST_MINUTES = 10_080
"""That a route may wait: a week."""
REPORTERS = frozenset({"reporter", "sender"})
"""The audiences that may have not said who they are: then no person learns how they are reached."""
WAYS = ("whatsapp", "phone", "in-person")
"""How a person told somebody."""


class NotifyRoute(Shape):
    """Whoever is this ``audience`` of a fact of this ``kind`` is told, by the first of ``channels`` that accepts.

    *inbox* stands beside the others and is no attempt. No channels: nobody is told. ``urgent``: outside working time
    too. ``onward_after``: minutes (of working time; of any, where it is urgent) until it goes on to the second way,
    where the first has not accepted it; None: only once the first has failed for good. ``gather``: minutes for which
    its e-mails to one recipient wait for others, to leave as one; never with ``urgent``.
    """

    kind: FactName
    audience: Slug
    channels: tuple[Slug, ...] = ()
    template: Slug
    purpose: Slug = "case"
    urgent: bool = False
    onward_after: int | None = Field(default=None, ge=1, le=MOST_MINUTES)
    gather: int | None = Field(default=None, ge=1, le=MOST_GATHERED)


class NoticeTemplate(Shape):
    """Words with places such as ``{number}``; nothing but the names of plain fields stands between braces."""

    template: Slug
    language: Language
    subject: Line
    body: Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]


class UnitSeat(Shape):
    """The position that hears of copies for recipients of this class."""

    recipient_class: Slug
    position: Slug


class NoticeRules(Shape):
    routes: tuple[NotifyRoute, ...] = Field(default=(), max_length=500)
    templates: tuple[NoticeTemplate, ...] = Field(default=(), max_length=500)
    units: tuple[UnitSeat, ...] = Field(default=(), max_length=500)


class Routable(NamedTuple):
    """Of one kind of fact: whom it may concern, and which plain fields it has."""

    audiences: frozenset[str]
    fields: frozenset[str]


OF_CASE = frozenset({"number"})
OF_TURN = OF_CASE | {"due"}
OF_MACHINE = Routable(frozenset({"keeper"}), frozenset({"name"}))
CODE = "code"
"""Opens a reporter's case: it stands in no notice, and is computed when a message leaves that is his own."""
FORMER, MAILBOX = "former-contact", "mailbox"
"""Audiences of an account that are reached by another contact than its request's: the one that was on file before (of
which request, the value of this name says), and the mailbox itself (the value *address*).
"""
MOMENTS = frozenset({"due", "until", "at"})
"""Fields that are moments (ISO 8601); they are said in the agency's zone."""
ROUTABLE: Mapping[str, Routable] = {
    "approval.RoundOpened": Routable(frozenset({"tier"}), OF_TURN),
    "approval.TierInitialled": Routable(frozenset({"tier"}), OF_CASE),
    "approval.TierReturned": Routable(frozenset({"tier"}), OF_CASE),
    "approval.TierReminded": Routable(frozenset({"tier"}), OF_TURN),
    "approval.TierOverdue": Routable(frozenset({"tier", "superior"}), OF_TURN | {"position"}),
    "approval.ApprovalReturned": Routable(frozenset({"registrar"}), OF_CASE),
    "intake.LetterDueSoon": Routable(frozenset({"assigner"}), OF_TURN),
    "intake.LetterOverdue": Routable(frozenset({"assigner", "superior"}), OF_TURN),
    "dispatch.DispatchReleased": Routable(frozenset({"assigner"}), OF_TURN),
    "dispatch.CourierAssigned": Routable(frozenset({"courier", "unit"}), OF_CASE | {"count"}),
    "dispatch.DeliveryFailed": Routable(frozenset({"assigner"}), OF_CASE | {"office"}),
    "dispatch.DeliveryOverdue": Routable(frozenset({"assigner", "courier"}), OF_TURN | {"office"}),
    "account_provisioning.RequestCompleted": Routable(frozenset({"applicant", "reviewer"}), OF_TURN),
    "account_provisioning.RequestDueSoon": Routable(frozenset({"reviewer"}), OF_TURN),
    "account_provisioning.RequestOverdue": Routable(frozenset({"reviewer"}), OF_TURN),
    "account_provisioning.ProvisioningProven": Routable(frozenset({"applicant"}), OF_CASE),
    "account_provisioning.ProvisioningFailed": Routable(frozenset({"reviewer"}), OF_CASE),
    "account_provisioning.CompletionAsked": Routable(frozenset({"applicant"}), OF_CASE | {"reason"}),
    "account_provisioning.RequestRejected": Routable(frozenset({"applicant"}), OF_CASE | {"reason"}),
    "account_provisioning.HandOverOpened": Routable(frozenset({"applicant"}), OF_CASE),
    "account_provisioning.ClaimCodeIssued": Routable(frozenset({"applicant"}), OF_CASE | {"address"}),
    "account_provisioning.SecretSet": Routable(
        frozenset({"applicant", "unit-admin", FORMER, MAILBOX}), OF_CASE | {"address", "at"}
    ),
    "complaint.RegisterNumberTaken": Routable(frozenset({"officer", "sender"}), OF_CASE | {"code"}),
    "complaint.ReporterWrote": Routable(frozenset({"officer", "handler"}), OF_CASE),
    "complaint.ObjectionRaised": Routable(frozenset({"officer", "handler"}), OF_CASE),
    "complaint.ComplaintAssigned": Routable(frozenset({"handler"}), OF_CASE),
    "complaint.AnswerProposed": Routable(frozenset({"approver"}), OF_CASE),
    "complaint.AcknowledgementOverdue": Routable(frozenset({"officer"}), OF_TURN),
    "complaint.ComplaintDueSoon": Routable(frozenset({"officer", "handler"}), OF_TURN),
    "complaint.ComplaintOverdue": Routable(frozenset({"officer", "handler", "rung", "leader"}), OF_TURN),
    "complaint.ComplainedAboutNamed": Routable(frozenset({"desk", "approver"}), OF_CASE),
    "complaint.ComplaintEscalated": Routable(frozenset({"rung"}), OF_CASE),
    "complaint.ReporterSilent": Routable(frozenset({"handler"}), OF_CASE),
    "complaint.ComplaintAcknowledged": Routable(frozenset({"reporter"}), OF_CASE),
    "complaint.ReporterAsked": Routable(frozenset({"reporter"}), OF_CASE),
    "complaint.ComplaintAnswered": Routable(frozenset({"reporter"}), OF_CASE),
    "complaint.ComplaintReferred": Routable(frozenset({"reporter"}), OF_CASE),
    "notifications.MailboxTrouble": OF_MACHINE,
    "notifications.ChainTrouble": OF_MACHINE,
    "notifications.DiskTrouble": OF_MACHINE,
    "notifications.ParkedTrouble": OF_MACHINE,
    "notifications.HookTrouble": OF_MACHINE,
}
HOOK_TEST = "notifications.Test"
"""The kind of what is about nothing: a hook, or a channel, is tried with it."""
TROUBLE_KINDS: Mapping[str, str] = {
    "mailbox": "notifications.MailboxTrouble", "chain": "notifications.ChainTrouble",
    "disk": "notifications.DiskTrouble", "parked": "notifications.ParkedTrouble", "hook": "notifications.HookTrouble",
}  # fmt: skip
"""A kind of trouble → the kind by which routes name it; its audience is who keeps the machine."""
CODE_KIND = "organisation.ContactCodeIssued"
"""A code goes to what somebody has stated; no route names it. Its template may also say ``code`` and ``until``."""
CODE_TEMPLATE = "contact-code"
TEST_TEMPLATE = "channel-test"
HOOKABLE: frozenset[str] = frozenset({
    *(kind for kind in ROUTABLE if kind not in TROUBLE_KINDS.values() and not kind.startswith("complaint.")),
    "intake.LetterRegistered", "dispatch.DispatchPlanned",
})  # fmt: skip
"""The kinds of facts that a webhook may hear. None of complaints: their numbers and hours are those of reporters, of
restricted cases too, and another system knows no reader.
"""
