from collections import OrderedDict

import torch
from torch import nn


model = nn.Sequential(OrderedDict([
    ("conv", nn.Conv2d(1, 4, 3)),  # normlens: add bn
    ("act", nn.ReLU()),
    ("flat", nn.Flatten()),
    ("fc", nn.Linear(4 * 6 * 6, 3)),
]))

# normlens: model model input=1x8x8
