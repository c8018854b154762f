"""The pages over an office on paper."""

from collections.abc import AsyncIterator

import httpx
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from gateway.api import operations
from gateway.edge import i18n
from gateway.edge import jobs as edge_jobs
from gateway.web.operations import jobs, machine
from tests.unit.gateway.web_office import PARKED, REPORTS, PaperDesk, full_desk, web_app


@pytest.fixture
def desk() -> PaperDesk:
    return full_desk()


@pytest.fixture
async def browser(desk: PaperDesk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client that follows nothing by itself; its cookie ``peran`` says who it is."""

    async def reports(_bus: object, **_: object) -> object:
        return REPORTS

    async def deed(_bus: object, service: str, operation: str, _body: object, **_: object) -> object:
        return PARKED if (service, operation) == ("dispatch", "parked") else []

    monkeypatch.setattr(operations, "ask_health", reports)

    async def no_jobs(_bus: object, _service: str, _deed: str, _body: object, **_: object) -> object:
        return {"queues": [], "jobs": []}

    monkeypatch.setattr(machine, "request_operation", deed)

    async def none_parked(_bus: object, _service: str, _deed: str, _body: object, **_: object) -> object:
        return []

    monkeypatch.setattr(jobs, "request_operation", no_jobs)
    monkeypatch.setattr(edge_jobs, "request_operation", none_parked)
    transport = httpx.ASGITransport(app=web_app(desk), raise_app_exceptions=True)
    headers = {"accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client


@pytest.fixture(scope="session", autouse=True)
def _english_is_compiled() -> None:
    """`make setup` does it; a bare checkout gets it here."""
    source = i18n.LOCALE / "en" / "LC_MESSAGES" / "caraka.po"
    with source.open("rb") as po, source.with_suffix(".mo").open("wb") as mo:
        write_mo(mo, read_po(po))
    i18n.catalogue.cache_clear()
