"""What the comparison with other programs makes of measured points."""

from dataclasses import replace
from pathlib import Path

from points import Point, append_point, frontier, passes, read_points, smallest, table
from scaling import Recorder, Simulation, Task
from ssimgif.host import start, together, working

PEER = Point("sea", "ffmpeg 5.1", "colors=256", 1000, 1.0, 0.96, 1.0, 3.0, 70.0, 60.0, 0.0, 0.0)
OURS = replace(PEER, program="ssimgif 0.1.0", options="ssim=0.95 effort=5", bytes=500, score=0.951)


def test_a_point_passes_with_its_score_colours_and_length() -> None:
    assert passes(PEER, 0.96)
    assert not passes(PEER, 0.961)
    assert not passes(replace(PEER, delta_e_mean=2.1), 0.9)
    assert not passes(replace(PEER, delta_e_p95=5.6), 0.9)
    assert not passes(replace(PEER, drift=-0.06), 0.9)


def test_the_smallest_is_among_those_that_pass() -> None:
    smaller = replace(PEER, bytes=900, score=0.94)
    assert smallest([PEER, smaller], 0.93) is smaller
    assert smallest([PEER, smaller], 0.95) is PEER
    assert smallest([PEER, smaller], 0.97) is None


def test_the_frontier_rises_in_bytes_and_in_score() -> None:
    scores = {500: 0.90, 600: 0.93, 700: 0.92, 800: 0.95}
    points = [replace(PEER, bytes=size, score=score) for size, score in scores.items()]
    beaten = replace(PEER, bytes=600, score=0.91)
    assert [p.bytes for p in frontier([beaten, *reversed(points)])] == [500, 600, 800]


def test_the_table_has_a_row_for_each_clip_and_target() -> None:
    lines = table([PEER, OURS, replace(PEER, clip="sky")], [0.95, 0.99]).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    sea, sea_high, sky, _ = lines[2:]
    assert sea.startswith("| sea | 0.95 | ffmpeg 5.1 colors=256 | 1,000 |")
    assert sea.endswith("| 0.50 |")
    assert "none" in sea_high
    assert sky.startswith("| sky | 0.95 | ffmpeg") and sky.count("none") == 1


def test_points_come_back_from_their_file(tmp_path: Path) -> None:
    results = tmp_path / "points.jsonl"
    assert read_points(results) == []
    append_point(results, PEER)
    append_point(results, replace(OURS, bytes=700))
    append_point(results, OURS)
    assert read_points(results) == [PEER, OURS]
    assert [point.is_ours for point in read_points(results)] == [False, True]


def test_workers_take_what_is_ready() -> None:
    halves = [Task([("work", 2.0)]) for _ in range(2)]
    root = Task(
        [("work", 1.0), *(("fork", one) for one in halves), ("join", halves), ("work", 3.0)]
    )
    assert Simulation(1).makespan(root) == 8
    assert Simulation(2).makespan(root) == Simulation(9).makespan(root) == 6


def test_who_waits_for_a_task_that_another_does_is_idle() -> None:
    deep = Task([("work", 4.0)])
    beside = Task([("fork", deep), ("join", [deep]), ("work", 1.0)])
    root = Task([("fork", beside), ("work", 1.0), ("join", [beside]), ("work", 1.0)])
    assert Simulation(1).makespan(root) == 7
    assert Simulation(2).makespan(root) == 6


def test_a_recorder_notes_what_waits_for_what() -> None:
    recorder = Recorder(3)
    with working(recorder):
        later = start(lambda: sum(together(lambda n: n, range(3))))
        assert later() == 3
    (_, first), (kind, task), _, (_, joined), _ = recorder.finish().steps
    assert first >= 0
    assert kind == "fork"
    assert joined == [task]
    assert [step for step, _ in task.steps].count("fork") == 3
