"""Strided convolutions down to one answer (Radford et al. 2016), with an eps that one implementation is known for."""
import torch.nn as nn


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()

        def block(channels, out, norm=True):
            layers = [nn.Conv2d(channels, out, 3, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
            if norm:
                layers.append(nn.BatchNorm2d(out, 0.8))
            return layers

        self.model = nn.Sequential(*block(1, 8, norm=False), *block(8, 16), *block(16, 32), *block(32, 64))
        self.answer = nn.Sequential(nn.Linear(64 * 2 * 2, 1), nn.Sigmoid())

    def forward(self, image):
        out = self.model(image)
        return self.answer(out.view(out.shape[0], -1))
