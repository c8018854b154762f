"""The kinds of case that strangers may bring here. A new one is one more row."""

from gateway.web.public.accounts import ACCOUNTS
from gateway.web.public.complaints import COMPLAINTS
from gateway.web.public.kinds import PublicKind

KINDS: tuple[PublicKind, ...] = (ACCOUNTS, COMPLAINTS)
