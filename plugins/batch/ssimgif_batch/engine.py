"""Doing many jobs at once: in threads that each mind a child process, or on a Dask cluster.

Both are executors of `concurrent.futures`, and few jobs are handed over at a time, so that neither
a queue here nor the cluster's scheduler grows with the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from ssimgif import Cancelled, ConfinedLimits, SettingsError, SsimGifError, __version__
from ssimgif_batch.job import Job, Outcome
from ssimgif_batch.worker import converters, perform

POLL_SECONDS = 0.1
# Jobs handed over for each that can run at once.
AHEAD = 2
# Workers that may die under a job before the job is to blame.
DEATHS = 3
CONNECT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Engine:
    """An executor, and how many jobs it can do at once.

    Attributes
    ----------
    executor : Executor
    slots : callable
        Returns that number, which may change.
    """

    executor: Executor
    slots: Callable[[], int]

    def outcomes(
        self,
        jobs: Iterable[Job],
        root: str,
        limits: ConfinedLimits,
        stopped: Callable[[], bool],
    ) -> Iterator[Outcome]:
        """Yield outcomes as they come, in any order.

        Raises
        ------
        Cancelled
            When ``stopped`` returns True.
        SsimGifError
            When the cluster is lost.
        """
        waiting: dict[Future[dict[str, Any]], Job] = {}
        rest = iter(jobs)
        more = True
        try:
            while more or waiting:
                most = AHEAD * max(1, self.slots())
                while more and len(waiting) < most:
                    job = next(rest, None)
                    if job is None:
                        more = False
                        break
                    future = self.executor.submit(perform, _plain(job), root, asdict(limits))
                    waiting[future] = job
                finished, _ = wait(waiting, POLL_SECONDS, FIRST_COMPLETED)
                if stopped():
                    raise Cancelled("stopped on request")
                for future in finished:
                    yield _outcome(future, waiting.pop(future))
        finally:
            for future in waiting:
                future.cancel()


def _plain(job: Job) -> dict[str, Any]:
    return asdict(job) | {"settings": dict(job.settings)}


def _outcome(future: Future[dict[str, Any]], job: Job) -> Outcome:
    if future.cancelled():
        raise SsimGifError("the cluster has dropped its work; run the batch again to go on")
    error = future.exception()
    if error is None:
        told = future.result()
        return Outcome(**told | {"warnings": tuple(told["warnings"])})
    if isinstance(error, SsimGifError):
        raise error
    if type(error).__name__ == "KilledWorker":
        message = f"{job.source}: {DEATHS + 1} workers died while they converted it"
        return Outcome(
            job.output, job.source, job.key, False, __version__, 0.0, "", "crash", message
        )
    text = " ".join(str(error).split())
    raise SsimGifError(f"a worker failed ({type(error).__name__}: {text}); is ssimgif there?")


@contextmanager
def local_engine(jobs: int) -> Iterator[Engine]:
    """Give an engine of ``jobs`` child processes on this machine."""
    converters.start()
    executor = ThreadPoolExecutor(jobs, thread_name_prefix="ssimgif-batch")
    try:
        yield Engine(executor, lambda: jobs)
    finally:
        converters.stop()
        executor.shutdown(cancel_futures=True)


@contextmanager
def cluster_engine(address: str) -> Iterator[Engine]:
    """Give an engine on the Dask cluster whose scheduler has this address.

    Raises
    ------
    SettingsError
        When Dask is not installed.
    SsimGifError
        When there is no scheduler, or it has no worker.
    """
    try:
        import distributed
    except ImportError:
        raise SettingsError("--cluster needs a package: pip install 'ssimgif[cluster]'") from None
    dask: Any = distributed
    try:
        client = dask.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        text = " ".join(str(error).split()) or type(error).__name__
        raise SsimGifError(f"there is no scheduler at {address}: {text}") from None
    try:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise SsimGifError(f"the scheduler at {address} has no worker") from None
        executor = client.get_executor(pure=False, retries=DEATHS)
        yield Engine(executor, lambda: sum(client.nthreads().values()))
        executor.shutdown(wait=False)
    finally:
        client.close(timeout=2)
