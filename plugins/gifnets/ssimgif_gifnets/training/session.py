"""What the three trainings share: seeds, device, schedule and log."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch


class Session:
    """The surroundings of a training run.

    Parameters
    ----------
    out : Path
        Where the log ``log.jsonl`` goes; made if need be.
    seed : int
    threads : int
        Of torch, on a CPU.
    quiet : bool
        Print nothing.

    Attributes
    ----------
    device : torch.device
        CUDA where present.
    """

    def __init__(self, out: Path, seed: int, threads: int = 1, quiet: bool = False) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.out = out
        self.seed = seed
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._quiet = quiet
        self._start = time.monotonic()
        torch.set_num_threads(threads)

    def start(self, name: str) -> np.random.Generator:
        """Seed torch for one training, and return a generator for its pictures."""
        seed = np.random.SeedSequence([self.seed, *name.encode()])
        torch.manual_seed(int(seed.generate_state(1)[0]))
        return np.random.default_rng(seed)

    def log(self, **figures: Any) -> None:
        """Append figures to the log, and print them."""
        rounded = {
            name: float(f"{value:.5g}") if isinstance(value, float) else value
            for name, value in figures.items()
        }
        rounded["seconds"] = round(time.monotonic() - self._start, 1)
        with (self.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(rounded) + "\n")
        if not self._quiet:
            print(" ".join(f"{name} {value}" for name, value in rounded.items()), flush=True)


def learning_rate_factor(step: int, steps: int, rise: int = 100) -> float:
    """Rise over the first steps, then fall to 0 along a cosine."""
    warm = min(1.0, (step + 1) / max(1, min(rise, steps // 10)))
    return warm * 0.5 * (1 + math.cos(math.pi * min(step, steps) / steps))
