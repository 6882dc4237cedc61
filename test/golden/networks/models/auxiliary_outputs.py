import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """The main output first, auxiliary ones after it: they keep running statistics, and share a layer with the main one."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 9, 3, padding=1)
        self.shared = nn.BatchNorm2d(9)
        self.aux_conv = nn.Conv2d(9, 5, 3)
        self.aux_norm = nn.BatchNorm2d(5)
        self.aux_head = nn.Linear(5, 4)
        self.body = nn.Conv2d(9, 8, 3, stride=2)
        self.norm = nn.BatchNorm2d(8)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        x = F.silu(self.shared(self.stem(x)))
        aux = self.aux_head(F.silu(self.aux_norm(self.aux_conv(x))).mean((2, 3)))
        features = F.silu(self.norm(self.body(x))).mean((2, 3))
        logits = self.head(features)
        return {"out": logits, "aux": aux, "features": features, "again": self.head(features * 2)}


# normlens: model Net() input=2x7x6
