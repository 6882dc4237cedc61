"""A wide perceptron."""
import torch.nn as nn

model = nn.Sequential(
    nn.Linear(784, 512, bias=False), nn.BatchNorm1d(512), nn.ReLU(),
    nn.Linear(512, 512, bias=False), nn.BatchNorm1d(512), nn.ReLU(),
    nn.Linear(512, 10),
)

# normlens: model model input=784
