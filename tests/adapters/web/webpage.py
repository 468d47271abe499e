"""Talking to the local page as a script does."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Answer = tuple[int, dict[str, str], bytes]


def ask(
    address: str,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    raw: bool = False,
) -> Answer:
    """Send one request; a raw path is not put behind the token."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=120)
    try:
        whole = path if raw else parts.path + path
        connection.putrequest(method, whole, skip_host=True, skip_accept_encoding=True)
        given = {"host": parts.netloc} | (headers or {})
        if body is not None:
            given = {"content-length": str(len(body))} | given
        for name, value in given.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def call(address: str, method: str, path: str, value: Any = None) -> Any:
    """Call the API with JSON, or with bytes as they are; return what it answers."""
    body = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    kind = "application/octet-stream" if isinstance(value, bytes) else "application/json"
    status, _, text = ask(address, method, path, body, {"content-type": kind})
    assert status < 300, text
    return json.loads(text) if text else None


def sentence(answer: Answer) -> str:
    """Return the sentence of a refusal."""
    error: str = json.loads(answer[2])["error"]
    assert "\n" not in error
    assert "Traceback" not in error
    return error


def finished(address: str, job: str) -> dict[str, Any]:
    """Wait until a conversion has ended."""
    while (found := call(address, "GET", f"api/jobs/{job}"))["state"] in ("waiting", "running"):
        time.sleep(0.1)
    assert isinstance(found, dict)
    return found


def upload(address: str, path: Path, name: str | None = None) -> str:
    found = call(address, "POST", f"api/files?name={name or path.name}", path.read_bytes())
    assert isinstance(found["id"], str)
    return found["id"]
