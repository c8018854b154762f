"""What the command line does for the organisation: tokens, passwords, the people of the demonstration."""

import asyncio
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from contracts.base import Accepted, Actor, Ask, Command, Refusal
from contracts.organisation import FirstPasswordGranted, IssueFirstPassword, IssueToken, RenewToken, TokenGranted
from services.organisation.adapters.access_seals import DEMONSTRATION
from services.organisation.adapters.access_tables import AccessTables
from services.organisation.adapters.passwords import hashed
from services.organisation.adapters.standards_files import AgencyFiles
from services.organisation.policy import CONSOLE_ID, SYSTEM
from services.organisation.ports import Execute

CONSOLE = Actor(id=CONSOLE_ID, roles=(SYSTEM,))
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
HANDED_OVER = Refusal(code="organisation.handed-over", status=409)


class TokenRefusedError(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Issuing:
    """Where a way in is handed out: the one road for its fact, the tables for the hash of its secret."""

    execute: Execute
    tables: AccessTables
    agency: str
    by: Actor
    now: datetime

    async def token(self, command: IssueToken | RenewToken, role: str, command_id: UUID | None = None) -> TokenGranted:
        """The token `crk_<agency>_<id>_<secret>`, shown once. Fact first: a hash without a fact opens nothing.

        Empty while a leader has to confirm. Raises TokenRefusedError, also where this command has had its secret.
        """
        identity = command_id or uuid4()
        outcome = await self._stated(command, identity)
        if not outcome.result.get("issued"):
            return TokenGranted(after=outcome.after, waits_until=_waits_until(outcome))
        token = f"crk_{self.agency}_{command.token_id}_{secrets.token_urlsafe(32)}"
        digest = sha256(token.encode()).hexdigest()
        kept = (self.agency, command.token_id, digest, role, self.now, identity)
        if not await asyncio.to_thread(self.tables.keep_token, *kept):
            raise TokenRefusedError(HANDED_OVER)
        return TokenGranted(token=token, after=outcome.after)

    async def first_password(self, person_id: str, command_id: UUID | None = None) -> FirstPasswordGranted:
        """Fact first: whoever hands out a way in leaves his name, also when the rest fails. As `token` otherwise."""
        identity, login = command_id or uuid4(), login_of(self.agency, person_id)
        outcome = await self._stated(IssueFirstPassword(person_id=person_id), identity)
        if not outcome.result.get("issued"):
            return FirstPasswordGranted(login=login, after=outcome.after, waits_until=_waits_until(outcome))
        password = readable_password()
        stored = await asyncio.to_thread(hashed, password, self.tables.limits)
        kept = (self.agency, login, person_id, stored, self.now, identity)
        ends = await asyncio.to_thread(self.tables.keep_first, *kept)
        if ends is None:
            raise TokenRefusedError(HANDED_OVER)
        return FirstPasswordGranted(login=login, password=password, ends_at=ends, after=outcome.after)

    async def _stated(self, command: Command, identity: UUID) -> Accepted:
        """The fact that a way in has been handed out. Raises TokenRefusedError."""
        ask = Ask(
            command_id=identity,
            agency=self.agency,
            kind=command.kind(),
            actor=self.by,
            asked_at=self.now,
            correlation_id=identity,
            body=command.model_dump(mode="json", exclude=set(command.filled)),
        )
        outcome = await self.execute(ask)
        if not isinstance(outcome, Accepted):
            raise TokenRefusedError(outcome)
        return outcome


def _waits_until(outcome: Accepted) -> datetime:
    return datetime.fromisoformat(outcome.result["waits_until"])


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
    """From the console, in one step. Raises TokenRefusedError."""
    command = IssueToken(token_id=token_id or f"t-{secrets.token_hex(4)}", role=role, label=label)
    return (await Issuing(execute, tables, agency, CONSOLE, now).token(command, role)).token


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
    stored = ""  # reckoned once: all have the same password, and everybody who reads the file knows so
    for agency, person_id in logins:
        if new or tables.credential(agency, login_of(agency, person_id)) is None:
            stored = stored or hashed(password, tables.limits)
            tables.keep_password(agency, login_of(agency, person_id), person_id, stored, now, DEMONSTRATION)
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
