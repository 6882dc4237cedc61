import torch
import torch.nn as nn


class Net(nn.Module):
    """Down and up again, with a skip (Ronneberger et al. 2015), and transposed convolutions of every kind."""

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(2, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.deep = nn.Sequential(nn.Conv2d(8, 12, 3, stride=2, padding=1), nn.BatchNorm2d(12), nn.ReLU())
        self.up1 = nn.ConvTranspose2d(12, 8, 2, stride=2)
        self.bn = nn.BatchNorm2d(16)
        self.up2 = nn.ConvTranspose2d(16, 6, 3, stride=2, padding=1, output_padding=1, groups=2, bias=False)
        self.wide = nn.ConvTranspose2d(6, 6, (3, 2), stride=(1, 3), padding=1, dilation=2)
        self.each = nn.ConvTranspose2d(6, 6, 3, stride=2, groups=6)
        self.sparse = nn.ConvTranspose2d(6, 9, 1, stride=2, bias=True)
        self.fc = nn.Linear(9, 4)

    def forward(self, x):
        a = self.down(x)
        b = self.up1(self.deep(a))
        x = torch.relu(self.bn(torch.cat([a, b], 1)))
        x = torch.tanh(self.wide(self.up2(x)))
        x = self.sparse(torch.tanh(self.each(x)))
        return self.fc(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


# normlens: model Net() input=2x8x8
