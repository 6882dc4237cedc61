# normlens: model Net() input=3x12x12
import torch.nn as nn


class ConvBN(nn.Sequential):
    def __init__(self, cin, cout, k=3, s=1, g=1, norm=nn.BatchNorm2d):
        pad = (k - 1) // 2
        super(ConvBN, self).__init__(nn.Conv2d(cin, cout, k, s, pad, groups=g, bias=False), norm(cout), nn.ReLU6(inplace=True))


class PaddedConv(nn.Conv2d):
    """A convolution that keeps the size."""

    def __init__(self, cin, cout, kernel_size, **kwargs):
        super().__init__(cin, cout, kernel_size, padding=kernel_size // 2, **kwargs)


class Mixin:
    def describe(self):
        return type(self).__name__


class InvertedResidual(Mixin, nn.Module):
    def __init__(self, inp, oup, stride, expand):
        super(InvertedResidual, self).__init__()
        hidden = int(round(inp * expand))
        self.use_res_connect = stride == 1 and inp == oup
        layers = []
        if expand != 1:
            layers.append(ConvBN(inp, hidden, k=1))
        layers.extend([
            ConvBN(hidden, hidden, s=stride, g=hidden),
            nn.Conv2d(hidden, oup, 1, 1, 0, bias=False),
            nn.BatchNorm2d(oup),
        ])
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        if self.use_res_connect:
            return x + self.conv(x)
        return self.conv(x)


class Net(nn.Module):
    settings = [
        # expand, channels, repeat, stride
        [1, 8, 1, 1],
        [6, 12, 2, 2],
    ]

    def __init__(self, n_class=4, width=1.):
        super().__init__()
        channel = 8
        self.features = [PaddedConv(3, channel, 3, stride=2)]
        for t, c, n, s in self.settings:
            out = int(c * width)
            for i in range(n):
                self.features.append(InvertedResidual(channel, out, s if i == 0 else 1, expand=t))
                channel = out
        self.features = nn.Sequential(*self.features)
        self.last_channel = channel
        self.classifier = nn.Linear(self.last_channel, n_class)

    def forward(self, x):
        x = self.features(x)
        x = x.mean(3).mean(2)
        return self.classifier(x)
