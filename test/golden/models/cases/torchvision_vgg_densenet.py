"""Features of one backbone, and another beside it."""

import torch
import torch.nn as nn
import torchvision.models as models


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = models.vgg13_bn().features[:14]
        self.b = models.densenet121(num_classes=5)

    def forward(self, x):
        a = self.a(x).mean((2, 3))
        return torch.cat([a, self.b(x)], 1)


# normlens: model Two() input=3x64x64
