import torch
import torch.nn as nn


class Net(nn.Module):
    """An image, numbers about it, and a sequence: three inputs, one of them taken twice."""

    def __init__(self):
        super().__init__()
        self.image = nn.Sequential(nn.Conv2d(2, 5, 3, padding=1, bias=False), nn.BatchNorm2d(5), nn.ReLU())
        self.numbers = nn.Sequential(nn.Linear(4, 7, bias=False), nn.BatchNorm1d(7), nn.ReLU())
        self.sequence = nn.Conv1d(3, 6, 3, padding=1)
        self.fc = nn.Linear(5 + 7 + 6 + 4, 5)

    def forward(self, picture, facts, series):
        image = self.image(picture).mean((2, 3))
        return self.fc(torch.cat((image, self.numbers(facts), self.sequence(series).mean(2), facts), dim=1))


# normlens: model Net() input=2x6x5,4,3x8
