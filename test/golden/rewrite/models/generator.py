import torch
import torch.nn as nn
import torch.nn.functional as F


class Generator(nn.Module):
    def __init__(self, latent=10):
        super().__init__()

        def block(features, out, normalize=True):
            layers = [nn.Linear(features, out)]
            if normalize:
                layers.append(nn.BatchNorm1d(out, 0.8))  # normlens: set eps=1e-5 momentum=0.2
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(*block(latent, 16, normalize=False), *block(16, 32), nn.Linear(32, 64), nn.Tanh())

    def forward(self, z):
        img = self.model(z)
        return img.view(img.size(0), 1, 8, 8)


# normlens: model Generator() input=10
