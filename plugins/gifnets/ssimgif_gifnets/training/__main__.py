"""``python -m ssimgif_gifnets.training``: train the networks, or measure them."""

from __future__ import annotations

from pathlib import Path

import click

from ssimgif_gifnets.training.config import load_settings

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
TABLES = ("palette", "banding", "dither")


@click.group()
def main() -> None:
    """Train PaletteNet, BandingNet and DitherNet, and write the evaluation tables."""


@main.command("train")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("gifnets"), show_default=True)
@click.option(
    "--stage", "stages", multiple=True, help="One stage; may be repeated. All by default."
)
@click.option("--quiet", is_flag=True)
def train_command(
    folder: Path, config: Path | None, out: Path, stages: tuple[str, ...], quiet: bool
) -> None:
    """Train all networks on the photographs in FOLDER."""
    from ssimgif_gifnets.training.schedule import EXTRA_STAGES, STAGES, train

    unknown = [stage for stage in stages if stage not in STAGES + EXTRA_STAGES]
    if unknown:
        raise click.UsageError(f"{unknown[0]} is no stage: {', '.join(STAGES + EXTRA_STAGES)}")
    try:
        train(folder, load_settings(config), out, stages or STAGES, quiet)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@main.command("evaluate")
@click.argument(
    "folders",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--weights", type=click.Path(exists=True, file_okay=False, path_type=Path), default=WEIGHTS
)
@click.option("--table", "tables", multiple=True, type=click.Choice(TABLES))
def evaluate_command(folders: tuple[Path, ...], weights: Path, tables: tuple[str, ...]) -> None:
    """Print the evaluation tables for the pictures in FOLDERS, each and together."""
    from ssimgif_gifnets.training.evaluate import evaluate

    try:
        for line in evaluate(folders, weights, tables or TABLES):
            click.echo(line)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m ssimgif_gifnets.training")
