"""A message whose mailbox has another purpose than letters: one fact, for the service of that purpose to act on."""

from typing import Literal
from uuid import UUID

from contracts.base import EMPTY
from contracts.intake.messages import PostRead, PostReceived, ReceivePost
from services.intake import policy
from services.intake.policy import refuse
from services.kit.deciding import Accept, Claim, Decision, Given, accept, kept_blob

Likeness = Literal["content", "message-id"]
TWIN, AUTOMATIC = "twin", "automatic"


def receive(command: ReceivePost, received: bool, given: Given) -> Decision:  # noqa: FBT001 - the state of its stream
    """The claims decide, as for letters: the same message is one, and of its twin nothing is kept."""
    if received or given.claimed("message", policy.message_key(command.source)) is not None:
        return Accept()
    if command.read is None and command.withheld is None:
        return refuse("nothing-read", letter_id=str(command.message_id))
    first, likeness = _first_alike(command, given)
    withheld = command.withheld or (AUTOMATIC if command.automatic else TWIN if first else None)
    fact = PostReceived(
        message_id=command.message_id,
        purpose=command.purpose,
        source=command.source,
        received_at=min(command.received_at, given.now),
        content_mac=command.content_mac,
        message_id_mac=command.message_id_mac,
        size=command.size,
        withheld=withheld,
        twin_of=UUID(first) if first else None,
        likeness=likeness,
        thread=command.thread,
        **_kept(command, command.read if withheld is None else None),
    )
    return accept(stream(command.message_id), fact, claims=_claims(command, withheld, first, given))


def stream(message_id: UUID) -> str:
    return f"post:{message_id}"


def identity_subject(message_id: UUID) -> str:
    """Whose key seals who wrote it, and the message as it came."""
    return f"{message_id}-identity"


def evolve(received: bool, event: object) -> bool:  # noqa: FBT001 - a state: whether it was received
    return received or isinstance(event, PostReceived)


def _kept(command: ReceivePost, read: PostRead | None) -> dict[str, object]:
    if read is None:
        return {"from_name": EMPTY, "from_address": EMPTY, "subject": EMPTY, "text": EMPTY}
    own, who = str(command.message_id), identity_subject(command.message_id)
    blob = command.blob
    return {
        "blob": None if blob is None else kept_blob(blob, "reporter", who),
        "from_name": policy.sealed_of(read.from_name, "reporter", who),
        "from_address": policy.sealed_of(read.from_address, "contact", who),
        "subject": policy.sealed_of(read.subject, "reporter", own),
        "text": policy.sealed_of(read.text, "reporter", own),
        "attachments": read.attachments,
    }


def _first_alike(command: ReceivePost, given: Given) -> tuple[str | None, Likeness | None]:
    """What was withheld, or no person wrote, claims no likeness: it makes no readable copy its twin."""
    if command.withheld is not None or command.automatic:
        return None, None
    if (owner := given.claimed("post", command.content_mac)) is not None:
        return owner, "content"
    owner = given.claimed("post-id", command.message_id_mac) if command.message_id_mac else None
    return (None, None) if owner is None else (owner, "message-id")


def _claims(command: ReceivePost, withheld: str | None, first: str | None, given: Given) -> tuple[Claim, ...]:
    claims = [Claim("message", policy.message_key(command.source), str(command.message_id))]
    if withheld in {None, TWIN}:
        owner = first or str(command.message_id)
        alike = [("post", command.content_mac), ("post-id", command.message_id_mac)]
        claims += [Claim(kind, key, owner) for kind, key in alike if key and given.claimed(kind, key) is None]
    return tuple(claims)
