"""libavfilter's errors as one sentence that names the filter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import av
import av.logging

from ssimgif import SsimGifError


class FilterError(SsimGifError):
    """A filter that could not be made, connected or run."""


@contextmanager
def reported(name: str | None = None) -> Iterator[None]:
    """Turn errors of libavfilter inside into a `FilterError`.

    Parameters
    ----------
    name : str or None
        The filter that is at work; where nobody knows, the one that logged the error.

    End of file and "try again" are no errors here and pass.
    """
    before = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as log:
            yield
    except (av.error.BlockingIOError, av.error.EOFError):
        raise
    except av.error.FFmpegError as error:
        raise FilterError(_sentence(name, log, error)) from None
    finally:
        av.logging.set_level(before)


def _sentence(
    name: str | None, log: list[tuple[int, str, str]], error: av.error.FFmpegError
) -> str:
    told = [(who, " ".join(text.split())) for _, who, text in log if text.strip()]
    who = name or next((who for who, _ in told), "")
    texts = list(dict.fromkeys(text.rstrip(".") for _, text in told))
    reason = (error.strerror or str(error)).lower()
    what = "; ".join(texts) if texts else reason
    return f"the filter {who!r}: {what}" if who else f"the filter graph: {what}"
