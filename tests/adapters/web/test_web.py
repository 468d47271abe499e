"""The local page's API: conversions, their limits, and who is refused."""

from __future__ import annotations

import http.client
import io
import json
import signal
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from webpage import ask, call, finished, sentence, upload

from conftest import DATA, ROOT, Command, moving_box, noise, web_server, write_animation

pytest.importorskip("fastapi")

from ssimgif_web import store

SCHEMA = ROOT / "docs" / "report.schema.json"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Give an APNG file."""
    return write_animation(tmp_path / "box.png", moving_box())


def test_a_conversion_is_what_the_command_makes(
    web: str, clip: Path, ssimgif: Command, tmp_path: Path
) -> None:
    file = upload(web, clip)
    settings = {"ssim": 0.97, "effort": 2, "width": 48, "background": "#102030"}
    job = call(web, "POST", "api/jobs", {"file": file, "settings": settings})
    done = finished(web, job["id"])
    assert (done["state"], done["error"]) == ("done", None)
    status, headers, gif = ask(web, "GET", f"api/jobs/{job['id']}/gif")
    assert (status, headers["content-type"]) == (200, "image/gif")
    assert "box.gif" in headers["content-disposition"]
    options = [text for name, value in settings.items() for text in (f"--{name}", str(value))]
    ran = ssimgif(clip, "out.gif", *options, "--report", "out.json", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert gif == (tmp_path / "out.gif").read_bytes()
    own = json.loads((tmp_path / "out.json").read_text())
    for report in (own, done["report"]):
        del report["seconds"]
    assert done["report"] == own


def test_the_report_is_that_of_the_schema(web: str, clip: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    file = upload(web, clip)
    job = call(web, "POST", "api/jobs", {"file": file, "settings": {"effort": 1}})["id"]
    done = finished(web, job)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(done["report"], schema)
    assert call(web, "GET", f"api/jobs/{job}/report.json") == done["report"]
    status, headers, page = ask(web, "GET", f"api/jobs/{job}/report.html")
    assert (status, headers["content-disposition"]) == (
        200,
        "attachment; filename*=utf-8''box.html",
    )
    assert b'id="data"' in page
    assert call(web, "GET", f"api/jobs/{job}/view")["report"]["bytes"] == done["report"]["bytes"]


def test_the_api_is_described_and_has_the_reports_fields(web: str) -> None:
    described = call(web, "GET", "openapi.json")
    assert {"/api/files", "/api/jobs", "/api/preview", "/api/zip"} <= set(described["paths"])
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert operation["description"], path
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    parts = described["components"]["schemas"]
    assert set(parts["Report"]["properties"]) == set(schema["properties"])
    scene = schema["properties"]["scenes"]["items"]
    assert set(parts["SceneReport"]["properties"]) == set(scene["properties"])


def test_a_preview_predicts_the_size(web: str, clip: Path) -> None:
    file = upload(web, clip)
    settings = {"effort": 1}
    made = call(web, "POST", "api/preview", {"file": file, "settings": settings, "fine": True})
    assert made["frames"] == [0, 1, 2, 3, 4, 5]
    assert len(made["view"]["frames"]) == 6
    job = call(web, "POST", "api/jobs", {"file": file, "settings": settings})["id"]
    real = finished(web, job)["report"]["bytes"]
    assert 0.6 < made["predicted_bytes"] / real < 1.6


def test_previews_and_jobs_are_cropped_and_scaled(web: str, clip: Path) -> None:
    file = upload(web, clip)
    settings = {"effort": 1, "crop": "32x24+8+8", "height": 60, "speed": "2", "reverse": True}
    made = call(web, "POST", "api/preview", {"file": file, "settings": settings, "fine": True})
    seen = made["view"]["report"]["source"]
    assert (seen["width"], seen["height"]) == (80, 60)
    job = call(web, "POST", "api/jobs", {"file": file, "settings": settings})["id"]
    shown = finished(web, job)["report"]["source"]
    assert (shown["width"], shown["height"], shown["duration"]) == (80, 60, 0.3)


def test_all_gifs_come_as_one_zip(web: str, clip: Path) -> None:
    jobs = []
    for colors in (4, 16):
        file = upload(web, clip)
        settings = {"effort": 1, "colors": colors}
        jobs.append(call(web, "POST", "api/jobs", {"file": file, "settings": settings})["id"])
    for job in jobs:
        assert finished(web, job)["state"] == "done"
    status, headers, packed = ask(web, "GET", "api/zip?" + "&".join(f"job={job}" for job in jobs))
    assert (status, headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["box.gif", "box-2.gif"]
        for name, job in zip(archive.namelist(), jobs, strict=True):
            assert archive.read(name) == ask(web, "GET", f"api/jobs/{job}/gif")[2]


def test_a_conversion_can_be_cancelled_and_removed(web: str, tmp_path: Path) -> None:
    big = write_animation(tmp_path / "noise.webp", noise(20, 96, 128))
    file = upload(web, big)
    first, second = (
        call(web, "POST", "api/jobs", {"file": file, "settings": {"effort": 9}})["id"]
        for _ in range(2)
    )
    while call(web, "GET", f"api/jobs/{first}")["state"] == "waiting":
        time.sleep(0.05)
    assert call(web, "POST", f"api/jobs/{second}/cancel")["state"] == "cancelled"
    call(web, "POST", f"api/jobs/{first}/cancel")
    assert finished(web, first)["state"] == "cancelled"
    assert "cancelled" in sentence(ask(web, "GET", f"api/jobs/{first}/gif"))
    for job in (first, second):
        call(web, "DELETE", f"api/jobs/{job}")
        assert ask(web, "GET", f"api/jobs/{job}")[0] == 404
    call(web, "DELETE", f"api/files/{file}")
    assert ask(web, "DELETE", f"api/files/{file}")[0] == 404


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ssim": 7}, "ssim must be between"),
        ({"preset": "tiny"}, "preset 'tiny' is none of"),
        ({"haste": 1}, "no setting named 'haste'"),
        ({"width": "wide"}, "width 'wide' is not a whole number"),
        ({"colors": [1]}, "colors"),
        ({"dither": "moire"}, "dither 'moire' is none of"),
    ],
)
def test_settings_are_checked_as_by_the_command(
    web: str, clip: Path, settings: Any, words: str
) -> None:
    body = json.dumps({"file": upload(web, clip), "settings": settings}).encode()
    answer = ask(web, "POST", "api/preview", body, {"content-type": "application/json"})
    assert answer[0] == 422
    assert words in sentence(answer)


# Hostile requests


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"host": "evil.example"},
        {"host": "evil.example:80"},
        {"host": "127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("request_line", ["GET ", "POST api/jobs", "GET api/zip"])
def test_requests_of_others_are_refused(
    web: str, request_line: str, headers: dict[str, str]
) -> None:
    method, path = request_line.split(" ")
    answer = ask(web, method, path, b"{}" if method == "POST" else None, headers)
    assert answer[0] == 403
    assert "refused" in sentence(answer) or "answers only" in sentence(answer)
    assert "access-control-allow-origin" not in answer[1]


def test_our_own_origin_is_served(web: str) -> None:
    parts = urlsplit(web)
    for host in (parts.netloc, parts.netloc.replace("127.0.0.1", "localhost")):
        own = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
        assert ask(web, "GET", "api/files", None, own)[0] == 200


@pytest.mark.parametrize(
    "path", ["/", "/api/files", "/x/api/files", "//api/files", "/openapi.json"]
)
def test_without_the_token_nothing_is_told(web: str, path: str) -> None:
    answer = ask(web, "GET", path, raw=True)
    assert answer[0] == 403
    assert "token" in sentence(answer)


@pytest.mark.parametrize(
    "path",
    [
        "../etc/passwd",
        "assets/../../../pyproject.toml",
        "assets/..%2f..%2fapp.py",
        "assets/%2e%2e/app.py",
        "assets/..%5capp.py",
        "assets/%252e%252e/app.py",
        "assets/app.py",
        "assets/page.html",
        "api/jobs/../files",
        "api/jobs/%00/gif",
    ],
)
def test_paths_lead_nowhere_else(web: str, path: str) -> None:
    answer = ask(web, "GET", path)
    assert answer[0] in (400, 404)
    assert sentence(answer)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\evil.avif", "evil.avif"),
        ("..", "file"),
        ("-", "file"),
        ("", "file"),
        ("a\0b\n.avif", "a_b_.avif"),
        ("*?[x]%03d.avif", "___x__03d.avif"),
        ("Grüße 兔子.avif", "Grüße 兔子.avif"),
    ],
)
def test_names_of_uploads_are_harmless(name: str, kept: str) -> None:
    assert store.safe_name(name) == kept


def test_long_names_keep_their_end() -> None:
    name = store.safe_name("é" * 500 + ".avif")
    assert len(name.encode()) <= store.LONGEST_NAME
    assert name.endswith(".avif")


def test_a_gigabyte_is_refused_before_it_is_read(web: str) -> None:
    started = time.monotonic()
    answer = ask(web, "POST", "api/files?name=big.mkv", None, {"content-length": str(1 << 30)})
    assert answer[0] == 413
    assert "at most 524,288,000 bytes" in sentence(answer)
    assert time.monotonic() - started < 5


def test_a_body_without_a_length_is_cut_off(web: str) -> None:
    chunk = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    parts = urlsplit(web)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.putrequest("POST", parts.path + "api/jobs")
    connection.putheader("transfer-encoding", "chunked")
    connection.endheaders()
    try:
        for _ in range(64):
            connection.send(chunk)
        status = connection.getresponse().status
    except OSError:
        status = 413
    assert status == 413
    connection.close()
    assert ask(web, "GET", "api/files")[0] == 200


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("empty.avif", b""),
        ("words.avif", b"this is no picture"),
        ("cut.png", b"\x89PNG\r\n\x1a\n" + bytes(40)),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n"),
        ("list.txt", b"ffconcat version 1.0\nfile /etc/passwd\n"),
    ],
)
def test_broken_files_are_refused_in_a_sentence(web: str, name: str, body: bytes) -> None:
    before = call(web, "GET", "api/files")
    answer = ask(web, "POST", f"api/files?name={name}", body)
    assert answer[0] == 422
    assert sentence(answer).startswith(name)
    assert call(web, "GET", "api/files") == before


def test_of_a_file_that_breaks_further_on_the_good_frames_are_kept(web: str) -> None:
    whole = (DATA / "bunny.avif").read_bytes()
    half = len(whole) // 2
    file = call(web, "POST", "api/files?name=cut.avif", whole[:half] + bytes(len(whole) - half))[
        "id"
    ]
    job = call(web, "POST", "api/jobs", {"file": file, "settings": {"effort": 1}})["id"]
    done = finished(web, job)
    assert done["state"] == "done"
    assert any(text.startswith("cut.avif is damaged") for text in done["report"]["warnings"])
    job = call(web, "POST", "api/jobs", {"file": file, "settings": {"strict": True}})["id"]
    failed = finished(web, job)
    assert failed["state"] == "failed"
    assert failed["error"].startswith("cut.avif is damaged")


def test_every_answer_forbids_what_the_page_does_not_need(web: str) -> None:
    for path in ("", "assets/app.js", "api/files", "nothing"):
        _, headers, _ = ask(web, "GET", path)
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_it_listens_on_loopback_only(web: str) -> None:
    port = f"{urlsplit(web).port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{port}")]
    assert listening == [f"0100007F:{port}"]
    tcp6 = Path("/proc/net/tcp6")
    assert not tcp6.exists() or f":{port} " not in tcp6.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ending_it_deletes_everything(number: int, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    clip = write_animation(tmp_path / "noise.webp", noise(20, 96, 128))
    with web_server(served) as (process, address):
        job = call(
            address, "POST", "api/jobs", {"file": upload(address, clip), "settings": {"effort": 9}}
        )["id"]
        while call(address, "GET", f"api/jobs/{job}")["state"] == "waiting":
            time.sleep(0.05)
        assert list(served.iterdir())
        process.send_signal(number)
        assert process.wait(15) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert not list(served.iterdir())


def test_what_is_missing_is_named(ssimgif_process: Command, tmp_path: Path) -> None:
    (tmp_path / "fastapi.py").write_text("raise ImportError('No module named fastapi')")
    done = ssimgif_process("web", env={"SSIMGIF_PLUGINS": "web", "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"pip install 'ssimgif[web]'" in done.stderr


def test_a_taken_port_is_named(web: str, ssimgif: Command) -> None:
    port = str(urlsplit(web).port)
    done = ssimgif("web", "--port", port, env={"SSIMGIF_PLUGINS": "web"})
    assert done.returncode == 1
    assert f"port {port}: address already in use".encode() in done.stderr
