"""The application: middleware, the guard on every route, the API, the live stream, the pages, and how problems are
told.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import orjson
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware

from gateway.api import asyncapi, case_files, case_uploads, metrics, operations
from gateway.api import command_routes as api_commands
from gateway.api import files as api_files
from gateway.api import hooks as api_hooks
from gateway.api import jobs as api_jobs
from gateway.api import office as api_office
from gateway.api import reads as api_reads
from gateway.api import sessions as api_sessions
from gateway.api import stream as live
from gateway.api import tokens as api_tokens
from gateway.api.document import completed
from gateway.api.metrics import Counted, Requests
from gateway.edge.bodies import BoundedBody
from gateway.edge.budgets import Budgets
from gateway.edge.client import ServiceClient
from gateway.edge.codes import Codes
from gateway.edge.connections import Connections
from gateway.edge.devices import Devices
from gateway.edge.guard import Headers, guard
from gateway.edge.logins import Logins
from gateway.edge.principals import Principals
from gateway.edge.problems import Faults
from gateway.edge.proofs import Proofs
from gateway.edge.slips import Slips
from gateway.edge.traced import Traced
from gateway.edge.uploads import Uploads
from gateway.telling import tell, tell_problems
from gateway.web import routes
from gateway.web.complaints.printing import Papers
from gateway.web.operations.machine import DECIDING
from gateway.web.page import Pages
from gateway.web.public import apps
from gateway.web.public.kinds import PublicKind
from gateway.web.public.receipts import Receipts
from gateway.web.public.served import KINDS
from gateway.web.public.strangers import Strangers
from services.kit.blobs import Blobs
from services.kit.bus import Bus
from services.kit.sealing import Keyring, Keys
from services.kit.settings import Settings

API = "/api/v1"
PUBLISHED = {"Cache-Control": "public, max-age=300"}
WEB = Path(__file__).parent / "web"


def build_app(  # noqa: PLR0913 - what the edge stands on
    settings: Settings,
    bus: Bus,
    blobs: Blobs,
    keyring: Keyring,
    keys: Keys,
    *,
    connections: Connections | None = None,
    kinds: Sequence[PublicKind] = KINDS,
) -> FastAPI:
    """``kinds``: what strangers may bring here."""
    requests, budgets = Requests(), Budgets()
    app = FastAPI(
        title="Caraka",
        version="1",
        description="Letters, initials, deliveries and their proofs of an Indonesian ICT office.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Depends(guard)],
        telemetry={"tracing": False, "metrics": False, "logs": False},  # FastAPI's own would tell paths and queries
        middleware=[
            Middleware(Counted, requests),
            *([Middleware(Traced, bus.tracing)] if bus.tracing.on else []),
            Middleware(Headers),
            Middleware(Faults, tell),
            Middleware(BoundedBody, tell),
        ],
    )
    client = ServiceClient(bus, keyring.derive("opaque"))
    principals = Principals(bus, keyring.derive("csrf"), settings.base_url)
    logins = Logins(bus, Devices(keyring.derive("devices")), budgets)
    strangers = Strangers(
        client, Codes(keys), Slips(keyring.derive("slips")), Proofs(keyring.derive("proofs")), budgets, Receipts(),
        Uploads(settings, keys, client, keyring.derive("uploads")), settings.base_url, kinds,
    )  # fmt: skip
    app.state.strangers = strangers
    app.state.papers = Papers()
    app.state.principals = principals
    app.state.budgets = budgets
    app.state.client = client
    app.router.routes.extend(api_commands.command_routes(client, strangers.codes, API))
    api = APIRouter(prefix=API)
    for part in (
        api_files.router(client, blobs),
        case_files.router(client, strangers.uploads),
        case_uploads.router(client, strangers.uploads, budgets),
        api_reads.router(client),
        api_office.router(client),
        api_tokens.router(client),
        api_hooks.router(client),
        api_jobs.router(client, DECIDING),
        api_sessions.router(principals, logins),
        live.router(client, principals),
    ):
        api.include_router(part)
    app.include_router(api)
    pages = Pages(client)
    app.include_router(apps.router(pages, strangers), prefix=API)
    app.include_router(operations.router(bus))
    app.include_router(metrics.router(metrics.Scrape(bus, requests, connections)))
    app.include_router(_published(app))
    web = routes.router(pages, blobs, principals, logins, settings.base_url, strangers, app.state.papers)
    app.include_router(web, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=WEB / "static"), name="static")
    tell_problems(app)
    return app


def _published(app: FastAPI) -> APIRouter:
    made = APIRouter(include_in_schema=False)

    @cache
    def requests() -> bytes:
        return orjson.dumps(completed(api_commands.openapi(app, API)))

    @cache
    def events() -> bytes:
        return orjson.dumps(asyncapi.document())

    @made.get("/api/openapi.json", name="openapi")
    async def openapi() -> Response:
        return Response(requests(), media_type="application/json", headers=PUBLISHED)

    @made.get("/api/asyncapi.json", name="asyncapi")
    async def asyncapi_document() -> Response:
        return Response(events(), media_type="application/json", headers=PUBLISHED)

    return made
