# normlens: model Net() input=3x24x24
import torch.nn as nn

USE_BN = True
NORM = "batch"


def norm(channels, kind=NORM):
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    elif kind == "instance":
        return nn.InstanceNorm2d(channels)
    elif kind is None:
        return nn.Identity()
    raise ValueError(kind)


class Net(nn.Module):
    def __init__(self, widths=[8, 16], use_bn=USE_BN, dropout=0.0, pool="max", activation=nn.ReLU):
        super().__init__()
        assert len(widths) > 0
        layers = []
        cin = 3
        for i, w in enumerate(widths):
            layers.append(nn.Conv2d(cin, w, 3, stride=2 if i == 0 else 1, bias=not use_bn))
            if use_bn:
                layers.append(norm(w))
            layers.append(activation())
            if pool == "max" and i < len(widths) - 1:
                layers.append(nn.MaxPool2d(3, 2, ceil_mode=True))
            elif pool == "avg":
                layers.append(nn.AvgPool2d(2))
            if dropout > 0:
                layers.append(nn.Dropout2d(dropout))
            cin = w
        self.body = nn.Sequential(*layers)
        self.other = norm(cin, "instance") if not use_bn else norm(cin, None)
        self.gap = nn.AdaptiveAvgPool2d(output_size=1)
        self.fc = nn.Linear(widths[-1], 2)
        self.scale = None
        if hasattr(self, "body") and getattr(self, "scale", None) is None:
            self.act = nn.Sigmoid()

    def forward(self, x):
        x = self.other(self.body(x))
        x = self.gap(x).flatten(1)
        if self.scale is not None:
            x = x * self.scale
        return self.act(self.fc(x))
