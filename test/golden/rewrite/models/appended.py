import torch
import torch.nn as nn
import torch.nn.functional as F


class Mlp(nn.Module):
    def __init__(self, sizes=(12, 16, 24, 5)):
        super().__init__()
        layers = []
        for index in range(len(sizes) - 2):
            layers.append(nn.Linear(sizes[index], sizes[index + 1]))  # normlens: add bn
            layers.append(nn.Tanh())
        layers.append(nn.Linear(sizes[-2], sizes[-1]))
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)


# normlens: model Mlp() input=12
