"""What noise of each strength would cost at each place, which is how DitherNet learns.

Dither works by hard steps: one pixel more or less beyond a decision boundary breaks a contour, and
no slope of a projection tells. So the picture is made with noise of a few strengths, each the same
everywhere, by the hard projection, and what that costs is noted place by place: structure, which
noise harms, and banding, which it mends. Both depend on what is near, so the strength that is best
at a place is nearly that for which its cost is least in these pictures. Between two strengths,
costs change in proportion; that is the slope along which DitherNet's strength is improved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ssimgif_gifnets.training.losses import SSIM_REACH, dissimilarity

# Strengths 0, 1 / (LEVELS - 1), ..., 1.
LEVELS = 6


@dataclass(frozen=True)
class StrengthCosts:
    """The costs of constant strengths, around each pixel.

    Attributes
    ----------
    dissimilarity : f32[b, LEVELS, h, w]
        1 - SSIM.
    density : f32[b, LEVELS, h, w]
        Of banding, >= 0.
    """

    dissimilarity: Tensor
    density: Tensor

    @classmethod
    @torch.no_grad()
    def of(
        cls,
        image: Tensor,
        project: Callable[[Tensor], Tensor],
        reach: Tensor,
        density: Callable[[Tensor], Tensor],
    ) -> StrengthCosts:
        """Make a picture at each strength and look at it.

        Parameters
        ----------
        image : f32[b, 3, h, w]
            0..1.
        project : callable
            Takes and returns pictures f32[b, 3, h, w]; the hard projection.
        reach : f32[b, 1, h, w]
            The error image at strength 1.
        density : callable
            Takes pictures and returns how much banding there is, f32[b, 1, h / n, w / n].
        """
        made = [project(image + reach * level / (LEVELS - 1)) for level in range(LEVELS)]
        size = image.shape[2:]
        return cls(
            torch.cat([_whole(dissimilarity(image, picture)) for picture in made], 1),
            torch.cat(
                [
                    nn.functional.interpolate(density(picture), size, mode="bilinear")
                    for picture in made
                ],
                1,
            ),
        )

    def at(self, strength: Tensor) -> tuple[Tensor, Tensor]:
        """Return 1 - SSIM and the banding score, f32[b] each, at strengths f32[b, 1, h, w], 0..1.

        Differentiable by the strength.
        """
        place = strength * (LEVELS - 1)
        below = place.detach().floor().clamp(0, LEVELS - 2)
        rise = place - below
        lower = below.long()

        def mean(costs: Tensor) -> Tensor:
            before, after = costs.gather(1, lower), costs.gather(1, lower + 1)
            return (before + rise * (after - before)).mean((1, 2, 3))

        return mean(self.dissimilarity), 1 - torch.exp(-mean(self.density))


def _whole(values: Tensor) -> Tensor:
    """Repeat the outermost values where `dissimilarity` has none."""
    return nn.functional.pad(values, (SSIM_REACH,) * 4, mode="replicate")
