import torch.nn as nn

model = nn.Sequential(
    nn.Conv2d(2, 8, 3, padding=2, dilation=2),
    nn.BatchNorm2d(8),
    nn.ReLU(),
    nn.Conv2d(8, 11, (3, 2), stride=2, padding=(3, 1), dilation=(3, 2), bias=False),
    nn.BatchNorm2d(11),
    nn.ReLU(),
    nn.Conv2d(11, 8, 3, stride=(3, 2), padding=3, dilation=(2, 4)),
    nn.BatchNorm2d(8),
    nn.Sigmoid(),
    nn.Flatten(),
    nn.Linear(8 * 3 * 2, 4),
)

# normlens: model model input=2x11x12
