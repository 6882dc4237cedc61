# normlens: model Net() input=3x16x16
from collections import OrderedDict

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.features = nn.Sequential(OrderedDict([
            ("conv0", nn.Conv2d(3, 8, kernel_size=(3, 5), stride=(2, 1), padding=(1, 2))),
            ("norm0", nn.BatchNorm2d(8)),
            ("relu0", nn.ReLU(inplace=True)),
        ]))
        self.features.add_module("pool0", nn.MaxPool2d(kernel_size=3, stride=2, padding=1))
        layers = OrderedDict()
        for i in range(1, 3):
            layers["conv%d" % i] = nn.Conv2d(8, 8, 3, padding=1, groups=i * 4)
            layers[f"norm{i}"] = nn.BatchNorm2d(8, momentum=None)
        self.more = nn.Sequential(layers)
        self.head = nn.Sequential(OrderedDict(flatten=nn.Flatten(), fc=nn.Linear(8 * 4 * 8, 7)))

    def forward(self, x):
        return self.head(self.more(self.features(x)))
