"""The views of official e-mail accounts, requests and directory: tables, what facts do to them, the answers."""

from collections.abc import Callable, Mapping

from contracts import account_provisioning as accounts
from contracts.base import Event, Query, Shape
from contracts.projections import AccountDetail, AccountList, RequestDetail, RequestList
from services.kit.projections import Handlers
from services.projections.views.requests import account_facts, directory, facts, lists, tables
from services.projections.views.requests.directory import ACCOUNTS
from services.projections.views.requests.kind import REQUESTS
from services.projections.views.shared.history import told

VIEWS = tables.ALL

HANDLERS: Handlers = {
    accounts.StandardAdopted: (facts.standard,),
    accounts.RequestFiled: (facts.filed, told),
    accounts.RequestCompleted: (facts.completed, told),
    accounts.RequestSupplemented: (facts.supplemented, told),
    accounts.CompletionAsked: (facts.asked, told),
    accounts.RequestWithdrawn: (facts.withdrawn, told),
    accounts.RequestSeconded: (facts.seconded, told),
    accounts.RequestApproved: (facts.approved, told),
    accounts.RequestRejected: (facts.rejected, told),
    accounts.RequestNotified: (facts.notified, told),
    accounts.RequestReceived: (facts.received, told),
    accounts.ProvisioningProven: (facts.proven, told),
    accounts.ProvisioningFailed: (facts.failed, told),
    accounts.ProvisioningRetried: (facts.retried, told),
    accounts.ProvisioningAbandoned: (facts.abandoned, told),
    accounts.ProvisioningUndone: (facts.undone, told),
    accounts.HandOverOpened: (facts.handed, told),
    accounts.ClaimCodeIssued: (told,),
    accounts.ClaimantConfirmed: (facts.handed, told),
    accounts.ClaimBegun: (facts.handed, told),
    accounts.ClaimDropped: (facts.handed, told),
    accounts.SecretSet: (facts.handed, account_facts.secret_set, told),
    accounts.HandOverExpired: (facts.handed, told),
    accounts.HandOverTold: (facts.handed, told),
    accounts.SlipPrinted: (told,),
    accounts.ReplyIssued: (facts.replied, told),
    accounts.ApplicantRetentionEnded: (told,),
    accounts.AccountSuspended: (facts.left, account_facts.stands, told),
    accounts.AccountClosed: (facts.left, account_facts.stands, told),
    accounts.AccessRevoked: (facts.left, account_facts.stands, told),
    accounts.SecretChanged: (account_facts.secret_set, told),
    accounts.SecretChangeUnknown: (told,),
    accounts.LoginAwaited: (account_facts.logged_in,),
    accounts.LoginSought: (account_facts.logged_in,),
    accounts.FirstLoginSeen: (account_facts.logged_in, told),
    accounts.AccountProvisioned: (account_facts.made,),
    accounts.AccountChanged: (account_facts.changed,),
    accounts.AccountResumed: (account_facts.stands,),
    accounts.DeadlineMoved: (facts.clocked, told),
    accounts.ClockPaused: (facts.clocked, told),
    accounts.ClockResumed: (facts.clocked, told),
    accounts.ClockStopped: (facts.clocked, told),
    accounts.RequestDueSoon: (facts.clocked, told),
    accounts.RequestOverdue: (facts.clocked, told),
}

# What the service keeps for its own decisions, and of an account what its request has told already.
UNPROJECTED: frozenset[type[Event]] = frozenset({
    accounts.SecretChangeBegun, accounts.SecretChangeDropped,
    accounts.AccountRequested, accounts.AddressReserved, accounts.AddressBound, accounts.AddressReleased,
    accounts.AddressQuarantined, accounts.AddressFreed, accounts.SkeletonTaken, accounts.SkeletonFreed,
    accounts.ApplicantFiled, accounts.LetterbookNumberTaken, accounts.CalendarAdopted, accounts.SeasonsAdopted,
    accounts.WayInNamed, accounts.ContactTrusted, accounts.RequestNumbered,
})  # fmt: skip

ANSWERS: Mapping[type[Query], Callable[..., Shape]] = {
    RequestList: lambda c, g, agency, query, **_: lists.requests(c, g, agency, query),
    RequestDetail: lambda c, g, agency, query, **_: lists.detail(c, g, agency, query),
    AccountList: lambda c, g, agency, query, **_: directory.accounts(c, g, agency, query),
    AccountDetail: lambda c, g, agency, query, **_: directory.detail(c, g, agency, query),
}

__all__ = ["ACCOUNTS", "ANSWERS", "HANDLERS", "REQUESTS", "UNPROJECTED", "VIEWS"]
