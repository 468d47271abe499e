"""Filter graphs and ffmpeg's options are read as ffmpeg reads them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssimgif import Settings, SettingsError
from ssimgif_ffmpeg.options import Cut, parse_command, parse_time
from ssimgif_ffmpeg.stage import read_settings
from ssimgif_ffmpeg.syntax import FilterSpec, parse_arguments, parse_graph, write_arguments


def test_a_chain_has_names_arguments_and_instances() -> None:
    ((fps, scale),) = parse_graph(" fps=12 , scale@big=480:-2:flags=lanczos ")
    assert fps == FilterSpec("fps", None, "12")
    assert scale == FilterSpec("scale", "big", "480:-2:flags=lanczos")


def test_labels_belong_to_the_filter_they_touch() -> None:
    first, second = parse_graph("[0:v]split[a][b];[a][b]hstack,ssimgif[out]")
    assert first == [FilterSpec("split", None, "", ("0:v",), ("a", "b"))]
    assert second == [
        FilterSpec("hstack", None, "", ("a", "b")),
        FilterSpec("ssimgif", None, "", (), ("out",)),
    ]


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("scale=w='min(3,iw)':h=-2", "w=min(3,iw):h=-2"),
        (r"select=eq(n\,3)", "eq(n,3)"),
        (r"drawbox='color=a\:b'", r"color=a\:b"),
        ("setpts= PTS + 1 ", "PTS + 1"),
        ("geq='lum=p(X,Y) '", "lum=p(X,Y) "),
    ],
)
def test_quotes_and_escapes_are_libavfilters(text: str, arguments: str) -> None:
    assert parse_graph(text)[0][0].arguments == arguments


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("fps=12,", "a filter is missing"),
        ("fps=12,,scale", "a filter is missing"),
        ("=3", "no name"),
        ("scale='3", "a quote is not closed"),
        ("[a", "no closing bracket"),
        ("[]scale", "a label is empty"),
        ("scale=3]x", "is not expected"),
        ("scale=3\0", "null character"),
    ],
)
def test_wrong_graphs_are_told_in_a_sentence(text: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        parse_graph(text)


def test_arguments_are_values_then_pairs() -> None:
    assert parse_arguments(r"1:b\:c:x='y:z':w=") == (["1", "b:c"], {"x": "y:z", "w": ""})
    with pytest.raises(SettingsError, match="has no name"):
        parse_arguments("a=1:2")


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (" a = 1 : b=2", {"a": "1", "b": "2"}),
        ("a\t\n=1", {"a": "1"}),
        ("/a.b-c_d=1", {"/a.b-c_d": "1"}),
        ("=1", {"": "1"}),
        (r"a=\ 1\ ", {"a": " 1 "}),
        ("a=' 1 '", {"a": " 1 "}),
        ("a=1:a=2", {"a": "2"}),
        ("a=b=c", {"a": "b=c"}),
    ],
)
def test_names_and_blanks_are_libavutils(text: str, pairs: dict[str, str]) -> None:
    assert parse_arguments(text) == ([], pairs)


@pytest.mark.parametrize("text", [r"a\=1", "'a'=1", "é=1", "a b=1", "a+=1", ":"])
def test_what_is_no_name_begins_a_value(text: str) -> None:
    values, pairs = parse_arguments(text)
    assert len(values) == 1 and not pairs


@given(st.lists(st.tuples(st.from_regex(r"[a-z]{1,3}", fullmatch=True), st.text(max_size=9))))
def test_written_arguments_are_read_back(pairs: list[tuple[str, str]]) -> None:
    assert parse_arguments(write_arguments(pairs)) == ([], dict(pairs))


def test_the_stage_takes_every_setting_by_its_name() -> None:
    assert read_settings("ssim=0.9:max-bytes=2MB:colors=64:dither=none:fps=25/2") == Settings(
        ssim=0.9, max_bytes=2_000_000, colors=64, dither="none", fps=Fraction(25, 2)
    )
    assert read_settings("0.9") == Settings(ssim=0.9)
    assert read_settings("") == Settings()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("bla=3", "no setting named 'bla'"),
        ("ssim=2", "between"),
        ("0.9:ssim=0.8", "given twice"),
        ("max_bytes=1MB:max-bytes=2MB", "given twice"),
    ],
)
def test_wrong_settings_are_told_with_the_filters_name(text: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=f"'ssimgif': .*{fault}"):
        read_settings(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.5", Fraction(3, 2)),
        ("1:30", Fraction(90)),
        ("0:01:30.25", Fraction(361, 4)),
        ("200ms", Fraction(1, 5)),
        ("3us", Fraction(3, 1_000_000)),
        (".5s", Fraction(1, 2)),
    ],
)
def test_times_are_ffmpegs(text: str, seconds: Fraction) -> None:
    assert parse_time("-ss", text) == seconds


@pytest.mark.parametrize("text", ["", "x", "1:2:3:4", "-1", "1:30ms", "1e3"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is not a time"):
        parse_time("-ss", text)


def test_options_go_to_the_file_behind_them() -> None:
    line = "-ss 1 -to 3 -i a -r 12 -i b -t 2 -r 5 -loop 2 -y -map 0:v x.gif -f nut -"
    command = parse_command(line.split())
    first, second = command.inputs
    assert first.cut == Cut(Fraction(1), Fraction(2))
    assert second.cut == Cut(rate=Fraction(12))
    gif, pipe = command.outputs
    assert (gif.cut, gif.plays, gif.stream) == (Cut(None, Fraction(2), Fraction(5)), 3, "0:v")
    assert (pipe.name, pipe.format, pipe.codec, pipe.plays) == ("-", "nut", "rawvideo", None)
    assert command.overwrite is True


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("-i", "needs a value"),
        ("-bogus 3 out.gif", "no option -bogus"),
        ("-i a out.gif -r 3", "behind the last file"),
        ("-loop 1 -i a out.gif", "is for outputs"),
        ("-i a -f mp4 out.mp4", "none of gif, nut, null"),
        ("-i a b.png", "b.png ends in neither .gif nor .nut; -f gif"),
        ("-i a b", "b ends in neither"),
        ("-i a -f nut -c:v h264 -", "none of rawvideo, gif"),
        ("-i http://example.org/a.mp4 out.gif", "only files and pipes"),
        ("-i a -ss 3 -to 2 out.gif", "later than"),
        ("-i a -map 0:v -map 1:v out.gif", "one stream"),
        ("-i a -vsync cfr out.gif", "keep their times"),
        ("-f rawvideo -i a out.gif", "matroska or nut"),
        ("-i a -r 0 out.gif", "-r"),
        ("-i a -s 3 out.gif", "not a size"),
        ("-loglevel loud", "none of quiet"),
        ("-i a -filter:a volume=2 out.gif", "about a stream"),
    ],
)
def test_wrong_options_are_told_in_a_sentence(line: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        parse_command(line.split())


def test_edits_need_no_escaping() -> None:
    expected = Settings(crop=(32, 18, 0, 4), speed=Fraction(1, 2), reverse=True)
    assert read_settings("crop=32x18+0+4:speed=1/2:reverse=1") == expected
