"""What each tuning constant of the encoder is worth: moved by -25 % and +25 %, all else equal.

    benchmarks/ablate.py encoder.frame:PRICES       one constant
    benchmarks/ablate.py ratecontrol dither.policy  those of a room, or of a module
    benchmarks/ablate.py --jobs 2 --write           all of them, into docs/tuning.md

The clips are short ones of tests/clips.py, or the files named by ``--clips``. Each value is
tried in a process of its own, in which the constant's module is compiled with the other value: so
whoever imports it, or derives something from it, sees that one. Constants of the kernels, which are
compiled in, and those by which a metric is defined are left out.

Each result is kept in a file as soon as it is there (``--results``), and not measured again: a run
that was stopped goes on where it was. Results of another encoder or other clips don't count. It
forks: not for Windows.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from importlib import import_module
from itertools import islice
from math import exp, log
from pathlib import Path
from time import process_time

from constants import CORE, Constant, Finder, constants

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "tuning.md"
FACTORS = (0.75, 1.25)
# Frames of each small clip.
SHORT = 12
# A value that takes so many times the usual CPU seconds is tried no further.
PATIENCE = 4


@dataclass(frozen=True, slots=True)
class Result:
    """What some clips came to: bytes and CPU seconds of each, and how many missed the target."""

    bytes: tuple[int, ...]
    seconds: tuple[float, ...]
    missed: int

    def against(self, other: Result) -> tuple[float, float, int]:
        """Return the changes of bytes and seconds, as shares in the geometric mean, and of misses.

        Equal bytes of every clip are a change of exactly nothing.
        """
        return (
            _change(self.bytes, other.bytes),
            sum(self.seconds) / sum(other.seconds) - 1,
            self.missed - other.missed,
        )


def _change(now: Sequence[int], before: Sequence[int]) -> float:
    logs = [log(a / b) for a, b in zip(now, before, strict=True)]
    return exp(sum(logs) / len(logs)) - 1 if any(logs) else 0.0


@dataclass(frozen=True, slots=True)
class Given:
    """Clips: the first frames of files, or without files short ones of the tests."""

    files: tuple[str, ...]
    frames: int

    def __str__(self) -> str:
        names = ", ".join(Path(file).name for file in self.files) or "`tests/clips.py`"
        return f"the first {self.frames} frames of {names}"


def encode_all(given: Given, effort: int) -> Result:
    """Encode the clips in this process."""
    import ssimgif
    from clips import CLIPS

    def opened(file: str) -> ssimgif.Clip:
        clip = ssimgif.open_clip(file, {})
        found = list(islice(clip.frames(), given.frames))
        return replace(clip, open_frames=lambda: iter(found), frame_count=len(found))

    clips = [opened(file) for file in given.files]
    clips = clips or [make(given.frames) for make in CLIPS.values()]
    settings = ssimgif.Settings(effort=effort, jobs=1, no_cache=True)
    sizes, seconds, missed = [], [], 0
    for clip in clips:
        start = process_time()
        report = ssimgif.encode(clip, settings).report
        sizes.append(report.bytes)
        seconds.append(process_time() - start)
        missed += not report.valid
    return Result(tuple(sizes), tuple(seconds), missed)


@dataclass(frozen=True, slots=True)
class Trial:
    """A constant moved by a factor, or none, at an effort."""

    constant: Constant | None
    factor: float
    effort: int

    @property
    def key(self) -> str:
        """What its result is kept by."""
        if self.constant is None:
            return f"usual {self.factor} {self.effort}"
        one = self.constant
        return f"{one.module}:{one.name} {one.value} {self.factor} {self.effort}"


def encode_with(given: Given, trial: Trial, most_seconds: float) -> Result | str:
    """Encode the clips as a trial says, in a process that is of no further use.

    The kernels stay as they were loaded; all other modules are imported again. What fails, or takes
    more CPU seconds, is told in words.
    """
    signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, most_seconds)
    # Of a kernel that does not end no signal is told; the process then goes without a word.
    resource.setrlimit(resource.RLIMIT_CPU, (3 * round(most_seconds + 1),) * 2)
    try:
        if trial.constant is not None:
            for name in list(sys.modules):
                if name == "clips" or (name.startswith("ssimgif") and ".kernels" not in name):
                    del sys.modules[name]
            sys.meta_path.insert(0, Finder(trial.constant, trial.constant.moved(trial.factor)))
            import_module(f"ssimgif.{trial.constant.module}")
        return encode_all(given, trial.effort)
    except TooLong:
        return f"takes more than {PATIENCE} times as long"
    except Exception as error:
        return f"fails: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


class TooLong(BaseException):
    """Raised where a trial takes too long; nothing on the way is to take it for an error."""


def _give_up(*_: object) -> None:
    raise TooLong


class Results:
    """What trials came to, kept in a file, a line each.

    Parameters
    ----------
    path : Path
    circumstances : str
        Lines of other ones don't count.
    """

    def __init__(self, path: Path, circumstances: str) -> None:
        self.path = path
        self.circumstances = circumstances
        self._found: dict[str, Result | str] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            one = json.loads(line)
            if one["of"] == circumstances:
                told = one["result"]
                self._found[one["trial"]] = (
                    told
                    if isinstance(told, str)
                    else Result(tuple(told["bytes"]), tuple(told["seconds"]), told["missed"])
                )

    def __contains__(self, trial: Trial) -> bool:
        return trial.key in self._found

    def __getitem__(self, trial: Trial) -> Result | str:
        return self._found[trial.key]

    def add(self, trial: Trial, result: Result | str) -> None:
        """Keep a result."""
        told = result if isinstance(result, str) else asdict(result)
        line = json.dumps({"of": self.circumstances, "trial": trial.key, "result": told})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        self._found[trial.key] = result


class Laboratory:
    """Encodes the clips for trials, each in a process that has loaded the kernels before."""

    def __init__(self, given: Given, results: Results, jobs: int) -> None:
        self.given = given
        self.results = results
        self.jobs = jobs

    def usual(self, effort: int) -> Result:
        """Return what the clips come to at an effort, all constants as they are."""
        trial = Trial(None, 1.0, effort)
        # The kernels are loaded here, for the processes that begin as copies of this one.
        now = encode_all(self.given, effort)
        if trial not in self.results:
            self.results.add(trial, encode_all(self.given, effort))
        found = self.results[trial]
        if isinstance(found, str) or found.bytes != now.bytes:
            raise SystemExit("ablate: the usual result isn't what it was; remove the results")
        return found

    def outcomes(self, trials: Sequence[Trial], most_seconds: float) -> Iterator[Result | str]:
        """Yield what trials come to, in order; those whose results are there aren't run."""
        with multiprocessing.get_context("fork").Pool(self.jobs, maxtasksperchild=1) as pool:
            running = {
                trial.key: pool.apply_async(encode_with, (self.given, trial, most_seconds))
                for trial in trials
                if trial not in self.results
            }
            for trial in trials:
                if trial.key in running:
                    try:
                        found = running[trial.key].get(10 * most_seconds)
                    except multiprocessing.TimeoutError:
                        found = "does not end"
                    self.results.add(trial, found)
                yield self.results[trial]


def fingerprint() -> str:
    """Return what tells one encoder from another: a hash of its source files."""
    found = blake2b(digest_size=8)
    for path in sorted(CORE.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


HEADER = """# Tuning

Each constant of the encoder, and what comes of it when it is a quarter smaller or larger, all else
equal: the change of bytes in the geometric mean over the clips, and of CPU seconds. A whole number
moves by one at least. *n missed*: so many more clips than usual missed their target (fewer, with a
minus), so that their bytes count for little. *Same*: every clip has the same bytes, which says no
more than that these clips at this effort don't depend on it. A change of seconds under 10 % is
mostly noise; what takes more than {patience} times as long is given up.

Measured by `benchmarks/ablate.py --write` on {clips}, at effort {efforts}.

| constant | value | where | effort | bytes at -25 % | bytes at +25 % | seconds |
|---|---|---|---|---|---|---|
"""


def row(constant: Constant, effort: int, cells: Sequence[str]) -> str:
    """Return a row of the table."""
    value = json.dumps(constant.value).translate(str.maketrans("[]", "()"))
    where = (f"`{constant.name}`", value, f"`{constant.module}`", str(effort))
    return f"| {' | '.join((*where, *cells))} |"


def cells(outcomes: Sequence[Result | str], usual: Result) -> list[str]:
    """Return the cells of changes of bytes, or of why there is no result, and that of seconds."""
    sizes, seconds = [], []
    for outcome in outcomes:
        if isinstance(outcome, str):
            sizes.append(outcome)
            seconds.append("-")
            continue
        by, slower, missed = outcome.against(usual)
        more = f", {missed} missed" if missed else ""
        sizes.append(("same" if by == 0.0 else f"{by:+.2%}") + more)
        seconds.append(f"{slower:+.0%}")
    return [*sizes, " / ".join(seconds)]


def rows(found: Sequence[Constant], laboratory: Laboratory, effort: int) -> Iterator[str]:
    """Yield a row a constant, as soon as it is measured."""
    usual = laboratory.usual(effort)
    trials = [Trial(one, factor, effort) for one in found for factor in FACTORS]
    outcomes = laboratory.outcomes(trials, PATIENCE * sum(usual.seconds))
    for one in found:
        yield row(one, effort, cells(list(islice(outcomes, len(FACTORS))), usual))


def chosen(words: Sequence[str]) -> list[Constant]:
    """Return the constants of rooms, modules, or ``module:NAME``; all without words."""
    found = [
        one
        for one in constants()
        if not words
        or {one.module.split(".")[0], one.module, f"{one.module}:{one.name}"} & set(words)
    ]
    if not found:
        raise SystemExit(f"ablate: no constant is named {' or '.join(words)}")
    return found


def main() -> None:
    sys.path.append(str(ROOT / "tests"))
    from ssimgif import Settings

    usual = Settings().effort
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("constants", nargs="*", help="rooms, modules, or module:NAME")
    parser.add_argument("--clips", nargs="+", default=[], metavar="FILE", help="other clips")
    parser.add_argument("--frames", type=int, default=SHORT, help=f"frames of each clip ({SHORT})")
    parser.add_argument("--efforts", nargs="+", type=int, default=[usual], help=f"({usual})")
    parser.add_argument("--jobs", type=int, default=1, help="trials at a time (1)")
    parser.add_argument("--results", type=Path, default=Path("ablate.jsonl"), metavar="FILE")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.relative_to(ROOT)}")
    words = parser.parse_args()
    given = Given(tuple(words.clips), words.frames)
    results = Results(words.results, f"{given}; {fingerprint()}")
    laboratory = Laboratory(given, results, words.jobs)
    efforts = " and ".join(map(str, words.efforts))
    table = HEADER.format(clips=given, efforts=efforts, patience=PATIENCE)
    for effort in words.efforts:
        for line in rows(chosen(words.constants), laboratory, effort):
            print(line, flush=True)
            table += line + "\n"
    if words.write:
        TABLE.write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
