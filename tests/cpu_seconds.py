"""A plug-in of pytest that tells the seconds of a processor that each test file took.

    PYTHONPATH=tests make test TESTS="-n 2 --dist loadfile --no-loadscope-reorder -p cpu_seconds"

Processes that a test starts are included once they have ended, and fixtures count for the test that
uses them first or last. Other work on the machine changes these seconds less than those of a clock.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator

import pytest

_totals: Counter[str] = Counter()
_before = sum(os.times()[:4])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note in a report what was taken since the last one in this process."""
    global _before
    report = yield
    now = sum(os.times()[:4])
    report.cpu_seconds, _before = now - _before, now
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what reports say, here or in a worker."""
    _totals[report.nodeid.partition("::")[0]] += getattr(report, "cpu_seconds", 0.0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the files, the longest first."""
    terminalreporter.section("seconds of a processor")
    for name, seconds in [*_totals.most_common(), ("all", sum(_totals.values()))]:
        terminalreporter.write_line(f"{seconds:7.1f}  {name}")
