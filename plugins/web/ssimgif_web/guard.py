"""Who may ask: only a page of our own, or a script that knows the address with its token.

Everything is refused here, before a byte of a body is read, so that no route can forget it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hmac import compare_digest
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost")
BODY_BYTES = 64 << 10
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self' "
    "'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Refused(HTTPException):
    """A request that is not served, with an HTTP status and one sentence."""


class Guard:
    """Wraps an application so that only requests with the token, from this machine, reach it.

    Parameters
    ----------
    app : ASGI application
    token : str
        First part of every path.
    port : callable
        Returns the port that is listened on.
    body_limit : callable
        Returns the most bytes that a request may have, by its path without the token.
    """

    def __init__(
        self, app: ASGIApp, token: str, port: Callable[[], int], body_limit: Callable[[str], int]
    ) -> None:
        self.app = app
        self.token = token
        self.port = port
        self.body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        sending = _Sending(send)
        try:
            path = self._checked(scope)
            limit = self.body_limit(path)
            _check_length(scope, limit)
            inside = {**scope, "path": path, "raw_path": path.encode(), "root_path": ""}
            await self.app(inside, _counted(receive, limit), sending)
        except Refused as refusal:
            if sending.started:
                raise
            await _answer(sending, refusal)

    def _checked(self, scope: Scope) -> str:
        """Return the path behind the token, or refuse."""
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        hosts = {f"{name}:{self.port()}" for name in LOOPBACK}
        given = [value for name, value in headers if name == b"host"]
        if len(given) != 1 or given[0].lower() not in hosts:
            raise Refused(403, "this page answers only to 127.0.0.1 and localhost")
        origins = {f"http://{host}" for host in hosts}
        for name, value in headers:
            if name == b"origin" and value.lower() not in origins:
                raise Refused(403, f"requests from {value[:100]} are refused")
            if name == b"sec-fetch-site" and value not in ("same-origin", "none"):
                raise Refused(403, "requests from other pages are refused")
        return self._path(scope)

    def _path(self, scope: Scope) -> str:
        raw = scope.get("raw_path") or scope["path"].encode()
        path = unquote(raw.decode("latin-1").split("?")[0])
        token, _, rest = path.removeprefix("/").partition("/")
        if not compare_digest(token.encode(), self.token.encode()):
            raise Refused(403, "open the address that ssimgif web printed: the token is missing")
        if "\\" in rest or "\0" in rest or "%" in rest or ".." in rest.split("/"):
            raise Refused(400, "a path must not lead elsewhere")
        return f"/{rest}"


class _Sending:
    """Adds our headers to a response, and knows whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", []), *ours]}
        await self._send(message)


def _check_length(scope: Scope, limit: int) -> None:
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and int(value) > limit:
            raise _too_large(limit)


def _counted(receive: Receive, limit: int) -> Receive:
    count = 0

    async def counting() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > limit:
            raise _too_large(limit)
        return message

    return counting


def _too_large(limit: int) -> Refused:
    return Refused(413, f"that is too large: at most {limit:,} bytes are taken")


async def _answer(send: Send, refusal: Refused) -> None:
    body = json.dumps({"error": refusal.detail}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refusal.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})
