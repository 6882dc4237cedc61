"""Plain stacks of convolutions (Simonyan & Zisserman 2015) with BN, for images of 32×32."""
import torch.nn as nn

PLANS = {"narrow": [16, "pool", 32, "pool", 48, 48, "pool", 64, 64, "pool", 64, 64, "pool"]}


class Stack(nn.Module):
    def __init__(self, plan, classes=10):
        super().__init__()
        self.features = self.layers(PLANS[plan])
        self.head = nn.Linear(64, classes)

    def layers(self, plan):
        layers, channels = [], 3
        for entry in plan:
            if entry == "pool":
                layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            else:
                layers += [nn.Conv2d(channels, entry, kernel_size=3, padding=1), nn.BatchNorm2d(entry), nn.ReLU(inplace=True)]
                channels = entry
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.features(x)
        return self.head(x.view(x.size(0), -1))
