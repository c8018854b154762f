"""What the command line does for the organisation: tokens, passwords, the people of the demonstration."""

import asyncio
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from contracts.base import Accepted, Actor, Ask, Command, Refusal
from contracts.organisation import FirstPasswordGranted, IssueFirstPassword, IssueToken
from services.kit.ids import event_id
from services.organisation.adapters.access_seals import DEMONSTRATION
from services.organisation.adapters.access_tables import AccessTables
from services.organisation.adapters.passwords import hashed
from services.organisation.adapters.standards_files import AgencyFiles
from services.organisation.policy import SYSTEM
from services.organisation.ports import Execute

CONSOLE = Actor(id="console", roles=(SYSTEM,))
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


class TokenRefusedError(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


async def issue_token(  # noqa: PLR0913 - a token's facts, and the two places where they go
    execute: Execute,
    tables: AccessTables,
    *,
    agency: str,
    role: str,
    label: str,
    now: datetime,
    token_id: str = "",
) -> str:
    """The token `crk_<agency>_<id>_<secret>`, shown once. Fact first: a hash without a fact opens nothing."""
    token_id = token_id or f"t-{secrets.token_hex(4)}"
    outcome = await _stated(execute, agency, IssueToken(token_id=token_id, role=role, label=label), CONSOLE, now)
    token = f"crk_{agency}_{token_id}_{secrets.token_urlsafe(32)}"
    tables.keep_token(agency, token_id, sha256(token.encode()).hexdigest(), role, now, _fact(outcome))
    return token


async def issue_first_password(  # noqa: PLR0913 - a person, who hands it over, and the two places where it goes
    execute: Execute, tables: AccessTables, *, agency: str, person_id: str, by: Actor, now: datetime
) -> FirstPasswordGranted:
    """Fact first: whoever hands out a way in leaves his name, also when the rest fails. Raises TokenRefusedError."""
    outcome = await _stated(execute, agency, IssueFirstPassword(person_id=person_id), by, now)
    password, login = readable_password(), login_of(agency, person_id)
    stored = await asyncio.to_thread(hashed, password, tables.limits)
    ends = await asyncio.to_thread(tables.keep_first, agency, login, person_id, stored, now, _fact(outcome))
    return FirstPasswordGranted(login=login, password=password, ends_at=ends, after=outcome.after)


async def _stated(execute: Execute, agency: str, command: Command, by: Actor, now: datetime) -> Accepted:
    """The fact that a way in has been handed out. Raises TokenRefusedError."""
    command_id = uuid4()
    ask = Ask(
        command_id=command_id,
        agency=agency,
        kind=command.kind(),
        actor=by,
        asked_at=now,
        correlation_id=command_id,
        body=command.model_dump(mode="json"),
    )
    outcome = await execute(ask)
    if not isinstance(outcome, Accepted):
        raise TokenRefusedError(outcome)
    return outcome


def _fact(outcome: Accepted) -> str:
    """The id of the one event that says so."""
    return str(event_id(outcome.command_id, 0))


def readable_password() -> str:
    """Sixteen letters in four groups, as one reads them to another: 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def set_password(tables: AccessTables, *, agency: str, person_id: str, password: str, now: datetime) -> str:
    """Of the people of a demonstration; no fact says who has set it. Returns the login, `<person_id>@<agency>`.

    Raises ValueError for a password that is too short or too long.
    """
    login = login_of(agency, person_id)
    tables.keep_password(agency, login, person_id, hashed(password, tables.limits), now, DEMONSTRATION)
    return login


def login_of(agency: str, person_id: str) -> str:
    return f"{person_id}@{agency}"


def open_demonstration(
    tables: AccessTables, agencies: Mapping[str, AgencyFiles], data_dir: Path, now: datetime
) -> tuple[str, list[str]]:
    """One random password for all demo people of this installation, and their logins.

    Kept in `demo-password` (mode 0600) in the data folder. Who has a password keeps it, unless the file had to be made
    anew: then nobody could know the old one.
    """
    password, new = demo_password(data_dir)
    logins = list(_demo_people(agencies))
    for agency, person_id in logins:
        if new or tables.credential(agency, login_of(agency, person_id)) is None:
            set_password(tables, agency=agency, person_id=person_id, password=password, now=now)
    return password, [login_of(agency, person_id) for agency, person_id in logins]


def demo_password(data_dir: Path) -> tuple[str, bool]:
    """The password, and whether it has just been made."""
    path = data_dir / "demo-password"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text(encoding="ascii").strip()
        if kept:
            return kept, False
        path.unlink()  # left empty by a crash between making and writing it
        return demo_password(data_dir)
    password = readable_password()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(password + "\n")
        file.flush()
        os.fsync(file.fileno())
    return password, True


def _demo_people(agencies: Mapping[str, AgencyFiles]) -> Iterator[tuple[str, str]]:
    for agency, files in agencies.items():
        people: Iterable[str] = (person.id for person in files.people.people) if files.people.demo else ()
        for person_id in people:
            yield agency, person_id
