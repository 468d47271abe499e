"""``ssimgif ffmpeg``: options as ffmpeg takes them."""

from __future__ import annotations

import sys
from io import StringIO

import click

from ssimgif import SsimGifError, __version__
from ssimgif_ffmpeg.options import LEVELS, parse_command

HELP = """\
Usage: ssimgif ffmpeg [options] -i IN ... [options] OUT.gif

Makes a GIF in the way of ffmpeg: filters of libavfilter before ssimgif, then

  ssimgif=ssim=0.95:colors=128:dither=auto

with every setting of the command under its name. Without it, it stands at the end.

Options go before the file that they are for:
  -i IN              a file, or - for standard input
  -vf GRAPH          filters, such as "fps=12,scale=480:-2,ssimgif=ssim=0.95"
  -filter_complex G  filters with labels, several inputs or outputs
  -map 0:v, [LABEL]  what to write
  -ss, -t, -to TIME  begin, length, end; of the input before -i, of the output behind
  -r RATE            frames a second
  -s WxH             scale
  -frames:v N        write no more than N frames
  -loop N            repeats; 0 for ever, -1 none [as the input]
  -f, --format F     gif, nut with pal8 frames, or null
  -c:v rawvideo|gif  what nut carries
  -pix_fmt pal8|rgba of rawvideo
  -threads N         threads to use

Options of all:
  -y, -n             overwrite files, or never
  -progress WHERE    key=value lines to pipe:N or a file; -stats_period TIME
  -loglevel LEVEL    quiet, error, warning, info, ...; -nostats; -hide_banner
  -nostdin           never ask
  --allow-sources    permit filters that open files, and -f lavfi inputs
"""


class FfmpegCommand(click.Command):
    """A command whose words are not click's to read."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words as they are."""
        ctx.params = {"arguments": tuple(args)}
        return []

    def get_help(self, ctx: click.Context) -> str:
        """Return the help."""
        return HELP


@click.command(
    "ffmpeg", cls=FfmpegCommand, short_help="Make a GIF by ffmpeg's options and filters."
)
def command(arguments: tuple[str, ...]) -> None:
    """Make a GIF by ffmpeg's options and filters."""
    words = parse_command(arguments)
    if words.help or not arguments:
        click.echo(HELP, nl=False)
        return
    if words.level < LEVELS["fatal"]:
        sys.stderr = StringIO()
    if words.banner and words.level >= LEVELS["info"]:
        print(f"ssimgif {__version__}: ffmpeg's options and filters", file=sys.stderr)
    import av.error

    from ssimgif_ffmpeg.job import run

    try:
        run(words)
    except av.error.FFmpegError as error:
        raise SsimGifError(f"FFmpeg: {(error.strerror or str(error)).lower()}") from error
