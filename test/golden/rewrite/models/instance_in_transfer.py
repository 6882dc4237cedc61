import torch
import torch.nn as nn
import torch.nn.functional as F


class ConvBlock(nn.Module):
    def __init__(self, channels, out, kernel, stride):
        super().__init__()
        self.pad = nn.ReflectionPad2d(kernel // 2)
        self.conv = nn.Conv2d(channels, out, kernel, stride)
        self.norm = nn.BatchNorm2d(out)  # normlens: use instance
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.norm(self.conv(self.pad(x))))


class Transfer(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(ConvBlock(3, 8, 9, 1), ConvBlock(8, 16, 3, 2))
        self.up = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(16, 3, 3, padding=1))

    def forward(self, x):
        return self.up(self.down(x))


# normlens: model Transfer() input=3x16x16
