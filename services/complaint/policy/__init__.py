"""The named rules of complaints: what may be brought, how it is refused."""

from collections.abc import Mapping

from services.kit import deadlines
from services.kit.deadlines import CLOCK_REFUSALS
from services.kit.policy import Refusals

SERVICE = "service"
OPERATOR = "operator"
OFFICER = "complaint-officer"
PUBLIC = "public"

MAILBOX = "pengaduan"
"""The purpose of the mailboxes whose messages are complaints."""
AUTOMATIC = "automatic"
"""Why a message is left that no person wrote."""
NUMBER = "ADU"
"""How public numbers begin, whatever is brought: they do not tell a complaint from praise."""
KINDS = ("pengaduan", "saran", "apresiasi", "permintaan-informasi")
CHANNELS = ("web", "tatap-muka", "telepon", "whatsapp", "email", "media-sosial", "lapor", "kotak")
SPAM = "spam"
"""Why something is set aside that needs no gist."""
STANCES = ("named", "confidential", "anonymous")
"""Each more secret than the one before."""

AGENCY_RULES = deadlines.AGENCY_RULES | {"books"}
OLDEST_DAYS = 731
"""How long ago something may have come that is entered now: what ran on paper when the office began here."""

REFUSALS: Mapping[str, int] = {
    "unknown": 404,
    "wrong-code": 404,
    "not-the-officer": 403,
    "not-the-handler": 403,
    "not-the-approver": 403,
    "own-proposal": 403,
    "kind-unknown": 422,
    "channel-unknown": 422,
    "words-missing": 422,
    "file-gone": 422,
    "anonymous-with-contact": 422,
    "received-in-future": 422,
    "received-too-old": 422,
    "received-by-officer": 422,
    "paper-number-by-officer": 422,
    "paper-received-missing": 422,
    "paper-number-taken": 409,
    "not-entered": 409,
    "number-taken": 409,
    "register-open": 409,
    "register-not-open": 409,
    "opening-used": 409,
    "no-standard": 409,
    "standard-unknown": 422,
    "standard-incomplete": 422,
    "standard-version-taken": 409,
    "class-unknown": 422,
    "gist-missing": 422,
    "gist-names-reporter": 422,
    "gist-reveals": 422,
    "examiner-missing": 422,
    "handler-barred": 422,
    "not-classified": 409,
    "not-assigned": 409,
    "reporter-asked": 409,
    "answer-proposed": 409,
    "approval-needed": 409,
    "approval-not-needed": 409,
    "answered": 409,
    "letter-not-set": 503,
    "letter-number-taken": 409,
    "not-answered": 409,
    "closed": 409,
    "closed-meanwhile": 429,
    "stance-less-secret": 409,
    "objection-window-over": 409,
    "objections-spent": 409,
    "referral-office-missing": 422,
    "no-rung": 409,
    "beyond-calendar": 422,
    **CLOCK_REFUSALS,
}
refuse = Refusals("complaint", REFUSALS)
