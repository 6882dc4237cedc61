import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(
                1,
                8,
                kernel_size=3,
                stride=2,
                padding=1,
            ),  # normlens: add bn
            nn.ReLU(True),  # keeps what is positive
            nn.Conv2d(8, 16, 3, 2, 1),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(16, 8, 3, 2, 1, 1), nn.ReLU(True),
            nn.ConvTranspose2d(8, 1, 3, 2, 1, 1), nn.Sigmoid()
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


# normlens: model Net() input=1x28x28
