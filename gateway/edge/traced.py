"""A span around every request, named by its route; the caller's own trace goes on where he sends one."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.observability import Tracing, valid

BROKEN = 500


def route_of(scope: Scope) -> str:
    """The route's name; ``none`` where nothing matched, so that nobody can make labels."""
    route = scope.get("route")
    name = getattr(route, "name", None)
    if name:
        return str(name)
    return "static" if scope["path"].startswith("/static/") else "none"


class Traced:
    """Middleware; only put in where traces are on."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        caller = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
        with self._tracing.span("http", "server", valid(caller), http__request__method=scope["method"]) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.say(http__response__status_code=message["status"])
                    if message["status"] >= BROKEN:
                        span.failed(str(message["status"]))
                await send(message)

            try:
                await self._app(scope, receive, noted)
            finally:
                span.name(f"{scope['method']} {route_of(scope)}")
