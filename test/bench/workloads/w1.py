"""The network of the BN paper on MNIST (Ioffe & Szegedy 2015, section 4.1)."""
import torch.nn as nn

model = nn.Sequential(
    nn.Linear(784, 100, bias=False), nn.BatchNorm1d(100), nn.Sigmoid(),
    nn.Linear(100, 100, bias=False), nn.BatchNorm1d(100), nn.Sigmoid(),
    nn.Linear(100, 100, bias=False), nn.BatchNorm1d(100), nn.Sigmoid(),
    nn.Linear(100, 10),
)

# normlens: model model input=784
