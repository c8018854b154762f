"""The application: middleware, the guard on every route, the API, the live stream, the pages, and how problems are
told.
"""

from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect

from gateway.api import asyncapi, metrics, operations
from gateway.api import command_routes as api_commands
from gateway.api import files as api_files
from gateway.api import office as api_office
from gateway.api import reads as api_reads
from gateway.api import sessions as api_sessions
from gateway.api import stream as live
from gateway.api import tokens as api_tokens
from gateway.api.metrics import Counted, Requests
from gateway.edge.client import ServiceClient
from gateway.edge.guard import BoundedJson, Headers, guard
from gateway.edge.principals import Principals
from gateway.edge.problems import Faults, Problem, answer, route_path, told
from gateway.edge.traced import Traced
from gateway.web import routes
from services.kit.blobs import Blobs
from services.kit.bus import Bus
from services.kit.sealing import Keyring
from services.kit.settings import Settings

API = "/api/v1"
WEB = Path(__file__).parent / "web"


def build_app(settings: Settings, bus: Bus, blobs: Blobs, keyring: Keyring) -> FastAPI:
    requests = Requests()
    app = FastAPI(
        title="Caraka",
        version="1",
        description="Letters, initials, deliveries and their proofs of an Indonesian ICT office.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(guard)],
        telemetry={"tracing": False, "metrics": False, "logs": False},  # FastAPI's own would tell paths and queries
        middleware=[
            Middleware(Counted, requests),
            *([Middleware(Traced, bus.tracing)] if bus.tracing.on else []),
            Middleware(Headers),
            Middleware(Faults, _tell),
            Middleware(BoundedJson),
        ],
    )
    client = ServiceClient(bus)
    principals = Principals(bus, keyring.derive("csrf"), settings.base_url)
    app.state.principals = principals
    app.state.client = client
    app.router.routes.extend(api_commands.command_routes(client, API))
    api = APIRouter(prefix=API)
    for part in (
        api_files.router(client, blobs),
        api_reads.router(client),
        api_office.router(client),
        api_tokens.router(client),
        api_sessions.router(principals),
        live.router(client, principals),
    ):
        api.include_router(part)
    app.include_router(api)
    app.include_router(operations.router(bus))
    app.include_router(metrics.router(metrics.Scrape(bus, requests)))
    app.include_router(_published(app))
    app.include_router(routes.router(client, blobs, principals, settings.base_url), include_in_schema=False)
    app.mount("/static", StaticFiles(directory=WEB / "static"), name="static")
    _tell_problems(app)
    return app


def _published(app: FastAPI) -> APIRouter:
    made = APIRouter(include_in_schema=False)

    @made.get("/api/openapi.json", name="openapi")
    async def openapi() -> JSONResponse:
        return JSONResponse(api_commands.openapi(app, API))

    @made.get("/api/asyncapi.json", name="asyncapi")
    async def events() -> JSONResponse:
        return JSONResponse(asyncapi.document())

    return made


def _tell(request: Request, problem: Problem) -> Response:
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return answer(request, problem)
    return routes.problem_page(request, problem)


def _tell_problems(app: FastAPI) -> None:
    """A bug, which no handler is told of here, is told by `Faults`."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return _tell(request, told(error, route_path(request.scope)))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        wrong = [
            {"at": ".".join(str(step) for step in one["loc"][1:])[:200], "what": str(one["type"])}
            for one in error.errors()[:20]
        ]
        return _tell(request, Problem("gateway.malformed", 422, errors=wrong))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = {404: "gateway.not-found", 405: "gateway.method", 413: "gateway.too-large"}
        return _tell(request, Problem(code.get(error.status_code, "gateway.malformed"), error.status_code))

    @app.exception_handler(ClientDisconnect)
    async def left(_request: Request, _error: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody hears it
