"""The page and its API, as an ASGI application."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from ssimgif import (
    Cancelled,
    LimitError,
    SettingsError,
    SourceError,
    SsimGifError,
    __version__,
    page_asset,
)
from ssimgif_web import schema, store
from ssimgif_web.confined import FORGET, PREVIEW, PREVIEWING, WARM, Worker
from ssimgif_web.guard import BODY_BYTES, Guard, Refused
from ssimgif_web.jobs import Jobs
from ssimgif_web.store import Store

PRESETS = ["messaging", "social", "email", "lossless-look"]
DITHERS = ["auto", "none", "bluenoise", "floyd-steinberg", "jarvis", "ordered"]
OWN = {
    *("index.html", "app.css", "app.js", "api.js", "settings.js", "fields.js"),
    *("files.js", "outcome.js", "estimates.js"),
}
SHARED = {
    *("uPlot.min.css", "viewer.css", "uPlot.iife.min.js", "dom.js", "gif.js", "maps.js"),
    *("pictures.js", "charts.js", "palettes.js", "decisions.js", "answers.js", "viewer.js"),
    *("fit.js", "report.js"),
}
TYPES = {".css": "text/css", ".js": "text/javascript", ".html": "text/html"}
UPLOAD = "/api/files"
STATUS = {SettingsError: 422, SourceError: 422, LimitError: 422, Cancelled: 409}
# The lookout for a preview that nobody waits for any more.
GLANCE_SECONDS = 0.05


class Page:
    """What one run of the server holds: files, conversions, previews."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.jobs = Jobs(folder)
        self.previews = Worker("preview", PREVIEWING, WARM)

    def close(self) -> None:
        """Stop everything."""
        self.jobs.close()
        self.previews.close()
        self.store.close()

    async def preview(self, request: Request, body: schema.PreviewRequest) -> schema.PreviewBody:
        """Make a preview, unless the browser no longer wants it."""
        source = self.store.get(body.file)
        settings = schema.read_settings(body.settings)
        arguments = {"path": str(source.path), "id": source.id, "fine": body.fine}
        stop = threading.Event()
        work = asyncio.wrap_future(
            self.previews.submit(
                lambda confined: confined.call(
                    PREVIEW, arguments, settings, None, stop, source.name
                )
            )
        )
        try:
            while not (await asyncio.wait([work], timeout=GLANCE_SECONDS))[0]:
                if await request.is_disconnected():
                    stop.set()
        finally:
            stop.set()
        return schema.PreviewBody(**work.result())

    def remove_file(self, file: str) -> None:
        """Delete a file, and stop what is being made of it."""
        source = self.store.get(file)
        for job in self.jobs.of(source):
            self.jobs.cancel(job.id)
        self.previews.submit(lambda confined: confined.call(FORGET, {"id": file}))
        self.store.remove(file)


def make_app(folder: Path, token: str, port: Callable[[], int]) -> tuple[ASGIApp, Page]:
    """Return the application behind its guard, and what it holds.

    Parameters
    ----------
    folder : Path
        For uploads and results; whoever made it removes it.
    token : str
    port : callable
        Returns the port that is listened on.
    """
    page = Page(folder)
    app = FastAPI(
        title="ssimgif web",
        version=__version__,
        description="Every path begins with the token that is in the printed address. "
        "Errors are JSON with one sentence, `error`.",
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": schema.ErrorBody}},
    )
    _answer_errors(app)
    _serve_page(app)
    _serve_files(app, page)
    _serve_jobs(app, page)
    _serve_results(app, page)

    def body_limit(path: str) -> int:
        return store.FILE_BYTES if path == UPLOAD else BODY_BYTES

    return Guard(app, token, port, body_limit), page


def _answer_errors(app: FastAPI) -> None:
    def answer(status: int, sentence: str, setting: str | None = None) -> JSONResponse:
        return JSONResponse({"error": sentence, "setting": setting}, status)

    @app.exception_handler(SsimGifError)
    def failed(_: Request, error: SsimGifError) -> JSONResponse:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
        return answer(status, str(error), getattr(error, "setting", None))

    @app.exception_handler(Refused)
    def refused(_: Request, error: Refused) -> JSONResponse:
        return answer(error.status_code, error.detail)

    @app.exception_handler(RequestValidationError)
    def misunderstood(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return answer(422, f"{place}: {first['msg']}")

    @app.exception_handler(HTTPException)
    def unknown(_: Request, error: HTTPException) -> JSONResponse:
        return answer(error.status_code, str(error.detail).lower())


def _serve_page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    def index() -> Response:
        return _static("index.html")

    @app.get("/assets/{name}", include_in_schema=False)
    def assets(name: str) -> Response:
        if name not in OWN | SHARED:
            raise Refused(404, "there is no such file")
        return _static(name)

    @app.get("/api/choices", tags=["settings"])
    def choices() -> schema.Choices:
        """Return what can be chosen, and how much is taken."""
        return schema.choices(__version__, PRESETS, DITHERS)


def _serve_files(app: FastAPI, page: Page) -> None:
    binary = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}

    @app.post(UPLOAD, status_code=201, tags=["files"], openapi_extra=binary)
    async def upload(request: Request, name: str = Query("file")) -> schema.FileBody:
        """Upload one file; the body is the file itself."""
        return schema.FileBody.of(await page.store.add(name, request.stream()))

    @app.get("/api/files", tags=["files"])
    def list_files() -> list[schema.FileBody]:
        """List the files."""
        return [schema.FileBody.of(stored) for stored in page.store.all()]

    @app.delete("/api/files/{file}", status_code=204, tags=["files"])
    def remove_file(file: str) -> None:
        """Delete a file; its finished GIFs stay."""
        page.remove_file(file)

    @app.post("/api/preview", tags=["files"])
    async def preview(request: Request, body: schema.PreviewRequest) -> schema.PreviewBody:
        """Convert a few frames, and predict the size of the whole."""
        return await page.preview(request, body)


def _serve_jobs(app: FastAPI, page: Page) -> None:
    @app.post("/api/jobs", status_code=202, tags=["conversions"])
    def start(body: schema.Request) -> schema.JobBody:
        """Convert a file, after those asked for before."""
        settings = schema.read_settings(body.settings)
        return schema.JobBody.of(page.jobs.start(page.store.get(body.file), settings))

    @app.get("/api/jobs", tags=["conversions"])
    def list_jobs() -> list[schema.JobBody]:
        """List the conversions, with their progress."""
        return [schema.JobBody.of(job) for job in page.jobs.all()]

    @app.get("/api/jobs/{job}", tags=["conversions"])
    def show_job(job: str) -> schema.JobBody:
        """Return one conversion."""
        return schema.JobBody.of(page.jobs.get(job))

    @app.post("/api/jobs/{job}/cancel", tags=["conversions"])
    def cancel(job: str) -> schema.JobBody:
        """Stop a conversion."""
        return schema.JobBody.of(page.jobs.cancel(job))

    @app.delete("/api/jobs/{job}", status_code=204, tags=["conversions"])
    def remove_job(job: str) -> None:
        """Stop a conversion and delete what it made."""
        page.jobs.remove(job)


def _serve_results(app: FastAPI, page: Page) -> None:
    @app.get("/api/jobs/{job}/gif", tags=["results"], response_class=FileResponse)
    def gif(job: str) -> Response:
        """Return the GIF."""
        found = page.jobs.finished(job)
        return FileResponse(found.gif, media_type="image/gif", filename=found.gif.name)

    @app.get("/api/jobs/{job}/report.html", tags=["results"], response_class=PlainTextResponse)
    def report(job: str) -> Response:
        """Return the report as a page that opens offline."""
        found = page.jobs.finished(job)
        return Response(found.page(), 200, _attached(f"{found.gif.stem}.html"), "text/html")

    @app.get("/api/jobs/{job}/report.json", tags=["results"])
    def report_json(job: str) -> Response:
        """Return the report as `--report` writes it."""
        found = page.jobs.finished(job)
        assert found.report is not None
        return Response(found.report.to_json(), media_type="application/json")

    @app.get("/api/jobs/{job}/view", tags=["results"])
    def view(job: str) -> dict[str, Any]:
        """Return what the compare view shows: frames, maps and the GIF."""
        data: dict[str, Any] = json.loads(page.jobs.finished(job).view.read_text("utf-8"))
        return data

    @app.get("/api/zip", tags=["results"], response_class=StreamingResponse)
    def all_gifs(job: list[str] = Query(default=[])) -> Response:  # noqa: B008
        """Return the GIFs of the named conversions, or of all that are done, as one zip."""
        done = [page.jobs.finished(one) for one in job] or [
            one for one in page.jobs.all() if one.state == "done"
        ]
        if not done:
            raise Refused(409, "no conversion is done yet")
        paths = [one.gif for one in done]
        return StreamingResponse(_zipped(paths), 200, _attached("gifs.zip"), "application/zip")


def _zipped(paths: list[Path]) -> Iterator[bytes]:
    """Yield a zip of files, which are compressed already; equal names get a number."""
    with tempfile.TemporaryFile() as file:
        taken: set[str] = set()
        with zipfile.ZipFile(file, "w") as archive:
            for path in paths:
                name, number = path.name, 1
                while name in taken:
                    number += 1
                    name = f"{path.stem}-{number}{path.suffix}"
                taken.add(name)
                archive.write(path, name)
        file.seek(0)
        while chunk := file.read(1 << 20):
            yield chunk


def _attached(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=utf-8''{quote(name)}"}


@cache
def _static(name: str) -> Response:
    if name in OWN:
        text = files(__package__).joinpath("static", name).read_text(encoding="utf-8")
    else:
        text = page_asset(name)
    return Response(text, media_type=TYPES[Path(name).suffix])
