"""Which filters a graph from outside may use: those that only look at the frames they are given.

The list names what is allowed, so that a filter of a later FFmpeg is refused until somebody has
looked at it. Left out are sources, whatever can open a file, a device, a model, a plug-in or the
network, and whatever sends commands to other filters.
"""

from __future__ import annotations

from dataclasses import dataclass

from ssimgif import SettingsError
from ssimgif_ffmpeg.syntax import FilterSpec, parse_arguments

STAGE = "ssimgif"

_NAMES = """
addroi alphaextract alphamerge amplify atadenoise avgblur backgroundkey bbox bilateral
bitplanenoise blackdetect blackframe blend blockdetect blurdetect bm3d boxblur bwdif cas
chromahold chromakey chromanr chromashift ciescope codecview colorbalance colorchannelmixer
colorcontrast colorcorrect colordetect colorhold colorize colorkey colorlevels colormap
colormatrix colorspace colortemperature concat convolution convolve copy crop cropdetect curves
datascope dblur dctdnoiz deband deblock decimate deconvolve dedot deflate deflicker dejudder
delogo despill detelecine dilation displace doubleweave drawbox drawgrid edgedetect elbg entropy
epx eq erosion estdif exposure extractplanes fade fftdnoiz fftfilt field fieldmatch fieldorder
fillborders floodfill format fps framepack framerate framestep freezedetect freezeframes fspp
gblur geq gradfun graphmonitor grayworld greyedge guided haldclut hflip histeq histogram hqdn3d
hqx hstack hsvhold hsvkey hue huesaturation hysteresis idet il inflate interlace interleave
kerndeint kirsch lagfun latency lenscorrection limitdiff limiter loop lumakey lut lut2 lutrgb
lutyuv maskedclamp maskedmax maskedmerge maskedmin maskedthreshold maskfun median mergeplanes
mestimate midequalizer minterpolate mix monochrome morpho mpdecimate multiply negate nlmeans
noformat noise normalize null oscilloscope overlay owdenoise pad palettegen paletteuse perspective
phase photosensitivity pixdesctest pixelize pixscope pp7 premultiply premultiply_dynamic prewitt
pseudocolor pullup qp random remap removegrain repeatfields reverse rgbashift roberts rotate sab
scale scale2ref scdet scharr scroll segment select selectivecolor separatefields setdar setfield
setparams setpts setrange setsar settb shear showinfo showpalette shuffleframes shufflepixels
shuffleplanes sidedata signalstats smartblur sobel split spp stereo3d super2xsai swaprect swapuv
tblend telecine thistogram threshold thumbnail tile tiltandshift tinterlace tlut2 tmedian
tmidequalizer tmix tonemap tpad transpose trim unpremultiply unsharp untile v360
vaguedenoiser varblur vectorscope vflip vfrdet vibrance vignette vstack w3fdif waveform weave xbr
xcorrelate xfade xmedian xstack yadif yaepblur zoompan zscale
"""
ALLOWED = frozenset([STAGE, *_NAMES.split()])


@dataclass(frozen=True, slots=True)
class Restriction:
    """What is refused of an allowed filter.

    Attributes
    ----------
    options : frozenset of str
        Those that name a file.
    values : int
        How many values without a name may be given before one would fall to such an option.
    """

    options: frozenset[str]
    values: int


RESTRICTED = {
    "curves": Restriction(frozenset({"psfile", "plot"}), 6),
    "selectivecolor": Restriction(frozenset({"psfile"}), 10),
    "paletteuse": Restriction(frozenset({"debug_kdtree"}), 5),
}


def check_filter(spec: FilterSpec) -> None:
    """Refuse a filter that could open something.

    Raises
    ------
    SettingsError
    """
    if spec.name not in ALLOWED:
        raise SettingsError(
            f"the filter {spec.name!r} is not among those known to open no files, devices or"
            " connections (--allow-sources permits it)"
        )
    restriction = RESTRICTED.get(spec.name)
    if restriction is None:
        return
    values, pairs = parse_arguments(spec.arguments)
    used = restriction.options & pairs.keys()
    if used or len(values) > restriction.values:
        option = min(used or restriction.options)
        raise SettingsError(
            f"the filter {spec.name!r} would open a file for its option {option!r}"
            " (--allow-sources permits it)"
        )
