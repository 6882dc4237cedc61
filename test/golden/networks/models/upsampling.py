import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Ways down and up again (Ronneberger et al. 2015), every step up of another kind."""

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(2, 9, 3, padding=1), nn.BatchNorm2d(9), nn.ReLU(), nn.MaxPool2d(2))
        self.twice = nn.Upsample(scale_factor=2)
        self.aligned = nn.Upsample(size=(9, 7), mode="bilinear", align_corners=True)
        self.corners = nn.UpsamplingBilinear2d(scale_factor=2)
        self.near = nn.UpsamplingNearest2d(size=(7, 5))
        self.mix = nn.Conv2d(36, 5, 3, padding=1)
        self.head = nn.Linear(14, 4)

    def forward(self, x):
        deep = self.down(x)
        size = (x.shape[2] - 1, x.shape[3] - 1)
        parts = [self.twice(deep)[:, :, :7, :5], self.aligned(deep)[:, :, 1:8, 1:6], F.interpolate(deep, size=size, mode="bilinear")[:, :, :, 1:]]
        last = F.interpolate(self.corners(deep), scale_factor=(1.4, 0.9), mode="nearest")
        last = last[:, :, :7, :5] + F.interpolate(deep, scale_factor=2.3, mode="bilinear", align_corners=False)[:, :, 2:, 1:6] - self.near(deep)
        x = torch.relu(self.mix(torch.cat([*parts, last], 1)))
        return self.head(torch.cat([x.mean((2, 3)), deep.mean((2, 3))], 1))


# normlens: model Net() input=2x8x7
