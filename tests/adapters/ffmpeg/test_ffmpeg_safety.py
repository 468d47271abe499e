"""A graph from outside opens nothing: no file, device, connection, model or source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av.filter
import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from reference.filter_options import CONSTANT, TEXT, Library, Option
from ssimgif import SettingsError, SsimGifError
from ssimgif_ffmpeg.layout import lay_out
from ssimgif_ffmpeg.options import parse_command
from ssimgif_ffmpeg.planning import plan
from ssimgif_ffmpeg.running import Feed, FilterGraph
from ssimgif_ffmpeg.safety import allowed_filters, checked
from ssimgif_ffmpeg.syntax import FilterSpec

OPENING = {
    "curves": {"psfile", "plot"},
    "selectivecolor": {"psfile"},
    "paletteuse": {"debug_kdtree"},
}
# What names of options and their descriptions say where a value is the name of something to open.
SUSPICIOUS = re.compile(
    r"file|path|\burl|address|director|librar|model|plugin|socket|port\b|device|command|server"
    r"|script|graph of|format_name|seek_point|save|load|dump|stats",
    re.I,
)
# Words of numbers and colours that only look like it.
HARMLESS = {("graphmonitor", "mode"), ("graphmonitor", "flags")}


@pytest.fixture(scope="module")
def library() -> Library:
    found = Library.find()
    if found is None:
        pytest.skip("this PyAV was built with the system's FFmpeg")
    return found


def valued(options: list[Option]) -> list[Option]:
    return [one for one in options if one.type != CONSTANT]


@pytest.mark.parametrize(
    "graph",
    [
        "movie=a.mp4",
        "amovie=a.mp3",
        "testsrc",
        "color=red",
        "lut3d=a.cube",
        "lut1d=a.cube",
        "metadata=print:file=out",
        "deshake=filename=out",
        "removelogo=a.png",
        "psnr=stats_file=out",
        "ssim=out",
        "sendcmd=f=a",
        "hwupload",
        "buffersink",
        "curves=psfile=a.acv",
        "curves=none:::::: a.acv",
        "curves=:::::::plot.plt",
        "curves=plot=out",
        "curves=' plot=pwn.plt'",
        "curves=plot =x",
        "curves='plot\t\n\r = x'",
        "curves=' psfile=/etc/passwd'",
        r"curves=\ plot=x",
        "curves=preset=vintage: plot=x",
        "curves=vintage:'plot=x'",
        "curves=m='0/0 1/1':plot =x",
        "curves@name= plot=x",
        "curves=enable=1: plot=x",
        "curves=/plot=x",
        "curves=/preset=x",
        "curves=PLOT=x",
        "curves=.plot=x",
        "curves==x",
        "selectivecolor='psfile =x'",
        "selectivecolor=::::::::::x",
        "paletteuse=' debug_kdtree=x'",
        "paletteuse=bayer:2:rectangle:0:128:x",
        "null,split[a][b];[a]curves= plot =x[c];[b][c]hstack",
        "ssimgif,curves= plot=x",
    ],
)
def test_what_opens_something_is_refused(
    graph: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"--allow-sources") as caught:
        lay_out(graph)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["subtitles", "drawtext", "zmq", "frei0r", "ladspa", "signature"])
def test_what_another_build_may_have_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=r"--allow-sources"):
        checked(FilterSpec(name))


def test_the_command_refuses_too_and_its_switch_permits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["-i", "in.avif", "-vf", "curves=' plot=pwn.plt'", "out.gif"]
    with pytest.raises(SettingsError, match="'plot'"):
        plan(parse_command(words))
    assert not list(tmp_path.iterdir())
    (graph,) = plan(parse_command(["--allow-sources", *words]))
    assert graph.layout.nodes[0].arguments == " plot=pwn.plt"


@pytest.mark.parametrize(
    ("graph", "arguments"),
    [
        ("scale=32:-2:lanczos", "w=32:h=-2:flags=lanczos"),
        ("scale= 32 : height = -2 :sws_dither=ed", "w=32:height=-2:sws_dither=ed"),
        ("curves=vintage", "preset=vintage"),
        ("curves=m='0/0 1/1'", r"m=0/0\ 1/1"),
        ("paletteuse=bayer", "dither=bayer"),
        ("drawbox='t=fill':enable='lt(t,1)'", "t=fill:enable=lt(t,1)"),
        ("overlay=eof_action=pass:ts_sync_mode=nearest", "eof_action=pass:ts_sync_mode=nearest"),
        ("hflip", ""),
    ],
)
def test_what_only_sees_frames_is_allowed_with_every_value_named(
    graph: str, arguments: str
) -> None:
    (node,) = lay_out(graph).nodes
    assert node.arguments == arguments


def test_the_list_is_libavfilters(library: Library) -> None:
    """Values without a name go where libavfilter puts them, and no allowed name is made up."""
    every = set(av.filter.filters_available)
    assert len(allowed_filters().keys() & every) > 200
    for name in sorted(allowed_filters().keys() & every):
        allowed = allowed_filters()[name]
        own, inner = (valued(options) for options in library.options(name))
        order = [one.name for one, last in zip(own, [None, *own], strict=False)
                 if last is None or one.place != last.place]  # fmt: skip
        assert list(allowed.order) == order, name
        known = {one.name for one in (*own, *inner)} | {"enable", "threads", "thread_type"}
        assert allowed.names <= known, name


def test_no_option_of_any_filter_that_could_name_a_file_is_allowed(library: Library) -> None:
    refused = 0
    for name in sorted(av.filter.filters_available):
        own, inner = library.options(name)
        for option in valued([*own, *inner]):
            takes_text = option.type in TEXT
            named = takes_text and SUSPICIOUS.search(f"{option.name} {option.help}")
            if named and (name, option.name) not in HARMLESS:
                with pytest.raises(SettingsError, match="--allow-sources"):
                    checked(FilterSpec(name, None, f" {option.name} =x"))
                refused += 1
    assert refused >= 50
    for name, options in OPENING.items():
        assert not options & allowed_filters()[name].names


def test_filters_that_make_frames_of_their_own_are_refused() -> None:
    needed = {"geq": "lum=0", "segment": "frames=1", "colorspace": "bt709", "sidedata": "delete"}
    graph = av.filter.Graph()
    for name in sorted(allowed_filters().keys() & av.filter.filters_available):
        context = graph.add(name, needed.get(name))
        assert context.inputs and context.outputs, name


def test_nothing_that_is_allowed_makes_libavfilter_open_a_file(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Give each text option the name of a file: who opens it makes it, or misses it."""
    monkeypatch.chdir(tmp_path)
    opening: dict[str, set[str]] = {}
    for name in sorted(allowed_filters().keys() & av.filter.filters_available):
        own, inner = library.options(name)
        for option in valued([*own, *inner]):
            if option.type in TEXT and _opens_file(f"{name}={option.name}=pwn"):
                opening.setdefault(name, set()).add(option.name)
    assert opening == OPENING


def _opens_file(graph: str) -> bool:
    """Tell whether two frames through a graph make a file ``pwn``, or miss it."""
    rate = Fraction(10)
    try:
        layout = lay_out(graph, allow_sources=True)
        feeds = [Feed(one.pad, 16, 16, "rgb24", 1 / rate, rate) for one in layout.inputs]
        taps = [one.pad for one in layout.outputs]
        list(FilterGraph(layout, [0], feeds, taps, "rgba").run([_frames() for _ in feeds]))
    except SsimGifError as error:
        if "pwn" in str(error) and "no such file" in str(error).lower():
            return True
    made = Path("pwn").exists()
    Path("pwn").unlink(missing_ok=True)
    return made


def _frames() -> Iterator[VideoFrame]:
    for number in range(2):
        frame = VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 10)
        yield frame


@given(st.text("curves=plotfi' \t\n\\:/x.,;[]@", max_size=40))
def test_no_spelling_gets_through(text: str) -> None:
    """Whatever is accepted names its options, and none of them opens a file."""
    for graph in (f"curves={text}", f"selectivecolor={text}", f"paletteuse={text}"):
        try:
            nodes = lay_out(graph).nodes
        except SsimGifError:
            continue
        for node in nodes:
            names = re.findall(r"(?:^|(?<!\\):)([^=]*)=", node.arguments)
            assert not OPENING.get(node.name, set()).intersection(names)
