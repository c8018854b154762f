"""Names become ids: the same name gives the same id everywhere and for ever (UUID version 5)."""

from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID, uuid5

from contracts.words import MACHINE

NAMESPACE = UUID("6f0c2a0e-5d0f-5c58-9a53-0c61ca7aca00")
SPELLED = 10_000
_TEXTS: dict[int, str] = {}


@lru_cache(maxsize=65_536)
def stream_id(agency: str, service: str, stream: str) -> UUID:
    return uuid5(NAMESPACE, f"{agency}/{service}/{stream}")


def command_id(agency: str, principal: str, key: str) -> UUID:
    """The id of a client's command: its Idempotency-Key, within agency and principal."""
    return uuid5(NAMESPACE, f"command/{agency}/{principal}/{key}")


def stranger_command_id(agency: str, nonce: str) -> UUID:
    """The id of what a stranger asks: of the number that came with his form, for all strangers are one principal."""
    return uuid5(NAMESPACE, f"stranger/{agency}/{nonce}")


def event_id(command: UUID, number: int) -> UUID:
    return uuid5(command, str(number))


def reaction_id(event: UUID, reaction: str) -> UUID:
    return uuid5(event, f"reaction/{reaction}")


def timer_id(agency: str, service: str, stream: str, name: str, due_at: datetime) -> UUID:
    """The same name for another moment is another timer."""
    return uuid5(NAMESPACE, f"timer/{agency}/{service}/{stream}/{name}/{due_at.astimezone(UTC).isoformat()}")


def timer_command_id(timer: UUID) -> UUID:
    """The id of the command that a timer asks: asked again, it is the same command."""
    return uuid5(timer, "fire")


def job_id(agency: str, service: str, stream: str, name: str) -> UUID:
    """What a provider is given as the key of this effect, however often it is tried."""
    return uuid5(stream_id(agency, service, stream), f"job/{name}")


def settlement_id(job: UUID, publication: int, delivered: int) -> UUID:
    """The id of the command that settles one delivery of a job: settled twice, it is the same command."""
    return uuid5(job, f"settle/{publication}/{delivered}")


def named(*words: str) -> UUID:
    return uuid5(NAMESPACE, "/".join(words))


def machine_id(token_id: str) -> str:
    """A machine as an actor."""
    return MACHINE + token_id


def is_machine(actor_id: str) -> bool:
    return actor_id.startswith(MACHINE)


def text_of(value: UUID) -> str:
    """``str(value)``, made once for ids that come again."""
    found = _TEXTS.get(value.int)
    if found is None:
        found = str(value)
        if len(_TEXTS) >= SPELLED:
            _TEXTS.clear()
        _TEXTS[value.int] = found
    return found
