"""The named rules of official accounts: what may be asked for, by whom, and how it is refused."""

from collections.abc import Mapping

from contracts import words
from services.kit import deadlines
from services.kit.deadlines import CLOCK_REFUSALS
from services.kit.policy import Refusals

SERVICE = "service"
OPERATOR = "operator"
PERSONNEL = "personnel"
UNIT_ADMIN = "unit-admin"
PUBLIC = words.PUBLIC

CREATE, RESET, CHANGE, SUSPEND, RESUME, CLOSE = "create", "reset", "change", "suspend", "resume", "close"
KINDS = (CREATE, RESET, CHANGE, SUSPEND, RESUME, CLOSE)
HANDING = (CREATE, RESET)
"""After these a holder sets a secret."""
CAUSES = ("forgotten", "compromised")
COMPROMISED = "compromised"
NOTICES = ("phone", "whatsapp", "in-person", "letter", "email")

AGENCY_RULES = deadlines.AGENCY_RULES | {"books"}
EMBEDDED = "embedded"
ENDING = (SUSPEND, CLOSE)
"""Kinds after which its holder is not logged in any more."""
CONNECTORS = (EMBEDDED, "ldap", "passwd-file")
"""Kinds of directory. Each has a queue of its own: what is down delays itself alone."""

REFUSALS: Mapping[str, int] = {
    "unknown-request": 404,
    "wrong-code": 404,
    "not-the-reviewer": 403,
    "not-your-unit": 403,
    "kind-unknown": 422,
    "cause-missing": 422,
    "holder-unknown": 422,
    "quota-unknown": 422,
    "nip-implausible": 422,
    "letter-date": 422,
    "file-gone": 422,
    "received-in-future": 422,
    "no-standard": 409,
    "standard-incomplete": 422,
    "standard-version-taken": 409,
    "standard-of-another": 409,
    "account-unknown": 404,
    "account-closed": 409,
    "account-suspended": 409,
    "account-active": 409,
    "open-request-exists": 409,
    "nothing-supplemented": 422,
    "nip-given": 409,
    "not-complete": 409,
    "already-decided": 409,
    "being-provisioned": 409,
    "own-request": 403,
    "same-eyes": 409,
    "address-missing": 422,
    "address-pattern": 422,
    "address-reserved": 409,
    "address-taken": 409,
    "address-alike": 409,
    "alias-unasked": 422,
    "alias-pattern": 422,
    "alias-own": 409,
    "alias-unknown": 404,
    "alias-not-kept": 409,
    "reason-unknown": 422,
    "not-failed": 409,
    "attempt-over": 409,
    "foreign-entry": 409,
    "not-decided": 409,
    "not-notified": 409,
    "told-in-future": 422,
    "told-before-decided": 422,
    "notice-unknown": 422,
    "no-hand-over": 409,
    "claim-unknown": 404,
    "hand-over-ended": 410,
    "hand-over-spent": 410,
    "hand-over-open": 409,
    "hand-over-busy": 409,
    "hand-over-not-confirmed": 409,
    "not-a-slip": 409,
    "secret-too-plain": 422,
    "secret-personal": 422,
    "secret-form": 422,
    "secret-not-new": 422,
    "secret-change-busy": 409,
    "present-secret-wrong": 403,
    "connector-away": 503,
    "directory-refused": 409,
    "slip-not-set": 503,
    "not-the-signatory": 403,
    "reply-number-taken": 409,
    "beyond-calendar": 422,
    **CLOCK_REFUSALS,
}
refuse = Refusals("account_provisioning", REFUSALS)
