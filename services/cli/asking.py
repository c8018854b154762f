"""Questions from the console: to the running product, or, where none answers, to the agencies' files."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from contracts.base import Query, Refusal
from contracts.notifications import Routes, RoutesAnswer
from contracts.organisation import People
from services.cli.office_files import imported
from services.kit.bus.connection import Bus, NoResponder
from services.kit.runtime.kit import now
from services.kit.settings import Settings
from services.organisation.adapters.standards_files import own_standards, read
from services.organisation.views.asking import questions
from services.organisation.views.register import LogRegister

Ask = Callable[[Query, type[Any]], Awaitable[Any]]


@asynccontextmanager
async def asking(settings: Settings, agency: str) -> AsyncIterator[Ask]:
    """``await ask(query, answer)``. Raises LookupError for what does not exist."""
    try:
        bus = await Bus.connect(settings.broker_url, service="console", patience=1)
    except NoResponder:
        sys.stderr.write("Caraka tidak sedang berjalan: dijawab dari berkas standar.\n")
        yield _from_files(settings, agency)
        return

    async def ask(query: Query, answer: type[Any]) -> Any:
        return await bus.query(agency, query, answer, timeout=10)

    try:
        yield ask
    finally:
        await bus.close()


def _from_files(settings: Settings, agency: str) -> Ask:
    directory, _ = imported(read(settings.standards_dir or own_standards()), now())
    register = LogRegister(_Nothing(), _unread, lambda sealed: sealed.plain)  # from the files, a moment ago
    register.directory = directory
    answers = questions(register, now)

    async def ask(query: Query, _answer: type[Any]) -> Any:
        if isinstance(query, Routes):  # none that anybody has published since
            return RoutesAnswer()
        if isinstance(query, People):
            return register.people(agency, query, now())
        answer = await answers[type(query)](agency, query)
        if isinstance(answer, Refusal):
            raise LookupError(f"{answer.code} {answer.detail}")  # noqa: TRY004 - what was asked for is not there
        return answer

    return ask


class _Nothing:
    """A log without events: the register has been told all that there is."""

    def read(self, _after: int, _limit: int) -> list[Any]:
        return []


def _unread(_position: int, _data: bytes) -> Any:
    raise LookupError("nothing is stored here")
