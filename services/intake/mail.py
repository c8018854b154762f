"""What a message says, as far as anybody may know without opening it further: shapes and words, no I/O.

Strings are NFC, without NUL, lone surrogates or control characters (text keeps newlines and tabs), so that every
store takes them. Nothing here is trusted: a sender's name is what the sender wrote.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

WARNINGS = {
    "active-content": "an attachment or the HTML holds script, a form, macros or an automatic action",
    "archive-unread": "an archive of a kind that is not looked into",
    "attachment-unread": "whether an attachment is marked could not be read: a scan, a password, a kind not read here",
    "authentication-forged": "the sender wrote an Authentication-Results of his own",
    "bidi-override": "characters that turn the direction of writing stood in the subject, a name or a file name",
    "boundary-guessed": "the boundary that was declared is not there; another that looks like one was used",
    "boundary-missing": "a multipart without a usable boundary was read as text",
    "date-guessed": "the date was written in numbers: its day was taken to stand first",
    "date-impossible": "the date is unreadable or lies outside 1980 to 2100",
    "date-missing": "there is no date",
    "display-name-spoof": "a sender's name contains another address than his own",
    "dkim-weak": "the signature is missing or fails, says our own mail server",
    "encrypted-archive": "an archive or PDF cannot be looked into without its password",
    "encrypted-message": "the message, or a part of it, is encrypted",
    "executable-attachment": "an attachment that a double click would run",
    "formula-subject": "a spreadsheet would take the subject for a formula",
    "headers-malformed": "a header line that is none was passed over",
    "headers-truncated": "the headers were longer than is read",
    "homograph-domain": "the sender's domain mixes scripts or imitates Latin letters",
    "html-only": "the text was made from HTML",
    "message-id-missing": "there is no usable Message-ID",
    "message-id-repeated": "there is more than one Message-ID",
    "name-unsafe": "an attachment's name held path parts, control characters or was too long",
    "office-from-freemail": "the sender's name is an office's, the address one that anybody can have",
    "pack-unread": "a winmail.dat or S/MIME part could not be opened",
    "parser-crashed": "the parser ended without an answer",
    "parser-memory": "the parser needed too much memory",
    "parser-timeout": "the parser took too long",
    "recipients-truncated": "more recipients than are read",
    "remote-content": "the HTML fetches something when it is shown",
    "sender-missing": "there is no sender's address",
    "several-from": "there is more than one From",
    "smuggled": "an SMTP command follows a false end of message",
    "spf-weak": "the sending server is not allowed for the domain, says our own mail server",
    "text-cut": "the text is longer than is read",
    "undecodable-part": "a part or word could not be decoded as declared",
    "unknown-charset": "a character set that nobody knows was guessed",
    "zone-unknown": "the date has no zone, or one that nobody knows: taken as UTC",
}

QUARANTINES = {
    "archive-bomb": "an archive that would unpack to far more than it is, or has too many or too deeply nested entries",
    "classified": "marked above biasa: not shown, not indexed, not opened further",
    "dmarc": "the sender's domain demands that such a message be refused",
    "empty": "there is nothing in it",
    "malware": "it holds the EICAR test virus or what the scanner names",
    "oversize": "larger than is read",
    "too-deep": "parts within parts beyond the limit",
    "too-many-parts": "more parts than the limit",
    "unparsable": "it is no message, or the parser failed on it",
}

# How a marking is looked for: "anywhere" as a word of the subject or a file name, "marked" only where it stands as
# a marking ("[TERBATAS]", "Sifat: terbatas", a line of its own): "rapat terbatas" is an ordinary phrase.
# Levels above biasa: Perka ANRI 17/2011 (SR, R, T).
CLASSIFIED_WORDS = {
    "sangat rahasia": "anywhere",
    "rahasia": "anywhere",
    "konfidensial": "anywhere",
    "terbatas": "marked",
    "sangat terbatas": "marked",
    "rhs": "marked",
    "sr": "marked",
    "r": "marked",
    "t": "marked",
    "top secret": "marked",
    "secret": "marked",
    "confidential": "marked",
    "company-confidential": "marked",
    "restricted": "marked",
}


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ParserOptions(_Shape):
    """Limits (bytes, characters, counts) and the office's words; travels with each message to the parser."""

    max_bytes: int = 50_000_000
    text_chars: int = 20_000
    max_depth: int = 20
    max_parts: int = 500
    max_recipients: int = 500
    authserv_id: str | None = None  # the name under which our own mail server writes Authentication-Results
    zone: str = "Asia/Jakarta"  # in which invitations are told that are written in UTC
    classified: dict[str, str] = Field(default_factory=lambda: dict(CLASSIFIED_WORDS))
    headers_only: bool = False


class Address(_Shape):
    name: str
    address: str


class Attachment(_Shape):
    """A part that is no running text; size and hash of its decoded bytes. `within`: the attached letter around it."""

    name: str
    within: str = ""
    media_type: str
    size: int
    sha256: str


class ParsedMessage(_Shape):
    """`quarantine` is None for an ordinary letter, else a key of QUARANTINES; `warnings` are keys of WARNINGS.

    Of a classified message subject, text and attachments are withheld. `threads`: what looks like a reference to a case
    (`services.kit.threads`) in its addresses, its subject and the messages that it answers; true or not.
    """

    message_id: str | None = None
    sender: list[Address] = []
    to: list[Address] = []
    cc: list[Address] = []
    sent_at: datetime | None = None
    subject: str = ""
    text: str = ""
    truncated: bool = False
    attachments: list[Attachment] = []
    automatic: bool = False
    threads: list[str] = []
    warnings: list[str] = []
    quarantine: str | None = None
