# normlens: model model input=20
import torch.nn as nn

model = nn.Sequential(
    nn.Linear(20, 32),
    nn.BatchNorm1d(32, eps=1e-3, momentum=0.05),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Dropout(p=0.5),
    nn.Linear(32, 16, bias=False),
    nn.BatchNorm1d(16, affine=False),
    nn.Tanh(),
    nn.Linear(16, 4),
    nn.LogSoftmax(dim=1),
)
