"""What makes a message suspicious: senders that imitate, automatic mail, verdicts of our server."""

import re
import unicodedata

from services.intake.adapters.mail_headers import Fields, every, first
from services.intake.mail import Address

_IN_NAME = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_IMITATING = set("асԁеһіјӏорԛѕԝхуνοαικρτυχԍ")
_SMUGGLED = re.compile(
    rb"(?:(?<!\r)\n\.\r?\n|(?<=\r)\n\.\r(?!\n)|(?<=\r)\n\.\n)\s{0,9}(?:MAIL FROM|EHLO|HELO|RSET|DATA)\b", re.IGNORECASE
)


OFFICES = re.compile(
    r"\b(?:dinas|badan|kementerian|kementrian|pemerintah|pemkot|pemkab|pemda|pemprov|sekretaris|sekretariat|setda|sekda|"
    r"bupati|wali\s?kota|gubernur|camat|kecamatan|lurah|kelurahan|inspektorat|biro|bappeda|bkpsdm|bkd|bpkad|kominfo|"
    r"diskominfo|dinkominfo|dprd|polres|polda|kodim|kejaksaan|pengadilan|bssn|sanapati)\b",
    re.IGNORECASE,
)
"""Words by which a public office names itself."""
FREE_MAILERS = frozenset({
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.id", "ymail.com", "rocketmail.com", "outlook.com",
    "outlook.co.id", "hotmail.com", "live.com", "icloud.com", "mail.com", "gmx.com", "proton.me", "protonmail.com",
    "zoho.com", "yandex.com", "aol.com", "plasa.com", "telkom.net",
})  # fmt: skip
"""Where anybody may have any name."""


def sender_warnings(sender: list[Address], warnings: set[str]) -> None:
    """Names that hold another address or an office's name at a free mailer, domains that mix or imitate scripts."""
    if not any("@" in one.address for one in sender):
        warnings.add("sender-missing")
    for one in sender:
        held = {found.group().lower() for found in _IN_NAME.finditer(unicodedata.normalize("NFKC", one.name))}
        if held - {one.address.lower()}:
            warnings.add("display-name-spoof")
        if one.address.lower().rpartition("@")[2] in FREE_MAILERS and OFFICES.search(one.name[:200]):
            warnings.add("office-from-freemail")
        if any(_imitates(label) for label in one.address.rpartition("@")[2].split(".")):
            warnings.add("homograph-domain")


def _imitates(label: str) -> bool:
    if label.lower().startswith("xn--") and len(label) < 64:  # noqa: PLR2004 - a DNS label's limit
        try:
            label = label[4:].encode("ascii").decode("punycode")
        except (UnicodeError, ValueError):
            return True
    letters = [letter for letter in label.lower() if letter.isalpha()]
    scripts = {unicodedata.name(letter, "? ").split()[0] for letter in letters}
    foreign = [letter for letter in letters if not letter.isascii()]
    mixed = "LATIN" in scripts and bool(scripts & {"CYRILLIC", "GREEK", "CHEROKEE", "ARMENIAN", "FULLWIDTH"})
    return mixed or (bool(foreign) and len(foreign) == len(letters) and set(foreign) <= _IMITATING)


def is_automatic(fields: Fields, media_type: str, sender: list[Address]) -> bool:
    """RFC 3834, lists, bounces: nothing that should ever get an automatic answer."""
    submitted = first(fields, "auto-submitted").split(";")[0].strip().lower()
    names = {name for name, _ in fields}
    robots = {"mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply"}
    return (
        submitted not in {"", "no"}
        or first(fields, "precedence").strip().lower() in {"bulk", "junk", "list", "auto_reply"}
        or any(value.strip() == "<>" for value in every(fields, "return-path"))
        or bool(names & {"x-autoreply", "x-autorespond", "list-id", "list-unsubscribe", "x-failed-recipients"})
        or media_type == "multipart/report"
        or any(one.address.lower().partition("@")[0] in robots for one in sender)
    )


def authentication(fields: Fields, authserv_id: str | None, warnings: set[str]) -> str | None:
    """Verdicts count only from our own mail server, near the top; returns "dmarc" where the sender's policy demands it.

    RFC 8601 section 5: a field below the first hop was written by the sender.
    """
    received = [at for at, (name, _) in enumerate(fields) if name == "received"]
    hops = received[1] if len(received) > 1 else len(fields)
    verdict = None
    for at, (name, value) in enumerate(fields):
        if name != "authentication-results":
            continue
        ours = authserv_id is not None and value.partition(";")[0].split()[:1] == [authserv_id]
        if not received or at > received[-1] or (ours and at > hops):
            warnings.add("authentication-forged")
        elif ours:
            verdict = _verdict(value.lower(), warnings) or verdict
    return verdict


def _verdict(value: str, warnings: set[str]) -> str | None:
    for method, slug in (("spf", "spf-weak"), ("dkim", "dkim-weak")):
        if re.search(rf"\b{method}=(?:fail|softfail|none|permerror|temperror|neutral)\b", value):
            warnings.add(slug)
    demanded = re.search(r"\bp=(?:reject|quarantine)\b|\bpolicy[.=](?:reject|quarantine)\b", value)
    return "dmarc" if demanded and re.search(r"\bdmarc=fail\b", value) else None


def is_smuggled(raw: bytes) -> bool:
    """A false end of message followed by an SMTP command (CVE-2023-51764 and its kin)."""
    at = 0
    while (at := raw.find(b"\n.", at)) >= 0:  # much faster than the pattern alone
        if _SMUGGLED.match(raw, at):
            return True
        at += 2
    return False
