"""The three-stage training: PaletteNet and BandingNet alone, DitherNet, then both together."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ssimgif_gifnets.training.config import TrainingSettings
from ssimgif_gifnets.training.photographs import Photograph, find_photographs, split
from ssimgif_gifnets.training.session import Session
from ssimgif_gifnets.training.train_banding import train_banding_net
from ssimgif_gifnets.training.train_palette import train_palette_net
from ssimgif_gifnets.training.weights import save_weights

STAGES = ("palette", "banding", "dither", "joint")
# Only for comparison: BandingNet without the edge map.
EXTRA_STAGES = ("banding-luma",)


def train(
    folder: Path,
    settings: TrainingSettings,
    out: Path,
    stages: Sequence[str] = STAGES,
    quiet: bool = False,
) -> None:
    """Train networks on the photographs of a folder and write their weights.

    Parameters
    ----------
    folder : Path
        See `find_photographs`.
    settings : TrainingSettings
    out : Path
        Gets ``palettenet.npz``, ``bandingnet.npz``, ``dithernet.npz`` and ``log.jsonl``. A stage
        that builds on others reads their weights from here.
    stages : sequence of str
        Of `STAGES`, in that order, or `EXTRA_STAGES`.
    quiet : bool
        Print nothing.
    """
    session = Session(out, settings.seed, settings.threads, quiet)
    training, held_out = split(find_photographs(folder), settings.held_out, settings.seed)
    if 0 < settings.pictures < len(training):
        chosen = np.random.default_rng(settings.seed).permutation(len(training))
        training = [training[i] for i in sorted(chosen[: settings.pictures])]
    session.log(
        settings=dataclasses.asdict(settings), training=len(training), held_out=len(held_out)
    )
    for stage in stages:
        _train_stage(stage, training, held_out, settings, session)


def _train_stage(
    stage: str,
    training: Sequence[Photograph],
    held_out: Sequence[Photograph],
    settings: TrainingSettings,
    session: Session,
) -> None:
    out = session.out
    if stage == "palette":
        palette_net = train_palette_net(training, held_out, settings.palette, session)
        save_weights(palette_net, out / "palettenet.npz")
    elif stage in {"banding", "banding-luma"}:
        channels = 2 if stage == "banding" else 1
        path = out / ("bandingnet.npz" if channels == 2 else "bandingnet-luma.npz")
        train_banding_net(
            training,
            held_out,
            settings.banding,
            session,
            channels,
            save=lambda network: save_weights(network, path),
        )
    else:
        from ssimgif_gifnets.training.train_dither import train_dither_net

        train_dither_net(stage == "joint", training, held_out, settings.dither, session)
